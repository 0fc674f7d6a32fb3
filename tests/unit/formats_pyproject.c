/* tests/data/pyproject/NAME.in is a file, its first line "# --extra NAME --group NAME --all-extras" what is
   wished for; NAME.out what is read and selected, or the error. */
#include "formats/pyproject.h"

#include <glob.h>

#include "base/file.h"
#include "base/vec.h"
#include "tests/unit/test.h"

static struct err e;

struct wishes {
    VEC(const char *) extras;
    VEC(const char *) groups;
    bool all_extras;
};

static void read_wishes(struct arena *a, struct str text, struct wishes *w) {
    struct str line = str_from(str_head(text, (size_t)str_find(text, '\n')), 2), word, value;
    *w = (struct wishes){0};
    while (str_cut(&line, ' ', &word)) {
        w->all_extras |= str_is(word, "--all-extras");
        if (str_is(word, "--extra") && str_cut(&line, ' ', &value))
            vec_push(&w->extras, arena_str(a, value).p);
        if (str_is(word, "--group") && str_cut(&line, ' ', &value))
            vec_push(&w->groups, arena_str(a, value).p);
    }
}

static void put_dependencies(struct buf *out, const struct pyproject *p, struct pyproject_dependencies d) {
    for (uint32_t i = 0; i < d.n; i++) {
        buf_fmt(out, "%4u " STR_FMT "\n", (unsigned)d.p[i].line, STR_ARG(d.p[i].req.text));
        CHECK(d.p[i].offset < p->text.n);
    }
}

static void put_project(struct buf *out, const struct pyproject *p) {
    if (p->has_project)
        buf_fmt(out, "project " STR_FMT " version \"" STR_FMT "\"\n", STR_ARG(p->name), STR_ARG(p->version));
    if (p->python_line)
        buf_fmt(out, "%4u python " STR_FMT "\n", (unsigned)p->python_line, STR_ARG(p->python.text));
    for (uint32_t i = 0; i < p->ndynamic; i++)
        buf_fmt(out, "dynamic " STR_FMT "\n", STR_ARG(p->dynamic[i]));
    buf_fmt(out, "build with " STR_FMT "\n", STR_ARG(p->build_backend));
    put_dependencies(out, p, p->build_requires);
    for (uint32_t i = 0; i < p->nbackend_path; i++)
        buf_fmt(out, "backend path " STR_FMT "\n", STR_ARG(p->backend_path[i]));
}

static void read_file(struct arena *a, struct str text, struct buf *out) {
    struct pyproject p;
    struct pyproject_dependencies d;
    struct wishes w;
    read_wishes(a, text, &w);
    struct pyproject_wish wish = {w.extras.p, w.extras.n, w.all_extras, w.groups.p, w.groups.n};
    int result = pyproject_parse(a, text, "FILE", &p, &e);
    if (result == 0) {
        put_project(out, &p);
        result = pyproject_select(a, &p, &wish, &d, &e);
    }
    if (result == 0) {
        buf_c(out, "selected\n");
        put_dependencies(out, &p, d);
    } else {
        CHECK_INT(e.kind, ERR_INPUT);
        buf_fmt(out, "%s\n", e.text);
    }
    vec_free(&w.extras);
    vec_free(&w.groups);
}

static void check_file(const char *path) {
    struct arena a = {0};
    struct buf in = {0}, want = {0}, got = {0};
    CHECK_INT(file_read(path, &in, &e), 0);
    CHECK_INT(file_read(arena_fmt(&a, "%.*s.out", (int)strlen(path) - 3, path), &want, &e), 0);
    read_file(&a, buf_view(&in), &got);
    if (!str_eq(buf_view(&got), buf_view(&want))) {
        printf("%s: got\n" STR_FMT, path, STR_ARG(buf_view(&got)));
        test_failed_now = true;
    }
    buf_free(&in);
    buf_free(&want);
    buf_free(&got);
    arena_free(&a);
}

TEST(files) {
    glob_t found;
    CHECK_INT(glob("tests/data/pyproject/*.in", 0, NULL, &found), 0);
    CHECK(found.gl_pathc > 20);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_file(found.gl_pathv[i]);
    globfree(&found);
}

/* The number of requirements, -1 for an error. */
static int select_all(struct buf *text) {
    struct arena a = {0};
    struct pyproject p;
    struct pyproject_dependencies d = {NULL, 0};
    struct pyproject_wish wish = {.all_extras = true};
    int result = pyproject_parse(&a, buf_view(text), "f", &p, &e);
    if (result == 0)
        result = pyproject_select(&a, &p, &wish, &d, &e);
    buf_free(text);
    arena_free(&a);
    return result < 0 ? -1 : (int)d.n;
}

static struct buf with_extras(void) {
    struct buf b = {0};
    buf_c(&b, "[project]\nname='p'\nversion='1'\n[project.optional-dependencies]\n");
    return b;
}

/* Each extra names the next one twice: 2^n ways through them, but each is needed once. */
TEST(ways_do_not_multiply) {
    struct buf b = with_extras();
    for (int i = 0; i < 60; i++)
        buf_fmt(&b, "x%d = ['p[x%d]', 'p[x%d]']\n", i, i + 1, i + 1);
    buf_c(&b, "x60 = ['a']\n");
    CHECK_INT(select_all(&b), 1);
}

TEST(hostile_ways_end) {
    struct buf b = with_extras();
    for (int i = 0; i < 60; i++)
        buf_fmt(&b, "x%d = ['p[x%d]; os_name==\"a%d\"', 'p[x%d]; os_name==\"b\"']\n", i, i + 1, i, i + 1);
    buf_c(&b, "x60 = ['a']\n");
    CHECK_INT(select_all(&b), -1);
    b = with_extras();
    for (int i = 0; i < 100000; i++)
        buf_fmt(&b, "x%d = ['p[x%d]']\n", i, i + 1);
    buf_c(&b, "x100000 = ['a']\n");
    CHECK_INT(select_all(&b), -1);
    CHECK_INT(e.kind, ERR_INPUT);
}

TEST_MAIN
