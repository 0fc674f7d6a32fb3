#include "executor/installed.h"

#include "tests/unit/executor_fake.h"

static const char sha_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char stamp_a[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct place {
    char *dir, *lib;
    struct python python;
    struct environment env;
};

static void begin(struct place *p) {
    *p = (struct place){.dir = fake_dir(), .python = fake_python()};
    FAKE_OK(environment_describe(&fake_arena, ENV_VENV, fake_join(p->dir, "venv"), &p->python, &p->env,
                                 &fake_err));
    p->lib = p->env.dirs[SCHEME_PURELIB];
}

static struct installed look(const struct place *p) {
    struct installed in;
    FAKE_OK(installed_read(&fake_arena, &p->env, &in, &fake_err));
    return in;
}

TEST(nothing) {
    struct place p;
    begin(&p);
    CHECK_INT(look(&p).n, 0);
    CHECK_STR(state_stamp(&fake_arena, &p.env), "");
    fake_remove(p.dir);
}

TEST(names_and_versions) {
    static const struct {
        const char *entry, *name, *version;
        bool whole, egg;
    } table[] = {
        {"Django-4.2.1.dist-info/RECORD", "django", "4.2.1", true, false},
        {"half-1.0.dist-info/METADATA", "half", "1.0", false, false},
        {"Old.Name-2.0-py3.11.egg-info", "old-name", "2.0", false, true},
        {"devel.egg-info/PKG-INFO", "devel", "", false, true},
        {"my_package-1.0.0RC1.dist-info/RECORD", "my-package", "1.0.0rc1", true, false},
        {"two-dashes-1.0-1.dist-info/RECORD", "two-dashes", "1.0.post1", true, false},
        {"weird-trunk.dist-info/RECORD", "weird", "trunk", true, false},
        {"local-1.0+Cu_11.dist-info/RECORD", "local", "1.0+cu.11", true, false},
    };
    size_t n = sizeof table / sizeof *table;
    struct place p;
    begin(&p);
    for (size_t i = 0; i < n; i++)
        fake_write(p.lib, table[i].entry, "");
    fake_write(p.lib, "~jango-4.2.dist-info/RECORD", ""); /* what an interrupted pip leaves */
    fake_write(p.lib, ".dist-info/RECORD", "");
    fake_write(p.lib, "module.py", "");
    struct installed in = look(&p);
    CHECK_INT(in.n, n);
    for (uint32_t i = 0; i < in.n; i++) {
        if (i)
            CHECK(str_cmp(in.p[i - 1].name, in.p[i].name) <= 0);
        size_t t = 0;
        while (t < n && !str_starts(str_of(table[t].entry), in.p[i].dist_info))
            t++;
        CHECK(t < n);
        if (t == n)
            continue;
        CHECK_STR(in.p[i].name, table[t].name);
        CHECK_STR(in.p[i].version, table[t].version);
        CHECK_INT(in.p[i].whole, table[t].whole);
        CHECK_INT(in.p[i].egg_info, table[t].egg);
        CHECK_INT(in.p[i].scheme, SCHEME_PURELIB);
        CHECK_STR(in.p[i].sha256, "");
    }
    fake_remove(p.dir);
}

TEST(two_folders_and_one_by_two_names) {
    struct place p;
    begin(&p);
    p.python.paths.platlib = STR("/opt/py/lib64/python3.11/site-packages");
    FAKE_OK(
        environment_describe(&fake_arena, ENV_PREFIX, fake_join(p.dir, "p"), &p.python, &p.env, &fake_err));
    fake_write(p.env.dirs[SCHEME_PURELIB], "pure-1.dist-info/RECORD", "");
    CHECK_INT(look(&p).n, 1);
    CHECK_INT(symlink("lib", fake_join(p.env.root, "lib64")), 0);
    CHECK_INT(look(&p).n, 1);
    CHECK_INT(unlink(fake_join(p.env.root, "lib64")), 0);
    fake_write(p.env.dirs[SCHEME_PLATLIB], "plat-1.dist-info/RECORD", "");
    struct installed in = look(&p);
    CHECK_INT(in.n, 2);
    CHECK_STR(in.p[0].name, "plat");
    CHECK_INT(in.p[0].scheme, SCHEME_PLATLIB);
    fake_remove(p.dir);
}

TEST(state) {
    struct state_entry entries[] = {{STR("demo"), STR("1.0.0"), str_of(sha_a)},
                                    {STR("gone"), STR("1.0"), str_of(sha_a)}};
    struct place p;
    begin(&p);
    fake_write(p.lib, "demo-1.0.0.dist-info/RECORD", "x\n");
    fake_write(p.lib, "other-1.0.dist-info/RECORD", "x\n");
    fake_write(p.lib, "other-1.0.dist-info/REQUESTED", "");
    FAKE_OK(state_write(&p.env, str_of(stamp_a), entries, 2, &fake_err));
    CHECK_STR(state_stamp(&fake_arena, &p.env), stamp_a);
    struct installed in = look(&p);
    CHECK_INT(in.n, 2);
    CHECK_STR(in.p[0].sha256, sha_a);
    CHECK_STR(in.p[1].sha256, "");
    CHECK(!in.p[0].requested && in.p[1].requested);
    /* Another tool installs the same version from who knows where. */
    fake_write(p.lib, "demo-1.0.0.dist-info/RECORD", "y\n");
    CHECK_STR(look(&p).p[0].sha256, "");
    fake_remove(p.dir);
}

TEST(stamp_ends_with_any_change) {
    struct place p;
    begin(&p);
    FAKE_OK(file_mkdirs(p.lib, &fake_err));
    FAKE_OK(state_write(&p.env, str_of(stamp_a), NULL, 0, &fake_err));
    CHECK_STR(state_stamp(&fake_arena, &p.env), stamp_a);
    struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}}; /* clocks are too coarse to wait for */
    CHECK_INT(utimensat(AT_FDCWD, p.lib, past, 0), 0);
    CHECK_STR(state_stamp(&fake_arena, &p.env), "");
    FAKE_OK(state_write(&p.env, STR(""), NULL, 0, &fake_err));
    CHECK_STR(state_stamp(&fake_arena, &p.env), "");
    FAKE_OK(state_write(&p.env, str_of(stamp_a), NULL, 0, &fake_err));
    fake_remove(p.lib);
    CHECK_STR(state_stamp(&fake_arena, &p.env), "");
    fake_remove(p.dir);
}

