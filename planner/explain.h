/* explain: why there is no solution, in sentences a person can act on, from the same derivation that decided
 * it. */
#ifndef PLANNER_EXPLAIN_H
#define PLANNER_EXPLAIN_H

#include "base/arena.h"
#include "base/str.h"
#include "planner/provider.h"
#include "planner/search.h"

/* Several lines without a newline at the end, in the arena. `proof` is the clause that cannot be avoided. */
struct str explain(const struct provider *p, const struct search *s, uint32_t proof, struct arena *a);

#endif
