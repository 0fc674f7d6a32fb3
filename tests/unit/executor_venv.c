#include "executor/venv.h"

#include <dirent.h>

#include "base/proc.h"
#include "base/store.h"
#include "tests/unit/executor_fake.h"

struct place {
    char *dir, *root;
    struct python python;
    struct environment env;
};

static void describe(struct place *p, const char *name) {
    p->root = fake_join(p->dir, name);
    FAKE_OK(environment_describe(&fake_arena, ENV_VENV, p->root, &p->python, &p->env, &fake_err));
}

/* With the library of a Python that is none: a venv module that fits in a test. */
static void begin(struct place *p, const char *name, const char *module) {
    *p = (struct place){.dir = fake_dir(), .python = fake_python()};
    char *stdlib = fake_join(p->dir, "stdlib");
    p->python.paths.stdlib = str_of(stdlib);
    p->python.executable = p->python.base_executable = STR("/bin/sh");
    fake_write(stdlib, "venv/__init__.py", module);
    fake_write(stdlib, "venv/scripts/common/activate", "d=__VENV_DIR__ p=__VENV_PROMPT__ n=__VENV_NAME__\n");
    fake_write(stdlib, "venv/scripts/common/Activate.ps1", "__VENV_BIN_NAME__ __VENV_PROMPT__");
    fake_write(stdlib, "venv/scripts/posix/activate.fish", "__VENV_PYTHON__");
    fake_write(stdlib, "venv/scripts/nt/python.exe", "never");
    CHECK_INT(chmod(fake_join(stdlib, "venv/scripts/common/activate"), 0640), 0);
    describe(p, name);
}

static struct str read_link(const char *dir, const char *name) {
    char target[512];
    ssize_t n = readlink(fake_join(dir, name), target, sizeof target);
    return n < 0 ? STR("(none)") : arena_str(&fake_arena, (struct str){target, (size_t)n});
}

TEST(layout) {
    struct place p;
    begin(&p, "a/venv", "prompt = '(%s) ' % prompt");
    CHECK(!venv_exists(&p.env));
    FAKE_OK(venv_create(&p.env, &fake_err));
    CHECK(venv_exists(&p.env));
    CHECK_STR(read_link(p.root, "bin/python"), "sh");
    CHECK_STR(read_link(p.root, "bin/python3"), "sh");
    CHECK_STR(read_link(p.root, "bin/python3.11"), "sh");
    CHECK_STR(read_link(p.root, "bin/sh"), "/bin/sh");
    CHECK_STR(read_link(p.root, "lib64"), "lib");
    CHECK(file_is_dir(fake_join(p.root, "include/python3.11")));
    CHECK(file_is_dir(fake_join(p.root, "lib/python3.11/site-packages")));
    CHECK(!file_exists(fake_join(p.root, ".gitignore")));
    CHECK(!file_exists(fake_join(p.root, "bin/python.exe")));
    CHECK_STR(fake_read(p.root, "bin/activate"), arena_fmt(&fake_arena, "d=%s p=(venv)  n=venv\n", p.root));
    CHECK_STR(fake_read(p.root, "bin/activate.fish"), arena_fmt(&fake_arena, "%s/bin/sh", p.root));
    CHECK_INT(fake_mode(p.root, "bin/activate"), 0640);
    CHECK(str_starts(
        fake_read(p.root, "pyvenv.cfg"),
        STR("home = /bin\ninclude-system-site-packages = false\nversion = 3.11.7\nexecutable = ")));
    fake_remove(p.dir);
}

