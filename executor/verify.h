/* verify: is every file of an environment what the lock's wheels have? Looks, writes nothing. */
#ifndef EXECUTOR_VERIFY_H
#define EXECUTOR_VERIFY_H

#include "executor/package.h"

struct verdict_package {
    bool proven;       /* checked file by file, and every one is as it should be */
    bool damaged;      /* checked, and some are not */
    bool cache_bad;    /* a file of the unpacked wheel is not as it was unpacked */
    uint32_t nfaults;  /* files */
    struct str record; /* what RECORD should say, where it says something else; else empty */
};

struct verdict {
    struct arena arena;
    struct str *lines; /* sorted: what differs, "lib/python3.11/site-packages/a.py: missing (a 1.0)" */
    uint32_t n;
    uint32_t nfiles, npackages; /* that were looked at */
    uint64_t bytes;
    struct verdict_package *packages; /* by package number */
    const char *by_record;            /* names of packages whose wheel the cache has not got, so that their
                                         own RECORD had to do; NULL: none */
};

/* packages: of a diff of lock and environment. What the diff would change is a line each; a package that it
   keeps, or of which only the origin is unknown, is held against the manifest of its wheel and what scripts
   and record would write now, or against its RECORD where the cache has not got the wheel. exact: files in
   the folders of packages that are nobody's count as well; bytecode in __pycache__ never does. A damaged
   package's files in the cache are looked at too: with links they are the same. Free with verdict_free. */
int verify_run(const struct environment *env, const struct store *store, const struct package *packages,
               uint32_t n, bool exact, int threads, struct verdict *out, struct err *e);
void verdict_free(struct verdict *v);

#endif
