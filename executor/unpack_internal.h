/* unpack_internal: unpack_check.c looks at a wheel and decides where everything goes, unpack.c writes. */
#ifndef EXECUTOR_UNPACK_INTERNAL_H
#define EXECUTOR_UNPACK_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/zip.h"
#include "executor/manifest.h"
#include "executor/unpack.h"

struct unpack_file { /* a member to be written */
    uint32_t member; /* of the archive */
    uint32_t file;   /* of the manifest */
    uint64_t size;
    struct str wanted;            /* RECORD's hash, "sha256=..."; empty: none */
    uint8_t digest[SHA256_BYTES]; /* of what was written */
};

struct unpack {
    struct arena arena; /* not for unpack_members: that runs in several threads */
    struct store *store;
    const char *what; /* the wheel, for messages */
    const char *sha256;
    struct zip *zip;
    struct manifest manifest;  /* the files' hash, mtime_ns and python_script come while writing */
    struct map dirs;           /* of the tree, parents before children */
    struct unpack_file *files; /* largest first */
    uint32_t nfiles;
    char *tmp;          /* the entry under way; NULL: nothing is made yet */
    int tree;           /* open folder tmp/tree, or -1 */
    atomic_uint next;   /* of files, to be written */
    atomic_bool failed; /* error is set */
    pthread_mutex_t lock;
    struct err error; /* the first, under lock */
};

/* Looks at the opened archive and fills manifest, dirs, files and nfiles. name, version: what the wheel
   should be. */
int unpack_check(struct unpack *u, struct str name, struct str version, struct err *e);

#endif
