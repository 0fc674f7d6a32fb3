/* repair: turns what verify found into changes of a run, so that the run puts back just what differs. */
#ifndef EXECUTOR_REPAIR_H
#define EXECUTOR_REPAIR_H

#include "executor/verify.h"

/* Damaged packages are to be replaced; those of which only the origin was unknown, and that were proven,
   stay. have: what the diff was made from. */
void repair_diff(struct arena *a, const struct verdict *v, struct installed *have, struct diff *d);
/* Takes cache entries away that are not as they were unpacked: they are fetched anew. */
int repair_cache(struct store *store, const struct verdict *v, const struct package *packages, uint32_t n,
                 struct err *e);
/* Puts RECORDs back, which say what goes when a package is replaced. Before the run. */
int repair_records(const struct environment *env, const struct verdict *v, const struct diff *d,
                   struct err *e);

#endif
