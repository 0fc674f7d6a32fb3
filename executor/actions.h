/* actions: the graph of a run. Per package that is to be installed

       fetch -> unpack -> [bytecode] -> link -> [scripts] -> record

   (what the cache has begins at link, or at bytecode); one that stays may have a mark. As soon as anything
   must go, a run is cut in two: every unpack and bytecode -> preflight -> removes -> clear -> links, so that
   a wheel that cannot be had or is broken leaves the environment as it was. Into an empty environment a
   package is linked as soon as it is unpacked. */
#ifndef EXECUTOR_ACTIONS_H
#define EXECUTOR_ACTIONS_H

#include "executor/action.h"
#include "executor/package.h"
#include "graph/graph.h"

struct actions {
    struct graph graph; /* sealed */
    struct action *p;   /* by node */
};

/* Costs are seconds, guessed from sizes. Free with actions_free. */
int actions_make(const struct package *packages, uint32_t n, struct actions *out, struct err *e);
void actions_free(struct actions *a);

/* Graphviz text, appended. */
void actions_dot(const struct actions *a, const struct package *packages, struct buf *out);

#endif
