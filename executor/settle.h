/* settle: what becomes of a path that several packages claim. The package that depends on the other wins (it
   knows of it), else the one whose name sorts last: the same one every time, whatever the threads did. */
#ifndef EXECUTOR_SETTLE_H
#define EXECUTOR_SETTLE_H

#include "executor/events.h"

/* After every link of the run. Also looks into packages that the run keeps, as far as the cache knows them.
   Conflicts are told as notes, one per pair of packages. */
int settle_run(struct linker *l, const struct store *store, const struct package *packages, uint32_t n,
               struct events *events, struct err *e);

/* a's file before b's? Exposed for tests. */
bool settle_wins(const struct package *packages, uint32_t n, uint32_t a, uint32_t b);

#endif
