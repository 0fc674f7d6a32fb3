/* solution: the partial solution of the solver: what is known of every package at the moment, as a trail of
   steps. A step narrows the states one package may be in; it is a decision, or follows from an
   incompatibility of which all other terms are true. Every step keeps the states left after it, so that
   whether and since when a term is true is found by bisection. Level 0 is what follows without any decision.
 */
#ifndef PLANNER_SOLUTION_H
#define PLANNER_SOLUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "planner/incompat.h"

#define NO_CAUSE UINT32_MAX

struct step {
    struct term after; /* states that are left; never none */
    bool forced;       /* only one is, and it is a version */
    uint32_t cause;    /* an incompatibility, or NO_CAUSE: a decision */
    uint32_t level;
    uint32_t at;    /* place in the trail */
    uint64_t stamp; /* never the same twice: tells whether anything happened to a package */
};

struct history {
    VEC(struct step) steps; /* slots behind n keep their words for the next use */
    uint32_t used;          /* slots that ever had words */
};

struct solution {
    struct arena *arena;
    VEC(struct history) packages; /* steps.p[0] of each is the beginning: every state, level 0 */
    VEC(uint32_t) trail;          /* packages, in the order of the steps */
    VEC(uint32_t) decided;        /* by level, from 1: the package decided there */
    uint64_t stamps;
};

/* Makes the package known: 0 .. n-1 are its versions. */
void solution_add(struct solution *s, uint32_t package, uint32_t versions);
bool solution_knows(const struct solution *s, uint32_t package);
/* The last step; for a known package there is always one. Valid until the next change. */
const struct step *solution_last(const struct solution *s, uint32_t package);
uint32_t solution_level(const struct solution *s);
/* A new level with the package at that version. */
void solution_decide(struct solution *s, uint32_t package, uint32_t version);
/* t is false, because of the incompatibility `cause`. */
void solution_exclude(struct solution *s, const struct term *t, uint32_t cause);
/* Takes back all that came above the level. */
void solution_return(struct solution *s, uint32_t level);
/* The first step since which t, true now, is true. */
const struct step *solution_since(const struct solution *s, const struct term *t);
void solution_free(struct solution *s);

#endif
