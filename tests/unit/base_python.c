#include "base/python.h"
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "tests/unit/test.h"

struct world {
    char dir[32];
    char *path; /* PATH as it was */
    struct store store;
    struct arena a;
};

static void open_world(struct world *w) {
    struct err e;
    *w = (struct world){.dir = "/tmp/envgraph-test-XXXXXX"};
    CHECK(mkdtemp(w->dir) != NULL);
    w->path = arena_fmt(&w->a, "%s", getenv("PATH"));
    static const char *const unset[] = {"VIRTUAL_ENV",   "PYENV_VERSION", "PYENV_ROOT",
                                        "XDG_DATA_HOME", "PYENV_DIR",     "UV_PYTHON_INSTALL_DIR"};
    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
        unsetenv(unset[i]);
    setenv("HOME", w->dir, 1);
    setenv("ENVGRAPH_CACHE", arena_fmt(&w->a, "%s/cache", w->dir), 1);
    CHECK_INT(store_open(&w->store, &e), 0);
}

static void close_world(struct world *w) {
    struct err e;
    store_close(&w->store);
    setenv("PATH", w->path, 1);
    file_remove_tree(AT_FDCWD, w->dir, &e);
    arena_free(&w->a);
}

static char *in(struct world *w, const char *path) {
    return arena_fmt(&w->a, "%s/%s", w->dir, path);
}

static char *write_program(struct world *w, const char *name, const char *text) {
    struct err e;
    char *path = in(w, name);
    CHECK_INT(file_mkdirs(path_dir(&w->a, path), &e), 0);
    CHECK_INT(file_write(path, str_of(text), 0777, &e), 0);
    return path;
}

/* A script that answers as an interpreter of that version does, and notes in <dir>/log that it ran. */
static char *fake(struct world *w, const char *name, const char *version) {
    return write_program(w, name,
                         arena_fmt(&w->a,
                                   "#!/bin/sh\necho %s >>%s/log\ncat <<'end'\nnoise\n\nenvgraph-python\n"
                                   "version=%s\nexecutable=%s/%s\nvenv_lib=lib/site-packages\n"
                                   "pointer_bits=64\nplatform=a=b\nunknown=1\nenvgraph-end\nnoise\nend\n",
                                   name, w->dir, version, w->dir, name));
}

static int find(struct world *w, const char *wanted, struct python *out, struct err *e) {
    *e = (struct err){0};
    return python_find(&w->store, wanted, &w->a, out, e);
}

static void check_found(struct world *w, const char *wanted, const char *want) {
    struct python p;
    struct err e;
    int found = find(w, wanted, &p, &e);
    if (found < 0)
        printf("%s\n", e.text);
    CHECK_INT(found, 0);
    if (found == 0)
        CHECK_STR(p.executable, in(w, want));
}

static void check_not_found(struct world *w, const char *wanted, const char *why) {
    struct python p;
    struct err e;
    CHECK_INT(find(w, wanted, &p, &e), -1);
    if (!strstr(e.text, why))
        printf("got \"%s\", want \"%s\"\n", e.text, why);
    CHECK(strstr(e.text, why));
}

/* A real interpreter's answer is what it says of itself when it is asked in another way. */
TEST(a_real_interpreter_is_described) {
    struct world w;
    struct python p = {0};
    struct err e;
    struct proc_result r;
    open_world(&w);
    CHECK_INT(find(&w, NULL, &p, &e), 0);
    const char *argv[] = {
        p.executable.p, "-c",
        "import os, platform as p, sys, sysconfig as s\n"
        "print(sys.executable, '%d.%d.%d' % sys.version_info[:3], p.machine(), p.release(),\n"
        "      p.version(), p.system(), p.python_version(), os.name, sys.platform,\n"
        "      p.python_implementation(), sys.implementation.name, sys.prefix,\n"
        "      s.get_paths()['purelib'], s.get_platform(), sep='|', end='')",
        NULL};
    CHECK_INT(proc_run(argv, STR(""), 60, &r, &e), 0);
    CHECK_STR(buf_view(&r.out),
              arena_fmt(&w.a, "%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s", p.executable.p, p.version.p,
                        p.markers.platform_machine.p, p.markers.platform_release.p,
                        p.markers.platform_version.p, p.markers.platform_system.p,
                        p.markers.python_full_version.p, p.markers.os_name.p, p.markers.sys_platform.p,
                        p.markers.platform_python_implementation.p, p.markers.implementation_name.p,
                        p.prefix.p, p.paths.purelib.p, p.platform.p));
    CHECK_INT(p.major, 3);
    CHECK(p.minor >= 6 && (p.pointer_bits == 64 || p.pointer_bits == 32));
    CHECK(p.glibc_major || p.musl_major);
    CHECK(str_starts(p.venv_paths_lib, STR("lib/")) && str_ends(p.venv_paths_lib, STR("/site-packages")));
    CHECK(file_exists(p.base_executable.p));
    buf_free(&r.out);
    buf_free(&r.errs);
    close_world(&w);
}

