#include "executor/scripts.h"

#include "tests/unit/executor_fake.h"

struct place {
    char *dir, *cache, *bin;
    struct python python;
    struct environment env;
    struct linker l;
    struct fake_wheel w;
    struct written_list out;
};

/* A venv below a folder of this name, and an empty wheel. */
static void begin(struct place *p, const char *name) {
    *p = (struct place){.dir = fake_dir(), .python = fake_python()};
    p->cache = fake_join(p->dir, "cache");
    FAKE_OK(file_mkdirs(p->cache, &fake_err));
    FAKE_OK(
        environment_describe(&fake_arena, ENV_VENV, fake_join(p->dir, name), &p->python, &p->env, &fake_err));
    FAKE_OK(link_open(&p->l, &p->env, LINK_COPY, p->cache, &fake_err));
    p->bin = p->env.dirs[SCHEME_SCRIPTS];
    fake_wheel_begin(&p->w, p->cache, "demo");
}

static int write_scripts(struct place *p) {
    fake_wheel_done(&p->w);
    return scripts_write(&p->l, &p->w.m, p->w.tree, &fake_arena, &p->out, &fake_err);
}

static void end(struct place *p) {
    free(p->out.p);
    link_close(&p->l);
    fake_wheel_free(&p->w);
    fake_remove(p->dir);
}

static void check_script(const struct place *p, const char *name, const char *rest) {
    struct str want = str_of(arena_fmt(&fake_arena, "#!%s/bin/python\n%s", p->env.root, rest));
    CHECK_STR(fake_read(p->bin, name), want.p);
    CHECK(fake_mode(p->bin, name) & 0100);
}

static const struct written *find_row(const struct place *p, const char *path) {
    for (uint32_t i = 0; i < p->out.n; i++)
        if (str_eq(p->out.p[i].path, str_of(path)))
            return &p->out.p[i];
    return NULL;
}

/* The row tells of the bytes that are there. */
static void check_row(const struct place *p, const char *name) {
    const struct written *row = find_row(p, arena_fmt(&fake_arena, "../../../bin/%s", name));
    struct str text = fake_read(p->bin, name);
    uint8_t digest[SHA256_BYTES];
    struct buf hash = {0};
    CHECK(row);
    if (!row)
        return;
    sha256(text.p, text.n, digest);
    buf_c(&hash, "sha256=");
    base64url(digest, sizeof digest, &hash);
    CHECK_STR(row->hash, hash.p);
    CHECK_STR(row->size, arena_fmt(&fake_arena, "%zu", text.n));
    buf_free(&hash);
}

TEST(entry_point) {
    struct place p;
    begin(&p, "venv");
    fake_wheel_point(&p.w, "demo", "demo.cli", "main");
    fake_wheel_point(&p.w, "dotted", "demo", "Class.method");
    FAKE_OK(write_scripts(&p));
    check_script(&p, "demo",
                 "import sys\nfrom demo.cli import main\nif __name__ == '__main__':\n"
                 "    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n    sys.exit(main())\n");
    check_script(&p, "dotted",
                 "import sys\nfrom demo import Class\nif __name__ == '__main__':\n"
                 "    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n    sys.exit(Class.method())\n");
    CHECK_INT(p.out.n, 2);
    check_row(&p, "demo");
    check_row(&p, "dotted");
    end(&p);
}

TEST(entry_point_of_old_python) {
    struct place p;
    begin(&p, "venv");
    p.python.minor = 8;
    fake_wheel_point(&p.w, "demo", "demo", "main");
    FAKE_OK(write_scripts(&p));
    check_script(&p, "demo",
                 "# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom demo import main\n"
                 "if __name__ == '__main__':\n"
                 "    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n"
                 "    sys.exit(main())\n");
    end(&p);
}

TEST(later_entry_point_of_a_name_wins) {
    struct place p;
    begin(&p, "venv");
    fake_wheel_point(&p.w, "demo", "demo", "first");
    fake_wheel_point(&p.w, "demo", "demo", "second");
    FAKE_OK(write_scripts(&p));
    CHECK(str_search(fake_read(p.bin, "demo"), STR("second()")) > 0);
    CHECK_INT(p.out.n, 1);
    end(&p);
}

TEST(pip_gets_the_names_of_this_python) {
    struct place p;
    begin(&p, "venv");
    fake_wheel_point(&p.w, "pip", "pip.cli", "main");
    fake_wheel_point(&p.w, "pip3.10", "pip.cli", "main");
    fake_wheel_point(&p.w, "pipx", "pipx", "main");
    FAKE_OK(write_scripts(&p));
    CHECK_INT(p.out.n, 4);
    CHECK(find_row(&p, "../../../bin/pip") && find_row(&p, "../../../bin/pip3"));
    CHECK(find_row(&p, "../../../bin/pip3.11") && find_row(&p, "../../../bin/pipx"));
    end(&p);
}

