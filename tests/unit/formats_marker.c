#include "formats/marker.h"

#include "tests/unit/table.h"

static const struct str extras[] = {STR_INIT("test"), STR_INIT("foo-bar")};
static const struct str groups[] = {STR_INIT("dev")};
static const struct marker_env linux_env = {
    .values = {[MARKER_OS_NAME] = STR_INIT("posix"),
               [MARKER_SYS_PLATFORM] = STR_INIT("linux"),
               [MARKER_PLATFORM_MACHINE] = STR_INIT("x86_64"),
               [MARKER_PLATFORM_PYTHON_IMPLEMENTATION] = STR_INIT("CPython"),
               [MARKER_PLATFORM_RELEASE] = STR_INIT("6.1.0-18-amd64"),
               [MARKER_PLATFORM_SYSTEM] = STR_INIT("Linux"),
               [MARKER_PLATFORM_VERSION] = STR_INIT("#1 SMP"),
               [MARKER_PYTHON_VERSION] = STR_INIT("3.11"),
               [MARKER_PYTHON_FULL_VERSION] = STR_INIT("3.11.4"),
               [MARKER_IMPLEMENTATION_NAME] = STR_INIT("cpython"),
               [MARKER_IMPLEMENTATION_VERSION] = STR_INIT("3.11.4")},
    .extras = extras,
    .nextras = 2,
    .groups = groups,
    .ngroups = 1};

static struct marker *parse(struct arena *a, struct str text) {
    struct marker *m = NULL;
    size_t at = 0;
    const char *why = "";
    if (marker_parse(a, text, &m, &at, &why) < 0) {
        printf(STR_FMT ": %zu: %s\n", STR_ARG(text), at, why);
        test_failed_now = true;
    }
    return m;
}

TEST(evaluation) {
    struct arena a = {0};
    struct table t = table_open("tests/data/markers/held");
    while (table_next(&t))
        table_check(&t, marker_eval(parse(&a, t.field[0]), &linux_env) == str_is(t.field[1], "1"));
    table_close(&t);
    arena_free(&a);
}

TEST(errors_know_their_place) {
    struct arena a = {0};
    struct table t = table_open("tests/data/markers/refused");
    while (table_next(&t)) {
        struct marker *m;
        size_t at = 999;
        const char *why = NULL;
        uint64_t want = 0;
        table_check(&t, str_u64(t.field[1], &want));
        table_check(&t, marker_parse(&a, t.field[0], &m, &at, &why) < 0 && why);
        table_check(&t, at == want);
    }
    table_close(&t);
    arena_free(&a);
}

TEST(no_marker_is_always_true) {
    CHECK(marker_eval(NULL, &linux_env));
    CHECK(!marker_uses_extra(NULL));
}

TEST(without_extras_extra_is_empty) {
    struct arena a = {0};
    struct marker_env env = linux_env;
    env.nextras = 0;
    CHECK(!marker_eval(parse(&a, STR("extra == 'test'")), &env));
    CHECK(marker_eval(parse(&a, STR("extra != 'test'")), &env));
    CHECK(marker_eval(parse(&a, STR("extra == ''")), &env));
    arena_free(&a);
}

TEST(uses_extra) {
    struct arena a = {0};
    CHECK(marker_uses_extra(parse(&a, STR("os_name == 'x' or (os_name == 'y' and extra == 'z')"))));
    CHECK(marker_uses_extra(parse(&a, STR("(extra == 'z' or os_name == 'x') and os_name == 'y'"))));
    CHECK(!marker_uses_extra(parse(&a, STR("os_name == 'extra'"))));
    arena_free(&a);
}

TEST(format) {
    static const char *const cases[][2] = {
        {"os.name=='x'", "os_name == \"x\""},
        {" ( os_name == 'x' ) ", "os_name == \"x\""},
        {"((os_name=='x' and os_name=='y'))", "os_name == \"x\" and os_name == \"y\""},
        {"(os_name=='x' or os_name=='y') and os_name=='z'",
         "(os_name == \"x\" or os_name == \"y\") and os_name == \"z\""},
        {"os_name=='x' and ((os_name=='y' and os_name=='z'))",
         "os_name == \"x\" and (os_name == \"y\" and os_name == \"z\")"},
        {"os_name=='x' or os_name=='y' and os_name=='z' or os_name=='w'",
         "os_name == \"x\" or os_name == \"y\" and os_name == \"z\" or os_name == \"w\""},
        {"'a' not   in python_implementation", "\"a\" not in platform_python_implementation"},
        {"extra == 'Foo_Bar'", "extra == \"foo-bar\""},
        {"os_name == 'say \"x\"'", "os_name == 'say \"x\"'"}};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b = {0};
        marker_format(parse(&a, str_of(cases[i][0])), &b);
        CHECK_STR(buf_view(&b), cases[i][1]);
        buf_free(&b);
    }
    arena_free(&a);
}

/* Trees that were not parsed have no groups: precedence alone asks for parentheses. */
TEST(format_of_a_made_tree) {
    struct arena a = {0};
    struct buf b = {0};
    struct marker *either = parse(&a, STR("os_name == 'x' or os_name == 'y'"));
    struct marker *one = parse(&a, STR("os_name == 'z'"));
    struct marker both = {.kind = MARKER_AND, .left = one, .right = either};
    struct marker left = {.kind = MARKER_AND, .left = either, .right = &both};
    marker_format(&left, &b);
    CHECK_STR(buf_view(&b), "(os_name == \"x\" or os_name == \"y\") and os_name == \"z\" and "
                            "(os_name == \"x\" or os_name == \"y\")");
    buf_free(&b);
    arena_free(&a);
}

static int parse_times(const char *before, const char *each, const char *after, int n) {
    struct arena a = {0};
    struct buf b = {0};
    struct marker *m;
    size_t at;
    const char *why;
    for (int i = 0; i < n; i++)
        buf_c(&b, before);
    buf_c(&b, each);
    for (int i = 0; i < n; i++)
        buf_c(&b, after);
    int result = marker_parse(&a, buf_view(&b), &m, &at, &why);
    if (result == 0)
        CHECK(!marker_eval(m, &linux_env));
    buf_free(&b);
    arena_free(&a);
    return result;
}

TEST(depth_and_length_are_bounded) {
    CHECK_INT(parse_times("(", "os_name == 'x'", ")", 64), 0);
    CHECK_INT(parse_times("(", "os_name == 'x'", ")", 65), -1);
    CHECK_INT(parse_times("(", "os_name == 'x'", ")", 1000000), -1);
    CHECK_INT(parse_times("", "os_name == 'x'", " or os_name == 'y'", 4095), 0);
    CHECK_INT(parse_times("", "os_name == 'x'", " and os_name == 'y'", 4096), -1);
}

TEST(a_very_long_value_is_no_version) {
    struct arena a = {0};
    struct marker_env env = linux_env;
    char digits[5000];
    memset(digits, '1', sizeof digits);
    env.values[MARKER_PLATFORM_RELEASE] = (struct str){digits, sizeof digits};
    CHECK(!marker_eval(parse(&a, STR("platform_release >= '1'")), &env));
    CHECK(!marker_eval(parse(&a, STR("'1' <= platform_release")), &env));
    arena_free(&a);
}

TEST_MAIN
