/* core: the same impossibility from fewer facts. What a search learned on its way is more than a person wants
   to read: here facts are left out and the rest is proved again, as long as no solution appears. */
#ifndef PLANNER_CORE_H
#define PLANNER_CORE_H

#include "planner/search.h"

/* A proof of its own: `clause` of `search` cannot be avoided. The terms of its facts are the first search's.
 */
struct core {
    struct arena arena;
    struct search search;
    uint32_t clause;
};

/* Never fails: at worst everything is still needed. Of the user's requirements, no fewer would do (but for
   very large proofs, where the work is bounded). */
struct core *core_find(const struct search *s, uint32_t proof);
void core_free(struct core *c);

/* The facts (clauses that were not learned) on which the clause rests: ids, ascending, in the arena. */
uint32_t *core_facts(const struct search *s, uint32_t clause, uint32_t *n, struct arena *a);

#endif
