#include "planner/set.h"

#include "tests/unit/test.h"

static const uint32_t sizes[] = {0, 1, 2, 5, 63, 64, 65, 127, 128, 129, 200, 2000};
enum { SIZES = sizeof sizes / sizeof *sizes, MOST = 2000 };

static uint64_t draw(uint64_t *seed) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* A set and the same as an array of truths. */
struct pair {
    struct set set;
    bool has[MOST];
};

static void fill(struct pair *p, struct arena *a, uint32_t n, uint64_t *seed) {
    uint32_t sparse = 1 + (uint32_t)(draw(seed) % 8);
    p->set = set_none(a, n);
    for (uint32_t i = 0; i < n; i++) {
        p->has[i] = draw(seed) % sparse == 0;
        if (p->has[i])
            set_add(&p->set, i);
    }
}

static bool same(const struct set *s, const bool *has) {
    uint32_t count = 0, last = UINT32_MAX, first = UINT32_MAX;
    for (uint32_t i = 0; i < s->n; i++) {
        if (set_has(s, i) != has[i])
            return false;
        count += has[i];
        if (has[i] && first == UINT32_MAX)
            first = i;
        if (has[i])
            last = i;
    }
    return set_count(s) == count && set_is_empty(s) == !count && set_is_one(s) == (count == 1) &&
           set_min(s) == first && set_max(s) == last && !set_has(s, s->n) && !set_has(s, UINT32_MAX);
}

static void check_walks(const struct pair *p) {
    uint32_t n = p->set.n, next = UINT32_MAX;
    for (uint32_t i = n; i--;) { /* next: the lowest member above i */
        CHECK_INT(set_above(&p->set, i), next);
        if (p->has[i])
            next = i;
    }
    uint32_t before = UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        CHECK_INT(set_below(&p->set, i), before);
        if (p->has[i])
            before = i;
    }
    CHECK_INT(set_below(&p->set, n), before);
    CHECK_INT(set_below(&p->set, UINT32_MAX), before);
    CHECK_INT(set_above(&p->set, n), UINT32_MAX);
    CHECK_INT(set_above(&p->set, UINT32_MAX), UINT32_MAX);
}

static void check_two(struct arena *a, const struct pair *x, const struct pair *y) {
    bool and[MOST], or [MOST], minus[MOST], not [MOST];
    bool subset = true, disjoint = true, equal = true;
    for (uint32_t i = 0; i < x->set.n; i++) {
        and[i] = x->has[i] && y->has[i];
        or [i] = x->has[i] || y->has[i];
        minus[i] = x->has[i] && !y->has[i];
        not [i] = !x->has[i];
        subset = subset && !minus[i];
        disjoint = disjoint && !and[i];
        equal = equal && x->has[i] == y->has[i];
    }
    struct set s = set_and(a, &x->set, &y->set);
    CHECK(same(&s, and));
    CHECK(set_subset(&s, &x->set) && set_subset(&s, &y->set));
    s = set_or(a, &x->set, &y->set);
    CHECK(same(&s, or));
    CHECK(set_subset(&x->set, &s) && set_subset(&y->set, &s));
    s = set_minus(a, &x->set, &y->set);
    CHECK(same(&s, minus));
    CHECK(set_disjoint(&s, &y->set));
    s = set_not(a, &x->set);
    CHECK(same(&s, not ));
    CHECK_INT(set_subset(&x->set, &y->set), subset);
    CHECK_INT(set_disjoint(&x->set, &y->set), disjoint);
    CHECK_INT(set_equal(&x->set, &y->set), equal);
    set_assign(&s, &x->set);
    CHECK(set_equal(&s, &x->set));
    set_keep(&s, &y->set);
    CHECK(same(&s, and));
    set_assign(&s, &x->set);
    set_drop(&s, &y->set);
    CHECK(same(&s, minus));
    CHECK(same(&x->set, x->has) && same(&y->set, y->has));
}

TEST(against_arrays) {
    static struct pair x, y;
    uint64_t seed = 1;
    for (int i = 0; i < SIZES; i++) {
        for (int round = 0; round < 10; round++) {
            struct arena a = {0};
            fill(&x, &a, sizes[i], &seed);
            fill(&y, &a, sizes[i], &seed);
            CHECK(same(&x.set, x.has));
            check_walks(&x);
            check_two(&a, &x, &y);
            check_two(&a, &x, &x);
            arena_free(&a);
        }
    }
}

TEST(all_none_one) {
    struct arena a = {0};
    for (int i = 0; i < SIZES; i++) {
        uint32_t n = sizes[i];
        struct set all = set_all(&a, n), none = set_none(&a, n), back = set_not(&a, &all);
        CHECK_INT(set_count(&all), n);
        CHECK(set_is_empty(&none) && set_equal(&none, &back));
        CHECK_INT(set_max(&all), n ? n - 1 : UINT32_MAX);
        CHECK(set_subset(&none, &all) && set_disjoint(&none, &all));
        CHECK_INT(set_subset(&all, &none), n == 0);
        if (!n)
            continue;
        struct set one = set_one(&a, n, n - 1);
        CHECK(set_is_one(&one) && set_min(&one) == n - 1 && set_max(&one) == n - 1);
    }
    arena_free(&a);
}

TEST(different_universes_are_not_equal) {
    struct arena a = {0};
    struct set x = set_none(&a, 3), y = set_none(&a, 4), z = set_none(&a, 400);
    CHECK(!set_equal(&x, &y) && !set_equal(&y, &z) && !set_equal(&z, &x));
    arena_free(&a);
}

TEST_MAIN
