/* dag: the solver's answer as the lock's packages: per project the version, its file, the extras, and the
   edges to what its metadata requires in the target. */
#ifndef PLANNER_DAG_H
#define PLANNER_DAG_H

#include "base/log.h"
#include "formats/lock.h"
#include "planner/provide.h"
#include "planner/solve.h"

/* Fills packages and requires of the lock, sorted; strings are in the arena or the universe. Files may still
   lack sha256 and size (complete.h). Tells on the log what is odd: an extra that does not exist, a yanked
   version, a newer version passed over because it would have to be built. */
void dag_make(struct provide *v, const struct solve_result *solved, const struct log *log, struct arena *a,
              struct lock *out);

#endif
