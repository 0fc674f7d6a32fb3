#include "base/yaml.h"

#include "base/file.h"
#include "tests/unit/test.h"

static struct err e;

TEST(tree) {
    struct arena a = {0};
    struct yaml *y;
    struct str text =
        STR("# \xc3\xa4\nname: \xc3\xa4\nlist: [a, \"b c\", 'd']\nblock:\n  - x: 1\n    y:\n  - z\n");
    CHECK_INT(yaml_parse(&a, text, "f", &y, &e), 0);
    CHECK_INT(y->type, YAML_MAPPING);
    CHECK_INT(y->n, 3);
    CHECK_STR(yaml_text(y, "name"), "\xc3\xa4");
    const struct yaml *list = yaml_get(y, "list");
    CHECK_INT(list->n, 3);
    CHECK_STR(list->child->next->text, "b c");
    CHECK_STR(list->child->next->next->text, "d");
    CHECK(!list->child->next->next->next);
    CHECK(text.p[list->offset] == '[');
    const struct yaml *block = yaml_get(y, "block");
    CHECK_STR(yaml_text(block->child, "x"), "1");
    CHECK_STR(yaml_text(block->child, "y"), "");
    CHECK(yaml_get(block->child, "y"));
    CHECK_STR(block->child->next->text, "z");
    CHECK(text.p[block->child->next->offset] == 'z');
    CHECK(!yaml_get(y, "missing"));
    CHECK(!yaml_get(list, "name"));
    CHECK_STR(yaml_text(y, "list"), "");
    arena_free(&a);
}

/* The error begins with "f:line:column: message". */
TEST(refused) {
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "f:1:1: nothing in it"},
        {"# only this\n", "f:1:1: nothing in it"},
        {"a: 1\nb: 2\na: 3\n", "f:3:1: the key \"a\" stands twice"},
        {"a: {b: 1, b: 2}\n", "f:1:11: the key \"b\" stands twice"},
        {"a: &x 1\n", "f:1:4: anchors and tags"},
        {"a: &x [1]\n", "f:1:4: anchors and tags"},
        {"a: !!str 1\n", "f:1:4: anchors and tags"},
        {"a: ! 1\n", "f:1:4: anchors and tags"},
        {"a: *x\n", "f:1:4: aliases"},
        {"a: 1\n---\nb: 1\n", "f:2:1: more than one document"},
        {"? [a]\n: 1\n", "f:1:3: a key must be a text"},
        {"{a: 1}: 1\n", "f:1:1: a key must be a text"},
        {"\xc3\xa4: 1\nb: [1\n", "f:3:1: "},
        {"a: 1\n  b: 2\n", "f:2:4: "},
        {"a: \xff\n", "f:1:4: "},
        {"a:\tb\x01\n", "f:1:"},
        {"a: \"x\n", "f:2:1: "},
    };
    struct arena a = {0};
    struct yaml *y;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_INT(yaml_parse(&a, str_of(cases[i].text), "f", &y, &e), -1);
        CHECK_INT(e.kind, ERR_INPUT);
        if (!str_starts(str_of(e.text), str_of(cases[i].want)))
            CHECK_STR(str_of(e.text), cases[i].want);
    }
    arena_free(&a);
}

TEST(depth) {
    struct arena a = {0};
    struct yaml *y;
    struct buf b = {0};
    for (int i = 0; i < 100000; i++)
        buf_char(&b, '[');
    CHECK_INT(yaml_parse(&a, buf_view(&b), "f", &y, &e), -1);
    CHECK(strstr(e.text, "f:1:65: nested too deeply"));
    buf_free(&b);
    arena_free(&a);
}

/* tests/data/yaml_scalars: a text a line, and after a tab how it is written in a block and in a flow. */
TEST(scalars) {
    struct buf table = {0};
    CHECK_INT(file_read("tests/data/yaml_scalars", &table, &e), 0);
    struct str rest = buf_view(&table), line, text, block;
    int cases = 0;
    while (str_cut(&rest, '\n', &line)) {
        if (!line.n || line.p[0] == '\t' || !str_cut(&line, '\t', &text) || !str_cut(&line, '\t', &block))
            continue;
        struct buf got = {0}, flow = {0};
        yaml_scalar(&got, text);
        yaml_flow_scalar(&flow, text);
        bool right = str_eq(buf_view(&got), block) && str_eq(buf_view(&flow), line);
        CHECK(right);
        if (!right)
            printf("    " STR_FMT ": got %s and %s\n", STR_ARG(text), got.p, flow.p);
        buf_free(&got);
        buf_free(&flow);
        cases++;
    }
    CHECK(cases > 60);
    buf_free(&table);
}

/* What is written is read back, in a block and in a flow. */
TEST(round_trip) {
    static const char *const texts[] = {"",
                                        " ",
                                        "a\nb",
                                        "a\tb",
                                        "\"",
                                        "\\",
                                        "- a",
                                        "a: b",
                                        "a #b",
                                        "#a",
                                        "[a",
                                        "a]",
                                        "{",
                                        "a, b",
                                        "'",
                                        "|",
                                        "key:",
                                        "-",
                                        "---",
                                        "...",
                                        "?",
                                        "? a",
                                        ":",
                                        "::",
                                        "%a",
                                        "@a",
                                        "`",
                                        "&a",
                                        "*a",
                                        "!a",
                                        "\xc2\x85",
                                        "\xe2\x80\xa8",
                                        "\x7f\x1b",
                                        "a ",
                                        "--pre",
                                        "x:y",
                                        "\xf0\x9f\x98\x80",
                                        "\xef\xbb\xbf",
                                        "a\r\nb",
                                        "~",
                                        "a[b]>=1,<2"};
    struct arena a = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buf b = {0};
        struct yaml *y = NULL;
        buf_c(&b, "k: ");
        yaml_scalar(&b, str_of(texts[i]));
        buf_c(&b, "\nl: [");
        yaml_flow_scalar(&b, str_of(texts[i]));
        buf_c(&b, ", x]\n");
        CHECK_INT(yaml_parse(&a, buf_view(&b), "f", &y, &e), 0);
        CHECK_STR(yaml_text(y, "k"), texts[i]);
        CHECK_STR(yaml_get(y, "l")->child->text, texts[i]);
        if (test_failed_now)
            printf("%s\n%s\n", b.p, e.text);
        buf_free(&b);
    }
    arena_free(&a);
}

TEST(not_utf8) {
    struct buf b = {0};
    yaml_scalar(&b, STR("a\xff"));
    CHECK_STR(buf_view(&b), "\"a\\uFFFD\"");
    buf_free(&b);
}

TEST_MAIN
