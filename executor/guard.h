/* guard: one run at a time in an environment: flock on <root>/.envgraph/lock, given back when the process
   ends, however it ends. */
#ifndef EXECUTOR_GUARD_H
#define EXECUTOR_GUARD_H

#include <stdbool.h>

#include "base/err.h"
#include "executor/environment.h"

/* Waits for another run; waiting is called once, after about a second of it. *waited: there was another. A
   file system without locks is no error. *fd: close it to let go; -1 without a lock. */
int guard_enter(const struct environment *env, void (*waiting)(void *ctx), void *ctx, int *fd, bool *waited,
                struct err *e);

#endif
