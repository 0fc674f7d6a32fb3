#include "planner/set.h"

#include <assert.h>
#include <string.h>

/* One word or many, the loops below are the same: they go over words(n) words that start at bits(s). */
static uint32_t words(uint32_t n) {
    return n / 64 + (n % 64 != 0);
}

static const uint64_t *bits(const struct set *s) {
    return s->n <= 64 ? &s->word : s->words;
}

static uint64_t *bits_mutable(struct set *s) {
    return s->n <= 64 ? &s->word : s->words;
}

struct set set_none(struct arena *a, uint32_t n) {
    struct set s = {.n = n};
    if (n > 64)
        s.words = arena_new(a, uint64_t, words(n));
    return s;
}

/* Clears what stands beyond the last version. */
static void trim(struct set *s) {
    if (s->n % 64)
        bits_mutable(s)[s->n / 64] &= (UINT64_C(1) << s->n % 64) - 1;
}

struct set set_all(struct arena *a, uint32_t n) {
    struct set s = set_none(a, n);
    memset(bits_mutable(&s), 0xff, words(n) * sizeof(uint64_t));
    trim(&s);
    return s;
}

struct set set_one(struct arena *a, uint32_t n, uint32_t bit) {
    struct set s = set_none(a, n);
    set_add(&s, bit);
    return s;
}

void set_add(struct set *s, uint32_t bit) {
    assert(bit < s->n);
    bits_mutable(s)[bit / 64] |= UINT64_C(1) << bit % 64;
}

bool set_has(const struct set *s, uint32_t bit) {
    return bit < s->n && (bits(s)[bit / 64] >> bit % 64 & 1);
}

bool set_is_empty(const struct set *s) {
    for (uint32_t i = 0; i < words(s->n); i++)
        if (bits(s)[i])
            return false;
    return true;
}

uint32_t set_count(const struct set *s) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < words(s->n); i++)
        count += (uint32_t)__builtin_popcountll(bits(s)[i]);
    return count;
}

bool set_is_one(const struct set *s) {
    uint64_t seen = 0;
    for (uint32_t i = 0; i < words(s->n); i++) {
        uint64_t w = bits(s)[i];
        if (w && (seen || (w & (w - 1))))
            return false;
        seen |= w;
    }
    return seen != 0;
}

struct set set_and(struct arena *a, const struct set *x, const struct set *y) {
    struct set s = set_none(a, x->n);
    set_assign(&s, x);
    set_keep(&s, y);
    return s;
}

struct set set_or(struct arena *a, const struct set *x, const struct set *y) {
    assert(x->n == y->n);
    struct set s = set_none(a, x->n);
    for (uint32_t i = 0; i < words(x->n); i++)
        bits_mutable(&s)[i] = bits(x)[i] | bits(y)[i];
    return s;
}

struct set set_minus(struct arena *a, const struct set *x, const struct set *y) {
    struct set s = set_none(a, x->n);
    set_assign(&s, x);
    set_drop(&s, y);
    return s;
}

struct set set_not(struct arena *a, const struct set *x) {
    struct set s = set_all(a, x->n);
    set_drop(&s, x);
    return s;
}

void set_assign(struct set *s, const struct set *x) {
    assert(s->n == x->n);
    memcpy(bits_mutable(s), bits(x), words(x->n) * sizeof(uint64_t));
}

void set_keep(struct set *s, const struct set *x) {
    assert(s->n == x->n);
    for (uint32_t i = 0; i < words(x->n); i++)
        bits_mutable(s)[i] &= bits(x)[i];
}

void set_drop(struct set *s, const struct set *x) {
    assert(s->n == x->n);
    for (uint32_t i = 0; i < words(x->n); i++)
        bits_mutable(s)[i] &= ~bits(x)[i];
}

bool set_subset(const struct set *x, const struct set *of) {
    assert(x->n == of->n);
    for (uint32_t i = 0; i < words(x->n); i++)
        if (bits(x)[i] & ~bits(of)[i])
            return false;
    return true;
}

bool set_disjoint(const struct set *x, const struct set *y) {
    assert(x->n == y->n);
    for (uint32_t i = 0; i < words(x->n); i++)
        if (bits(x)[i] & bits(y)[i])
            return false;
    return true;
}

bool set_equal(const struct set *x, const struct set *y) {
    return x->n == y->n && !memcmp(bits(x), bits(y), words(x->n) * sizeof(uint64_t));
}

uint32_t set_max(const struct set *s) {
    return set_below(s, s->n);
}

uint32_t set_min(const struct set *s) {
    for (uint32_t i = 0; i < words(s->n); i++)
        if (bits(s)[i])
            return i * 64 + (uint32_t)__builtin_ctzll(bits(s)[i]);
    return UINT32_MAX;
}

uint32_t set_below(const struct set *s, uint32_t from) {
    if (from > s->n)
        from = s->n;
    uint32_t i = from / 64;
    uint64_t w = from % 64 ? bits(s)[i] & ((UINT64_C(1) << from % 64) - 1) : 0;
    while (!w && i)
        w = bits(s)[--i];
    return w ? i * 64 + 63 - (uint32_t)__builtin_clzll(w) : UINT32_MAX;
}

uint32_t set_above(const struct set *s, uint32_t from) {
    if (from >= s->n || ++from == s->n)
        return UINT32_MAX;
    uint32_t i = from / 64;
    uint64_t w = bits(s)[i] & ~UINT64_C(0) << from % 64;
    while (!w && ++i < words(s->n))
        w = bits(s)[i];
    return w ? i * 64 + (uint32_t)__builtin_ctzll(w) : UINT32_MAX;
}
