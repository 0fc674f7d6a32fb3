/* verify_internal: verify_expect.c says what should be where, verify_check.c looks at the files,
   verify_stray.c finds those that are nobody's, verify.c puts it together. */
#ifndef EXECUTOR_VERIFY_INTERNAL_H
#define EXECUTOR_VERIFY_INTERNAL_H

#include "base/vec.h"
#include "executor/owned.h"
#include "executor/verify.h"

enum fault {
    FAULT_NONE,
    FAULT_MISSING,
    FAULT_ALTERED,
    FAULT_SIZE, /* altered: seen without reading */
    FAULT_KIND, /* a link or a folder where a file should be */
    FAULT_MODE, /* not executable */
    FAULT_UNREADABLE
};

struct expected {      /* a file */
    struct str path;   /* absolute, NUL-terminated */
    struct str hash;   /* "sha256=...", as RECORD spells it; empty: it only has to be there */
    int64_t size;      /* -1: not known */
    const char *links; /* where a link may lead: the file in the cache; NULL: it may be no link */
    uint32_t package;
    bool executable;
    bool checked;  /* false: its path is claimed, by a package that is not looked at file by file */
    bool weak;     /* of a package that goes: any other claim counts more */
    bool any_link; /* what it is known by is a RECORD, which does not say how it was put there */
    enum fault fault;
    uint64_t found; /* size */
};

struct expectations {
    VEC(struct expected) v;
};

struct subject { /* a package */
    bool checked, by_record;
    struct manifest manifest; /* valid when tree is set */
    char *tree;
    struct str record; /* what RECORD should say */
    struct str record_path;
};

struct verify {
    const struct environment *env;
    const struct store *store;
    const struct package *packages;
    uint32_t n;
    bool one_lib; /* purelib and platlib are one folder, by one name or by two */
    int threads;
    struct linker linker; /* not open: only what it computes is used */
    struct arena arena;
    struct subject *subjects;  /* by package number */
    struct map paths;          /* absolute; their ids are places in files */
    struct expectations files; /* of the environment */
    struct expectations cache; /* of damaged packages */
    VEC(struct str) lines;
    struct verdict *out;
};

/* A line of the verdict, in its arena. */
void verify_say(struct verify *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Below the environment's root without it: shorter to read. */
struct str verify_shown(const struct verify *v, struct str path);

/* Fills subjects, paths and files. */
void verify_expect(struct verify *v);
/* The files of a package's tree in the cache, to cache. */
void verify_expect_tree(struct verify *v, uint32_t package);
/* purelib and platlib may be one folder by two names: the path by the first. In the arena where it differs.
 */
struct str verify_canonical(struct verify *v, struct str path);

/* Looks at each that is checked, on so many threads: sets fault and found. */
void verify_check(struct expectations *x, int threads);
/* Files of the folders of packages that no path of v names: a line each. */
int verify_stray(struct verify *v, struct err *e);

#endif
