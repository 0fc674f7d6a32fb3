/* python_internal: python.c asks one interpreter, python_find.c decides which. */
#ifndef BASE_PYTHON_INTERNAL_H
#define BASE_PYTHON_INTERNAL_H

#include "base/python.h"

/* The interpreter at an absolute path, from the cache or by asking it. */
int python_ask(struct store *store, const char *path, struct arena *a, struct python *out, struct err *e);

#endif
