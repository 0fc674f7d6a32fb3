/* installed: what an environment holds now, from one listing of its site-packages. Recording installed
 * projects. */
#ifndef EXECUTOR_INSTALLED_H
#define EXECUTOR_INSTALLED_H

#include "base/arena.h"
#include "base/err.h"
#include "executor/environment.h"

struct installed_package {
    struct str name;      /* normalized, from the folder's name */
    struct str version;   /* from the folder's name, normalized if PEP 440 */
    struct str dist_info; /* the folder's name */
    enum scheme scheme;   /* SCHEME_PURELIB or SCHEME_PLATLIB: where the folder is */
    bool whole;           /* it has a RECORD */
    bool requested;       /* it has a REQUESTED */
    bool egg_info;        /* "*.egg-info", "*.egg-link" (distutils, setuptools): seen, never touched */
    bool seed;            /* what an environment is born with (pip; before Python 3.12 setuptools and wheel
                             too), put there by another tool */
    struct str sha256;    /* of the wheel it was installed from, when the state file knows; else empty */
};

struct installed {
    struct installed_package *p; /* sorted by name */
    uint32_t n;
};

/* An environment that is not there has nothing installed. */
int installed_read(struct arena *a, const struct environment *env, struct installed *out, struct err *e);

/* The state file <root>/.envgraph/state: which wheel (SHA-256) each package came from, and a stamp of lock
   and environment by which a run that has nothing to do knows it at once. */
struct state_entry {
    struct str name, version, sha256;
};
/* stamp: 64 hex digits over whatever the caller finds relevant, or empty. */
int state_write(const struct environment *env, struct str stamp, const struct state_entry *entries,
                uint32_t n, struct err *e);
/* The stamp of the last complete run, if no folder of site-packages was added or removed since (the folders'
   mtimes and inodes are in the state); else empty. Never fails: a missing or torn state has no stamp. */
struct str state_stamp(struct arena *a, const struct environment *env);

#endif
