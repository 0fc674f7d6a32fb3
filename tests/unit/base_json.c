#include "base/json.h"

#include <stdlib.h>

#include "tests/unit/test.h"

static struct err e;

/* Events as a text: "{" key: "string" number true null "}" each with its depth in front. */
static int log_key(void *ctx, int depth, struct str s) {
    buf_fmt(ctx, "%d:" STR_FMT ": ", depth, STR_ARG(s));
    return 0;
}
static int log_string(void *ctx, int depth, struct str s) {
    buf_fmt(ctx, "%d'" STR_FMT "' ", depth, STR_ARG(s));
    return str_is(s, "stop") ? -1 : 0;
}
static int log_number(void *ctx, int depth, struct str s) {
    buf_fmt(ctx, "%d=" STR_FMT " ", depth, STR_ARG(s));
    return 0;
}
static int log_boolean(void *ctx, int depth, bool v) {
    buf_fmt(ctx, "%d%c ", depth, v ? 't' : 'f');
    return 0;
}
static int log_null(void *ctx, int depth) {
    buf_fmt(ctx, "%d0 ", depth);
    return 0;
}
static int log_brace(void *ctx, int depth, char kind) {
    buf_fmt(ctx, "%d%c ", depth, kind);
    return 0;
}

static const struct json_handler logger = {log_key,  log_string, log_number, log_boolean,
                                           log_null, log_brace,  log_brace};

TEST(events) {
    struct buf out = {0};
    struct str text = STR("{\"a\": [1, -2.5e3, \"x\\u00e9\\n\"], \"b\": {}, \"c\": [true, false, null]}");
    CHECK_INT(json_events(text, &logger, &out, "test", &e), 0);
    CHECK_STR(buf_view(&out), "0{ 1:a: 1[ 2=1 2=-2.5e3 2'x\xc3\xa9\n' 1[ 1:b: 1{ 1{ 1:c: 1[ 2t 2f 20 1[ 0{ ");
    buf_free(&out);
}

TEST(handlers_may_be_missing) {
    static const struct json_handler none;
    CHECK_INT(json_events(STR("{\"a\": [1, \"x\", true, null, {}]}"), &none, NULL, "test", &e), 0);
}

TEST(stop) {
    struct buf out = {0};
    strcpy(e.text, "mine");
    CHECK_INT(json_events(STR("[1, \"stop\", 2]"), &logger, &out, "test", &e), -1);
    CHECK_STR(buf_view(&out), "0[ 1=1 1'stop' ");
    CHECK_STR(str_of(e.text), "mine");
    buf_free(&out);
}

TEST(malformed) {
    static const char *const texts[] = {"",         " ",        "{",     "[1,", "[1,]", "{\"a\" 1}",
                                        "{'a':1}",  "nul",      "[1] 2", "\"a", "[01]", "{\"a\":}",
                                        "\"\x01\"", "\"\xff\"", "]",     "[1}"};
    static const struct json_handler none;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK_INT(json_events(str_of(texts[i]), &none, NULL, "doc", &e), -1);
        CHECK(str_starts(str_of(e.text), STR("doc: not valid JSON")));
        CHECK(!strchr(e.text, '\n'));
    }
}

static struct str nested(struct buf *b, int depth) {
    for (int i = 0; i < depth; i++)
        buf_char(b, '[');
    for (int i = 0; i < depth; i++)
        buf_char(b, ']');
    return buf_view(b);
}

TEST(depth) {
    struct arena a = {0};
    struct json *j;
    struct buf fits = {0}, deep = {0};
    CHECK_INT(json_parse(&a, nested(&fits, 64), "doc", &j, &e), 0);
    CHECK_INT(json_parse(&a, nested(&deep, 65), "doc", &j, &e), -1);
    CHECK_STR(str_of(e.text), "doc: JSON nested deeper than 64");
    buf_free(&fits);
    buf_free(&deep);
    arena_free(&a);
}

TEST(tree) {
    struct arena a = {0};
    struct json *j;
    struct str text = STR("{\"s\": \"x\", \"n\": 12.50, \"t\": true, \"f\": false, \"z\": null,"
                          " \"list\": [\"a\", [], {\"k\": \"v\"}, \"b\"], \"s2\": \"y\"}");
    CHECK_INT(json_parse(&a, text, "doc", &j, &e), 0);
    CHECK_INT(j->type, JSON_OBJECT);
    CHECK_STR(json_string(j, "s"), "x");
    CHECK_STR(json_string(j, "s2"), "y");
    CHECK_STR(json_string(j, "n"), "");
    CHECK_STR(json_get(j, "n")->text, "12.50");
    CHECK_INT(json_get(j, "t")->type, JSON_TRUE);
    CHECK_INT(json_get(j, "f")->type, JSON_FALSE);
    CHECK_INT(json_get(j, "z")->type, JSON_NULL);
    CHECK(!json_get(j, "missing"));
    CHECK(!json_get(NULL, "s"));
    const struct json *x = json_get(j, "list")->child;
    CHECK_STR(x->text, "a");
    CHECK(!x->key.p);
    CHECK_INT(x->next->type, JSON_ARRAY);
    CHECK(!x->next->child);
    CHECK_STR(json_string(x->next->next, "k"), "v");
    CHECK_STR(x->next->next->next->text, "b");
    CHECK(!x->next->next->next->next);
    CHECK(!json_get(x, "k"));
    CHECK_INT(json_parse(&a, STR("\"alone\""), "doc", &j, &e), 0);
    CHECK_STR(j->text, "alone");
    arena_free(&a);
}

TEST(quote) {
    static const struct {
        const char *text, *want;
    } cases[] = {{"", "\"\""},
                 {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
                 {"\n\t\r\x1b[0m\x7f", "\"\\n\\t\\u000d\\u001b[0m\\u007f\""},
                 {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\""},
                 {"\xc2\x9b", "\"\\u009b\""},
                 {"x\xffy", "\"x\\ufffdy\""},
                 {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
                 {"\xc0\xaf", "\"\\ufffd\\ufffd\""},
                 {"\xe2\x82", "\"\\ufffd\\ufffd\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        json_quote(&out, str_of(cases[i].text));
        CHECK_STR(buf_view(&out), cases[i].want);
        buf_free(&out);
    }
}

TEST_MAIN