/* Cut anywhere, or filled with something else: no stamp, no sha256, no error. */
TEST(torn_state) {
    struct state_entry entry = {STR("demo"), STR("1.0"), str_of(sha_a)};
    struct place p;
    begin(&p);
    fake_write(p.lib, "demo-1.0.dist-info/RECORD", "x\n");
    FAKE_OK(state_write(&p.env, str_of(stamp_a), &entry, 1, &fake_err));
    struct str whole = fake_read(p.env.root, ".envgraph/state");
    for (size_t n = 0; n < whole.n; n++) {
        struct str part = str_head(whole, n);
        FAKE_OK(file_write(fake_join(p.env.root, ".envgraph/state"), part, 0644, &fake_err));
        CHECK_STR(state_stamp(&fake_arena, &p.env), "");
        CHECK_STR(look(&p).p[0].sha256, "");
    }
    static const char *const foreign[] = {"\nend\n", "envgraph-state 1\nend\n",
                                          "envgraph-state 2\nstamp x\nend\n",
                                          "envgraph-state 1\nstamp\npurelib 1 2\nend\n"};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        fake_write(p.env.root, ".envgraph/state", foreign[i]);
        CHECK_STR(state_stamp(&fake_arena, &p.env), "");
        CHECK_STR(look(&p).p[0].sha256, "");
    }
    fake_remove(p.dir);
    arena_free(&fake_arena);
}

TEST_MAIN
