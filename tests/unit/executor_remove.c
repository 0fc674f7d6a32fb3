#include "executor/remove.h"

#include "tests/unit/executor_fake.h"

struct place {
    char *dir, *root, *lib;
    struct python python;
    struct environment env;
    struct installed_package package;
};

static void begin(struct place *p) {
    *p = (struct place){.dir = fake_dir(), .python = fake_python()};
    p->root = fake_join(p->dir, "venv");
    FAKE_OK(environment_describe(&fake_arena, ENV_VENV, p->root, &p->python, &p->env, &fake_err));
    p->lib = p->env.dirs[SCHEME_PURELIB];
    FAKE_OK(file_mkdirs(p->lib, &fake_err));
    p->package = (struct installed_package){
        .name = STR("demo"), .version = STR("1.0"), .dist_info = STR("demo-1.0.dist-info"), .whole = true};
}

static void put(struct place *p, const char *name) {
    fake_write(p->lib, name, "x\n");
}

static bool has(const struct place *p, const char *name) {
    return access(fake_join(p->lib, name), F_OK) == 0;
}

static void record(struct place *p, const char *rows) {
    put(p, "demo-1.0.dist-info/METADATA");
    fake_write(p->lib, "demo-1.0.dist-info/INSTALLER", "envgraph\n");
    fake_write(
        p->lib, "demo-1.0.dist-info/RECORD",
        arena_fmt(&fake_arena, "%sdemo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/RECORD,,\n", rows));
}

TEST(files_folders_bytecode) {
    struct place p;
    begin(&p);
    put(&p, "demo/__init__.py");
    put(&p, "demo/a/b/c.py");
    put(&p, "demo/a/b/__pycache__/c.cpython-311.pyc");
    put(&p, "demo/a/b/__pycache__/c.cpython-311.opt-1.pyc");
    put(&p, "demo/a/b/__pycache__/c.pypy39.pyc");
    put(&p, "one.py");
    put(&p, "__pycache__/one.cpython-311.pyc");
    put(&p, "__pycache__/other.cpython-311.pyc");
    put(&p, "__pycache__/one.two.cpython-311.pyc");
    fake_write(p.root, "bin/demo", "x");
    fake_write(p.root, "share/man/man1/demo.1", "x");
    fake_write(p.root, "include/site/python3.11/demo/x.h", "x");
    put(&p, "demo-1.0.dist-info/unlisted");
    record(&p, "one.py,,\ndemo/__init__.py,sha256=x,2\ndemo/a/b/c.py,,\nnot/there.py,,\n../../../bin/demo,,\n"
               "../../../share/man/man1/demo.1,,\n../../../include/site/python3.11/demo/x.h,,\n");
    FAKE_OK(remove_package(&p.env, &p.package, NULL, NULL, &fake_err));
    CHECK(!has(&p, "demo") && !has(&p, "one.py") && !has(&p, "demo-1.0.dist-info"));
    CHECK(!has(&p, "__pycache__/one.cpython-311.pyc"));
    CHECK(has(&p, "__pycache__/other.cpython-311.pyc"));
    CHECK(has(&p, "__pycache__/one.two.cpython-311.pyc"));
    CHECK(!file_exists(fake_join(p.root, "share")) && !file_exists(fake_join(p.root, "bin/demo")));
    CHECK(file_is_dir(fake_join(p.root, "bin")) && file_is_dir(p.lib));
    CHECK(!file_exists(fake_join(p.root, "include/site/python3.11/demo")));
    CHECK(file_is_dir(fake_join(p.root, "include/site/python3.11")));
    fake_remove(p.dir);
}

TEST(shared_folder_stays) {
    struct place p;
    begin(&p);
    put(&p, "space/demo/x.py");
    put(&p, "space/other.py");
    record(&p, "space/demo/x.py,,\n");
    FAKE_OK(remove_package(&p.env, &p.package, NULL, NULL, &fake_err));
    CHECK(!has(&p, "space/demo") && has(&p, "space/other.py"));
    fake_remove(p.dir);
}