TEST(layout_by_version) {
    static const struct {
        int minor;
        bool link, include, gitignore, pi;
    } table[] = {{8, false, false, false, false},
                 {9, true, false, false, false},
                 {11, true, true, false, false},
                 {13, true, true, true, false},
                 {14, true, true, true, true}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct place p;
        begin(&p, "venv", "");
        p.python.minor = table[i].minor;
        p.python.version = str_of(arena_fmt(&fake_arena, "3.%d.0rc1", table[i].minor));
        p.python.pointer_bits = 32;
        FAKE_OK(venv_create(&p.env, &fake_err));
        const char *link = arena_fmt(&fake_arena, "bin/python3.%d", table[i].minor);
        CHECK_STR(read_link(p.root, link), table[i].link ? "sh" : "(none)");
        CHECK_INT(file_exists(fake_join(p.root, "include/python3.11")), table[i].include);
        CHECK_INT(file_exists(fake_join(p.root, ".gitignore")), table[i].gitignore);
        CHECK_STR(read_link(p.root, "bin/\xf0\x9d\x9c\x8bthon"), table[i].pi ? "sh" : "(none)");
        CHECK_STR(read_link(p.root, "lib64"), "(none)");
        const char *line = arena_fmt(&fake_arena, "\nversion = 3.%d.0\n", table[i].minor);
        CHECK(str_search(fake_read(p.root, "pyvenv.cfg"), str_of(line)) > 0);
        fake_remove(p.dir);
    }
}

TEST(quoting) {
    struct place p;
    begin(&p, "it's $HOME", "'(%s) ' % prompt; def quote_ps1(s):");
    FAKE_OK(venv_create(&p.env, &fake_err));
    CHECK_STR(fake_read(p.root, "bin/activate"),
              arena_fmt(&fake_arena, "d='%s/it'\"'\"'s $HOME' p='(it'\"'\"'s $HOME) ' n='it'\"'\"'s $HOME'\n",
                        p.dir));
    CHECK_STR(fake_read(p.root, "bin/Activate.ps1"), "'bin' '(it''s $HOME) '");
    fake_remove(p.dir);
}

TEST(whole_venv_is_left_alone) {
    struct place p;
    begin(&p, "venv", "");
    FAKE_OK(venv_create(&p.env, &fake_err));
    fake_write(p.root, "bin/activate", "mine");
    fake_write(p.root, "pyvenv.cfg", "version_info = 3.11.2\nhome=/x\n");
    CHECK_INT(unlink(fake_join(p.root, "lib64")), 0);
    FAKE_OK(venv_create(&p.env, &fake_err));
    CHECK_STR(fake_read(p.root, "bin/activate"), "mine");
    CHECK_STR(read_link(p.root, "lib64"), "(none)");
    fake_remove(p.dir);
}

TEST(half_made_venv_is_finished) {
    struct place p;
    begin(&p, "venv", "");
    FAKE_OK(venv_create(&p.env, &fake_err));
    CHECK_INT(unlink(fake_join(p.root, "bin/python")), 0);
    CHECK_INT(unlink(fake_join(p.root, "bin/python3")), 0);
    CHECK_INT(unlink(fake_join(p.root, "bin/activate.fish")), 0);
    FAKE_OK(venv_create(&p.env, &fake_err));
    CHECK_STR(read_link(p.root, "bin/python"), "sh");
    CHECK_STR(read_link(p.root, "bin/python3"), "sh");
    CHECK(file_exists(fake_join(p.root, "bin/activate.fish")));
    fake_remove(p.dir);
}

TEST(refused) {
    struct place p;
    begin(&p, "venv", "");
    fake_write(p.root, "precious", "x");
    FAKE_ERROR(venv_create(&p.env, &fake_err), "not empty");
    CHECK(!file_exists(fake_join(p.root, "pyvenv.cfg")));
    fake_write(p.root, "pyvenv.cfg", "home = /x\nversion = 3.10.1\n");
    FAKE_ERROR(venv_create(&p.env, &fake_err), "Python 3.10.1");
    describe(&p, "file");
    fake_write(p.dir, "file", "");
    FAKE_ERROR(venv_create(&p.env, &fake_err), "file");
    describe(&p, "a:b");
    FAKE_ERROR(venv_create(&p.env, &fake_err), "PATH");
    CHECK(!file_exists(p.root));
    describe(&p, "gone");
    FAKE_OK(venv_create(&p.env, &fake_err));
    CHECK_INT(unlink(fake_join(p.root, "bin/python")), 0);
    CHECK_INT(symlink("/nowhere/python3", fake_join(p.root, "bin/python")), 0);
    FAKE_ERROR(venv_create(&p.env, &fake_err), "no longer there");
    fake_remove(p.dir);
}

