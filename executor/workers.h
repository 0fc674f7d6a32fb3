/* workers: threads that do the work of jobs. They know packages and the environment, not the graph. */
#ifndef EXECUTOR_WORKERS_H
#define EXECUTOR_WORKERS_H

#include <stdatomic.h>

#include "base/http.h"
#include "base/pool.h"
#include "executor/bytecode.h"
#include "executor/schedule.h"

struct workers {
    struct store *store;
    const struct environment *env;
    struct linker *linker;
    struct package *packages;
    uint32_t npackages;
    struct compiler *compiler; /* NULL: no bytecode is wanted */
    struct queue *back;        /* where jobs go when they are done */
    struct pool *pool;         /* made by workers_open */
    struct map shared;         /* files of packages that go which others have too; made by preflight */
    struct http *http;         /* the same; NULL: nothing is to be downloaded */
    uint64_t received;         /* what http counted before it was freed */
    atomic_bool cancelled;
    int threads;
};

/* Fill in what stands before pool first. downloads: at once; 0: none are needed. */
int workers_open(struct workers *w, int threads, int downloads, struct err *e);
/* Waits for the jobs under way. */
void workers_close(struct workers *w);
/* To hand to schedule_run. */
struct runner workers_runner(struct workers *w);

#endif
