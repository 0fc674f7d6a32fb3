#include "formats/lock.h"

#include "base/file.h"
#include "tests/unit/test.h"

static struct err e;
static struct arena a;
static struct lock l;

static struct str load(const char *path) {
    struct buf b = {0};
    CHECK_INT(file_read(path, &b, &e), 0);
    struct str s = arena_str(&a, buf_view(&b));
    buf_free(&b);
    return s;
}

static int read_lock(struct str text) {
    return lock_read(&a, text, "env.lock", &l, &e);
}

TEST(whole) {
    CHECK_INT(read_lock(load("tests/data/locks/whole.lock")), 0);
    CHECK_INT(l.version, 1);
    CHECK_STR(l.python, "3.11.7");
    CHECK_STR(l.implementation, "cpython");
    CHECK_STR(l.platform, "manylinux_2_36_x86_64");
    CHECK_INT(l.ninputs, 2);
    CHECK_STR(l.inputs[1].path, "-");
    CHECK_INT(l.nrequires, 2);
    CHECK_STR(l.requires[1], "no ; python_version < \"3.12\"");
    CHECK_INT(l.noptions, 2);
    CHECK_STR(l.options[0], "--pre");
    CHECK_INT(l.npackages, 4);
}

TEST(packages) {
    CHECK_INT(read_lock(load("tests/data/locks/whole.lock")), 0);
    if (l.npackages != 4)
        return;
    const struct lock_package *p = l.packages;
    CHECK_STR(p->name, "alembic");
    CHECK_STR(p->version, "1.13.1");
    CHECK(p->requested && !p->direct);
    CHECK_STR(p->marker, "");
    CHECK_INT(p->nextras, 1);
    CHECK_STR(p->extras[0], "tz");
    CHECK_INT(p->ndepends, 2);
    CHECK_STR(p->depends[1], "no");
    CHECK_INT(p->nfiles, 1);
    CHECK_INT(p->files->kind, LOCK_WHEEL);
    CHECK_STR(p->files->name, "alembic-1.13.1-py3-none-any.whl");
    CHECK_INT(p->files->size, 233405);
    p++;
    CHECK(!p->requested && p->direct);
    CHECK_INT(p->ndepends, 0);
    CHECK_INT(p->files->kind, LOCK_SDIST);
    CHECK_STR(p->files->name, "mako-1.3.tar.gz");
    CHECK_INT(p->files->size, 0);
    p++;
    CHECK_STR(p->files->name, "no-1.10+local-py3-none-any.whl");
    p++;
    CHECK_STR(p->marker, "\"win\" in sys_platform");
    CHECK_INT(p->nfiles, 2);
    CHECK(p->files->size == UINT64_MAX);
}

TEST(written_as_read) {
    struct str text = load("tests/data/locks/whole.lock");
    struct buf b = {0};
    CHECK_INT(read_lock(text), 0);
    lock_write(&l, &b);
    CHECK(str_eq(buf_view(&b), text));
    if (!str_eq(buf_view(&b), text))
        printf("%s", b.p);
    buf_free(&b);
}

#define HEX "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"

/* Written by a person or another program: names as they like, in any order, with keys of their own. */
TEST(normalized) {
    CHECK_INT(
        read_lock(STR("{lock-version: 1, mine: {a: [b]}, packages: ["
                      "{name: Foo_Bar, version: 1, depends: [Zed, A.b, zed], extras: [X.y], colour: red,"
                      " files: [{url: a.whl, sha256: " HEX "}]},"
                      "{name: zed, version: 1, depends: [], files: [{url: x/b.tgz, sha256: " HEX "}]},"
                      "{name: a.b, version: 1, depends: [], files: [{url: b%2f.whl, sha256: " HEX "}]}]}")),
        0);
    CHECK_INT(l.npackages, 3);
    if (l.npackages != 3)
        return;
    CHECK_STR(l.packages[0].name, "a-b");
    CHECK_STR(l.packages[0].files->name, "b%2f.whl");
    CHECK_STR(l.packages[1].name, "foo-bar");
    CHECK_STR(l.packages[2].name, "zed");
    CHECK_INT(l.packages[1].ndepends, 2);
    CHECK_STR(l.packages[1].depends[0], "a-b");
    CHECK_STR(l.packages[1].depends[1], "zed");
    CHECK_STR(l.packages[1].extras[0], "x-y");
    CHECK_STR(l.packages[1].files->sha256,
              "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
}

TEST(empty) {
    struct buf b = {0};
    lock_write(&(struct lock){0}, &b);
    CHECK(str_ends(buf_view(&b), STR("\nlock-version: 1\npackages: []\n")));
    CHECK_INT(read_lock(buf_view(&b)), 0);
    CHECK_INT(l.npackages, 0);
    CHECK_STR(l.python, "");
    buf_free(&b);
}

TEST(no_credentials_written) {
    struct lock_file f = {.url = STR("https://user:secret@example.org/a.whl"), .sha256 = STR(HEX)};
    struct lock_package p = {.name = STR("a"), .version = STR("1"), .files = &f, .nfiles = 1};
    struct buf b = {0};
    lock_write(&(struct lock){.packages = &p, .npackages = 1}, &b);
    CHECK(strstr(b.p, "url: https://example.org/a.whl\n"));
    CHECK(!strstr(b.p, "secret"));
    buf_free(&b);
}

static struct str expand(struct str text) {
    struct buf b = {0};
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '@')
            buf_c(&b, HEX);
        else
            buf_char(&b, text.p[i]);
    }
    struct str s = arena_str(&a, buf_view(&b));
    buf_free(&b);
    return s;
}

TEST(refused) {
    struct str rest = load("tests/data/locks/refused"), want;
    int cases = 0;
    ptrdiff_t at = str_search(rest, STR("\n=== "));
    while (at >= 0) {
        rest = str_from(rest, (size_t)at + 5);
        str_cut(&rest, '\n', &want);
        at = str_search(rest, STR("\n=== "));
        struct str text = expand(str_head(rest, at < 0 ? rest.n : (size_t)at + 1));
        CHECK_INT(read_lock(text), -1);
        CHECK_INT(e.kind, ERR_INPUT);
        struct str got = str_of(e.text);
        CHECK(str_starts(got, STR("env.lock:")));
        got = str_head(str_from(got, 9), want.n);
        CHECK(str_eq(got, want));
        if (!str_eq(got, want))
            printf("got  " STR_FMT "\nwant " STR_FMT "\n", STR_ARG(got), STR_ARG(want));
        cases++;
    }
    CHECK(cases > 40);
    arena_free(&a);
}

TEST_MAIN
