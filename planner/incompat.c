#include "planner/incompat.h"

#include <string.h>

struct term term_full(struct arena *a, uint32_t package, uint32_t versions) {
    return (struct term){package, true, set_all(a, versions)};
}

struct term term_not(struct arena *a, const struct term *t) {
    return (struct term){t->package, !t->absent, set_not(a, &t->versions)};
}

struct term term_copy(struct arena *a, const struct term *t) {
    return (struct term){t->package, t->absent, set_or(a, &t->versions, &t->versions)};
}

bool term_is_full(const struct term *t) {
    return t->absent && set_count(&t->versions) == t->versions.n;
}

bool term_subset(const struct term *x, const struct term *of) {
    return (!x->absent || of->absent) && set_subset(&x->versions, &of->versions);
}

bool term_disjoint(const struct term *x, const struct term *y) {
    return !(x->absent && y->absent) && set_disjoint(&x->versions, &y->versions);
}

struct term term_or(struct arena *a, const struct term *x, const struct term *y) {
    return (struct term){x->package, x->absent || y->absent, set_or(a, &x->versions, &y->versions)};
}

struct term term_and(struct arena *a, const struct term *x, const struct term *y) {
    return (struct term){x->package, x->absent && y->absent, set_and(a, &x->versions, &y->versions)};
}

bool incompat_depends(struct arena *a, uint32_t depender, uint32_t versions, uint32_t version,
                      uint32_t dependency, const struct set *allowed, struct incompat *out) {
    *out = (struct incompat){.why = WHY_DEPENDS,
                             .depender = depender,
                             .dependency = dependency,
                             .allowed = *allowed,
                             .terms = arena_new(a, struct term, 2)};
    struct term positive = {depender, false, set_one(a, versions, version)};
    struct term negative = {dependency, true, set_not(a, allowed)};
    if (depender == dependency) {
        out->terms[out->n++] = positive;
        return set_has(allowed, version);
    }
    bool swap = dependency < depender;
    out->terms[out->n++] = swap ? negative : positive;
    out->terms[out->n++] = swap ? positive : negative;
    if (term_is_full(&negative)) { /* nothing satisfies it: the version itself is out */
        out->terms[0] = positive;
        out->n = 1;
    }
    return false;
}

struct incompat incompat_unavailable(struct arena *a, uint32_t package, uint32_t versions, uint32_t version,
                                     uint32_t reason) {
    struct incompat i = {
        .why = WHY_UNAVAILABLE, .depender = package, .reason = reason, .terms = arena_new(a, struct term, 1)};
    i.terms[i.n++] = (struct term){package, false, set_one(a, versions, version)};
    return i;
}

void incompat_widen(struct arena *a, struct incompat *i, uint32_t version) {
    for (uint32_t k = 0; k < i->n; k++) {
        struct term *t = &i->terms[k];
        if (t->package != i->depender)
            continue;
        *t = term_copy(a, t); /* what was learned from it may share its words */
        set_add(&t->versions, version);
    }
}

const struct term *incompat_term(const struct incompat *i, uint32_t package) {
    for (uint32_t k = 0; k < i->n; k++)
        if (i->terms[k].package == package)
            return &i->terms[k];
    return NULL;
}

struct incompat incompat_resolve(struct arena *a, const struct incompat *x, const struct incompat *y,
                                 uint32_t pivot) {
    struct incompat out = {.why = WHY_LEARNED, .terms = arena_new(a, struct term, x->n + y->n)};
    for (uint32_t i = 0, j = 0; i < x->n || j < y->n;) {
        struct term t;
        if (j == y->n || (i < x->n && x->terms[i].package < y->terms[j].package)) {
            t = x->terms[i++];
        } else if (i == x->n || y->terms[j].package < x->terms[i].package) {
            t = y->terms[j++];
        } else {
            const struct term *p = &x->terms[i++], *q = &y->terms[j++];
            t = p->package == pivot ? term_or(a, p, q) : term_and(a, p, q);
        }
        if (!term_is_full(&t))
            out.terms[out.n++] = t;
    }
    return out;
}