TEST(empty_folder_is_taken) {
    struct place p;
    begin(&p, "venv", "");
    fake_write(p.root, ".envgraph/lock", "");
    FAKE_OK(venv_create(&p.env, &fake_err));
    CHECK(venv_exists(&p.env));
    fake_remove(p.dir);
}

/* Against the real thing: every Python that is found here makes a venv, and we make the same one. */

static uint32_t compare(const char *theirs, const char *ours);

static void compare_entry(const char *theirs, const char *ours, const char *name) {
    struct stat a, b;
    char *x = fake_join(theirs, name), *y = fake_join(ours, name);
    if (lstat(x, &a) < 0 || lstat(y, &b) < 0) {
        printf("%s: only in %s\n", name, lstat(x, &a) < 0 ? "ours" : "theirs");
        test_failed_now = true;
        return;
    }
    if (a.st_mode != b.st_mode)
        printf("%s: ", x);
    CHECK_INT(b.st_mode, a.st_mode);
    if (S_ISDIR(a.st_mode))
        CHECK_INT(compare(y, x), compare(x, y));
    else if (S_ISLNK(a.st_mode))
        CHECK_STR(read_link(ours, name), read_link(theirs, name).p);
    else
        CHECK_STR(fake_read(ours, name), fake_read(theirs, name).p);
}

/* The number of entries. */
static uint32_t compare(const char *theirs, const char *ours) {
    DIR *d = opendir(theirs);
    uint32_t n = 0;
    for (struct dirent *x; d && (x = readdir(d));) {
        if (!strcmp(x->d_name, ".") || !strcmp(x->d_name, ".."))
            continue;
        compare_entry(theirs, ours, x->d_name);
        n++;
    }
    if (d)
        closedir(d);
    return n;
}

static bool make_theirs(const struct python *python, const char *root) {
    struct proc_result r = {0};
    struct err e;
    char *exe = arena_fmt(&fake_arena, STR_FMT, STR_ARG(python->executable));
    bool made = proc_run((const char *const[]){exe, "-m", "venv", "--without-pip", root, NULL}, STR(""), 60,
                         &r, &e) == 0 &&
                r.status == 0;
    buf_free(&r.out);
    buf_free(&r.errs);
    return made;
}

static bool same_as_python(const struct python *python, const char *name) {
    struct place p = {.dir = fake_dir(), .python = *python};
    describe(&p, name);
    bool made = make_theirs(python, p.root);
    if (made) { /* both in the same place, for the paths within */
        char *theirs = fake_join(p.dir, "theirs");
        CHECK_INT(rename(p.root, theirs), 0);
        FAKE_OK(venv_create(&p.env, &fake_err));
        CHECK(compare(theirs, p.root) > 3);
        if (test_failed_now)
            printf("(Python " STR_FMT ")\n", STR_ARG(python->version));
    }
    fake_remove(p.dir);
    return made;
}

TEST(as_python_makes_it) {
    static const char *const wanted[] = {
        NULL, "/usr/bin/python3", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"};
    struct store store;
    char *cache = fake_dir();
    int compared = 0;
    setenv("ENVGRAPH_CACHE", cache, 1);
    FAKE_OK(store_open(&store, &fake_err));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct python python;
        if (python_find(&store, wanted[i], &fake_arena, &python, &fake_err) < 0)
            continue;
        compared += same_as_python(&python, "venv");
        compared += same_as_python(&python, "my venv");
    }
    printf("compared with %d venvs of Python's own\n", compared);
    store_close(&store);
    fake_remove(cache);
    arena_free(&fake_arena);
}

TEST_MAIN
