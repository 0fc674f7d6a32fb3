/* venv: the bare virtual environment, byte for byte as `python -m venv --without-pip` of the same interpreter
   lays it out (PEP 405), without starting Python. The activation scripts come from the interpreter's own venv
   module. */
#ifndef EXECUTOR_VENV_H
#define EXECUTOR_VENV_H

#include "base/err.h"
#include "executor/environment.h"

/* root has a pyvenv.cfg. */
bool venv_exists(const struct environment *env);
/* Makes what is missing; an existing folder that is not empty and no venv is an error that says so. If the
   venv that is there was made for another Python version, that is an error too, with the remedy. */
int venv_create(const struct environment *env, struct err *e);

#endif
