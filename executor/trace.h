/* trace: when which worker did what, as a file for viewers of Chrome's trace event format (--trace): a row
   for the phases, one for each worker and as many for the network as downloads ran at once; a slice for each
   part of a node, arrows along the graph's edges, and the bytes that came in. A listener. */
#ifndef EXECUTOR_TRACE_H
#define EXECUTOR_TRACE_H

#include "executor/report.h"

struct slice {
    uint32_t node;
    int row; /* as a span's worker; those of the network are spread over rows at the end */
    bool failed;
    double began, ended;
};

struct sample {
    double time;
    uint64_t received;
};

/* All zero is one to begin with. */
struct trace {
    const struct scene *scene; /* NULL: there was nothing to do */
    VEC(struct slice) slices;
    VEC(struct sample) samples;
};

struct listener trace_listener(struct trace *t);
/* While the scene is still there. path is replaced at once, or not at all. */
int trace_write(struct trace *t, const struct report_times *times, const char *path, struct err *e);
void trace_close(struct trace *t);

#endif
