/* wanted: which packages of a lock an interpreter takes, and which file of each. Environment markers (PEP
   508), compatibility tags (PEP 425). */
#ifndef EXECUTOR_WANTED_H
#define EXECUTOR_WANTED_H

#include "base/arena.h"
#include "base/err.h"
#include "base/python.h"
#include "formats/lock.h"

struct wanted {
    const struct lock_package *package;
    const struct lock_file *file; /* a wheel that fits */
};

struct wanted_list {
    struct wanted *p; /* in the order of the lock: sorted by name */
    uint32_t n;
};

/* The interpreter is of the version (major.minor) and implementation the lock was planned for; of a
   pylock.toml (PEP 751), requires-python and one of the environments hold. */
int wanted_check_python(const struct lock *lock, const struct python *python, struct err *e);

/* Packages whose marker holds, each with its best wheel. An error names every package that has none (a source
   distribution alone, or no wheel that fits); what has a fault is an error as well. Points into the lock. */
int wanted_select(struct arena *a, const struct lock *lock, const struct python *python,
                  struct wanted_list *out, struct err *e);

#endif
