/* output: the file of -o, or standard output: what must not be overwritten, and how the plan is written. */
#ifndef PLANNER_OUTPUT_H
#define PLANNER_OUTPUT_H

#include <stdbool.h>

#include "formats/lock.h"
#include "planner/options.h"
#include "planner/roots.h"

/* A slip of the keyboard must not cost the user a requirement file. */
int output_spare_inputs(const struct options *o, const struct roots *roots, struct err *e);
/* -o FILE that is there gives preferences: 1 and *out; 0 if there is none. A file that is no lock must not be
   overwritten unseen: an error. */
int output_read_old(const struct options *o, struct arena *a, struct lock *out, struct err *e);
/* Paths and URLs of the lock as they are to stand in the output. */
void output_settle_urls(const struct options *o, struct arena *a, struct lock *l);
/* Writes the plan in its format: whole or not at all. */
int output_write(const struct options *o, const struct lock *l, struct err *e);

#endif
