/* lock: env.lock, the file in which planner and executor meet. env.lock(5) is its specification. What only a
   pylock.toml (formats/pylock.h) can say is marked with PEP 751; an env.lock leaves it empty. */
#ifndef FORMATS_LOCK_H
#define FORMATS_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { LOCK_VERSION = 1 };

enum lock_file_kind { LOCK_WHEEL, LOCK_SDIST };

struct lock_file {
    enum lock_file_kind kind; /* by the name's ending */
    struct str name;          /* file name */
    struct str url;           /* http(s), or file: / a path relative to the lock for local files */
    struct str sha256;        /* 64 hex digits, lower case */
    uint64_t size;            /* bytes; 0 not known */
    const char *fault;        /* PEP 751: why it cannot be installed, with its place; NULL: it can */
};

struct lock_package {
    struct str name; /* normalized */
    struct str version;
    struct str marker;  /* universal locks; empty: always */
    bool requested;     /* the user's inputs name it (REQUESTED) */
    bool direct;        /* came by URL or path (direct_url.json, PEP 610) */
    struct str *extras; /* that the plan asked for, sorted */
    uint32_t nextras;
    struct str *depends; /* names, sorted: the edges */
    uint32_t ndepends;
    struct lock_file *files; /* 1 in a lock for one environment */
    uint32_t nfiles;
    struct str requires_python; /* PEP 751: specifiers */
    const char *fault;          /* PEP 751: as that of a file, where there are no files */
};

struct lock_input {
    struct str path;   /* as given on the command line or in the file that names it; "-" */
    struct str sha256; /* of its bytes */
};

struct lock {
    int version;
    /* What it was planned for. */
    struct str python;         /* "3.11.7" */
    struct str implementation; /* "cpython" */
    struct str platform;       /* the most specific platform tag: "manylinux_2_36_x86_64" */
    struct lock_input *inputs;
    uint32_t ninputs;
    struct str *requires; /* the root requirements as the user wrote them, sorted */
    uint32_t nrequires;
    struct str *options; /* options that changed the outcome, "--pre"; sorted */
    uint32_t noptions;
    /* PEP 751. */
    struct str requires_python; /* specifiers */
    struct str *environments;   /* markers, of which one must hold; none: holds anywhere */
    uint32_t nenvironments;
    struct str *groups; /* dependency groups that markers find active, normalized */
    uint32_t ngroups;
    struct lock_package *packages; /* sorted by name, then version */
    uint32_t npackages;
};

/* Reads an env.lock. Everything is checked: types, names (PEP 508), versions (PEP 440), file names without
   path separators, hashes, URL schemes http, https and file, edges that lead to packages that are there,
   duplicates. A newer lock-version is an error that says so. Unknown keys are passed over. Names come back
   normalized, packages, extras and edges sorted, digests in lower case. Errors are ERR_INPUT with
   file:line:column. Strings are in the arena. */
int lock_read(struct arena *a, struct str text, const char *file, struct lock *out, struct err *e);

/* The lock's bytes, the same for the same struct: appended. Packages and edges are written in the order they
   are in. User and password are left out of the files' URLs; options and requires are the caller's to keep
   clean. */
void lock_write(const struct lock *l, struct buf *out);

#endif
