/* scripts: what a wheel puts into bin/. Entry points specification (console_scripts, gui_scripts: the same
   here) and the binary distribution format's "#!python" rewriting. */
#ifndef EXECUTOR_SCRIPTS_H
#define EXECUTOR_SCRIPTS_H

#include "base/err.h"
#include "executor/link.h"

struct written { /* a file made for this environment alone; for RECORD */
    struct str
        path; /* as RECORD spells it: relative to site-packages with '/', or absolute outside the prefix */
    struct str hash, size;
};

struct written_list {
    struct written *p;
    uint32_t n, cap; /* p is malloc'ed */
};

struct script {
    struct str path;                  /* below the scripts' folder */
    const struct manifest_file *file; /* its first line is rewritten; NULL: */
    struct entry_point point;         /* made of this */
};

struct script_list {
    struct script *p; /* in the arena */
    uint32_t n;
};

/* What scripts_write writes. */
void scripts_list(const struct linker *l, const struct manifest *m, struct arena *a, struct script_list *out);
/* Absolute. */
char *script_path(const struct linker *l, const struct script *script, struct arena *a);
/* Its bytes, appended. */
int script_text(const struct linker *l, const struct script *script, const char *tree, struct buf *out,
                struct err *e);
/* replace: as for link_write. */
int script_write(struct linker *l, const struct script *script, struct str text, bool replace, struct err *e);

/* Writes the package's entry point scripts (mode 0777 less the umask, the text that pip's current release
   writes) and its python_script files with the first line rewritten. An entry point wins over a .data script
   of its name. A file that is there is replaced (temporary, rename). The rows go to out, their strings into
   the arena. First lines too long for the kernel (127 bytes) or with a space go through /bin/sh as pip does
   it. */
int scripts_write(struct linker *l, const struct manifest *m, const char *tree, struct arena *a,
                  struct written_list *out, struct err *e);

/* Their hash as RECORD spells it. */
struct str written_hash(struct arena *a, struct str bytes);
/* Adds the row of a file with these bytes; path is in the arena. */
void written_add(struct written_list *out, struct arena *a, struct str path, struct str bytes);

#endif
