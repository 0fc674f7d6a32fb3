#include "base/store.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/test.h"

struct world {
    char dir[32];
    struct arena a;
};

static void open_world(struct world *w) {
    *w = (struct world){.dir = "/tmp/envgraph-test-XXXXXX"};
    CHECK(mkdtemp(w->dir) != NULL);
    setenv("TMPDIR", w->dir, 1);
    unsetenv("ENVGRAPH_CACHE");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
}

static void close_world(struct world *w) {
    struct err e;
    unsetenv("TMPDIR");
    file_remove_tree(AT_FDCWD, w->dir, &e);
    arena_free(&w->a);
}

static char *in(struct world *w, const char *path) {
    return arena_fmt(&w->a, "%s/%s", w->dir, path);
}

static void check_read(struct world *w, const struct store *s, const char *rel, const char *want) {
    struct buf text = {0};
    struct err e;
    char *path = store_find(s, &w->a, rel);
    CHECK(path != NULL);
    CHECK(path && file_read(path, &text, &e) == 0);
    CHECK_STR(buf_view(&text), want);
    buf_free(&text);
}

TEST(the_folder_is_the_one_that_the_environment_names) {
    struct world w;
    struct store s;
    struct err e;
    open_world(&w);
    setenv("HOME", w.dir, 1);
    CHECK_INT(store_open(&s, &e), 0);
    CHECK_STR(str_of(s.root), in(&w, ".cache/envgraph/v1"));
    store_close(&s);
    setenv("XDG_CACHE_HOME", "relative", 1); /* does not count */
    CHECK_INT(store_open(&s, &e), 0);
    CHECK_STR(str_of(s.root), in(&w, ".cache/envgraph/v1"));
    store_close(&s);
    setenv("XDG_CACHE_HOME", in(&w, "xdg"), 1);
    CHECK_INT(store_open(&s, &e), 0);
    CHECK_STR(str_of(s.root), in(&w, "xdg/envgraph/v1"));
    store_close(&s);
    setenv("ENVGRAPH_CACHE", in(&w, "own/./deep"), 1);
    CHECK_INT(store_open(&s, &e), 0);
    CHECK_STR(str_of(s.root), in(&w, "own/deep/v1"));
    CHECK(!s.scratch);
    CHECK(file_exists(in(&w, "own/deep/CACHEDIR.TAG")));
    store_close(&s);
    close_world(&w);
}

TEST(entries_are_written_read_and_replaced) {
    struct world w;
    struct store s;
    struct err e;
    open_world(&w);
    setenv("ENVGRAPH_CACHE", in(&w, "cache"), 1);
    CHECK_INT(store_open(&s, &e), 0);
    CHECK(!store_find(&s, &w.a, "idx/ab/name"));
    CHECK_INT(store_write(&s, "idx/ab/name", STR("one"), &e), 0);
    check_read(&w, &s, "idx/ab/name", "one");
    CHECK_INT(store_write(&s, "idx/ab/name", STR("two"), &e), 0);
    check_read(&w, &s, "idx/ab/name", "two");
    char *tmp = arena_fmt(&w.a, "%s", s.tmp);
    CHECK(strcmp(store_tmp(&s, &w.a), store_tmp(&s, &w.a)));
    store_close(&s);
    CHECK(!file_exists(tmp));
    CHECK_INT(store_open(&s, &e), 0); /* and still there */
    check_read(&w, &s, "idx/ab/name", "two");
    /* Deleted under our feet. */
    CHECK_INT(file_remove_tree(AT_FDCWD, in(&w, "cache/v1/idx"), &e), 0);
    CHECK_INT(store_write(&s, "idx/ab/name", STR("three"), &e), 0);
    check_read(&w, &s, "idx/ab/name", "three");
    store_close(&s);
    close_world(&w);
}

static void publish_folder(struct world *w, struct store *s, const char *text) {
    struct err e;
    char *tmp = store_tmp(s, &w->a);
    CHECK_INT(file_mkdirs(tmp, &e), 0);
    CHECK_INT(file_write(path_join(&w->a, tmp, "file"), str_of(text), 0666, &e), 0);
    CHECK_INT(store_publish(s, tmp, "wheels/aa/x", &e), 0);
    CHECK(!file_exists(tmp));
}

TEST(the_first_folder_that_is_published_wins) {
    struct world w;
    struct store s;
    struct err e;
    open_world(&w);
    setenv("ENVGRAPH_CACHE", in(&w, "cache"), 1);
    CHECK_INT(store_open(&s, &e), 0);
    publish_folder(&w, &s, "first");
    publish_folder(&w, &s, "second");
    check_read(&w, &s, "wheels/aa/x/file", "first");
    CHECK_INT(store_publish(&s, store_tmp(&s, &w.a), "wheels/aa/y", &e), -1); /* nothing there to publish */
    store_close(&s);
    close_world(&w);
}

