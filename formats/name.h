/* name: project and extra names. PEP 503 (normalized names), PEP 508 (valid names), PEP 685 (extras). */
#ifndef FORMATS_NAME_H
#define FORMATS_NAME_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Letters, digits, '.', '-', '_'; begins and ends with a letter or digit. */
bool name_is_valid(struct str s);
/* Lower case, runs of "-_." as one '-'. */
struct str name_normalize(struct arena *a, struct str s);
/* Normalized with '_' for '-': as in wheel and dist-info names (binary distribution format, "escaping"). */
struct str name_escape(struct arena *a, struct str s);
/* The names are the same once normalized. */
bool name_same(struct str a, struct str b);

#endif