TEST(python_scripts) {
    struct place p;
    begin(&p, "venv");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "run", "#!python -E\r\nprint(1)\n");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "window", "#!pythonw\nprint(2)\n");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "bare", "#!python");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "plain", "#!/bin/sh\n");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "point", "#!python\nnever\n");
    fake_wheel_point(&p.w, "point", "demo", "main");
    FAKE_OK(write_scripts(&p));
    check_script(&p, "run", "print(1)\n");
    check_script(&p, "window", "print(2)\n");
    check_script(&p, "bare", "");
    CHECK_STR(fake_read(p.bin, "plain"), "(missing)"); /* link's */
    CHECK(str_search(fake_read(p.bin, "point"), STR("import main")) > 0);
    CHECK_INT(p.out.n, 4);
    check_row(&p, "run");
    end(&p);
}

/* The tree's file stays as it is, whoever had the name before. */
TEST(replaces_what_is_there) {
    struct place p;
    begin(&p, "venv");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "run", "#!python\nnew\n");
    char *old = fake_write(p.dir, "old", "old\n");
    FAKE_OK(file_mkdirs(p.bin, &fake_err)); /* made only for the first script */
    CHECK_INT(link(old, fake_join(p.bin, "run")), 0);
    FAKE_OK(write_scripts(&p));
    check_script(&p, "run", "new\n");
    CHECK_STR(fake_read(p.dir, "old"), "old\n");
    end(&p);
}

TEST(changed_source_is_an_error) {
    struct place p;
    begin(&p, "venv");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "run", "#!python\nnew\n");
    fake_write(p.w.tree, "x.data/scripts/run", "#!python\nchanged\n");
    FAKE_ERROR(write_scripts(&p), "x.data/scripts/run");
    end(&p);
}

static const char script_rest[] = "import sys\nfrom demo import main\nif __name__ == '__main__':\n"
                                  "    sys.argv[0] = sys.argv[0].removesuffix('.exe')\n"
                                  "    sys.exit(main())\n";

TEST(space_in_the_path) {
    struct place p;
    begin(&p, "my venv");
    fake_wheel_point(&p.w, "demo", "demo", "main");
    FAKE_OK(write_scripts(&p));
    CHECK_STR(fake_read(p.bin, "demo"),
              arena_fmt(&fake_arena, "#!/bin/sh\n'''exec' \"%s/bin/python\" \"$0\" \"$@\"\n' '''\n%s",
                        p.env.root, script_rest));
    end(&p);
}

/* 127 bytes of first line go to the kernel, 128 through the shell. */
TEST(long_path) {
    struct place p;
    for (int extra = 0; extra < 2; extra++) {
        char name[128] = {0};
        begin(&p, "v");
        size_t rest = strlen("#!/bin/python\n") + strlen(p.dir) + strlen("/");
        end(&p);
        memset(name, 'n', 127 - rest + (size_t)extra);
        begin(&p, name);
        fake_wheel_point(&p.w, "demo", "demo", "main");
        FAKE_OK(write_scripts(&p));
        bool direct = str_starts(fake_read(p.bin, "demo"), STR("#!/bin/sh\n")) == false;
        CHECK_INT(direct, extra == 0);
        end(&p);
    }
}

TEST(path_that_no_first_line_can_name) {
    struct place p;
    begin(&p, "a \"$(id)\" b");
    fake_wheel_point(&p.w, "demo", "demo", "main");
    FAKE_ERROR(write_scripts(&p), "choose another folder");
    end(&p);
}

TEST(written_rows_in_a_target) {
    struct place p;
    begin(&p, "venv");
    link_close(&p.l);
    FAKE_OK(
        environment_describe(&fake_arena, ENV_TARGET, fake_join(p.dir, "t"), &p.python, &p.env, &fake_err));
    FAKE_OK(link_open(&p.l, &p.env, LINK_COPY, p.cache, &fake_err));
    fake_wheel_point(&p.w, "demo", "demo", "main");
    FAKE_OK(write_scripts(&p));
    CHECK(find_row(&p, "bin/demo"));
    CHECK(str_starts(fake_read(p.dir, "t/bin/demo"), STR("#!/opt/py/bin/python3\n")));
    end(&p);
    arena_free(&fake_arena);
}

TEST_MAIN
