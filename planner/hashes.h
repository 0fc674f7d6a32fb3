/* hashes: the user's --hash. pip's hash-checking mode. */
#ifndef PLANNER_HASHES_H
#define PLANNER_HASHES_H

#include "formats/lock.h"
#include "planner/roots.h"
#include "planner/universe.h"

/* pip's rule: with one hash given, or --require-hashes, every package of the plan needs one. */
int hashes_check_given(const struct options *o, const struct roots *roots, struct universe *u,
                       const struct lock *l, struct err *e);
/* After complete_files: what the index did not tell was found out by now. */
int hashes_verify(struct universe *u, const struct lock *l, struct err *e);

#endif
