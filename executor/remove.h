/* remove: uninstalling a package by its RECORD. Recording installed projects. */
#ifndef EXECUTOR_REMOVE_H
#define EXECUTOR_REMOVE_H

#include "base/err.h"
#include "executor/environment.h"
#include "executor/installed.h"

/* Removes the files RECORD names (and the bytecode of its modules in __pycache__), then folders that became
   empty, up to but without the schemes' own. A path outside the environment's root is refused and left, the
   rest goes on; files that are not there are no error. spare (NULL: none) is asked about each file, absolute:
   true leaves it. A dist-info without RECORD and egg-info are errors
   that say what to do; but a dist-info that envgraph itself left half-installed (INSTALLER missing or saying
   envgraph) is removed as a folder. */
int remove_package(const struct environment *env, const struct installed_package *p,
                   bool (*spare)(void *ctx, struct str path), void *ctx, struct err *e);
/* Only those errors, before anything is touched. */
int remove_check(const struct environment *env, const struct installed_package *p, struct err *e);

#endif
