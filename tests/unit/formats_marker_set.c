/* Markers made up from a seed, and every operation on them compared with marker_eval in every environment
   that their literals could tell apart. */
#include "formats/marker_set.h"

#include "base/map.h"
#include "base/vec.h"
#include "tests/unit/test.h"

static uint32_t set_of(struct marker_space *s, const char *text) {
    struct arena a = {0};
    struct marker *m = NULL;
    size_t at = 0;
    const char *why = "";
    if (marker_parse(&a, str_of(text), &m, &at, &why) < 0) {
        printf("%s: %zu: %s\n", text, at, why);
        test_failed_now = true;
    }
    uint32_t set = marker_set_of(s, m);
    arena_free(&a);
    return set;
}

static void check_text(struct marker_space *s, uint32_t set, const char *want) {
    struct buf b = {0};
    marker_set_format(s, set, &b);
    if (b.n ? strcmp(b.p, want) : *want) {
        printf("got  %s\nwant %s\n", b.n ? b.p : "", want);
        test_failed_now = true;
    }
    CHECK(!b.n || set_of(s, b.p) == set);
    buf_free(&b);
}

/* Two markers for one set; the second is how it is written. */
static void check_same(struct marker_space *s, const char *text, const char *as) {
    uint32_t set = set_of(s, text);
    check_text(s, set, as);
}

TEST(one_set_has_one_text) {
    static const char *const pairs[][2] = {
        {"python_version >= '3.8'", "python_version >= \"3.8\""},
        {"python_version == '3.8'", "python_version == \"3.8\""},
        {"python_full_version == '3.8.*'", "python_version == \"3.8\""},
        {"python_version > '3.8'", "python_version >= \"3.9\""},
        {"python_version >= '3.8.1'", "python_version >= \"3.9\""},
        {"python_version <= '3.8'", "python_version < \"3.9\""},
        {"python_full_version < '3.9'", "python_version < \"3.9\""},
        {"python_full_version >= '3.9'", "python_full_version >= \"3.9\""},
        {"python_full_version > '3.9.0'", "python_full_version > \"3.9\""},
        {"python_full_version >= '3.9.1rc1'", "python_full_version >= \"3.9.1rc1\""},
        {"python_version ~= '3.8'", "python_version >= \"3.8\" and python_version < \"4.0\""},
        {"python_version == '3.*'", "python_version == \"3.*\""},
        {"python_version != '3.8'", "python_version != \"3.8\""},
        {"python_version in '3.8, 3.9'", "python_version >= \"3.8\" and python_version < \"3.10\""},
        {"python_version in '2.7 3.9'", "python_version == \"2.7\" or python_version == \"3.9\""},
        {"'3.8' <= python_version", "python_version >= \"3.8\""},
        {"(extra == 'a' or extra == 'b') and (os_name == 'a' or os_name == 'b') and (sys_platform != 'c' or "
         "extra == 'd')",
         "(sys_platform != \"c\" or extra == \"d\") and (os_name == \"a\" or os_name == \"b\") and "
         "(extra == \"b\" or extra == \"a\")"},
        {"python_version < '=3.8'", "python_version < \"3.9\""},
        {"python_version in '3.12 2.7' or python_version in '3.6' and os_name == 'a'",
         "python_version == \"2.7\" or python_version == \"3.1\" or python_version == \"3.12\" or "
         "python_version == \"3.6\" and os_name == \"a\""},
        {"python_version < '3' or python_version >= '3.4'",
         "python_version < \"3.0\" or python_version >= \"3.4\""},
        {"python_version >= '3.6' and python_version != '3.8' and python_version < '4'",
         "python_version >= \"3.6\" and python_version < \"4.0\" and python_version != \"3.8\""},
        {"python_version < '3.8' or python_version >= '3.8'", ""},
        {"python_version < '3.8' and python_version > '3.8'", "python_version < \"0\""},
        {"sys_platform == 'a' and (sys_platform == 'b')", "python_version < \"0\""},
        {"sys_platform != 'win32' or os_name == 'nt'", "sys_platform != \"win32\" or os_name == \"nt\""},
        {"os_name < 'x'", "python_version < \"0\""},
        {"os_name >= 'x'", "os_name == \"x\""},
        {"os_name == ''", "os_name == \"\""},
        {"'linux' in sys_platform or sys_platform == 'linux'", "\"linux\" in sys_platform"},
        {"'linux' in sys_platform and sys_platform == 'linux2'", "sys_platform == \"linux2\""},
        {"sys_platform not in 'darwin win32' and sys_platform == 'linux'", "sys_platform == \"linux\""},
        {"extra == 'A_b' and 'x' in dependency_groups", "\"x\" in dependency_groups and extra == \"a-b\""},
        {"extra == 'a' or extra != 'a'", ""},
        {"python_version < '3.8' or (python_version >= '3.8' and sys_platform == 'win32')",
         "python_version < \"3.8\" or sys_platform == \"win32\""},
        {"platform_release >= '20'", "platform_release >= \"20.0\""},
        {"platform_release != '20'", "platform_release != \"20.0.0\""},
        {"implementation_version < '7.3' and platform_machine == 'arm64' and platform_version == '#1'",
         "implementation_version < \"7.3\" and platform_machine == \"arm64\" and platform_version == \"#1\""},
    };
    struct marker_space *s = marker_space_new(false);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check_same(s, pairs[i][0], pairs[i][1]);
    marker_space_free(s);
}

