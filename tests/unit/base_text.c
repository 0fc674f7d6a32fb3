/* str, map, err, arena and vec: what everything else stands on. */
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "tests/unit/test.h"

TEST(cutting) {
    struct str rest = STR("a,,b,"), piece;
    const char *want[] = {"a", "", "b", ""};
    int n = 0;
    while (str_cut(&rest, ',', &piece)) {
        CHECK(n < 4);
        CHECK_STR(piece, want[n]);
        n++;
    }
    CHECK_INT(n, 4);
    rest = (struct str){"", 0};
    CHECK(str_cut(&rest, ',', &piece) && piece.n == 0);
    CHECK(!str_cut(&rest, ',', &piece));
}

TEST(numbers) {
    uint64_t v;
    CHECK(str_u64(STR("18446744073709551615"), &v) && v == UINT64_MAX);
    CHECK(!str_u64(STR("18446744073709551616"), &v));
    CHECK(!str_u64(STR(""), &v) && !str_u64(STR("+1"), &v) && !str_u64(STR("1 "), &v));
}

TEST(searching) {
    CHECK_INT(str_search(STR("hello"), STR("llo")), 2);
    CHECK_INT(str_search(STR("hello"), STR("lla")), -1);
    CHECK_INT(str_rfind(STR("a/b/c"), '/'), 3);
    CHECK(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0 &&
          !str_cmp(STR("x"), STR("x")));
    CHECK_STR(str_trim(STR(" \t x y \n")), "x y");
    CHECK(str_ieq(STR("AbC"), STR("aBc")) && !str_ieq(STR("a"), STR("ab")));
}

TEST(a_map_gives_dense_ids) {
    struct map m = {0};
    char key[16];
    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof key, "key%d", i);
        CHECK(map_find(&m, str_of(key)) == MAP_NONE);
        CHECK_INT(map_id(&m, str_of(key)), i);
    }
    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof key, "key%d", i);
        CHECK_INT(map_find(&m, str_of(key)), i);
        CHECK_INT(map_id(&m, str_of(key)), i);
    }
    CHECK_STR(m.keys[4711], "key4711");
    map_free(&m);
    CHECK(map_find(&m, STR("key1")) == MAP_NONE);
}

TEST(an_error_points_at_its_place) {
    struct err e;
    CHECK(err_at(&e, "r.txt", STR("one\n\xc3\xa9\xc3\xa9 bad\nthree"), 9, "no %s", "good") < 0);
    CHECK_STR(str_of(e.text), "r.txt:2:4: no good\n    \xc3\xa9\xc3\xa9 bad\n       ^");
    CHECK_INT(e.kind, ERR_INPUT);
    err_prefix(&e, "in %s", "x");
    CHECK(strstr(e.text, "in x: r.txt:2:4:") == e.text);
    err_at(&e, "r.txt", STR("a\033[31mb"), 1, "colour");
    CHECK(!strchr(e.text, '\033'));
}

TEST(a_long_error_is_cut) {
    struct err e;
    char *text = mem_alloc(10000);
    memset(text, 'x', 9999);
    text[9999] = 0;
    err_fail(&e, "%s", text);
    err_prefix(&e, "%s", text);
    CHECK_INT(strlen(e.text), sizeof e.text - 1);
    free(text);
}

TEST(arenas_hold_much_and_little) {
    struct arena a = {0};
    char *first = arena_fmt(&a, "%s", "first");
    char *big = arena_alloc(&a, 1 << 20);
    memset(big, 1, 1 << 20);
    for (int i = 0; i < 10000; i++)
        CHECK(arena_alloc(&a, 40) != NULL);
    CHECK_STR(str_of(first), "first");
    arena_free(&a);
    VEC(int) v = {0};
    for (int i = 0; i < 1000; i++)
        vec_push(&v, i);
    CHECK(v.n == 1000 && v.p[999] == 999);
    vec_free(&v);
}

TEST_MAIN