/* The one answer in the cache, changed: what is found then tells where it came from. */
static void forge_answer(struct world *w) {
    struct err e;
    struct buf text = {0};
    char *dir = in(w, "cache/v1/py"), *file = NULL;
    DIR *d = opendir(dir);
    for (struct dirent *x; d && (x = readdir(d));)
        if (x->d_name[0] != '.')
            file = path_join(&w->a, dir, x->d_name);
    if (d)
        closedir(d);
    CHECK(file && file_read(file, &text, &e) == 0);
    ptrdiff_t at = str_search(buf_view(&text), STR("\nversion=3."));
    CHECK(at > 0);
    if (at > 0)
        memcpy(text.p + at, "\nversion=4.", 11);
    CHECK(file && file_write(file, buf_view(&text), 0666, &e) == 0);
    buf_free(&text);
}

TEST(an_answer_is_kept_until_the_interpreter_changes) {
    struct world w;
    struct python p = {0}, venv = {0};
    struct err e;
    open_world(&w);
    CHECK_INT(find(&w, NULL, &p, &e), 0);
    CHECK_INT(file_remove_tree(AT_FDCWD, in(&w, "cache/v1/py"), &e), 0);
    CHECK_INT(file_mkdirs(in(&w, "env/bin"), &e), 0);
    CHECK_INT(symlink(p.base_executable.p, in(&w, "env/bin/python")), 0);
    char *home = path_dir(&w.a, p.base_executable.p);
    struct str cfg = str_of(arena_fmt(&w.a, "home = %s\n", home));
    CHECK_INT(file_write(in(&w, "env/pyvenv.cfg"), cfg, 0666, &e), 0);
    CHECK_INT(find(&w, in(&w, "env"), &venv, &e), 0);
    CHECK_STR(venv.prefix, in(&w, "env"));
    CHECK(str_eq(venv.version, p.version) && !str_eq(venv.prefix, venv.base_prefix));
    CHECK(!str_starts(venv.base_executable, str_of(in(&w, "env"))));
    CHECK(!venv.externally_managed);
    forge_answer(&w);
    CHECK_INT(find(&w, in(&w, "env/bin/python"), &venv, &e), 0);
    CHECK_INT(venv.major, 4);
    cfg = str_of(arena_fmt(&w.a, "home = %s\nprompt = x\n", home));
    usleep(20000); /* a coarse clock has to move on */
    CHECK_INT(file_write(in(&w, "env/pyvenv.cfg"), cfg, 0666, &e), 0);
    CHECK_INT(find(&w, in(&w, "env/bin/python"), &venv, &e), 0);
    CHECK_INT(venv.major, 3);
    close_world(&w);
}

TEST(answers_are_checked) {
    struct world w;
    struct python p;
    struct err e;
    open_world(&w);
    char *good = fake(&w, "good", "3.9.1");
    CHECK_INT(find(&w, good, &p, &e), 0);
    CHECK_STR(p.platform, "a=b");
    CHECK_STR(p.soabi, "");
    CHECK_INT(p.pointer_bits, 64);
    check_not_found(&w, fake(&w, "old", "3.5.9"), "too old");
    check_not_found(&w, fake(&w, "two", "2.7.18"), "too old");
    check_not_found(&w, fake(&w, "odd", "three"), "does not answer");
    check_not_found(&w, write_program(&w, "mute", "#!/bin/sh\n"), "does not answer");
    check_not_found(&w, write_program(&w, "cut", "#!/bin/sh\nprintf '\\nenvgraph-python\\nversion=3.9.1\\n'"),
                    "does not answer");
    check_not_found(&w,
                    write_program(&w, "poor",
                                  "#!/bin/sh\nprintf '\\nenvgraph-python\\nversion=3.9.1\\n"
                                  "envgraph-end\\n'"),
                    "does not know");
    check_not_found(&w, write_program(&w, "fails", "#!/bin/sh\necho because >&2\nexit 3"),
                    "(exit status 3): because");
    check_not_found(&w, in(&w, "none"), "not a program");
    close_world(&w);
}

