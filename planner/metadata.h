/* metadata: what a candidate says of itself, by the cheapest way there is: the disk cache; the index's
   metadata file (PEP 658, 714); the end of the wheel by range requests; the whole wheel; of an sdist its
   PKG-INFO, if that is static (PEP 643). */
#ifndef PLANNER_METADATA_H
#define PLANNER_METADATA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/store.h"
#include "formats/metadata.h"
#include "formats/simple.h"
#include "planner/index.h"
#include "planner/net.h"

enum metadata_status {
    METADATA_OK,
    METADATA_DYNAMIC, /* an sdist whose metadata can be had only by building it */
    METADATA_BROKEN,  /* cannot be read, or not of this project and version: err says why */
    METADATA_FAILED   /* the server did not answer, or not with what was promised: err says why */
};

struct metadata_answer {
    enum metadata_status status;
    struct metadata metadata; /* OK */
    struct arena arena;       /* holds it; the receiver's to free */
    struct err err;
    uint64_t size;   /* of the wheel or sdist in bytes, if it came to light; else 0 */
    char sha256[65]; /* likewise; else empty */
};

struct metadata_source {
    struct store *store;
    struct net *net;
    struct pool *pool;
    struct indexes *indexes;
    bool refresh;
};

/* Asks for the metadata of one file (borrowed until the answer) of a project and version. ready is called
   once, on a thread of the pool, and takes the answer. */
void metadata_want(struct metadata_source *s, const struct simple_file *file, struct str name,
                   struct str version, void (*ready)(void *ctx, struct metadata_answer *answer), void *ctx);

#endif
