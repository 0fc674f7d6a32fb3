#include "base/arena.h"

#include "base/str.h"
#include "tests/unit/test.h"

static bool is_zero(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

/* Of every size, on both sides of where pieces get blocks of their own; none overlaps another. */
TEST(pieces_are_zeroed_and_apart) {
    static const size_t sizes[] = {0, 1, 15, 1024, 5000, 16 * 1024, 16 * 1024 + 1, 1 << 20, 0, 40, 70000};
    enum { ROUNDS = 50, SIZES = sizeof sizes / sizeof *sizes };
    struct arena a = {0};
    char *p[ROUNDS * SIZES];
    for (int i = 0; i < ROUNDS * SIZES; i++) {
        p[i] = arena_alloc(&a, sizes[i % SIZES]);
        CHECK((uintptr_t)p[i] % 16 == 0 && is_zero(p[i], sizes[i % SIZES]));
        memset(p[i], i % 127 + 1, sizes[i % SIZES]);
    }
    for (int i = 0; i < ROUNDS * SIZES; i++)
        for (size_t k = 0; k < sizes[i % SIZES]; k += 7)
            if (p[i][k] != i % 127 + 1)
                CHECK(!"a piece was written over");
    arena_free(&a);
    CHECK(!a.blocks && is_zero(arena_alloc(&a, 8), 8));
    arena_free(&a);
}

TEST(the_first_piece) {
    static const size_t sizes[] = {0, 1, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct arena a = {0};
        CHECK(arena_alloc(&a, sizes[i]));
        CHECK(is_zero(arena_alloc(&a, 3), 3));
        arena_free(&a);
    }
}

TEST(strings_end_in_nul) {
    struct arena a = {0};
    struct str s = arena_str(&a, str_head(STR("abcdef"), 3));
    CHECK(s.n == 3 && s.p[3] == 0);
    CHECK(!strcmp(arena_fmt(&a, "%d-%s", 12, "x"), "12-x"));
    arena_free(&a);
}

TEST_MAIN