/* Where nothing can be written, what is there is read, and the rest lives for the run. */
static void check_scratch(struct world *w, bool readable) {
    struct store s;
    struct err e;
    CHECK_INT(store_open(&s, &e), 0);
    CHECK(s.scratch != NULL);
    if (s.scratch) {
        if (readable)
            check_read(w, &s, "py/a", "old");
        CHECK(!store_find(&s, &w->a, "py/b"));
        CHECK_INT(store_write(&s, "py/a", STR("new"), &e), 0);
        CHECK_INT(store_write(&s, "py/b", STR("b"), &e), 0);
        check_read(w, &s, "py/a", "new");
        check_read(w, &s, "py/b", "b");
        char *scratch = arena_fmt(&w->a, "%s", s.scratch);
        CHECK(str_starts(str_of(scratch), str_of(w->dir)));
        store_close(&s);
        CHECK(!file_exists(scratch));
    }
}

TEST(without_a_place_it_lives_for_the_run) {
    struct world w;
    struct err e;
    open_world(&w);
    check_scratch(&w, false); /* no HOME at all */
    CHECK_INT(file_mkdirs(in(&w, "cache/v1/py"), &e), 0);
    CHECK_INT(file_write(in(&w, "cache/v1/py/a"), STR("old"), 0666, &e), 0);
    /* A file where tmp should be: not writable, for root too. */
    CHECK_INT(file_write(in(&w, "cache/v1/tmp"), STR(""), 0666, &e), 0);
    setenv("ENVGRAPH_CACHE", in(&w, "cache"), 1);
    check_scratch(&w, true);
    setenv("TMPDIR", in(&w, "not/there"), 1);
    struct store s;
    CHECK_INT(store_open(&s, &e), -1);
    CHECK(strstr(e.text, "ENVGRAPH_CACHE"));
    setenv("TMPDIR", w.dir, 1);
    close_world(&w);
}

TEST(what_was_left_behind_is_swept_and_what_is_in_use_is_not) {
    struct world w;
    struct store s, other;
    struct err e;
    open_world(&w);
    setenv("ENVGRAPH_CACHE", in(&w, "cache"), 1);
    CHECK_INT(file_mkdirs(in(&w, "cache/v1/tmp/killed/3/tree"), &e), 0);
    CHECK_INT(store_open(&s, &e), 0);
    CHECK(!file_exists(in(&w, "cache/v1/tmp/killed")));
    char *mine = store_tmp(&s, &w.a);
    CHECK_INT(file_mkdirs(mine, &e), 0);
    CHECK_INT(store_open(&other, &e), 0);
    CHECK(strcmp(s.tmp, other.tmp));
    CHECK(file_is_dir(mine));
    store_close(&other);
    CHECK(file_is_dir(mine));
    store_close(&s);
    close_world(&w);
}

static void *open_and_close(void *arg) {
    (void)arg;
    for (int i = 0; i < 20; i++) {
        struct store s;
        struct err e;
        CHECK_INT(store_open(&s, &e), 0);
        CHECK(!s.scratch);
        CHECK_INT(store_write(&s, "py/same", STR("same"), &e), 0);
        store_close(&s);
    }
    return NULL;
}

TEST(many_open_and_sweep_at_once) {
    struct world w;
    pthread_t threads[4];
    open_world(&w);
    setenv("ENVGRAPH_CACHE", in(&w, "cache"), 1);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, open_and_close, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    struct err e;
    char *tmp = in(&w, "cache/v1/tmp");
    struct store s;
    CHECK_INT(store_open(&s, &e), 0); /* sweeps what a loser of a race left */
    store_close(&s);
    CHECK_INT(rmdir(tmp), 0);
    close_world(&w);
}

/* Wherever it is read: a bad entry must not come back from the other place. */
TEST(a_dropped_entry_is_gone) {
    struct world w;
    struct store s;
    struct err e;
    open_world(&w);
    setenv("ENVGRAPH_CACHE", in(&w, "cache"), 1);
    CHECK_INT(store_open(&s, &e), 0);
    char *tmp = store_tmp(&s, &w.a);
    CHECK_INT(file_mkdirs(arena_fmt(&w.a, "%s/tree", tmp), &e), 0);
    CHECK_INT(store_publish(&s, tmp, "wheels/aa/folder", &e), 0);
    CHECK_INT(store_write(&s, "idx/file", STR("x"), &e), 0);
    CHECK_INT(store_drop(&s, "wheels/aa/folder", &e), 0);
    CHECK_INT(store_drop(&s, "idx/file", &e), 0);
    CHECK_INT(store_drop(&s, "never/there", &e), 0);
    CHECK(!store_find(&s, &w.a, "wheels/aa/folder"));
    CHECK(!store_find(&s, &w.a, "idx/file"));
    store_close(&s);
    close_world(&w);
}

TEST_MAIN
