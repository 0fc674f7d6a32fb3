#include "formats/version.h"

#include "tests/unit/table.h"

static struct version parse(struct arena *a, const char *text) {
    struct version v = {0};
    CHECK(version_parse(a, str_of(text), &v));
    return v;
}

TEST(order) {
    struct arena a = {0};
    struct table t = table_open("tests/data/versions/ascending");
    struct version before = {0};
    while (table_next(&t)) {
        struct version first, v;
        table_check(&t, version_parse(&a, t.field[0], &first));
        for (int i = 0; i < t.n; i++) {
            table_check(&t, version_parse(&a, t.field[i], &v));
            table_check(&t, version_cmp(&v, &first) == 0);
            table_check(&t, !before.key.n || (version_cmp(&before, &v) < 0 && version_cmp(&v, &before) > 0));
        }
        before = first;
    }
    table_close(&t);
    arena_free(&a);
}

TEST(what_is_no_version_is_refused) {
    struct arena a = {0};
    struct table t = table_open("tests/data/versions/refused");
    while (table_next(&t)) {
        struct version v;
        table_check(&t, !version_parse(&a, t.field[0], &v));
    }
    table_close(&t);
    struct version v;
    CHECK(!version_parse(&a, STR(""), &v));
    CHECK(!version_parse(&a, STR("1.0\0"), &v));
    arena_free(&a);
}

TEST(text_is_normalized) {
    static const char *const cases[][2] = {{" V1.0-RC_1.Rev.dev-02\n", "1.0rc1.post0.dev2"},
                                           {"00!01.002", "1.2"},
                                           {"1!2.0.0", "1!2.0.0"},
                                           {"1.0a", "1.0a0"},
                                           {"1.0a.", "1.0a0"},
                                           {"1.0-3", "1.0.post3"},
                                           {"1.0+Ubuntu_01.0A", "1.0+ubuntu.1.0a"}};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(parse(&a, cases[i][0]).text, cases[i][1]);
    arena_free(&a);
}

TEST(flags) {
    struct arena a = {0};
    struct version v = parse(&a, "1.0.dev1");
    CHECK(v.pre && !v.post && !v.local);
    v = parse(&a, "1.0.post1");
    CHECK(!v.pre && v.post && !v.local);
    v = parse(&a, "1.0a1+x");
    CHECK(v.pre && !v.post && v.local);
    arena_free(&a);
}

static bool same_bytes(struct str x, struct str y, size_t n) {
    return str_eq(str_head(x, n), str_head(y, n));
}

TEST(prefixes_of_the_key) {
    struct arena a = {0};
    struct version v = parse(&a, "1.0a1.post2.dev3+x"), w = parse(&a, "1.0.0a1.post2.dev3");
    CHECK_INT(v.base, w.base);
    CHECK_INT(v.public_, w.public_);
    CHECK(same_bytes(v.key, w.key, v.public_));
    CHECK_INT(w.public_, w.key.n);
    CHECK(v.base < v.to_post && v.to_post < v.to_dev && v.to_dev < v.public_ && v.public_ < v.key.n);
    w = parse(&a, "1.0a1.post9");
    CHECK(same_bytes(v.key, w.key, v.to_post));
    CHECK(!same_bytes(v.key, w.key, v.to_dev));
    w = parse(&a, "1.0.1a1");
    CHECK(!same_bytes(v.key, w.key, v.base));
    arena_free(&a);
}

TEST(long_numbers) {
    struct arena a = {0};
    char digits[203];
    memset(digits, '9', sizeof digits);
    struct version v, w;
    CHECK(version_parse(&a, (struct str){digits, 200}, &v));
    CHECK(!version_parse(&a, (struct str){digits, 201}, &w));
    digits[199] = '8';
    CHECK(version_parse(&a, (struct str){digits, 200}, &w));
    CHECK(version_cmp(&w, &v) < 0);
    memset(digits, '0', 202);
    CHECK(version_parse(&a, (struct str){digits, 203}, &v));
    CHECK_STR(v.text, "9");
    arena_free(&a);
}

TEST(a_text_too_long_is_refused) {
    struct arena a = {0};
    struct buf b = {0};
    struct version v;
    for (int i = 0; i < VERSION_MAX / 2; i++)
        buf_c(&b, "1.");
    CHECK(version_parse(&a, str_head(buf_view(&b), VERSION_MAX - 1), &v));
    buf_c(&b, "1.1");
    CHECK(!version_parse(&a, buf_view(&b), &v));
    buf_free(&b);
    arena_free(&a);
}

/* The worst case for the space: many short words, each with two bytes of its own in the key. */
TEST(local_words_fit) {
    struct arena a = {0};
    struct buf b = {0};
    struct version v;
    buf_c(&b, "1-1dev+a");
    for (int i = 0; i < 1000; i++)
        buf_c(&b, ".a");
    char *space = mem_alloc(VERSION_SPACE(b.n));
    CHECK(version_parse_in(space, buf_view(&b), &v));
    CHECK(v.key.p + v.key.n <= space + VERSION_SPACE(b.n));
    free(space);
    buf_free(&b);
    arena_free(&a);
}

TEST(release_numbers) {
    struct arena a = {0};
    struct version v = parse(&a, "7!1.20.0.18446744073709551616rc1");
    uint64_t n[4] = {0};
    CHECK_INT(version_release(&v, n, 4), 4);
    CHECK(n[0] == 1 && n[1] == 20 && n[2] == 0 && n[3] == UINT64_MAX);
    CHECK_INT(version_release(&v, NULL, 0), 4);
    arena_free(&a);
}

TEST(above_a_prefix) {
    struct arena a = {0};
    struct version v = parse(&a, "1!2.0.3");
    struct str above = version_above(&a, &v, 2);
    CHECK(str_cmp(parse(&a, "1!2.0.99999.post3+z").key, above) < 0);
    CHECK(str_cmp(parse(&a, "1!2").key, above) < 0);
    CHECK(str_cmp(parse(&a, "1!2.1.dev0").key, above) > 0);
    CHECK(str_cmp(parse(&a, "2!0.dev0").key, above) > 0);
    arena_free(&a);
}

TEST_MAIN
