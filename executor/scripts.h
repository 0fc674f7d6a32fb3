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

/* Writes the package's entry point scripts (mode 0777 less the umask, the text that pip's current release
   writes) and its python_script files with the first line rewritten. An entry point wins over a .data script
   of its name. A file that is there is replaced (temporary, rename). The rows go to out, their strings into
   the arena. First lines too long for the kernel (127 bytes) or with a space go through /bin/sh as pip does
   it. */
int scripts_write(struct linker *l, const struct manifest *m, const char *tree, struct arena *a,
                  struct written_list *out, struct err *e);

/* Adds the row of a file with these bytes; path is in the arena. */
void written_add(struct written_list *out, struct arena *a, struct str path, struct str bytes);

#endif
