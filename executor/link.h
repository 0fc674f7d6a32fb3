/* link: the files of one unpacked wheel into the environment, folder by folder, relative to folder
   descriptors. */
#ifndef EXECUTOR_LINK_H
#define EXECUTOR_LINK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/map.h"
#include "executor/environment.h"
#include "executor/manifest.h"

enum link_mode { LINK_AUTO, LINK_REFLINK, LINK_HARDLINK, LINK_COPY, LINK_SYMLINK };

/* Shared by all link jobs of a run. */
struct linker {
    const struct environment *env;
    enum link_mode mode; /* after link_open never LINK_AUTO */
    bool automatic;      /* the mode was found, not asked for: a file that it cannot place is copied */
    bool check;          /* look at every file before it is hard-linked, which is 8 % of the time of linking;
                            link_open leaves it false, the caller may set it (--verify) */
    int dirs[SCHEMES];   /* open folders; made by link_open, those of scripts and headers by the first that
                            needs them: link_scheme_dir */
    uint32_t serial;     /* atomic: names of temporary files */
    pthread_mutex_t lock;
    struct map contested; /* absolute paths that more than one package may claim */
};

/* Makes and opens the schemes' folders; for LINK_AUTO tries once, between cache_dir and the environment, what
   works: reflink, else hardlink, else copy. A mode asked for by name that does not work there is an error.
   After an error there is nothing to close. */
int link_open(struct linker *l, const struct environment *env, enum link_mode mode, const char *cache_dir,
              struct err *e);
/* All files of a package for which link_links holds. A path that is there already is contested and left.
   Copies keep mode and mtime. A file in the tree whose size or mtime is not the manifest's was changed
   through a link of another environment: an error that says so (copies are always looked at, hard links with
   l->check). */
int link_package(struct linker *l, const struct manifest *m, const char *tree, struct err *e);
/* The same for files that Python would replace as well (bytecode): what is there is replaced. */
int link_over(struct linker *l, const struct manifest *m, const char *tree, struct err *e);
/* One of them again, in place of whatever is there (temporary, rename). */
int link_replace(struct linker *l, const struct manifest *m, const char *tree, uint32_t file, struct err *e);
/* Notes that the path is there and may be another package's: settle_run looks at it when all is linked. Safe
   from several threads. */
void link_contest(struct linker *l, struct str path);
void link_close(struct linker *l);

/* What scripts and record share with it. */

/* A .data script that is not installed because an entry point makes the script of its name (pip's rule; the
   spellings of setuptools' wrappers, x.exe and x-script.py, count as well). */
bool link_skips(const struct manifest *m, const struct manifest_file *f);
/* Neither such a script, nor one whose first line is rewritten: it is linked as it is. */
bool link_links(const struct manifest *m, const struct manifest_file *f);
/* The absolute path a file goes to, appended. */
void link_path(const struct linker *l, const struct manifest *m, const struct manifest_file *f,
               struct buf *out);
/* The scheme's open folder, made now if need be; -1 with an error. Safe from several threads. */
int link_scheme_dir(struct linker *l, enum scheme scheme, struct err *e);
/* An error if the file at path, of which st tells, is not as the manifest has it. */
int link_check(const struct manifest_file *f, const struct stat *st, const char *tree, struct err *e);
/* Writes a file of the environment's own, mode less the umask. replace: by temporary and rename at once;
   otherwise only when the name is taken, which makes it contested. shown: the absolute path. */
int link_write(struct linker *l, int dirfd, const char *name, struct str bytes, mode_t mode, bool replace,
               const char *shown, struct err *e);

#endif
