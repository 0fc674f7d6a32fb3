/* environment: where things go. One description for a venv, --target, --prefix and --system, so that nothing
   behind it asks which of them it is. Install schemes: sysconfig's; the binary distribution format's .data
   keys. */
#ifndef EXECUTOR_ENVIRONMENT_H
#define EXECUTOR_ENVIRONMENT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/python.h"

enum scheme { SCHEME_PURELIB, SCHEME_PLATLIB, SCHEME_SCRIPTS, SCHEME_DATA, SCHEME_HEADERS, SCHEMES };

enum environment_kind { ENV_VENV, ENV_TARGET, ENV_PREFIX, ENV_SYSTEM };

struct environment {
    enum environment_kind kind;
    const struct python *python; /* the interpreter it is for */
    char *root;                  /* absolute; the venv, target or prefix */
    char *dirs[SCHEMES];         /* absolute; SCHEME_HEADERS: the folder above the project's own
                                    (<venv>/include/site/python3.11) */
    char *interpreter;           /* absolute: what the first line of scripts names: <venv>/bin/python */
};

/* Only computes; nothing is made or looked at. kind ENV_SYSTEM takes no dir. */
int environment_describe(struct arena *a, enum environment_kind kind, const char *dir,
                         const struct python *python, struct environment *out, struct err *e);

/* The absolute, normalized path is below the root or one of the schemes' folders. */
bool environment_holds(const struct environment *env, struct str path);
/* An absolute path as a RECORD in the folder of scheme lib spells it: relative ("../../../bin/x") when the
   environment holds it, else as it is. */
struct str environment_record_path(struct arena *a, const struct environment *env, enum scheme lib,
                                   struct str path);

#endif
