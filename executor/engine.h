/* engine: carries a graph of actions out: threads, network and signals around the scheduler. */
#ifndef EXECUTOR_ENGINE_H
#define EXECUTOR_ENGINE_H

#include "executor/workers.h"

struct engine_options {
    int jobs;       /* 0: as many threads as processors, 50 downloads; else as many of each */
    int keep_going; /* failures after which nothing more is started; 0: no limit */
    int tick_ms;    /* between EVENT_TICKs */
    enum link_mode link_mode;
    const char *bytecode; /* bytecode_name; NULL: none is wanted */
};

struct engine_outcome {
    struct schedule_outcome schedule;
    uint64_t received; /* bytes from the net */
    uint64_t requests;
    int threads;
    struct bytecode_counts bytecode;
};

/* -1: it could not begin, or end: e says why. A node that failed was told as an event. */
int engine_run(struct store *store, const struct environment *env, struct package *packages, uint32_t n,
               struct actions *actions, const struct engine_options *o, struct events *events,
               struct engine_outcome *out, struct err *e);

#endif
