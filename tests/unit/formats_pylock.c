#include "formats/pylock.h"

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

static int read_pylock(struct str text) {
    return pylock_read(&a, text, "pylock.toml", &l, &e);
}

static void read_whole(void) {
    CHECK_INT(read_pylock(load("tests/data/locks/pylock.toml")), 0);
    CHECK_INT(l.npackages, 7);
    if (l.npackages != 7)
        exit(1);
}

TEST(head) {
    read_whole();
    CHECK_STR(l.requires_python, "== 3.11.*");
    CHECK_STR(l.python, "3.11");
    CHECK_STR(l.implementation, "");
    CHECK_INT(l.nenvironments, 2);
    CHECK_STR(l.environments[1], "sys_platform == 'darwin'");
    CHECK_INT(l.ngroups, 1);
    CHECK_STR(l.groups[0], "type-check");
}

TEST(wheels) {
    read_whole();
    const struct lock_package *p = &l.packages[6];
    CHECK_STR(p->name, "zed");
    CHECK_STR(p->version, "2.0");
    CHECK_STR(p->requires_python, ">=3.8");
    CHECK(p->requested && !p->direct && !p->fault);
    CHECK_INT(p->ndepends, 2);
    CHECK_STR(p->depends[0], "a");
    CHECK_STR(p->depends[1], "b-c");
    CHECK_INT(p->nfiles, 3);
    CHECK_STR(p->files[0].name, "zed-2.0-py3-none-any.whl");
    CHECK_STR(p->files[0].url, "https://files.example.org/download?id=7");
    CHECK_STR(p->files[0].sha256, "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789");
    CHECK_INT(p->files[0].size, 12);
    CHECK_STR(p->files[1].url, "wheels/zed-2-cp311-cp311-linux_x86_64.whl");
    CHECK_INT(p->files[2].kind, LOCK_SDIST);
    p = &l.packages[1];
    CHECK_STR(p->name, "b-c");
    CHECK_STR(p->marker, "'tz' in extras or 'type-check' in dependency_groups");
    CHECK(!p->requested);
    CHECK_STR(p->files->url, "https://files.example.org/b_c-1.0-py3-none-any.whl");
}

TEST(direct) {
    read_whole();
    const struct lock_package *p = &l.packages[0];
    CHECK_STR(p->name, "a");
    CHECK_STR(p->version, "3");
    CHECK(p->direct && !p->requested);
    CHECK_STR(p->files->url, "./x:y/a-3-py3-none-any.whl");
    CHECK_STR(p->files->name, "a-3-py3-none-any.whl");
    CHECK_STR(l.packages[5].version, "1.5");
}

/* Those that lead to themselves alone are asked for. */
TEST(requested) {
    CHECK_INT(read_pylock(STR("lock-version = '1'\npackages = [{name = 'a', version = '1', dependencies = "
                              "[{name = 'a'}], directory = {path = '.'}}]")),
              0);
    CHECK(l.packages[0].requested);
}

TEST(what_cannot_be_installed_is_told_later) {
    read_whole();
    CHECK(strstr(l.packages[2].fault, "pylock.toml:40:13: folder: installing from a folder"));
    CHECK(strstr(l.packages[3].fault, "pylock.toml:44:7: repository: installing from version control"));
    CHECK(strstr(l.packages[4].fault, "source: building a source archive"));
    CHECK(!l.packages[6].files[0].fault);
    CHECK(strstr(l.packages[6].files[1].fault, "zed-2-cp311-cp311-linux_x86_64.whl has no sha256 here"));
}

TEST(python_of_a_lock_for_one) {
    static const char *const rows[][2] = {
        {"==3.11.*", "3.11"},      {">=3.11", ""},  {"==3.*", ""}, {"==3.11.4", ""},
        {"==3.11.*,!=3.11.2", ""}, {"!=3.11.*", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_INT(read_pylock(str_of(arena_fmt(
                      &a, "lock-version = '1.0'\nrequires-python = '%s'\npackages = []", rows[i][0]))),
                  0);
        CHECK_STR(l.python, rows[i][1]);
        CHECK_INT(l.npackages, 0);
    }
}

static struct str expand(struct str text) {
    struct buf b = {0};
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '@')
            buf_c(&b, "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef");
        else if (text.p[i] == '~')
            buf_c(&b, "lock-version = \"1.0\"\ncreated-by = \"hand\"");
        else
            buf_char(&b, text.p[i]);
    }
    struct str s = arena_str(&a, buf_view(&b));
    buf_free(&b);
    return s;
}

static void check_refused(struct str text, struct str want) {
    CHECK_INT(read_pylock(text), -1);
    CHECK_INT(e.kind, ERR_INPUT);
    struct str got = str_of(e.text);
    CHECK(str_starts(got, STR("pylock.toml:")));
    got = str_head(str_from(got, 12), want.n);
    CHECK(str_eq(got, want));
    if (!str_eq(got, want))
        printf("got  " STR_FMT "\nwant " STR_FMT "\n", STR_ARG(got), STR_ARG(want));
}

TEST(refused) {
    struct str rest = load("tests/data/locks/pylock_refused"), want;
    int cases = 0;
    ptrdiff_t at = str_search(rest, STR("\n=== "));
    for (; at >= 0; cases++) {
        rest = str_from(rest, (size_t)at + 5);
        str_cut(&rest, '\n', &want);
        at = str_search(rest, STR("\n=== "));
        check_refused(expand(str_head(rest, at < 0 ? rest.n : (size_t)at + 1)), str_trim(want));
    }
    CHECK(cases > 45);
    arena_free(&a);
}

TEST_MAIN