TEST(versions_are_looked_for_in_order) {
    struct world w;
    struct err e;
    open_world(&w);
    setenv("PATH", arena_fmt(&w.a, "%s/bin:/bin", w.dir), 1);
    check_not_found(&w, "3.94", "python3.94 is not on PATH");
    fake(&w, ".local/share/uv/python/cpython-3.94.2-linux-x86_64-gnu/bin/python3", "3.94.2");
    check_found(&w, "3.94", ".local/share/uv/python/cpython-3.94.2-linux-x86_64-gnu/bin/python3");
    fake(&w, ".pyenv/versions/3.94.9/bin/python", "3.94.9");
    fake(&w, ".pyenv/versions/3.94.10/bin/python", "3.94.10");
    fake(&w, ".pyenv/versions/3.940.1/bin/python", "3.940.1");
    fake(&w, ".pyenv/versions/3.94.11t/bin/python", "3.94.11");
    check_found(&w, "3.94", ".pyenv/versions/3.94.10/bin/python"); /* newest, and as a number */
    check_found(&w, "3.94.9", ".pyenv/versions/3.94.9/bin/python");
    check_found(&w, "3.94.2", ".local/share/uv/python/cpython-3.94.2-linux-x86_64-gnu/bin/python3");
    fake(&w, "bin/python", "3.94.1");
    check_found(&w, "3.94", "bin/python");
    fake(&w, "bin/python3.94", "3.94.0");
    check_found(&w, "3.94", "bin/python3.94");
    check_found(&w, "python", "bin/python");
    fake(&w, "bin/python3", "3.95.0");
    check_found(&w, NULL, "bin/python3");
    check_found(&w, "3", "bin/python3");
    check_not_found(&w, "3.96", "bin/python3 is Python 3.95.0");
    check_not_found(&w, "nothing", "nothing is not on PATH");
    fake(&w, "env/bin/python", "3.93.0");
    setenv("VIRTUAL_ENV", in(&w, "env"), 1);
    check_found(&w, NULL, "env/bin/python");
    CHECK_INT(file_remove_tree(AT_FDCWD, in(&w, "env"), &e), 0); /* gone: as if it were not set */
    check_found(&w, NULL, "bin/python3");
    close_world(&w);
}

/* True if the program ran since the last time. */
static bool ran(struct world *w, const char *name) {
    struct buf log = {0};
    struct err e;
    bool yes = file_read(in(w, "log"), &log, &e) == 0 &&
               str_search(buf_view(&log), str_of(arena_fmt(&w->a, "%s\n", name))) >= 0;
    unlink(in(w, "log"));
    buf_free(&log);
    return yes;
}

TEST(a_shim_is_seen_through_where_it_is_plain) {
    struct world w;
    struct err e;
    open_world(&w);
    setenv("PATH", arena_fmt(&w.a, "%s/.pyenv/shims:/bin", w.dir), 1);
    fake(&w, ".pyenv/shims/python3", "3.91.0"); /* not what it would start: to tell whether it ran */
    fake(&w, ".pyenv/shims/python3.92", "3.92.0");
    fake(&w, ".pyenv/versions/3.91.0/bin/python3", "3.91.0");
    fake(&w, ".pyenv/versions/3.92.0/bin/python3", "3.92.0");
    setenv("PYENV_VERSION", "3.92.0", 1);
    check_found(&w, NULL, ".pyenv/versions/3.92.0/bin/python3");
    CHECK(!ran(&w, ".pyenv/shims/python3"));
    check_not_found(&w, "python3.92", "lacks");
    CHECK(!ran(&w, ".pyenv/shims/python3.92"));
    static const char *const not_plain[] = {"3.92.0:3.91.0", "system", "3.92", "../3.92.0", ".."};
    for (size_t i = 0; i < sizeof not_plain / sizeof *not_plain; i++) {
        setenv("PYENV_VERSION", not_plain[i], 1);
        check_found(&w, NULL, ".pyenv/shims/python3");
        CHECK(ran(&w, ".pyenv/shims/python3"));
    }
    unsetenv("PYENV_VERSION");
    /* A file here or above, then pyenv's own. */
    CHECK_INT(file_mkdirs(in(&w, "project/src"), &e), 0);
    CHECK_INT(chdir(in(&w, "project/src")), 0);
    CHECK_INT(file_write(in(&w, ".pyenv/version"), STR("3.92.0\n"), 0666, &e), 0);
    check_found(&w, NULL, ".pyenv/versions/3.92.0/bin/python3");
    CHECK_INT(file_write(in(&w, "project/.python-version"), STR("3.91.0\n"), 0666, &e), 0);
    check_found(&w, NULL, ".pyenv/versions/3.91.0/bin/python3");
    CHECK(!ran(&w, ".pyenv/shims/python3"));
    CHECK_INT(file_write(in(&w, "project/.python-version"), STR("3.91.0\n3.92.0\n"), 0666, &e), 0);
    check_found(&w, NULL, ".pyenv/shims/python3");
    CHECK_INT(chdir("/"), 0);
    close_world(&w);
}

TEST_MAIN