TEST(complements) {
    struct marker_space *s = marker_space_new(false);
    static const char *const pairs[][2] = {
        {"python_full_version >= '3.9'", "python_full_version <= \"3.9\" and python_full_version != \"3.9\""},
        {"python_version >= '3.9'", "python_version < \"3.9\""},
        {"platform_release >= '20'", "\"no version\" != platform_release or platform_release <= \"20.0\" and "
                                     "platform_release != \"20.0\""},
        {"sys_platform == 'win32' and extra == 'x'", "sys_platform != \"win32\" or extra != \"x\""},
        {"sys_platform == 'a' or sys_platform == 'b'", "sys_platform != \"a\" and sys_platform != \"b\""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check_text(s, marker_set_not(s, set_of(s, pairs[i][0])), pairs[i][1]);
    marker_space_free(s);
}

TEST(relations) {
    static const char *const pairs[][2] = {
        {"platform_system == 'Linux'", "sys_platform == \"linux\""},
        {"os_name == 'nt' and sys_platform == 'linux'", "python_version < \"0\""},
        {"os_name == 'nt' and platform_system != 'Windows'", "python_version < \"0\""},
        {"os_name == 'posix' or sys_platform == 'linux'", "os_name == \"posix\""},
        {"os_name == 'posix' and sys_platform == 'darwin'", "sys_platform == \"darwin\""},
        {"os_name == 'posix' and sys_platform == 'aix'", "sys_platform == \"aix\" and os_name == \"posix\""},
        {"'Win' in platform_system and sys_platform == 'win32'", "sys_platform == \"win32\""},
        {"implementation_name == 'pypy' and platform_python_implementation == 'CPython'",
         "python_version < \"0\""},
        {"implementation_name == 'graalpy'", "implementation_name == \"graalpy\""},
    };
    struct marker_space *s = marker_space_new(true);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        check_same(s, pairs[i][0], pairs[i][1]);
    CHECK(marker_set_implies(s, set_of(s, "sys_platform == 'win32'"), set_of(s, "os_name == 'nt'")));
    CHECK(marker_set_implies(s, set_of(s, "os_name == 'nt'"), set_of(s, "platform_system == 'Windows'")));
    CHECK(!marker_set_implies(s, set_of(s, "os_name == 'posix'"), set_of(s, "sys_platform == 'linux'")));
    marker_space_free(s);
}

TEST(given) {
    static const char *const cases[][3] = {
        {"python_version >= '3.8'", "python_version >= '3.9'", ""},
        {"python_version >= '3.8' and python_version < '3.11'", "python_version >= '3.9'",
         "python_version < \"3.11\""},
        {"python_version < '3.8'", "python_version >= '3.9'", "python_version < \"0\""},
        {"python_version >= '3.9' and sys_platform == 'win32'", "python_version >= '3.9'",
         "sys_platform == \"win32\""},
        {"python_version == '3.9' or sys_platform == 'win32'", "sys_platform != 'win32'",
         "python_version == \"3.9\""},
        {"sys_platform == 'win32'", "sys_platform == 'win32' or sys_platform == 'linux'",
         "sys_platform == \"win32\""},
        {"os_name == 'posix' and extra == 'x'", "sys_platform == 'linux'", "extra == \"x\""},
        {"os_name == 'posix' and extra == 'x'", "python_version >= '3'",
         "os_name == \"posix\" and extra == \"x\""},
    };
    struct marker_space *s = marker_space_new(true);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_text(s, marker_set_given(s, set_of(s, cases[i][0]), set_of(s, cases[i][1])), cases[i][2]);
    marker_space_free(s);
}

TEST(extras_are_fixed) {
    static const struct str x[] = {STR_INIT("x")};
    struct marker_space *s = marker_space_new(false);
    struct marker_env none = {0}, one = {.extras = x, .nextras = 1};
    uint32_t set =
        set_of(s, "sys_platform == 'a' and extra == 'x' or extra == 'y' or extra == '' and os_name == 'b'");
    check_text(s, marker_set_with_extras(s, set, &none), "os_name == \"b\"");
    check_text(s, marker_set_with_extras(s, set, &one), "sys_platform == \"a\"");
    marker_space_free(s);
}

static void check_python(struct marker_space *s, uint32_t set, const char *low, const char *high) {
    struct arena a = {0};
    struct version v;
    struct str got_low, got_high;
    CHECK(marker_set_python(s, set, &got_low, &got_high));
    CHECK(*low ? version_parse(&a, str_of(low), &v) && str_eq(v.key, got_low) : !got_low.n);
    CHECK(*high ? version_parse(&a, str_of(high), &v) && str_eq(v.key, got_high) : !got_high.n);
    arena_free(&a);
}

TEST(python_bounds) {
    struct marker_space *s = marker_space_new(false);
    struct arena a = {0};
    struct specifiers spec;
    struct str low, high;
    size_t at;
    const char *why;
    check_python(s, set_of(s, "python_version >= '3.8' and os_name == 'x'"), "3.8.0a0", "");
    check_python(s, set_of(s, "python_version == '3.8' or python_full_version < '3.6.1' and os_name == 'x'"),
                 "", "3.9.0a0");
    check_python(s, set_of(s, "os_name == 'x'"), "", "");
    CHECK(!marker_set_python(s, MARKER_NEVER, &low, &high));
    CHECK(specifiers_parse(&a, STR(">=3.9,<4,!=3.10.1"), &spec, &at, &why) == 0);
    check_python(s, marker_set_of_python(s, &spec), "3.9.0", "4.0.0a0");
    check_text(
        s, marker_set_of_python(s, &spec),
        "python_full_version >= \"3.9\" and python_version < \"4.0\" and python_full_version != \"3.10.1\"");
    arena_free(&a);
    marker_space_free(s);
}

TEST(too_large_is_an_error) {
    struct marker_space *s = marker_space_new(false);
    struct arena a = {0};
    struct err e;
    uint32_t set = MARKER_ALWAYS;
    CHECK(marker_space_check(s, &e) == 0);
    /* Pairs whose halves stand apart in the order of texts: 2^16 nodes and more. */
    for (int i = 0; i < 20; i++)
        set = marker_set_and(s, set, set_of(s, arena_fmt(&a, "extra == 'a%d' or extra == 'b%d'", i, i)));
    CHECK(marker_space_check(s, &e) < 0);
    CHECK(!marker_set_implies(s, set, MARKER_NEVER));
    arena_free(&a);
    marker_space_free(s);
}

/* Made-up markers. */

static uint32_t random_state;

static uint32_t roll(uint32_t n) {
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(random_state >> 8) * n >> 24);
}

static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in"};
static const char *const python_texts[] = {
    "3.8",    "3.9",     "3.10",        "3.9.1", "3.*",       "3.9.*",
    "3.9rc1", "3",       "3.9.1.post1", "3.9.0", "3.8 3.10",  "3.9.1, 3.8.0a1",
    "x",      "3.9.1a1", "3.8.1.2",     "1!3",   "3.10.dev0", "99999999999999999999999"};
static const char *const release_texts[] = {"20", "22.1", "6.1-amd", "no version", "20.*"};
static const char *const names[] = {"linux", "win", "linux win", "l", ""};

#define SOME(list) list[roll(sizeof list / sizeof *list)]

static void add_comparison(struct buf *out) {
    static const char *const plain[] = {"sys_platform", "os_name", "platform_machine"};
    const char *var, *literal;
    switch (roll(6)) {
    case 0:
    case 1:
        var = roll(2) ? "python_version" : "python_full_version";
        literal = SOME(python_texts);
        break;
    case 2:
        var = roll(3) ? "platform_release" : "implementation_version";
        literal = var[0] == 'p' ? SOME(release_texts) : SOME(python_texts);
        break;
    case 3:
        var = roll(3) ? "extra" : roll(2) ? "dependency_groups" : "extras";
        literal = roll(2) ? "x" : "y";
        break;
    default:
        var = SOME(plain);
        literal = SOME(names);
    }
    const char *op = var[0] == 'e' || var[0] == 'd' ? ops[roll(2) ? roll(2) : 8 + roll(2)] : SOME(ops);
    if (var[0] == 'p' && var[9] == 'r' && !strcmp(op, "==="))
        op = "=="; /* === knows no case there; a set does */
    if (roll(4))
        buf_fmt(out, "%s %s '%s'", var, op, literal);
    else
        buf_fmt(out, "'%s' %s %s", literal, op, var);
}

static void add_marker(struct buf *out, int depth) {
    int n = 1 + (int)roll(depth ? 2 : 3);
    for (int i = 0; i < n; i++) {
        if (i)
            buf_c(out, roll(2) ? " and " : " or ");
        if (depth < 2 && !roll(3)) {
            buf_char(out, '(');
            add_marker(out, depth + 1);
            buf_char(out, ')');
        } else {
            add_comparison(out);
        }
    }
}

/* Every environment: one value of each of the variables that are asked. */

static const char *const pythons[] = {
    "0.0.0a0",  "2.7.18", "3.0.0a0", "3.0.0",    "3.0.1",   "3.7.9",   "3.8.0a0",  "3.8.0a1",
    "3.8.0a2",  "3.8.0",  "3.8.1",   "3.8.2a0",  "3.8.2",   "3.9.0a0", "3.9.0rc0", "3.9.0rc1",
    "3.9.0rc2", "3.9.0",  "3.9.1a0", "3.9.1a1",  "3.9.1a2", "3.9.1",   "3.9.2a0",  "3.9.2",
    "3.10.0a0", "3.10.0", "3.10.1",  "3.11.0a0", "3.11.4",  "4.0.0a1", "4.0.0",    "33.9.1",
    "1.2.0",    "3.1.4",  "8.0.0",   "8.1.0",    "8.1.2",   "9.0.1",   "9.1.0"};
static const char *const releases[] = {"0.0.0a0",  "19.9.9", "20.0.0a0", "20.0.0",  "20.0.1", "21.0.0",
                                       "22.1.0a1", "22.1.0", "22.2.0",   "6.1-amd", "",       "6.1-amd64"};
static const char *const strings[] = {"linux", "win", "linux win", "l", "", "other"};
static const struct str xy[] = {STR_INIT("x"), STR_INIT("y")};

struct envs {
    VEC(struct marker_env) all;
    struct arena a;
};

static struct str minor_of(struct arena *a, const char *full) {
    const char *dot = strchr(strchr(full, '.') + 1, '.');
    return arena_str(a, (struct str){full, (size_t)(dot - full)});
}

static void fill(struct envs *e, struct marker_env env, int part) {
    enum marker_var vars[] = {MARKER_SYS_PLATFORM, MARKER_OS_NAME, MARKER_PLATFORM_MACHINE};
    if (part < 3) {
        env.values[vars[part]] = str_of(SOME(strings));
        fill(e, env, part + 1);
        return;
    }
    env.extras = xy + roll(2);
    env.nextras = roll(2) ? 0 : env.extras == xy ? 1 + roll(2) : 1;
    env.groups = xy + roll(2);
    env.ngroups = roll(2);
    vec_push(&e->all, env);
}

/* All Pythons with all releases; the rest, of which there are too many products, is rolled for each. */
static void make_envs(struct envs *e) {
    for (size_t i = 0; i < sizeof pythons / sizeof *pythons; i++) {
        for (size_t k = 0; k < 6 * sizeof releases / sizeof *releases; k++) {
            struct marker_env env = {0};
            env.values[MARKER_PYTHON_FULL_VERSION] = str_of(pythons[i]);
            env.values[MARKER_PYTHON_VERSION] = minor_of(&e->a, pythons[i]);
            env.values[MARKER_IMPLEMENTATION_VERSION] = str_of(SOME(pythons));
            env.values[MARKER_PLATFORM_RELEASE] = str_of(releases[k % (sizeof releases / sizeof *releases)]);
            fill(e, env, 0);
        }
    }
}

struct made {
    struct marker *m;
    uint32_t set;
    uint8_t *holds; /* by environment */
};

static struct made make(struct marker_space *s, struct arena *a, const struct envs *e, const char *text) {
    struct made made = {.holds = arena_new(a, uint8_t, e->all.n)};
    size_t at;
    const char *why;
    if (marker_parse(a, str_of(text), &made.m, &at, &why) < 0) {
        printf("%s: %s\n", text, why);
        test_failed_now = true;
        return made;
    }
    made.set = marker_set_of(s, made.m);
    for (uint32_t i = 0; i < e->all.n; i++)
        made.holds[i] = marker_eval(made.m, &e->all.p[i]);
    return made;
}

static void complain(const char *what, const char *x, const char *y) {
    printf("%s: %s / %s\n", what, x, y);
    test_failed_now = true;
}

/* Printed, parsed again: the same number; evaluated: the same answers. */
static void check_printed(struct marker_space *s, struct arena *a, const struct envs *e, uint32_t set,
                          const char *from) {
    struct buf b = {0};
    marker_set_format(s, set, &b);
    if (b.n) {
        struct made again = make(s, a, e, b.p);
        if (again.set != set)
            complain("printed", from, b.p);
        for (uint32_t i = 0; i < e->all.n; i++) {
            if (again.holds[i] != marker_set_has(s, set, &e->all.p[i])) {
                complain("printed, evaluated", from, b.p);
                break;
            }
        }
    } else if (set != MARKER_ALWAYS) {
        complain("printed as nothing", from, "");
    }
    buf_free(&b);
}

static void check_pair(struct marker_space *s, const struct envs *e, struct made x, struct made y,
                       const char *tx, const char *ty) {
    uint32_t both = marker_set_and(s, x.set, y.set), any = marker_set_or(s, x.set, y.set);
    uint32_t no = marker_set_not(s, x.set), given = marker_set_given(s, x.set, y.set);
    bool implies = marker_set_implies(s, x.set, y.set), disjoint = marker_set_disjoint(s, x.set, y.set),
         ok = true;
    for (uint32_t i = 0; i < e->all.n && ok; i++) {
        const struct marker_env *env = &e->all.p[i];
        bool hx = x.holds[i], hy = y.holds[i];
        ok = marker_set_has(s, x.set, env) == hx && marker_set_has(s, both, env) == (hx && hy) &&
             marker_set_has(s, any, env) == (hx || hy) && marker_set_has(s, no, env) != hx &&
             !(implies && hx && !hy) && !(disjoint && hx && hy) &&
             (!hy || marker_set_has(s, given, env) == hx);
        uint32_t fixed = i % 64 ? x.set : marker_set_with_extras(s, x.set, env);
        ok = ok && marker_set_has(s, fixed, env) == hx;
    }
    if (!ok)
        complain("operations", tx, ty);
    if (marker_set_not(s, no) != x.set || marker_set_and(s, given, y.set) != both ||
        marker_set_not(s, marker_set_and(s, no, marker_set_not(s, y.set))) != any ||
        marker_set_or(s, both, marker_set_and(s, x.set, marker_set_not(s, y.set))) != x.set)
        complain("algebra", tx, ty);
}

TEST(random_markers) {
    struct envs e = {0};
    struct err error;
    random_state = 7;
    make_envs(&e);
    for (int round = 0; round < 40 && !test_failed_now; round++) {
        struct marker_space *s = marker_space_new(false);
        for (int i = 0; i < 20 && !test_failed_now; i++) {
            struct arena a = {0};
            struct buf tx = {0}, ty = {0};
            add_marker(&tx, 0);
            add_marker(&ty, 0);
            struct made x = make(s, &a, &e, tx.p), y = make(s, &a, &e, ty.p);
            check_pair(s, &e, x, y, tx.p, ty.p);
            check_printed(s, &a, &e, x.set, tx.p);
            check_printed(s, &a, &e, marker_set_not(s, y.set), ty.p);
            check_printed(s, &a, &e, marker_set_given(s, x.set, y.set), tx.p);
            buf_free(&tx);
            buf_free(&ty);
            arena_free(&a);
        }
        CHECK(marker_space_check(s, &error) == 0);
        marker_space_free(s);
    }
    vec_free(&e.all);
    arena_free(&e.a);
}

/* Where no question is left open (substrings, `related` systems), equal sets are one number: here all
   environments that can be told apart are there, so that the answers in them are the set. */

static void add_closed_comparison(struct buf *out) {
    static const char *const texts[][4] = {{"linux", "win32", "darwin", "aix"},
                                           {"posix", "nt", "java", "posix"},
                                           {"Linux", "Windows", "Darwin", "Java"},
                                           {"CPython", "PyPy", "Jython", "CPython"},
                                           {"cpython", "pypy", "jython", "cpython"}};
    static const char *const vars[] = {"sys_platform", "os_name", "platform_system",
                                       "platform_python_implementation", "implementation_name"};
    uint32_t i = roll(5);
    switch (roll(4)) {
    case 0:
        buf_fmt(out, "%s %s '%s'", roll(2) ? "python_version" : "python_full_version", SOME(ops),
                SOME(python_texts));
        break;
    case 1:
        buf_fmt(out, "extra %s 'x'", ops[roll(2)]);
        break;
    default:
        buf_fmt(out, "%s %s '%s'", vars[i], ops[roll(2)], texts[i][roll(4)]);
    }
}

static void add_closed_marker(struct buf *out) {
    add_closed_comparison(out);
    for (uint32_t n = roll(4); n; n--) {
        buf_c(out, roll(2) ? " and " : " or ");
        add_closed_comparison(out);
    }
}

struct values { /* by variable */
    const char *sys, *os, *system, *implementation, *name;
};

static void add_closed_envs(struct envs *e, struct values v) {
    for (size_t i = 0; i < sizeof pythons / sizeof *pythons; i++) {
        struct marker_env env = {.extras = xy};
        env.values[MARKER_PYTHON_FULL_VERSION] = str_of(pythons[i]);
        env.values[MARKER_PYTHON_VERSION] = minor_of(&e->a, pythons[i]);
        env.values[MARKER_SYS_PLATFORM] = str_of(v.sys);
        env.values[MARKER_OS_NAME] = str_of(v.os);
        env.values[MARKER_PLATFORM_SYSTEM] = str_of(v.system);
        env.values[MARKER_PLATFORM_PYTHON_IMPLEMENTATION] = str_of(v.implementation);
        env.values[MARKER_IMPLEMENTATION_NAME] = str_of(v.name);
        vec_push(&e->all, env);
        env.nextras = 1;
        vec_push(&e->all, env);
    }
}

static void add_implementations(struct envs *e, struct values v) {
    static const char *const names_of[][2] = {{"CPython", "cpython"}, {"PyPy", "pypy"}, {"Jython", "jython"},
                                              {"Jython", "other"},    {"x", "jython"},  {"x", "other"}};
    for (size_t i = 0; i < 6; i++) {
        v.implementation = names_of[i][0];
        v.name = names_of[i][1];
        add_closed_envs(e, v);
    }
}

static void make_closed_envs(struct envs *e) {
    static const char *const systems[] = {"aix", "x"}, *const os_names[] = {"posix", "java", "x"};
    static const char *const uname[] = {"Java", "x"};
    add_implementations(e, (struct values){.sys = "linux", .os = "posix", .system = "Linux"});
    add_implementations(e, (struct values){.sys = "darwin", .os = "posix", .system = "Darwin"});
    add_implementations(e, (struct values){.sys = "win32", .os = "nt", .system = "Windows"});
    for (int i = 0; i < 12; i++)
        add_implementations(e,
                            (struct values){systems[i % 2], os_names[i / 2 % 3], uname[i / 6], NULL, NULL});
}

TEST(equal_sets_are_one) {
    struct envs e = {0};
    struct map answers = {0};
    VEC(uint32_t) sets = {0};
    struct marker_space *s = marker_space_new(true);
    random_state = 11;
    make_closed_envs(&e);
    for (int i = 0; i < 800 && !test_failed_now; i++) {
        struct arena a = {0};
        struct buf text = {0};
        add_closed_marker(&text);
        struct made x = make(s, &a, &e, text.p);
        uint32_t id = map_id(&answers, (struct str){(const char *)x.holds, e.all.n});
        if (id == sets.n)
            vec_push(&sets, x.set);
        if (sets.p[id] != x.set) {
            complain("one set, two numbers", text.p, "the other is:");
            check_text(s, sets.p[id], "");
        }
        for (uint32_t k = 0; k < e.all.n; k++)
            if (marker_set_has(s, x.set, &e.all.p[k]) != x.holds[k])
                complain("evaluated", text.p, "");
        check_printed(s, &a, &e, x.set, text.p);
        uint32_t other = sets.p[roll(sets.n)], given = marker_set_given(s, x.set, other);
        if (marker_set_and(s, given, other) != marker_set_and(s, x.set, other))
            complain("given", text.p, "");
        buf_free(&text);
        arena_free(&a);
    }
    CHECK(sets.n > 300);
    for (uint32_t i = 0; i < sets.n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (sets.p[i] == sets.p[k])
                complain("two sets, one number", "", "");
    vec_free(&sets);
    vec_free(&e.all);
    map_free(&answers);
    arena_free(&e.a);
    marker_space_free(s);
}

TEST_MAIN
