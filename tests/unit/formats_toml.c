/* tests/data/toml/NAME.in is a document, NAME.out its tree; tests/data/toml/refused: what is no TOML. */
#include "formats/toml.h"

#include <glob.h>

#include "base/vec.h"
#include "tests/unit/table.h"

static struct err e;

/* "\n" and "\\" for what would break a line. */
static void put_text(struct buf *out, struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\\' || (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            buf_fmt(out, s.p[i] == '\n' ? "\\n" : s.p[i] == '\\' ? "\\\\" : "\\x%02x", s.p[i]);
        else
            buf_char(out, s.p[i]);
}

/* A value a line: its line, in a table its key, what it is; those in it are indented. */
static void put(struct buf *out, const struct toml *t, int depth, bool keyed) {
    buf_fmt(out, "%3u %*s", (unsigned)t->line, 2 * depth, "");
    if (keyed) {
        buf_char(out, '"');
        put_text(out, t->key);
        buf_c(out, "\": ");
    }
    buf_c(out, toml_type_name(t->type));
    if (t->type == TOML_TEXT || t->type == TOML_DATE) {
        buf_char(out, ' ');
        put_text(out, t->text);
    } else if (t->type == TOML_INTEGER) {
        buf_fmt(out, " %lld", (long long)t->integer);
    } else if (t->type == TOML_FLOAT) {
        buf_fmt(out, " %g", t->number);
    } else if (t->type == TOML_BOOLEAN) {
        buf_c(out, t->boolean ? " true" : " false");
    }
    buf_char(out, '\n');
    uint32_t n = 0;
    for (const struct toml *c = t->child; c; c = c->next, n++)
        put(out, c, depth + 1, t->type == TOML_TABLE);
    CHECK_INT(t->n, n);
}

static void check_file(const char *path) {
    struct arena a = {0};
    struct toml *t;
    struct buf in = {0}, want = {0}, got = {0};
    CHECK_INT(file_read(path, &in, &e), 0);
    CHECK_INT(file_read(arena_fmt(&a, "%.*s.out", (int)strlen(path) - 3, path), &want, &e), 0);
    if (toml_parse(&a, buf_view(&in), path, &t, &e) == 0)
        put(&got, t, 0, false);
    else
        buf_fmt(&got, "%s\n", e.text);
    if (!str_eq(buf_view(&got), buf_view(&want))) {
        printf("%s: got\n" STR_FMT, path, STR_ARG(buf_view(&got)));
        test_failed_now = true;
    }
    buf_free(&in);
    buf_free(&want);
    buf_free(&got);
    arena_free(&a);
}

TEST(documents) {
    glob_t found;
    CHECK_INT(glob("tests/data/toml/*.in", 0, NULL, &found), 0);
    CHECK(found.gl_pathc >= 4);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_file(found.gl_pathv[i]);
    globfree(&found);
}

/* \n, \r, \t, \\ and \xNN */
static struct str unescape(struct arena *a, struct str s) {
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\\' && ++i < s.n) {
            c = s.p[i] == 'n' ? '\n' : s.p[i] == 'r' ? '\r' : s.p[i] == 't' ? '\t' : s.p[i];
            if (c == 'x') {
                c = (char)strtol(arena_str(a, str_head(str_from(s, i + 1), 2)).p, NULL, 16);
                i += 2;
            }
        }
        p[n++] = c;
    }
    return (struct str){p, n};
}

/* line:column, what the message begins with, the document. */
TEST(refused) {
    struct table t = table_open("tests/data/toml/refused");
    while (table_next(&t)) {
        struct arena a = {0};
        struct toml *root;
        char *want = arena_fmt(&a, "f:" STR_FMT ": " STR_FMT, STR_ARG(t.field[0]), STR_ARG(t.field[1]));
        bool holds = t.n == 3 && toml_parse(&a, unescape(&a, t.field[2]), "f", &root, &e) < 0 &&
                     e.kind == ERR_INPUT && str_starts(str_of(e.text), str_of(want));
        if (!holds)
            printf("want %s\ngot %s\n", want, e.text);
        table_check(&t, holds);
        arena_free(&a);
    }
    table_close(&t);
}

TEST(offsets) {
    struct arena a = {0};
    struct toml *root;
    struct str text = STR("\xef\xbb\xbf"
                          "a = [ 1, 'x' ]\n[ b.c ]\nd.e = {f=1}\n");
    CHECK_INT(toml_parse(&a, text, "f", &root, &e), 0);
    const struct toml *list = toml_get(root, "a"), *c = toml_get(toml_get(root, "b"), "c");
    CHECK(text.p[list->offset] == '[' && text.p[list->key_offset] == 'a');
    CHECK(text.p[list->child->next->offset] == '\'');
    CHECK(text.p[c->offset] == 'c' && c->offset == c->key_offset);
    const struct toml *inner = toml_get(toml_get(c, "d"), "e");
    CHECK(text.p[inner->offset] == '{' && text.p[inner->key_offset] == 'e');
    CHECK_INT(inner->line, 3);
    CHECK(!toml_get(root, "d") && !toml_get(list, "a") && !toml_get(NULL, "a"));
    arena_free(&a);
}

static int parse_nested(const char *open, const char *close, int depth, const char *before) {
    struct arena a = {0};
    struct toml *root;
    struct buf b = {0};
    buf_c(&b, before);
    for (int i = 0; i < depth; i++)
        buf_c(&b, open);
    for (int i = 0; i < depth; i++)
        buf_c(&b, close);
    int result = toml_parse(&a, buf_view(&b), "f", &root, &e);
    buf_free(&b);
    arena_free(&a);
    return result;
}

TEST(depth_is_bounded) {
    CHECK_INT(parse_nested("[", "]", 64, "a="), 0);
    CHECK_INT(parse_nested("[", "]", 65, "a="), -1);
    CHECK(strstr(e.text, "f:1:67: nested deeper than 64"));
    CHECK_INT(parse_nested("[", "]", 1000000, "a="), -1);
    CHECK_INT(parse_nested("{a=", "", 1000000, "a="), -1);
    CHECK_INT(parse_nested("a.", "", 1000000, ""), -1);
    CHECK_INT(parse_nested("a.", "", 1000000, "["), -1);
    CHECK_INT(parse_nested("[[a.b]]\n", "", 1000, ""), 0);
    CHECK_INT(parse_nested("[[a.b]]\n", "[[a.b.c]]\n", 1000, ""), 0);
}

/* In a time that grows with the size alone. */
TEST(many_keys) {
    struct arena a = {0};
    struct toml *root;
    struct buf b = {0};
    for (int i = 0; i < 200000; i++)
        buf_fmt(&b, "k%d.x = %d\n", i, i);
    CHECK_INT(toml_parse(&a, buf_view(&b), "f", &root, &e), 0);
    CHECK_INT(root->n, 200000);
    CHECK_INT(toml_get(toml_get(root, "k199999"), "x")->integer, 199999);
    buf_c(&b, "k7.x = 1\n");
    CHECK_INT(toml_parse(&a, buf_view(&b), "f", &root, &e), -1);
    CHECK(strstr(e.text, "f:200001:4: this key stands twice: it was set in line 8 already"));
    buf_free(&b);
    arena_free(&a);
}

TEST_MAIN
