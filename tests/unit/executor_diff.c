#include "tests/unit/test.h"

#include "executor/diff.h"

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* One name each: what the lock says, what is there, what follows. */
struct row {
    const char *what;
    const char *wanted, *wanted_sha; /* version; NULL: the lock does not name it */
    const char *there, *there_sha;   /* NULL: it is not there; "" sha: not known */
    bool torn, egg, twice, inexact, seed, requested, was_requested;
    enum change_kind kind;
    const char *reason;
};

static const struct row rows[] = {
    {"new", "1.0", SHA_A, NULL, NULL, .kind = CHANGE_INSTALL, .reason = "not there"},
    {"same", "1.0", SHA_A, "1.0", SHA_A, .kind = CHANGE_KEEP, .reason = "as the lock says"},
    {"same version, other spelling", "1.0", SHA_A, "1.0.0", SHA_A, .kind = CHANGE_KEEP, .reason = ""},
    {"upgrade", "2.0", SHA_A, "1.0", SHA_B, .kind = CHANGE_REPLACE, .reason = "version 1.0 is there"},
    {"other wheel", "1.0", SHA_A, "1.0", SHA_B, .kind = CHANGE_REPLACE, .reason = "another wheel"},
    {"of another tool", "1.0", SHA_A, "1.0", "", .kind = CHANGE_REPLACE, .reason = "not known"},
    {"torn", "1.0", SHA_A, "1.0", SHA_A, .torn = true, .kind = CHANGE_REPLACE, .reason = "RECORD"},
    {"egg", "1.0", SHA_A, "1.0", "", .egg = true, .kind = CHANGE_REPLACE, .reason = "egg-info"},
    {"twice", "1.0", SHA_A, "1.0", SHA_A, .twice = true, .kind = CHANGE_REPLACE, .reason = "2 times"},
    {"stranger", NULL, NULL, "1.0", SHA_A, .kind = CHANGE_REMOVE, .reason = "does not name it"},
    {"stranger kept", NULL, NULL, "1.0", "", .inexact = true, .kind = CHANGE_KEEP, .reason = "--inexact"},
    {"seed", NULL, NULL, "1.0", "", .seed = true, .kind = CHANGE_KEEP, .reason = "came with"},
    {"seed that the lock names", "1.0", SHA_A, "1.0", "", .seed = true, .kind = CHANGE_REPLACE, .reason = ""},
    {"asked for now", "1.0", SHA_A, "1.0", SHA_A, .requested = true, .kind = CHANGE_MARK,
     .reason = "asked for"},
    {"no more asked for", "1.0", SHA_A, "1.0", SHA_A, .was_requested = true, .kind = CHANGE_MARK,
     .reason = "any more"},
    {"inexact upgrade", "2.0", SHA_A, "1.0", SHA_A, .inexact = true, .kind = CHANGE_REPLACE, .reason = "2.0"},
};

static void check_row(const struct row *row) {
    struct arena a = {0};
    struct lock_file file = {.sha256 = str_of(row->wanted_sha)};
    struct lock_package package = {
        .name = STR("foo"), .version = str_of(row->wanted), .files = &file, .requested = row->requested};
    struct wanted w = {&package, &file};
    struct installed_package there = {.name = STR("foo"),
                                      .version = str_of(row->there),
                                      .sha256 = str_of(row->there_sha),
                                      .whole = !row->torn,
                                      .egg_info = row->egg,
                                      .seed = row->seed,
                                      .requested = row->was_requested};
    struct installed_package both[2] = {there, there};
    struct wanted_list wanted = {&w, row->wanted ? 1 : 0};
    struct installed have = {both, row->there ? 1 + row->twice : 0};
    struct diff d;
    diff_make(&a, &wanted, &have, !row->inexact, &d);
    CHECK_INT(d.n, 1);
    CHECK_INT(d.p[0].kind, row->kind);
    CHECK_INT(d.count[row->kind], 1);
    CHECK_INT(d.p[0].nold, have.n);
    CHECK(strstr(d.p[0].reason, row->reason));
    CHECK_INT(d.p[0].unproven, strstr(d.p[0].reason, "not known") != NULL);
    CHECK_STR(d.p[0].name, "foo");
    CHECK((d.p[0].wanted.package != NULL) == (row->wanted != NULL));
    if (test_failed_now)
        printf("in row: %s (%s: %s)\n", row->what, change_name(d.p[0].kind), d.p[0].reason);
    arena_free(&a);
}

TEST(one_package) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i]);
}

/* Two sorted lists are walked side by side. */
TEST(names_are_matched) {
    struct arena a = {0};
    struct lock_file file = {.sha256 = STR_INIT(SHA_A)};
    struct lock_package p[] = {{.name = STR_INIT("b"), .version = STR_INIT("1")},
                               {.name = STR_INIT("c"), .version = STR_INIT("1")},
                               {.name = STR_INIT("e"), .version = STR_INIT("1")}};
    struct wanted w[] = {{&p[0], &file}, {&p[1], &file}, {&p[2], &file}};
    struct installed_package there[] = {
        {.name = STR_INIT("a"), .version = STR_INIT("1"), .whole = true},
        {.name = STR_INIT("c"), .version = STR_INIT("1"), .whole = true, .sha256 = STR_INIT(SHA_A)},
        {.name = STR_INIT("d"), .version = STR_INIT("1"), .whole = true},
        {.name = STR_INIT("d"), .version = STR_INIT("2"), .whole = true},
        {.name = STR_INIT("f"), .version = STR_INIT("1"), .whole = true}};
    struct wanted_list wanted = {w, 3};
    struct installed have = {there, 5};
    struct diff d;
    diff_make(&a, &wanted, &have, true, &d);
    char got[128] = "";
    for (uint32_t i = 0; i < d.n; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), STR_FMT ":%s:%u ", STR_ARG(d.p[i].name),
                 change_name(d.p[i].kind), d.p[i].nold);
    CHECK_STR(str_of(got), "a:remove:1 b:install:0 c:keep:1 d:remove:2 e:install:0 f:remove:1 ");
    arena_free(&a);
}

TEST(nothing_at_all) {
    struct arena a = {0};
    struct wanted_list wanted = {0};
    struct installed have = {0};
    struct diff d;
    diff_make(&a, &wanted, &have, true, &d);
    CHECK_INT(d.n, 0);
    arena_free(&a);
}

TEST_MAIN
