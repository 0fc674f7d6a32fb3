#include "tests/unit/executor_fake.h"

#include "executor/verify_internal.h"

#define SHA_OF_ABC "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"

/* What is expected of a file with the bytes "abc". */
struct row {
    const char *hash;
    int64_t size;
    bool executable;
    enum fault fault;
};

static const struct row rows[] = {
    {"sha256=" SHA_OF_ABC, 3, false, FAULT_NONE},
    {"sha256=" SHA_OF_ABC, -1, false, FAULT_NONE},
    {"sha256=" SHA_OF_ABC "=", 3, false, FAULT_NONE}, /* some tools pad */
    {"sha256=" SHA_OF_ABC, 3, true, FAULT_MODE},
    {"sha256=" SHA_OF_ABC, 4, false, FAULT_SIZE},
    {"sha256=AAAA", 3, false, FAULT_ALTERED},
    {"sha256=", 3, false, FAULT_ALTERED},
    {"crc=1", 3, false, FAULT_ALTERED}, /* proves nothing */
    {"abc", 3, false, FAULT_ALTERED},
    {"", 3, false, FAULT_NONE}, /* a row without a hash: it has to be there */
    {"", -1, false, FAULT_NONE},
    {"md5=kAFQmDzST7DWlj99KOF_cg", 3, false, FAULT_ALTERED}, /* too weak */
};

TEST(one_file) {
    char *dir = fake_dir(), *path = fake_write(dir, "abc", "abc");
    struct expectations x = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        vec_push(&x.v, (struct expected){.path = str_of(path),
                                         .hash = str_of(rows[i].hash),
                                         .size = rows[i].size,
                                         .executable = rows[i].executable,
                                         .checked = true});
    for (int threads = 1; threads <= 4; threads++) {
        verify_check(&x, threads);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            CHECK_INT(x.v.p[i].fault, rows[i].fault);
            if (test_failed_now)
                printf("in row %zu: %s\n", i, rows[i].hash);
        }
    }
    vec_free(&x.v);
    fake_remove(dir);
}

static enum fault check(const char *path, const char *links, bool any_link) {
    struct expectations x = {0};
    vec_push(&x.v,
             (struct expected){
                 .path = str_of(path), .size = -1, .links = links, .any_link = any_link, .checked = true});
    verify_check(&x, 1);
    enum fault fault = x.v.p[0].fault;
    vec_free(&x.v);
    return fault;
}

/* A link to the cache's file is how --link-mode symlink installs; any other is damage. */
TEST(what_is_no_file) {
    char *dir = fake_dir(), *file = fake_write(dir, "file", "x"), *equal = fake_write(dir, "equal", "x");
    char *link = fake_join(dir, "link"), *dangling = fake_join(dir, "dangling"),
         *pipe = fake_join(dir, "pipe");
    CHECK_INT(symlink(file, link), 0);
    CHECK_INT(symlink("nowhere", dangling), 0);
    CHECK_INT(mkfifo(pipe, 0666), 0);
    CHECK_INT(check(link, file, false), FAULT_NONE);
    CHECK_INT(check(link, equal, false), FAULT_KIND);
    CHECK_INT(check(link, NULL, false), FAULT_KIND);
    CHECK_INT(check(link, NULL, true), FAULT_NONE);
    CHECK_INT(check(dangling, NULL, true), FAULT_MISSING);
    CHECK_INT(check(pipe, NULL, false), FAULT_KIND);
    CHECK_INT(check(dir, NULL, false), FAULT_KIND);
    CHECK_INT(check(fake_join(file, "below"), NULL, false), FAULT_MISSING);
    fake_remove(dir);
}

TEST(nothing_to_check) {
    struct expectations x = {0};
    verify_check(&x, 4);
    CHECK_INT(x.v.n, 0);
}

TEST_MAIN
