/* memory: what an environment's state file is told at the turns of a run, so that the next run, whatever
   becomes of this one, never takes for whole what is half there. */
#ifndef EXECUTOR_MEMORY_H
#define EXECUTOR_MEMORY_H

#include "executor/actions.h"
#include "executor/diff.h"
#include "executor/environment.h"
#include "executor/package.h"

struct memory {
    const struct environment *env;
    const struct diff *diff;
    struct arena *arena;
};

/* What this run changes, or was to change, is not known to be whole. */
int memory_forget(const struct memory *m, struct err *e);
/* Before the first file goes: forgets what will be replaced or removed, should this run be killed. */
int memory_before(const struct memory *m, struct err *e);
/* What is in the environment now, for the next run. stamp: of the run, if all is as the lock says; else "".
 */
int memory_after(const struct memory *m, const struct package *packages, const struct actions *actions,
                 const char *stamp, struct err *e);

#endif
