/* interpreter: which Python a run is for. */
#ifndef EXECUTOR_INTERPRETER_H
#define EXECUTOR_INTERPRETER_H

#include "base/arena.h"

/* What the bin/python of a venv leads to, outside the venv: an absolute path; found without starting Python.
   NULL: there is no such venv, or it leads nowhere. */
char *interpreter_of_venv(struct arena *a, const char *root);

#endif
