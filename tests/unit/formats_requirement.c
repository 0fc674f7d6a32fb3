#include "formats/requirement.h"

#include "tests/unit/table.h"

static void check_extras(const struct table *t, const struct requirement *r, struct str want) {
    struct buf b = {0};
    for (uint32_t i = 0; i < r->nextras; i++)
        buf_fmt(&b, "%s" STR_FMT, i ? "," : "", STR_ARG(r->extras[i]));
    table_check(t, str_eq(buf_view(&b), want));
    buf_free(&b);
}

static void check_marker(const struct table *t, const struct requirement *r, struct str want) {
    struct buf b = {0};
    marker_format(r->marker, &b);
    table_check(t, str_eq(buf_view(&b), want));
    buf_free(&b);
}

TEST(parts) {
    struct arena a = {0};
    struct table t = table_open("tests/data/requirements/read");
    while (table_next(&t)) {
        struct requirement r;
        size_t at;
        const char *why;
        bool fails = requirement_parse(&a, t.field[0], false, &r, &at, &why) < 0;
        table_check(&t, fails == str_is(t.field[1], "!"));
        if (fails)
            continue;
        table_check(&t, str_eq(r.name, t.field[1]));
        table_check(&t, str_eq(r.given_name, t.field[2]));
        check_extras(&t, &r, t.field[3]);
        table_check(&t, str_eq(specifiers_format(&a, &r.spec), t.field[4]));
        table_check(&t, str_eq(r.url, t.field[5]));
        check_marker(&t, &r, t.field[6]);
        table_check(&t, str_eq(r.text, str_trim(t.field[0])));
    }
    table_close(&t);
    arena_free(&a);
}

TEST(errors_know_their_place) {
    struct arena a = {0};
    struct table t = table_open("tests/data/requirements/refused");
    while (table_next(&t)) {
        struct requirement r;
        size_t at = 999;
        const char *why = NULL;
        uint64_t want = 0;
        table_check(&t, str_u64(t.field[1], &want));
        table_check(&t, requirement_parse(&a, t.field[0], false, &r, &at, &why) < 0 && why);
        if (at != want)
            printf(STR_FMT ": at %zu: %s\n", STR_ARG(t.field[0]), at, why);
        table_check(&t, at == want);
    }
    table_close(&t);
    arena_free(&a);
}

TEST(lenient_mends_old_metadata) {
    static const char *const cases[][2] = {{"foo >=1.0 <2 ; os_name == 'x'", "<2,>=1.0"},
                                           {"foo (>=1.*)", ">=1"},
                                           {"foo (>=1.0 <2)", "<2,>=1.0"},
                                           {"foo >= '2.0'", ">=2.0"},
                                           {"foo", ""}};
    struct arena a = {0};
    struct requirement r;
    size_t at;
    const char *why;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_INT(requirement_parse(&a, str_of(cases[i][0]), true, &r, &at, &why), 0);
        CHECK_STR(specifiers_format(&a, &r.spec), cases[i][1]);
    }
    CHECK_INT(requirement_parse(&a, STR("foo bar"), true, &r, &at, &why), -1);
    CHECK_INT(requirement_parse(&a, STR("foo (>=1"), true, &r, &at, &why), -1);
    arena_free(&a);
}

TEST(many_extras) {
    struct arena a = {0};
    struct buf b = {0};
    struct requirement r;
    size_t at;
    const char *why;
    buf_c(&b, "foo[x");
    for (int i = 0; i < 5000; i++)
        buf_fmt(&b, ",x%d", i % 1000);
    buf_c(&b, "]");
    CHECK_INT(requirement_parse(&a, buf_view(&b), false, &r, &at, &why), 0);
    CHECK_INT(r.nextras, 1001);
    buf_free(&b);
    arena_free(&a);
}

TEST_MAIN
