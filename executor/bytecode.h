/* bytecode: what Python would write into __pycache__ when it imports a module for the first time (PEP 3147,
   PEP 552), made once on a machine and not once in every environment. It is kept beside the wheel's tree in
   the cache, as an entry of the same shape (a manifest and a tree), and linked as any other file is. It is
   valid wherever the sources are linked, since they keep size and mtime; importlib puts the real path into
   code objects when it loads them. Bytes depend on the wheel and the interpreter alone, and on the sources'
   mtime. */
#ifndef EXECUTOR_BYTECODE_H
#define EXECUTOR_BYTECODE_H

#include <pthread.h>

#include "base/coproc.h"
#include "base/python.h"
#include "base/vec.h"
#include "executor/manifest.h"

struct bytecode_counts {
    uint32_t files, bad, processes; /* compiled; that are not valid Python; started */
};

/* Shared by the threads that compile. */
struct compiler {
    const struct python *python;
    const char *name;        /* bytecode_name */
    const atomic_bool *stop; /* ends what is under way */
    pthread_mutex_t lock;
    VEC(struct coproc) idle; /* under lock: as many as have compiled at the same time, not more */
    struct bytecode_counts counts;
};

/* The name of the entry that the interpreter can use, "pyc-cpython-311-a70d0d0a"; with "-hash" where
   SOURCE_DATE_EPOCH is set: such files are checked by the hash of their source, as py_compile has it. NULL if
   the interpreter keeps no bytecode. */
char *bytecode_name(struct arena *a, const struct python *python);
/* The entry beside the tree of a cached wheel; -1 without an error text if there is none. */
int bytecode_load(const char *wheel_tree, const char *name, struct arena *a, struct manifest *out,
                  char **tree);

void compiler_open(struct compiler *c, const struct python *python, const char *name,
                   const atomic_bool *stop);
void compiler_close(struct compiler *c);
/* Compiles the modules of a cached wheel, publishes and loads the entry. Not among them: a source that is not
   valid Python, and one whose __pycache__ the wheel brings itself. Safe from several threads. */
int bytecode_compile(struct compiler *c, struct store *store, const char *sha256, const struct manifest *m,
                     const char *wheel_tree, struct arena *a, struct manifest *out, char **tree,
                     struct err *e);

/* Index of the bytecode of file number `source` of the wheel; MAP_NONE: there is none. */
uint32_t bytecode_of(const struct manifest *bytecode, uint32_t source);
/* "django/__pycache__/x.cpython-311.pyc" for "django/x.py": where that is, or would be. */
char *bytecode_path(struct arena *a, const struct python *python, struct str source);

#endif
