/* link: the files of one unpacked wheel into the environment, folder by folder, relative to folder
 * descriptors. */
#ifndef EXECUTOR_LINK_H
#define EXECUTOR_LINK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "executor/environment.h"
#include "executor/manifest.h"

enum link_mode { LINK_AUTO, LINK_REFLINK, LINK_HARDLINK, LINK_COPY, LINK_SYMLINK };

struct collision { /* a path that was already there */
    uint32_t package;
    uint32_t file; /* in the package's manifest */
};

/* Shared by all link jobs of a run. */
struct linker {
    const struct environment *env;
    enum link_mode mode; /* after link_open never LINK_AUTO */
    int dirs[SCHEMES];   /* open folders; made by link_open */
    pthread_mutex_t lock;
    VEC(struct collision) collisions;
};

/* Makes and opens the schemes' folders; for LINK_AUTO tries once, between cache_dir and the environment, what
   works: reflink, else hardlink, else copy. A mode asked for by name that does not work there is an error. */
int link_open(struct linker *l, const struct environment *env, enum link_mode mode, const char *cache_dir,
              struct err *e);
/* All files of a package but the python_script ones. A path that is there already is noted in collisions and
   left. Copies keep mode and mtime. */
int link_package(struct linker *l, const struct manifest *m, const char *tree, uint32_t package,
                 struct err *e);
/* When all packages are linked: each path in collisions gets the file of the package that wins, by replacing
   what is there (temporary, rename). wins: a's file before b's, true if a wins. manifests and trees by
   package number; an entry with NULL tree is skipped. *conflicts: paths that two packages claim with
   different bytes. */
int link_settle(struct linker *l, const struct manifest *manifests, char *const *trees, uint32_t npackages,
                bool (*wins)(void *ctx, uint32_t a, uint32_t b), void *ctx,
                void (*conflict)(void *ctx, uint32_t winner, uint32_t loser, struct str path), struct err *e);
void link_close(struct linker *l);

#endif
