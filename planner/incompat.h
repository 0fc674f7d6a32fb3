/* incompat: terms and incompatibilities, what PubGrub thinks in.

   A package is in one of n + 1 states: absent, or chosen at one of its n versions. A term is a set of these
   states: the positive term "django <5" holds the versions below 5, the negative "not django <5" all others
   and absence. So the relations between terms are those of sets, and nothing needs cases for the sign. An
   incompatibility is a set of terms that must not all be true. */
#ifndef PLANNER_INCOMPAT_H
#define PLANNER_INCOMPAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "planner/set.h"

struct term {
    uint32_t package;
    bool absent;
    struct set versions;
};

struct term term_full(struct arena *a, uint32_t package, uint32_t versions); /* every state */
struct term term_not(struct arena *a, const struct term *t);
struct term term_copy(struct arena *a, const struct term *t); /* with words of its own */
bool term_is_full(const struct term *t);
bool term_subset(const struct term *x, const struct term *of);
bool term_disjoint(const struct term *x, const struct term *y);
struct term term_or(struct arena *a, const struct term *x, const struct term *y);
struct term term_and(struct arena *a, const struct term *x, const struct term *y);

enum why {
    WHY_ROOT,        /* what the user asked for must be there */
    WHY_DEPENDS,     /* versions of `depender` need one of `allowed` of `dependency` */
    WHY_UNAVAILABLE, /* versions of `depender` cannot be used */
    WHY_LEARNED      /* follows from others */
};

/* The step of a resolution: the result so far, combined with `incompat` over the package `pivot`. */
struct cause {
    uint32_t incompat, pivot;
};

struct incompat {
    struct term *terms; /* sorted by package, each package once, none of them full */
    uint32_t n;
    enum why why;
    bool dead; /* a term is false and stays so until the search goes back: see solution.h */
    uint32_t depender, dependency;
    struct set allowed;
    uint32_t requirement, reason; /* the provider's numbers */
    struct cause *causes;         /* LEARNED: the first is where the resolution began, without a pivot */
    uint32_t ncauses;
};

/* {depender in {version}, dependency not in allowed}. True if that can never be violated (a version that
   needs itself), and then *out is not to be used. */
bool incompat_depends(struct arena *a, uint32_t depender, uint32_t versions, uint32_t version,
                      uint32_t dependency, const struct set *allowed, struct incompat *out);
/* {package in {version}} */
struct incompat incompat_unavailable(struct arena *a, uint32_t package, uint32_t versions, uint32_t version,
                                     uint32_t reason);
/* One more version of the depender of which the same is true. */
void incompat_widen(struct arena *a, struct incompat *i, uint32_t version);

const struct term *incompat_term(const struct incompat *i, uint32_t package); /* NULL if it has none */

/* What follows from both: either of the pivot's terms, all the others of both. */
struct incompat incompat_resolve(struct arena *a, const struct incompat *x, const struct incompat *y,
                                 uint32_t pivot);

#endif
