#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/test.h"

static struct arena a;
static struct err e;
static char dir[] = "/tmp/envgraph-file-XXXXXX";

TEST(write_read_map) {
    CHECK(mkdtemp(dir) != NULL);
    char *path = path_join(&a, dir, "sub/one/file");
    CHECK(file_write(path, STR("x"), 0644, &e) < 0 && strstr(e.text, path));
    CHECK(file_mkdirs(path_dir(&a, path), &e) == 0);
    CHECK(file_write(path, STR("hello"), 0644, &e) == 0);
    CHECK(file_write(path, STR("hello again"), 0644, &e) == 0);
    struct buf text = {0};
    struct str map;
    CHECK(file_read(path, &text, &e) == 0);
    CHECK_STR(buf_view(&text), "hello again");
    CHECK(file_map(path, &map, &e) == 0);
    CHECK_STR(map, "hello again");
    file_unmap(map);
    CHECK(file_write(path, STR(""), 0644, &e) == 0 && file_map(path, &map, &e) == 0 && map.n == 0);
    buf_free(&text);
    CHECK(file_read("/nonexistent/x", &text, &e) < 0 && strstr(e.text, "/nonexistent/x"));
}

TEST(a_tree_is_removed_but_not_what_links_point_to) {
    char *outside = path_join(&a, dir, "outside"), *tree = path_join(&a, dir, "tree");
    CHECK(file_mkdirs(path_join(&a, tree, "a/b"), &e) == 0 && file_mkdirs(outside, &e) == 0);
    CHECK(file_write(path_join(&a, outside, "keep"), STR("x"), 0644, &e) == 0);
    CHECK(symlink(outside, path_join(&a, tree, "a/link")) == 0);
    CHECK(file_remove_tree(AT_FDCWD, tree, &e) == 0);
    CHECK(!file_exists(tree) && file_exists(path_join(&a, outside, "keep")));
    CHECK(file_remove_tree(AT_FDCWD, tree, &e) == 0);
}

TEST(paths) {
    CHECK_STR(str_of(path_join(&a, "a", "b")), "a/b");
    CHECK_STR(str_of(path_join(&a, "a/", "b")), "a/b");
    CHECK_STR(str_of(path_join(&a, ".", "b")), "b");
    CHECK_STR(str_of(path_join(&a, "a", "/b")), "/b");
    CHECK_STR(str_of(path_dir(&a, "/a/b")), "/a");
    CHECK_STR(str_of(path_dir(&a, "/a")), "/");
    CHECK_STR(str_of(path_dir(&a, "a")), ".");
    CHECK_STR(str_of(path_absolute(&a, "/a/./b//../c/../../d")), "/d");
    CHECK_STR(str_of(path_absolute(&a, "/../..")), "/");
    CHECK_STR(path_base(STR("a/b/c")), "c");
}

TEST(safe_paths) {
    static const char *const good[] = {"a", "a/b", "a-b.c/d e", "..a/b..", "\xc3\xa9"};
    static const char *const bad[] = {"",       "/a",    "a/",   "a//b", ".",    "..",   "../a",
                                      "a/../b", "a/./b", "a\\b", "C:a",  "a\nb", "a\x7f"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(path_is_safe(str_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!path_is_safe(str_of(bad[i])));
    CHECK(!path_is_safe((struct str){"a\0b", 3}));
    CHECK(file_remove_tree(AT_FDCWD, dir, &e) == 0);
    arena_free(&a);
}

TEST_MAIN
