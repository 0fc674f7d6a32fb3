/* record: the last step of an installation: INSTALLER, REQUESTED, direct_url.json, and RECORD after all else.
   PEP 376, 610, 627; recording installed projects. */
#ifndef EXECUTOR_RECORD_H
#define EXECUTOR_RECORD_H

#include "base/err.h"
#include "executor/installed.h"
#include "executor/scripts.h"
#include "formats/lock.h"

/* What record_write writes: names within the dist-info, and bytes in the arena; RECORD is the last. */
struct record_file {
    const char *name;
    struct str bytes;
};
enum { RECORD_FILES = 4 };
struct record_files {
    struct record_file p[RECORD_FILES];
    uint32_t n;
};
void record_compose(const struct environment *env, const struct manifest *m, const struct lock_package *p,
                    const char *source, const struct written_list *written, struct arena *a,
                    struct record_files *out);

/* Writes the files into the package's dist-info folder; RECORD by temporary and rename, last, its rows
   sorted: a dist-info without RECORD is a package that is not whole. written: rows of scripts_write.
   direct_url.json only for a package that came by URL or path (p->direct), without credentials; source: that
   URL or path, from where it is opened (NULL: as the lock has it). */
int record_write(struct linker *l, const struct manifest *m, const struct lock_package *p, const char *source,
                 const struct written_list *written, struct err *e);

/* Makes REQUESTED, and RECORD's row of it, follow: p is whole and stays. */
int record_requested(const struct environment *env, const struct installed_package *p, bool requested,
                     struct err *e);

#endif
