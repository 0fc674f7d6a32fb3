/* package: one package of a run, and what its actions hand on to each other. While a job of the package runs,
   the job owns what is below the line; the queues between the threads order the accesses. */
#ifndef EXECUTOR_PACKAGE_H
#define EXECUTOR_PACKAGE_H

#include "base/store.h"
#include "executor/diff.h"
#include "executor/fetch.h"
#include "executor/manifest.h"
#include "executor/scripts.h"

struct unpack;

struct package {
    const struct change *change;
    struct str name, version;
    const struct lock_file *file; /* NULL: the lock does not name it */
    const char *sha256;           /* file's, as a C string */
    const char *source;           /* URL, or the absolute path of a local file */
    bool local;
    bool cached;   /* the unpacked wheel was there when the run began */
    bool compiles; /* its bytecode is wanted, and was not there */
    /* ---- */
    struct arena arena;
    struct body body;
    struct manifest manifest; /* valid when tree is set */
    char *tree;
    struct manifest bytecode; /* valid when bytecode_tree is set */
    char *bytecode_tree;
    bool linked; /* its files are in the environment */
    struct written_list written;
};

/* Is there something to be installed? */
static inline bool package_installs(const struct package *p) {
    return p->change->kind == CHANGE_INSTALL || p->change->kind == CHANGE_REPLACE;
}

/* One per change of the diff, in its order. lock_dir: where relative paths in the lock begin. The cache is
   asked for each package that is to be installed. bytecode: bytecode_name; NULL: it is not wanted. Free with
   packages_free; the array is in the arena. */
struct package *packages_make(struct arena *a, const struct diff *diff, const char *lock_dir,
                              const struct store *store, const char *bytecode);
void packages_free(struct package *p, uint32_t n);

#endif
