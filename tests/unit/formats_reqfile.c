/* The scenarios: tests/data/reqfile/NAME.in is a requirement file, NAME.out what is read from it. */
#include "formats/reqfile.h"

#include <glob.h>

#include "base/file.h"
#include "tests/unit/test.h"

static const char *variable(const char *name) {
    static const char *const values[][2] = {
        {"VERSION", "1.0"}, {"USER_1", "me"}, {"SECRET", "${VERSION}"}, {"EMPTY", ""}, {"lower", "bad"}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (!strcmp(values[i][0], name))
            return values[i][1];
    return NULL;
}

static void put_list(struct buf *out, const char *what, const struct str *p, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        buf_fmt(out, "    %s: " STR_FMT "\n", what, STR_ARG(p[i]));
}

static void put_line(struct arena *a, struct buf *out, const struct reqline *l) {
    static const char *const kinds[] = {"requirement",  "path",        "editable",
                                        "requirements", "constraints", "option"};
    buf_fmt(out, "%u %s:", (unsigned)l->line, kinds[l->kind]);
    if (l->option.n)
        buf_fmt(out, " " STR_FMT, STR_ARG(l->option));
    buf_fmt(out, " " STR_FMT "\n", STR_ARG(l->text));
    if (l->kind == REQLINE_REQUIREMENT)
        buf_fmt(out, "    name: " STR_FMT "\n    specifiers: " STR_FMT "\n", STR_ARG(l->req.name),
                STR_ARG(specifiers_format(a, &l->req.spec)));
    if (l->marker_text.n)
        buf_fmt(out, "    marker: " STR_FMT "\n", STR_ARG(l->marker_text));
    put_list(out, "extra", l->extras, l->nextras);
    put_list(out, "hash", l->hashes, l->nhashes);
    put_list(out, "setting", l->config_settings, l->nconfig_settings);
}

static void read_file(struct arena *a, struct str text, struct buf *out) {
    struct reqfile f;
    struct err e;
    if (reqfile_parse(a, text, "FILE", variable, &f, &e) < 0) {
        CHECK_INT(e.kind, ERR_INPUT);
        buf_fmt(out, "%s\n", e.text);
        return;
    }
    for (uint32_t i = 0; i < f.n; i++)
        put_line(a, out, &f.lines[i]);
}

static void check_file(const char *path) {
    struct arena a = {0};
    struct buf in = {0}, want = {0}, got = {0};
    struct err e;
    char *out = arena_fmt(&a, "%.*s.out", (int)strlen(path) - 3, path);
    CHECK_INT(file_read(path, &in, &e), 0);
    CHECK_INT(file_read(out, &want, &e), 0);
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

TEST(scenarios) {
    glob_t found;
    CHECK_INT(glob("tests/data/reqfile/*.in", 0, NULL, &found), 0);
    CHECK(found.gl_pathc > 10);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_file(found.gl_pathv[i]);
    globfree(&found);
}

TEST(offsets_are_of_the_first_byte) {
    struct arena a = {0};
    struct reqfile f;
    struct err e;
    CHECK_INT(reqfile_parse(&a, STR("\xef\xbb\xbf# x\n  foo \\\n ==1\nbar\n"), "F", NULL, &f, &e), 0);
    CHECK_INT(f.n, 2);
    CHECK_INT(f.lines[0].offset, 9);
    CHECK_INT(f.lines[0].line, 2);
    CHECK_INT(f.lines[1].offset, 20);
    CHECK_INT(f.lines[1].line, 4);
    arena_free(&a);
}

TEST(without_variables_the_text_stays) {
    struct arena a = {0};
    struct reqfile f;
    struct err e;
    CHECK_INT(reqfile_parse(&a, STR("-i ${VERSION}\n"), "F", NULL, &f, &e), 0);
    CHECK_STR(f.lines[0].text, "${VERSION}");
    arena_free(&a);
}

TEST(an_empty_file_has_no_lines) {
    struct arena a = {0};
    struct reqfile f;
    struct err e;
    CHECK_INT(reqfile_parse(&a, STR(""), "F", NULL, &f, &e), 0);
    CHECK_INT(f.n, 0);
    CHECK_INT(reqfile_parse(&a, STR("\\\n\\\n\\"), "F", NULL, &f, &e), 0);
    CHECK_INT(f.n, 0);
    arena_free(&a);
}

TEST_MAIN
