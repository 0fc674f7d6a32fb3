/* owned: which files of an environment are whose, by the RECORDs that are there. */
#ifndef EXECUTOR_OWNED_H
#define EXECUTOR_OWNED_H

#include "base/map.h"
#include "executor/package.h"
#include "formats/wheel.h"

/* Tells each file that the package's RECORD names and the environment holds: absolute and normalized,
   NUL-terminated; it and its row live for the call. */
int owned_each(const struct environment *env, const struct installed_package *p,
               void (*tell)(void *ctx, struct str path, const struct record_row *row), void *ctx,
               struct err *e);

/* Adds the files that a package has that goes in this run, and one that stays has too: removing the first
   must not take them from the second. A RECORD that stays and cannot be read owns nothing. */
int owned_shared(const struct environment *env, const struct package *packages, uint32_t n,
                 struct map *shared, struct err *e);

#endif
