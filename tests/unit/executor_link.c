#include "executor/claims.h"

#include <pthread.h>

#include "tests/unit/executor_fake.h"

struct place { /* of a test */
    char *dir, *cache, *lib;
    struct python python;
    struct environment env;
};

static struct place place_new(void) {
    struct place p = {.dir = fake_dir()};
    p.cache = fake_join(p.dir, "cache/v1");
    FAKE_OK(file_mkdirs(p.cache, &fake_err));
    return p;
}

static void describe(struct place *p) {
    p->python = fake_python();
    FAKE_OK(environment_describe(&fake_arena, ENV_VENV, fake_join(p->dir, "venv"), &p->python, &p->env,
                                 &fake_err));
    p->lib = p->env.dirs[SCHEME_PURELIB];
}

/* One of everything. */
static void wheel_of_all(struct fake_wheel *w, const char *cache) {
    fake_wheel_begin(w, cache, "demo");
    fake_wheel_file(w, SCHEME_PURELIB, "one.py", "one\n");
    fake_wheel_file(w, SCHEME_PURELIB, "demo/__init__.py", "");
    fake_wheel_file(w, SCHEME_PURELIB, "demo/a/b/deep.py", "deep\n");
    struct manifest_file *f = fake_wheel_file(w, SCHEME_SCRIPTS, "tool", "#!/bin/sh\n");
    f->executable = true;
    chmod(fake_join(w->tree, "x.data/scripts/tool"), 0755);
    fake_wheel_file(w, SCHEME_SCRIPTS, "rewritten", "#!python\nprint()\n");
    fake_wheel_file(w, SCHEME_SCRIPTS, "point", "#!/bin/sh\nnever\n");
    fake_wheel_file(w, SCHEME_SCRIPTS, "point-script.py", "never\n");
    fake_wheel_file(w, SCHEME_DATA, "share/man/man1/demo.1", ".TH\n");
    fake_wheel_file(w, SCHEME_HEADERS, "demo/demo.h", "#define X\n");
    fake_wheel_point(w, "point", "demo", "main");
    fake_wheel_done(w);
}

static void check_all(const struct place *p) {
    const char *root = p->env.root;
    CHECK_STR(fake_read(p->lib, "one.py"), "one\n");
    CHECK_STR(fake_read(p->lib, "demo/__init__.py"), "");
    CHECK_STR(fake_read(p->lib, "demo/a/b/deep.py"), "deep\n");
    CHECK_STR(fake_read(root, "bin/tool"), "#!/bin/sh\n");
    CHECK_STR(fake_read(root, "bin/rewritten"), "(missing)");
    CHECK_STR(fake_read(root, "bin/point"), "(missing)");
    CHECK_STR(fake_read(root, "bin/point-script.py"), "(missing)");
    CHECK_STR(fake_read(root, "share/man/man1/demo.1"), ".TH\n");
    CHECK_STR(fake_read(root, "include/site/python3.11/demo/demo.h"), "#define X\n");
}

static void link_mode_works(enum link_mode mode) {
    struct place p = place_new();
    struct fake_wheel w;
    struct linker l;
    describe(&p);
    wheel_of_all(&w, p.cache);
    FAKE_OK(link_open(&l, &p.env, mode, p.cache, &fake_err));
    CHECK(l.mode != LINK_AUTO);
    FAKE_OK(link_package(&l, &w.m, w.tree, &fake_err));
    CHECK_INT(l.contested.n, 0);
    check_all(&p);
    struct stat a, b;
    CHECK(stat(fake_join(w.tree, "x.data/scripts/tool"), &a) == 0 &&
          stat(fake_join(p.env.root, "bin/tool"), &b) == 0);
    CHECK_INT(b.st_mode, a.st_mode);
    CHECK(a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec);
    CHECK_INT(a.st_ino == b.st_ino, l.mode == LINK_HARDLINK || l.mode == LINK_SYMLINK);
    CHECK_STR(fake_read(p.lib, ".envgraph"), "(missing)");
    link_close(&l);
    fake_wheel_free(&w);
    fake_remove(p.dir);
}

TEST(automatic) {
    link_mode_works(LINK_AUTO);
}
TEST(hardlink) {
    link_mode_works(LINK_HARDLINK);
}
TEST(copy) {
    link_mode_works(LINK_COPY);
}
TEST(symlink) {
    link_mode_works(LINK_SYMLINK);
}

/* Either it works, or the error says what to do instead. */
TEST(reflink) {
    struct place p = place_new();
    struct linker l;
    describe(&p);
    if (link_open(&l, &p.env, LINK_REFLINK, p.cache, &fake_err) == 0) {
        link_close(&l);
        link_mode_works(LINK_REFLINK);
    } else {
        CHECK(strstr(fake_err.text, "--link-mode=copy"));
    }
    fake_remove(p.dir);
}

