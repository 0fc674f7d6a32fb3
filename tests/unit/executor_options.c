#include "tests/unit/test.h"

#include "executor/options.h"

/* A row: the command line (words separated by one space), then either the error or what became of it. */
static int parse(struct arena *a, const char *line, struct options *o, struct err *e) {
    char *argv[32] = {0};
    int argc = 0;
    struct str rest = str_of(line), word;
    argv[argc++] = arena_fmt(a, "execute");
    while (rest.n && str_cut(&rest, ' ', &word))
        argv[argc++] = arena_fmt(a, STR_FMT, STR_ARG(word));
    return options_parse(a, argc, argv, o, e);
}

TEST(defaults) {
    struct arena a = {0};
    struct options o;
    struct err e;
    CHECK_INT(parse(&a, "env.lock", &o, &e), 0);
    CHECK_STR(str_of(o.lock), "env.lock");
    CHECK_STR(str_of(o.root), ".venv");
    CHECK_INT(o.kind, ENV_VENV);
    CHECK_INT(o.jobs, 0);
    CHECK_INT(o.keep_going, 1);
    CHECK_INT(o.link_mode, LINK_AUTO);
    CHECK(!o.python && !o.dry_run && !o.inexact && !o.offline && !o.json && !o.explain && !o.stats);
    arena_free(&a);
}

TEST(ninjas_letters) {
    struct arena a = {0};
    struct options o;
    struct err e;
    CHECK_INT(parse(&a, "-j4 -k 0 -n -v -dexplain -d stats env.lock", &o, &e), 0);
    CHECK_INT(o.jobs, 4);
    CHECK_INT(o.keep_going, 0);
    CHECK(o.dry_run && o.explain && o.stats);
    CHECK_INT(o.verbosity, 1);
    CHECK_INT(parse(&a, "env.lock -q -j 0", &o, &e), 0);
    CHECK_INT(o.jobs, OPTIONS_MAX_JOBS);
    CHECK_INT(o.verbosity, -1);
    CHECK_INT(parse(&a, "-j 99999999999 env.lock", &o, &e), 0);
    CHECK_INT(o.jobs, OPTIONS_MAX_JOBS);
    CHECK_INT(parse(&a, "-t graph env.lock", &o, &e), 0);
    CHECK(o.tool == TOOL_GRAPH && o.dry_run);
    arena_free(&a);
}

TEST(paths_begin_at_C) {
    struct arena a = {0};
    struct options o;
    struct err e;
    CHECK_INT(parse(&a, "-C /srv/app --python bin/py env.lock", &o, &e), 0);
    CHECK_STR(str_of(o.lock), "/srv/app/env.lock");
    CHECK_STR(str_of(o.root), "/srv/app/.venv");
    CHECK_STR(str_of(o.python), "/srv/app/bin/py");
    CHECK_INT(parse(&a, "-C /srv/app --venv /e --python 3.11 -", &o, &e), 0);
    CHECK_STR(str_of(o.lock), "-");
    CHECK_STR(str_of(o.root), "/e");
    CHECK_STR(str_of(o.python), "3.11");
    arena_free(&a);
}

TEST(environments) {
    static const struct {
        const char *line;
        enum environment_kind kind;
        const char *root;
    } rows[] = {
        {"--venv v l", ENV_VENV, "v"},      {"--target=t l", ENV_TARGET, "t"},
        {"--prefix p l", ENV_PREFIX, "p"},  {"--system l", ENV_SYSTEM, NULL},
        {"--venv-only", ENV_VENV, ".venv"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct options o;
        struct err e;
        CHECK_INT(parse(&a, rows[i].line, &o, &e), 0);
        CHECK_INT(o.kind, rows[i].kind);
        CHECK(!rows[i].root == !o.root);
        if (rows[i].root)
            CHECK_STR(str_of(o.root), rows[i].root);
        arena_free(&a);
    }
}

TEST(refusals_are_usage_errors_that_name_what) {
    static const char *const rows[][2] = {
        {"", "no lock"},
        {"a b", "one lock"},
        {"--nope l", "--nope"},
        {"-x l", "-x"},
        {"-j", "-j wants a value"},
        {"-j four l", "four"},
        {"-k -1 l", "-1"},
        {"-d nope l", "explain, stats, list"},
        {"-t nope l", "list, graph"},
        {"--link-mode hard l", "auto, reflink, hardlink, copy, symlink"},
        {"--venv", "--venv wants a value"},
        {"--venv a --target b l", "only one of"},
        {"--system --prefix b l", "only one of"},
        {"--venv= l", "empty"},
        {"--venv-only --target x", "--venv-only"},
        {"--repair --verify l", "only one of --verify"},
        {"--verify --venv-only l", "only one of --verify"},
        {"--verify -t graph l", "has no graph"},
        {"--trace= l", "--trace wants the name of a file"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct options o;
        struct err e = {0};
        CHECK_INT(parse(&a, rows[i][0], &o, &e), -1);
        CHECK_INT(e.kind, ERR_INPUT);
        if (!strstr(e.text, rows[i][1])) {
            printf("%s: got \"%s\", want \"%s\" in it\n", rows[i][0], e.text, rows[i][1]);
            CHECK(false);
        }
        arena_free(&a);
    }
}

TEST(answers_need_no_lock) {
    struct arena a = {0};
    struct options o;
    struct err e;
    CHECK(parse(&a, "--help", &o, &e) == 0 && o.help);
    CHECK(parse(&a, "--version", &o, &e) == 0 && o.version);
    CHECK(parse(&a, "-d list", &o, &e) == 0 && o.debug_list);
    CHECK(parse(&a, "-t list", &o, &e) == 0 && o.tool == TOOL_LIST);
    arena_free(&a);
}

TEST_MAIN
