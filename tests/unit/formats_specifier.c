#include "formats/specifier.h"

#include "tests/unit/table.h"

static struct specifiers parse(struct arena *a, struct str text) {
    struct specifiers s = {0};
    size_t at = 0;
    const char *why = "";
    if (specifiers_parse(a, text, &s, &at, &why) < 0) {
        printf(STR_FMT ": %zu: %s\n", STR_ARG(text), at, why);
        test_failed_now = true;
    }
    return s;
}

TEST(containment) {
    struct arena a = {0};
    struct table t = table_open("tests/data/specifiers/contained");
    while (table_next(&t)) {
        struct specifiers s = parse(&a, t.field[0]);
        bool inside = true;
        for (int i = 1; i < t.n; i++) {
            struct version v;
            if (!t.field[i].n) {
                inside = false;
                continue;
            }
            bool holds = version_parse(&a, t.field[i], &v) && specifiers_contain(&s, &v) == inside;
            if (!holds)
                printf(STR_FMT " and " STR_FMT ":\n", STR_ARG(t.field[0]), STR_ARG(t.field[i]));
            table_check(&t, holds);
        }
        table_check(&t, !inside);
    }
    table_close(&t);
    arena_free(&a);
}

TEST(errors_know_their_place) {
    struct arena a = {0};
    struct table t = table_open("tests/data/specifiers/refused");
    while (table_next(&t)) {
        struct specifiers s;
        size_t at = 999;
        const char *why = NULL;
        uint64_t want = 0;
        str_u64(t.field[1], &want);
        table_check(&t, specifiers_parse(&a, t.field[0], &s, &at, &why) < 0 && why);
        table_check(&t, at == want);
    }
    table_close(&t);
    arena_free(&a);
}

TEST(the_empty_set_holds_everything) {
    struct arena a = {0};
    struct specifiers s = parse(&a, STR("  ")), commas = parse(&a, STR(" , ,"));
    struct version v;
    CHECK(version_parse(&a, STR("1.0.dev1+x"), &v));
    CHECK_INT(s.n, 0);
    CHECK_INT(commas.n, 0);
    CHECK(specifiers_contain(&s, &v));
    CHECK_STR(specifiers_format(&a, &s), "");
    arena_free(&a);
}

TEST(pre_releases_are_asked_for_by_naming_one) {
    static const struct {
        const char *text;
        bool asks;
    } cases[] = {{"", false},         {">=1.0", false},      {">=1.0a1", true},   {"<2.dev0", true},
                 {"!=1.0a1", false},  {"==1.0.*", false},    {"===1.0rc1", true}, {"===whatever", false},
                 {">=1,==2b1", true}, {"~=1.0.post1", false}};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct specifiers s = parse(&a, str_of(cases[i].text));
        CHECK_INT(specifiers_ask_pre(&s), cases[i].asks);
    }
    arena_free(&a);
}

TEST(format) {
    static const char *const cases[][2] = {{">= 1.0 , <2", "<2,>=1.0"},
                                           {"==1.0,==1.0.0,==v1", "==1.0"},
                                           {"~=1.0,~=1.0.0", "~=1.0,~=1.0.0"},
                                           {"==1.*,==1.0.*", "==1.*,==1.0.*"},
                                           {"=== a,===A", "===A,===a"}};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct specifiers s = parse(&a, str_of(cases[i][0]));
        CHECK_STR(specifiers_format(&a, &s), cases[i][1]);
    }
    arena_free(&a);
}

TEST(old_faults_are_mended) {
    static const char *const cases[][2] = {{">=1.0 <2", "<2,>=1.0"},
                                           {">=1.0<2", "<2,>=1.0"},
                                           {">=1.*, <3.*", "<3,>=1"},
                                           {"==1.*,!=1.2.*", "!=1.2.*,==1.*"},
                                           {">='2.7', < \"3\"", "<3,>=2.7"},
                                           {">=1,", ">=1"},
                                           {"", ""}};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct specifiers s = parse(&a, specifiers_mend(&a, str_of(cases[i][0])));
        CHECK_STR(specifiers_format(&a, &s), cases[i][1]);
    }
    arena_free(&a);
}

TEST(mending_does_not_guess) {
    struct arena a = {0};
    struct specifiers s;
    size_t at;
    const char *why;
    CHECK(specifiers_parse(&a, specifiers_mend(&a, STR("==1.0 1.1")), &s, &at, &why) < 0);
    CHECK(specifiers_parse(&a, specifiers_mend(&a, STR(">=x.*")), &s, &at, &why) < 0);
    arena_free(&a);
}

TEST(too_many_are_refused) {
    struct arena a = {0};
    struct buf b = {0};
    struct specifiers s;
    size_t at;
    const char *why;
    for (int i = 0; i <= SPECIFIERS_MAX; i++)
        buf_c(&b, ">=1,");
    CHECK(specifiers_parse(&a, buf_view(&b), &s, &at, &why) < 0);
    buf_free(&b);
    arena_free(&a);
}

TEST_MAIN