/* Whatever RECORD says. */
TEST(never_outside) {
    struct place p;
    begin(&p);
    fake_write(p.dir, "victim", "x");
    fake_write(p.dir, "src/victim.py", "x");
    put(&p, "one.py");
    CHECK_INT(symlink(fake_join(p.dir, "src"), fake_join(p.lib, "linked")), 0);
    record(&p,
           arena_fmt(&fake_arena,
                     "../../../../victim,,\n%s/victim,,\nlinked/victim.py,,\n../../../../src/victim.py,,\n"
                     "/,,\n..,,\n.,,\n../../..,,\none.py,,\n",
                     p.dir));
    FAKE_OK(remove_package(&p.env, &p.package, NULL, NULL, &fake_err));
    CHECK(!has(&p, "one.py") && has(&p, "linked"));
    CHECK_STR(fake_read(p.dir, "victim"), "x");
    CHECK_STR(fake_read(p.dir, "src/victim.py"), "x");
    fake_remove(p.dir);
}

/* A link that stays inside is followed, a link that RECORD names is removed and not followed. */
TEST(links_inside) {
    struct place p;
    begin(&p);
    CHECK_INT(symlink("lib", fake_join(p.root, "lib64")), 0);
    put(&p, "one.py");
    put(&p, "kept.py");
    CHECK_INT(symlink("kept.py", fake_join(p.lib, "alias.py")), 0);
    record(&p, "../../../lib64/python3.11/site-packages/one.py,,\nalias.py,,\n");
    FAKE_OK(remove_package(&p.env, &p.package, NULL, NULL, &fake_err));
    CHECK(!has(&p, "one.py") && !has(&p, "alias.py") && has(&p, "kept.py"));
    fake_remove(p.dir);
}

TEST(folder_named_as_a_file_stays) {
    struct place p;
    begin(&p);
    put(&p, "kept/x.py");
    record(&p, "kept,,\nkept/,,\n");
    FAKE_OK(remove_package(&p.env, &p.package, NULL, NULL, &fake_err));
    CHECK(has(&p, "kept/x.py") && !has(&p, "demo-1.0.dist-info"));
    fake_remove(p.dir);
}

TEST(half_installed) {
    struct place p;
    begin(&p);
    p.package.whole = false;
    put(&p, "demo-1.0.dist-info/METADATA");
    FAKE_OK(remove_package(&p.env, &p.package, NULL, NULL, &fake_err));
    CHECK(!has(&p, "demo-1.0.dist-info"));
    fake_write(p.lib, "demo-1.0.dist-info/INSTALLER", "envgraph\n");
    FAKE_OK(remove_package(&p.env, &p.package, NULL, NULL, &fake_err));
    CHECK(!has(&p, "demo-1.0.dist-info"));
    fake_write(p.lib, "demo-1.0.dist-info/INSTALLER", ""); /* killed while it wrote it */
    FAKE_OK(remove_package(&p.env, &p.package, NULL, NULL, &fake_err));
    CHECK(!has(&p, "demo-1.0.dist-info"));
    fake_write(p.lib, "demo-1.0.dist-info/INSTALLER", "conda\n");
    FAKE_ERROR(remove_package(&p.env, &p.package, NULL, NULL, &fake_err), "has no RECORD");
    CHECK(has(&p, "demo-1.0.dist-info/INSTALLER"));
    fake_remove(p.dir);
}

TEST(egg_info) {
    struct place p;
    begin(&p);
    p.package.whole = false;
    p.package.egg_info = true;
    p.package.dist_info = STR("demo.egg-info");
    put(&p, "demo.egg-info/PKG-INFO");
    FAKE_ERROR(remove_package(&p.env, &p.package, NULL, NULL, &fake_err), "egg-info");
    CHECK(has(&p, "demo.egg-info/PKG-INFO"));
    fake_remove(p.dir);
}

TEST(record_that_is_none) {
    struct place p;
    begin(&p);
    put(&p, "one.py");
    record(&p, "\"never closed,,\none.py,,\n");
    if (remove_package(&p.env, &p.package, NULL, NULL, &fake_err) < 0)
        CHECK(has(&p, "one.py") && has(&p, "demo-1.0.dist-info/RECORD"));
    fake_remove(p.dir);
    arena_free(&fake_arena);
}

TEST_MAIN
