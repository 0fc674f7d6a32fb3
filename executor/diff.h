/* diff: what the lock wants against what the environment holds: per package, what is to happen and why. Pure.
 */
#ifndef EXECUTOR_DIFF_H
#define EXECUTOR_DIFF_H

#include "executor/installed.h"
#include "executor/wanted.h"

enum change_kind {
    CHANGE_KEEP,
    CHANGE_INSTALL,
    CHANGE_REPLACE,
    CHANGE_REMOVE,
    CHANGE_MARK, /* keep, but say anew whether it was asked for (REQUESTED) */
    CHANGES
};

struct change {
    enum change_kind kind;
    struct str name;
    struct wanted wanted;                /* not for REMOVE and for KEEP of what the lock does not name */
    const struct installed_package *old; /* what is there; a name may be there more than once */
    uint32_t nold;
    bool unproven;      /* REPLACE, and only because which wheel it came from is not known */
    const char *reason; /* in the arena or static: "version 1.0 is there, the lock says 2.0" */
};

struct diff {
    struct change *p; /* sorted by name */
    uint32_t n;
    uint32_t count[CHANGES];
};

/* A package is kept when it is there once, whole, in the version the lock says and from the wheel the lock
   says. exact: what the lock does not name goes, but for the seeds. Points into wanted and have. */
void diff_make(struct arena *a, const struct wanted_list *wanted, const struct installed *have, bool exact,
               struct diff *out);

/* Nothing of it goes. */
static inline bool change_keeps(enum change_kind kind) {
    return kind == CHANGE_KEEP || kind == CHANGE_MARK;
}

/* "keep", "install", "replace", "remove", "mark" */
const char *change_name(enum change_kind kind);

#endif
