/* claims: which packages have something for a contested path, and putting there what the winner has. */
#ifndef EXECUTOR_CLAIMS_H
#define EXECUTOR_CLAIMS_H

#include "executor/link.h"

/* Who wins is the caller's to say. */
struct claims_judge {
    /* a's file before b's? */
    bool (*wins)(void *ctx, uint32_t a, uint32_t b);
    /* Told of every path that two packages claim with different bytes; the absolute path lives for the call.
     */
    void (*conflict)(void *ctx, uint32_t winner, uint32_t loser, struct str path);
    /* The package's file has been put in its place; not told of scripts. May be NULL. */
    int (*placed)(void *ctx, uint32_t package, uint32_t file, struct err *e);
    void *ctx;
};

/* When all packages are linked: each contested path gets what the package that wins has for it, by replacing
   what is there; a path that nobody here claims stays as it is. manifests and trees by package number; an
   entry with NULL tree claims nothing. */
int claims_settle(struct linker *l, const struct manifest *manifests, char *const *trees, uint32_t npackages,
                  const struct claims_judge *judge, struct err *e);

#endif
