#include "tests/unit/test.h"

#include "executor/wanted.h"

static const struct python python = {
    .executable = STR_INIT("/opt/py/bin/python3.11"),
    .version = STR_INIT("3.11.7"),
    .major = 3,
    .minor = 11,
    .markers = {.implementation_name = STR_INIT("cpython"),
                .python_version = STR_INIT("3.11"),
                .python_full_version = STR_INIT("3.11.7"),
                .sys_platform = STR_INIT("linux"),
                .os_name = STR_INIT("posix")},
    .soabi = STR_INIT("cpython-311-x86_64-linux-gnu"),
    .platform = STR_INIT("linux-x86_64"),
    .glibc_major = 2,
    .glibc_minor = 36,
    .pointer_bits = 64,
};

TEST(the_interpreter_is_the_locks) {
    static const struct {
        const char *version, *implementation, *text;
    } rows[] = {
        {"3.11.7", "cpython", NULL},
        {"3.11", "cpython", NULL},
        {"3.11.99", "", NULL}, /* another patch release is no other Python */
        {"", "", NULL},
        {"3.12.1", "cpython", "the lock is for Python 3.12.1"},
        {"3.1", "cpython", "the lock is for Python 3.1,"},
        {"2.11", "cpython", "--python 2.11"},
        {"3.11", "pypy", "the lock is for pypy"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lock lock = {.python = str_of(rows[i].version),
                            .implementation = str_of(rows[i].implementation)};
        struct err e = {0};
        CHECK_INT(wanted_check_python(&lock, &python, &e), rows[i].text ? -1 : 0);
        CHECK(!rows[i].text || strstr(e.text, rows[i].text));
        if (test_failed_now)
            printf("in row %zu: %s\n", i, e.text);
    }
}

/* What a pylock.toml says (PEP 751): the lock's own conditions. */
TEST(requires_python_and_environments) {
    static const struct {
        const char *python, *environments[2], *text;
    } table[] = {
        {">=3.8", {NULL}, NULL},
        {">=3.8,<3.11", {NULL}, "the lock is for Python >=3.8,<3.11, and /opt/py"},
        {"", {"os_name == 'nt'", "os_name == 'posix'"}, NULL},
        {"", {"os_name == 'nt'"}, "the lock is for other environments than /opt/py"},
        {"", {"os_name == 'nt'", "os_name == 'java'"}, "os_name == 'nt' ...;"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct str environments[2] = {str_of(table[i].environments[0]), str_of(table[i].environments[1])};
        struct lock lock = {.requires_python = str_of(table[i].python), .environments = environments};
        lock.nenvironments = (uint32_t)(environments[0].n > 0) + (environments[1].n > 0);
        struct err e = {0};
        CHECK_INT(wanted_check_python(&lock, &python, &e), table[i].text ? -1 : 0);
        CHECK(!table[i].text || strstr(e.text, table[i].text));
        if (test_failed_now)
            printf("in row %zu: %s\n", i, e.text);
    }
}

static int select_one(struct lock_package *p, struct err *e) {
    static struct str groups[] = {STR_INIT("main")};
    struct arena a = {0};
    struct lock lock = {.packages = p, .npackages = 1, .groups = groups, .ngroups = 1};
    struct wanted_list out;
    int result = wanted_select(&a, &lock, &python, &out, e);
    result = result ? result : (int)out.n;
    arena_free(&a);
    return result;
}

TEST(faults_count_where_they_matter) {
    struct lock_file files[] = {{.name = STR_INIT("p-1-py3-none-any.whl"), .fault = "file fault"},
                                {.name = STR_INIT("p-1-py311-none-any.whl")}};
    struct lock_package p = {.name = STR("p"), .version = STR("1"), .files = files, .nfiles = 2};
    struct err e;
    CHECK_INT(select_one(&p, &e), 1); /* the better wheel has none */
    p.nfiles = 1;
    CHECK_INT(select_one(&p, &e), -1);
    CHECK(e.kind == ERR_INPUT && strstr(e.text, "file fault"));
    p.fault = "package fault";
    CHECK_INT(select_one(&p, &e), -1);
    CHECK(e.kind == ERR_INPUT && strstr(e.text, "package fault"));
    p.marker = STR("'dev' in dependency_groups");
    CHECK_INT(select_one(&p, &e), 0);
    p.marker = STR("'Main' in dependency_groups");
    CHECK_INT(select_one(&p, &e), -1);
}

TEST(requires_python_of_a_package) {
    struct lock_file file = {.name = STR("p-1-py3-none-any.whl")};
    struct lock_package p = {.name = STR("p"), .version = STR("1"), .files = &file, .nfiles = 1};
    struct err e;
    p.requires_python = STR(">=3.11");
    CHECK_INT(select_one(&p, &e), 1);
    p.requires_python = STR(">3.11.7");
    CHECK_INT(select_one(&p, &e), -1);
    CHECK(strstr(e.text, "p 1 is for Python >3.11.7, and /opt/py"));
}

/* One package with up to three files; what is chosen, or the error. */
struct row {
    const char *marker, *files[3], *chosen, *error;
};

static const struct row rows[] = {
    {"", {"p-1-py3-none-any.whl"}, "p-1-py3-none-any.whl", NULL},
    {"python_version >= '3'", {"p-1-py3-none-any.whl"}, "p-1-py3-none-any.whl", NULL},
    {"python_version < '3'", {"p-1-py3-none-any.whl"}, NULL, NULL},
    {"python_version < '3'", {"p-1.tar.gz"}, NULL, NULL}, /* does not count */
    {"",
     {"p-1-py3-none-any.whl", "p-1-cp311-cp311-manylinux_2_17_x86_64.whl", "p-1-cp310-cp310-win_amd64.whl"},
     "p-1-cp311-cp311-manylinux_2_17_x86_64.whl",
     NULL},
    {"", {"p-1-1-py3-none-any.whl", "p-1-2-py3-none-any.whl"}, "p-1-2-py3-none-any.whl", NULL},
    {"", {"p-1.tar.gz", "p-1-py3-none-any.whl"}, "p-1-py3-none-any.whl", NULL},
    {"", {"p-1-cp310-cp310-win_amd64.whl"}, NULL, "no wheel fits"},
    {"", {"p-1-cp311-cp311-manylinux_2_99_x86_64.whl"}, NULL, "no wheel fits"},
    {"", {"p-1.tar.gz"}, NULL, "p 1: a source distribution; building is not supported yet"},
    {"", {"p-1-cp310-cp310-win_amd64.whl", "p-1.tar.gz"}, NULL, "source distribution"},
    {"nonsense", {"p-1-py3-none-any.whl"}, NULL, "marker \"nonsense\""},
};

static void check_row(const struct row *row) {
    struct arena a = {0};
    struct lock_file files[3];
    struct lock_package p = {.name = STR("p"), .version = STR("1"), .marker = str_of(row->marker)};
    p.files = files;
    for (; p.nfiles < 3 && row->files[p.nfiles]; p.nfiles++) {
        struct str name = str_of(row->files[p.nfiles]);
        files[p.nfiles] =
            (struct lock_file){.kind = str_ends(name, STR(".whl")) ? LOCK_WHEEL : LOCK_SDIST, .name = name};
    }
    struct lock lock = {.packages = &p, .npackages = 1};
    struct wanted_list out;
    struct err e = {0};
    int failed = wanted_select(&a, &lock, &python, &out, &e);
    CHECK_INT(failed, row->error ? -1 : 0);
    CHECK(!row->error || strstr(e.text, row->error));
    if (!failed)
        CHECK_INT(out.n, row->chosen != NULL);
    if (!failed && row->chosen && out.n)
        CHECK_STR(out.p[0].file->name, row->chosen);
    arena_free(&a);
}

TEST(files_and_markers) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(&rows[i]);
        if (test_failed_now)
            printf("in row %zu\n", i);
    }
}

TEST(all_misfits_are_named_and_a_name_holds_once) {
    struct arena a = {0};
    struct lock_file s = {.kind = LOCK_SDIST, .name = STR("x.tar.gz")};
    struct lock_package p[] = {
        {.name = STR_INIT("x"), .version = STR_INIT("1"), .files = &s, .nfiles = 1},
        {.name = STR_INIT("y"), .version = STR_INIT("2"), .files = &s, .nfiles = 1},
    };
    struct lock lock = {.packages = p, .npackages = 2};
    struct wanted_list out;
    struct err e;
    CHECK_INT(wanted_select(&a, &lock, &python, &out, &e), -1);
    CHECK(strstr(e.text, "x 1, y 2: "));
    p[1].name = STR("x");
    CHECK_INT(wanted_select(&a, &lock, &python, &out, &e), -1);
    CHECK(strstr(e.text, "x: the markers of two"));
    lock.npackages = 0;
    CHECK_INT(wanted_select(&a, &lock, &python, &out, &e), 0);
    CHECK_INT(out.n, 0);
    arena_free(&a);
}

TEST_MAIN