/* No probe file is left on either side, and headers' folders are made only for headers. */
TEST(opening_leaves_nothing) {
    struct place p = place_new();
    struct linker l;
    describe(&p);
    FAKE_OK(link_open(&l, &p.env, LINK_AUTO, fake_join(p.cache, "wheels"), &fake_err));
    link_close(&l);
    CHECK_INT(rmdir(p.lib), 0);
    CHECK_INT(rmdir(p.cache), 0);
    CHECK(!file_exists(fake_join(p.env.root, "include")));
    fake_remove(p.dir);
}

TEST(change_in_the_cache_is_seen) {
    static const enum link_mode modes[] = {LINK_HARDLINK, LINK_COPY};
    for (int i = 0; i < 2; i++) {
        struct place p = place_new();
        struct fake_wheel w;
        struct linker l;
        describe(&p);
        wheel_of_all(&w, p.cache);
        fake_write(w.tree, "one.py", "two\n"); /* the same size */
        struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
        CHECK_INT(utimensat(AT_FDCWD, fake_join(w.tree, "one.py"), times, 0), 0);
        FAKE_OK(link_open(&l, &p.env, modes[i], p.cache, &fake_err));
        l.check = true;
        FAKE_ERROR(link_package(&l, &w.m, w.tree, &fake_err), "one.py");
        CHECK(strstr(fake_err.text, "and run again"));
        CHECK_STR(fake_read(p.lib, "one.py"), "(missing)");
        link_close(&l);
        fake_wheel_free(&w);
        fake_remove(p.dir);
    }
}

TEST(file_where_a_folder_must_be) {
    struct place p = place_new();
    struct fake_wheel w;
    struct linker l;
    describe(&p);
    wheel_of_all(&w, p.cache);
    fake_write(p.lib, "demo", "a file");
    FAKE_OK(link_open(&l, &p.env, LINK_COPY, p.cache, &fake_err));
    FAKE_ERROR(link_package(&l, &w.m, w.tree, &fake_err), "site-packages/demo");
    CHECK_STR(fake_read(p.lib, "demo"), "a file");
    link_close(&l);
    fake_wheel_free(&w);
    fake_remove(p.dir);
}

/* Collisions: the package with the higher number wins. */
struct told {
    int n;
    uint32_t winner, loser;
    struct str path;
};

static bool later(void *ctx, uint32_t a, uint32_t b) {
    (void)ctx;
    return a > b;
}

static void tell(void *ctx, uint32_t winner, uint32_t loser, struct str path) {
    struct told *t = ctx;
    t->n++;
    t->winner = winner;
    t->loser = loser;
    t->path = arena_str(&fake_arena, path);
}

static void settle_in_order(enum link_mode mode, const uint32_t order[3]) {
    static const char *const names[] = {"p0", "p1", "p2"}, *const texts[] = {"same\n", "same\n", "other\n"};
    struct place p = place_new();
    struct fake_wheel w[3];
    struct manifest manifests[3];
    char *trees[3];
    struct linker l;
    struct told told = {0};
    const struct claims_judge judge = {later, tell, NULL, &told};
    describe(&p);
    for (int i = 0; i < 3; i++) {
        fake_wheel_begin(&w[i], p.cache, names[i]);
        fake_wheel_file(&w[i], SCHEME_PURELIB, "space/__init__.py", i < 2 ? "equal\n" : texts[i]);
        if (i > 0)
            fake_wheel_file(&w[i], SCHEME_PURELIB, "space/x.py", "equal\n");
        fake_wheel_done(&w[i]);
        manifests[i] = w[i].m;
        trees[i] = w[i].tree;
    }
    FAKE_OK(link_open(&l, &p.env, mode, p.cache, &fake_err));
    for (int i = 0; i < 3; i++)
        FAKE_OK(link_package(&l, &w[order[i]].m, w[order[i]].tree, &fake_err));
    CHECK_INT(l.contested.n, 2);
    FAKE_OK(claims_settle(&l, manifests, trees, 3, &judge, &fake_err));
    CHECK_STR(fake_read(p.lib, "space/__init__.py"), "other\n");
    CHECK_STR(fake_read(p.lib, "space/x.py"), "equal\n");
    if (mode == LINK_HARDLINK)
        CHECK(fake_inode(p.lib, "space/x.py") == fake_inode(trees[2], "space/x.py"));
    CHECK_INT(told.n, 2); /* p0 and p1 against p2, about one path */
    CHECK_INT(told.winner, 2);
    CHECK_STR(told.path, fake_join(p.lib, "space/__init__.py"));
    CHECK_INT(unlink(fake_join(p.lib, "space/__init__.py")), 0);
    CHECK_INT(unlink(fake_join(p.lib, "space/x.py")), 0);
    CHECK_INT(rmdir(fake_join(p.lib, "space")), 0); /* no temporary file stayed */
    link_close(&l);
    for (int i = 0; i < 3; i++)
        fake_wheel_free(&w[i]);
    fake_remove(p.dir);
}

