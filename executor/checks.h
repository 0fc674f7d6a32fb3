/* checks: what would make a run fail later is told before it touches anything. */
#ifndef EXECUTOR_CHECKS_H
#define EXECUTOR_CHECKS_H

#include "executor/diff.h"
#include "executor/environment.h"
#include "executor/package.h"

/* Everything that has to go can be removed. */
int check_removable(const struct environment *env, const struct diff *diff, struct err *e);
/* --offline: everything that is to be installed is in the cache, or a local file. */
int check_offline(const struct package *packages, uint32_t n, struct err *e);

#endif
