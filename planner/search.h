/* search: the engine of the solver: incompatibilities, the partial solution, unit propagation and learning
   from conflicts. Knows no provider: what it is not told, it does not use. */
#ifndef PLANNER_SEARCH_H
#define PLANNER_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "planner/incompat.h"
#include "planner/solution.h"

struct watcher {
    VEC(uint32_t) clauses; /* the incompatibilities with a term on this package */
    bool queued;           /* some of them may have something to say */
};

struct burial {
    uint32_t clause, level;
};

struct search {
    struct arena *arena;  /* clauses live here */
    struct arena scratch; /* for the length of one conflict */
    struct solution solution;
    VEC(struct incompat) clauses; /* all known incompatibilities, by id */
    VEC(struct watcher) watchers; /* by package */
    VEC(uint32_t) queue;
    VEC(struct burial) dead; /* clauses with a false term, in the order in which that was seen */
    VEC(struct cause) chain;
    uint32_t conflicts, backjumps;
};

/* Who was in whose way, as packages; 0 (the root) where there was no choice. */
struct blame {
    uint32_t affected; /* the decision that a conflict takes back */
    uint32_t culprit;  /* the latest decision that stays and makes it impossible */
};

void search_init(struct search *s, struct arena *a);
/* Makes a package known; again is no error. */
void search_add_package(struct search *s, uint32_t package, uint32_t versions);
/* All packages of its terms are known. Returns the clause's id. */
uint32_t search_add(struct search *s, const struct incompat *i);
/* The clauses of the package are to be looked at by the next search_propagate. */
void search_touch(struct search *s, uint32_t package);
/* Draws every conclusion that follows at this level. False: *conflict is an incompatibility of which all
   terms are true. */
bool search_propagate(struct search *s, uint32_t *conflict);
/* Learns what led to the conflict and goes back to where that has a consequence. False: there is no solution,
   and *conflict becomes the incompatibility that says so. */
bool search_learn(struct search *s, uint32_t *conflict, struct blame *blame);
/* Takes back what came above the level. */
void search_return(struct search *s, uint32_t level);
void search_free(struct search *s);

#endif
