/* ask: the command line's questions (--tree, --why, --diff, --check) put to locks. Answers are appended to
   out and are for standard output. */
#ifndef PLANNER_ASK_H
#define PLANNER_ASK_H

#include <stdbool.h>

#include "formats/lock.h"
#include "planner/options.h"

/* The lock that is given instead of requirements: --lock FILE, or the only input if it is an env.lock. Local
   files come as file: URLs. Returns 1, 0 if there is none, or -1. */
int ask_given(const struct options *o, struct arena *a, struct lock *out, struct err *e);

/* Is it --tree or --why that is asked? Then ask_show answers. */
bool ask_is_show(const struct options *o);
int ask_show(const struct options *o, const struct lock *l, struct buf *out, struct err *e);

/* --diff OLD NEW. Returns 1 if they differ, 0 if not, or -1. */
int ask_diff(const struct options *o, struct arena *a, struct buf *out, struct err *e);

/* --check: what is different in a new plan. Returns 1 if anything is, 0 if not, or -1. */
int ask_check(const struct lock *before, const struct lock *after, struct arena *a, struct buf *out,
              struct err *e);

#endif
