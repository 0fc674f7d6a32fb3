/* set: a set of versions of one package, as bits over its list of versions. Immutable once made; words are in
   an arena. A universe of up to 64 versions needs no memory of its own. */
#ifndef PLANNER_SET_H
#define PLANNER_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct set {
    uint32_t n;      /* versions in the universe */
    uint64_t word;   /* n <= 64: the bits */
    uint64_t *words; /* n > 64: (n + 63) / 64 words; bits from n on are 0 */
};

struct set set_none(struct arena *a, uint32_t n);
struct set set_all(struct arena *a, uint32_t n);
struct set set_one(struct arena *a, uint32_t n, uint32_t bit);
/* For building a fresh set only. */
void set_add(struct set *s, uint32_t bit);
bool set_has(const struct set *s, uint32_t bit);
bool set_is_empty(const struct set *s);
uint32_t set_count(const struct set *s);
bool set_is_one(const struct set *s); /* exactly one member */
struct set set_and(struct arena *a, const struct set *x, const struct set *y);
struct set set_or(struct arena *a, const struct set *x, const struct set *y);
struct set set_minus(struct arena *a, const struct set *x, const struct set *y);
struct set set_not(struct arena *a, const struct set *x);
/* In place, for a set whose words nobody else holds: s = x, s &= x, s &= ~x. */
void set_assign(struct set *s, const struct set *x);
void set_keep(struct set *s, const struct set *x);
void set_drop(struct set *s, const struct set *x);
/* Two sets that meet are over the same versions; set_equal alone says false if they are not. */
bool set_subset(const struct set *x, const struct set *of);
bool set_disjoint(const struct set *x, const struct set *y);
bool set_equal(const struct set *x, const struct set *y);
/* Highest / lowest member, and the next member below / above `from` (excluded); UINT32_MAX if none. */
uint32_t set_max(const struct set *s);
uint32_t set_min(const struct set *s);
uint32_t set_below(const struct set *s, uint32_t from);
uint32_t set_above(const struct set *s, uint32_t from);

#endif