TEST(settling_does_not_depend_on_order) {
    static const uint32_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
    for (int i = 0; i < 3; i++) {
        settle_in_order(LINK_HARDLINK, orders[i]);
        settle_in_order(LINK_COPY, orders[i]);
        settle_in_order(LINK_SYMLINK, orders[i]);
    }
}

TEST(settling_replaces_a_stranger) {
    struct place p = place_new();
    struct fake_wheel w;
    struct linker l;
    struct told told = {0};
    const struct claims_judge judge = {later, tell, NULL, &told};
    describe(&p);
    wheel_of_all(&w, p.cache);
    fake_write(p.lib, "one.py", "stranger");
    FAKE_OK(link_open(&l, &p.env, LINK_AUTO, p.cache, &fake_err));
    FAKE_OK(link_package(&l, &w.m, w.tree, &fake_err));
    CHECK_INT(l.contested.n, 1);
    CHECK_STR(fake_read(p.lib, "one.py"), "stranger");
    FAKE_OK(claims_settle(&l, &w.m, &w.tree, 1, &judge, &fake_err));
    CHECK_STR(fake_read(p.lib, "one.py"), "one\n");
    CHECK_INT(told.n, 0);
    link_close(&l);
    fake_wheel_free(&w);
    fake_remove(p.dir);
}

TEST(writing) {
    struct place p = place_new();
    struct linker l;
    describe(&p);
    fake_write(p.dir, "old", "old");
    CHECK_INT(link(fake_join(p.dir, "old"), fake_join(p.dir, "other")), 0);
    FAKE_OK(link_open(&l, &p.env, LINK_COPY, p.cache, &fake_err));
    int fd = open(p.dir, O_RDONLY | O_DIRECTORY);
    FAKE_OK(link_write(&l, fd, "old", STR("new"), 0666, false, "old", &fake_err));
    CHECK_STR(fake_read(p.dir, "old"), "new");
    CHECK_STR(fake_read(p.dir, "other"), "old"); /* never through a link */
    FAKE_OK(link_write(&l, fd, "fresh", STR("x"), 0777, true, "fresh", &fake_err));
    CHECK(fake_mode(p.dir, "fresh") & 0100);
    FAKE_ERROR(link_write(&l, fd, "none/x", STR("x"), 0666, false, "shown", &fake_err), "shown");
    close(fd);
    link_close(&l);
    fake_remove(p.dir);
}

/* Several threads, packages that share folders. */
enum { THREADS = 4 };

struct job {
    struct linker *l;
    struct fake_wheel w;
    int result;
    struct err err;
};

static void *run(void *arg) {
    struct job *j = arg;
    j->result = link_package(j->l, &j->w.m, j->w.tree, &j->err);
    return NULL;
}

TEST(threads) {
    struct place p = place_new();
    struct linker l;
    struct job jobs[THREADS];
    pthread_t threads[THREADS];
    describe(&p);
    FAKE_OK(link_open(&l, &p.env, LINK_AUTO, p.cache, &fake_err));
    for (uint32_t i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){.l = &l};
        fake_wheel_begin(&jobs[i].w, p.cache, arena_fmt(&fake_arena, "p%u", i));
        fake_wheel_file(&jobs[i].w, SCHEME_PURELIB, "space/__init__.py", "");
        for (int f = 0; f < 50; f++)
            fake_wheel_file(&jobs[i].w, SCHEME_PURELIB, arena_fmt(&fake_arena, "space/p%u_%d.py", i, f), "x");
        fake_wheel_file(&jobs[i].w, SCHEME_HEADERS, arena_fmt(&fake_arena, "space/p%u.h", i), "x");
        fake_wheel_done(&jobs[i].w);
    }
    for (int i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, run, &jobs[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(jobs[i].result, 0);
        CHECK_STR(fake_read(p.lib, arena_fmt(&fake_arena, "space/p%d_49.py", i)), "x");
    }
    CHECK_INT(l.contested.n, 1);
    link_close(&l);
    for (int i = 0; i < THREADS; i++)
        fake_wheel_free(&jobs[i].w);
    fake_remove(p.dir);
    arena_free(&fake_arena);
}

TEST_MAIN
