/* pyproject_internal: what reading and selecting share. */
#ifndef FORMATS_PYPROJECT_INTERNAL_H
#define FORMATS_PYPROJECT_INTERNAL_H

#include "formats/pyproject.h"

/* A text of the document as a requirement. */
int pyproject_requirement(struct arena *a, const struct pyproject *p, const struct toml *t,
                          struct pyproject_dependency *out, struct err *e);
/* "a table should stand here, not an array" unless t has that type. */
int pyproject_expect(const struct pyproject *p, const struct toml *t, enum toml_type type, struct err *e);

#endif
