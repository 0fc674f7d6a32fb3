#include "base/html.h"

#include "tests/unit/test.h"

static struct err e;

static int log_base(void *ctx, struct str href) {
    buf_fmt(ctx, "base " STR_FMT "\n", STR_ARG(href));
    return 0;
}
static int log_meta(void *ctx, struct str name, struct str content) {
    buf_fmt(ctx, "meta " STR_FMT "=" STR_FMT "\n", STR_ARG(name), STR_ARG(content));
    return 0;
}
static int log_anchor(void *ctx, const struct html_attribute *attributes, unsigned n, struct str text) {
    buf_c(ctx, "a");
    for (unsigned i = 0; i < n; i++)
        buf_fmt(ctx, " " STR_FMT "=" STR_FMT, STR_ARG(attributes[i].name), STR_ARG(attributes[i].value));
    buf_fmt(ctx, " [" STR_FMT "]\n", STR_ARG(text));
    return str_is(text, "stop") ? 1 : 0;
}

static const struct html_handler logger = {log_base, log_meta, log_anchor};

TEST(pages) {
    static const struct {
        const char *page, *want;
    } cases[] = {
        {"", ""},
        {"<!DOCTYPE html><html><head><meta name='v' content='1.0'><base href='/b/'></head>"
         "<body><a href=\"x\">X</a><br/>\n<a HREF='y' data-requires-python='&gt;=3.8,&lt;4'>  Y &amp; Z "
         "</a></body></html>",
         "meta v=1.0\nbase /b/\na href=x [X]\na href=y data-requires-python=>=3.8,<4 [Y & Z]\n"},
        {"<a href=1>one<a href=2>two", "a href=1 [one]\na href=2 [two]\n"},
        {"<a href=1><b>o<i>n</i></b>e</a> after", "a href=1 [one]\n"},
        {"<a data-yanked>x</a>", "a data-yanked= [x]\n"},
        {"<a href=1 href=2>x</a>", "a href=1 [x]\n"},
        {"<!-- <a href=no>no</a> --><script>'<a href=no>'</script><a href=yes></a>", "a href=yes []\n"},
        {"<body><a href=1>x</a><base href=/late/><base href=/later/>", "base /late/\na href=1 [x]\n"},
        {"plain text", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        CHECK_INT(html_anchors(str_of(cases[i].page), &logger, &out, "page", &e), 0);
        CHECK_STR(buf_view(&out), cases[i].want);
        buf_free(&out);
    }
}

TEST(stop) {
    struct buf out = {0};
    strcpy(e.text, "mine");
    CHECK_INT(html_anchors(STR("<a>1</a><a>stop</a><a>2</a>"), &logger, &out, "page", &e), -1);
    CHECK_STR(buf_view(&out), "a [1]\na [stop]\n");
    CHECK_STR(str_of(e.text), "mine");
    buf_free(&out);
}

TEST(handlers_may_be_missing) {
    static const struct html_handler none;
    CHECK_INT(html_anchors(STR("<base href=x><meta name=a content=b><a>1</a>"), &none, NULL, "page", &e), 0);
}

static void repeat(struct buf *b, const char *s, int times) {
    for (int i = 0; i < times; i++)
        buf_c(b, s);
}

/* A tree that is too deep for recursion is read; one that grows without bounds is given up. */
TEST(hostile) {
    struct buf deep = {0}, wide = {0}, out = {0};
    repeat(&deep, "<div>", 20000);
    buf_c(&deep, "<a href=x>x</a>");
    CHECK_INT(html_anchors(buf_view(&deep), &logger, &out, "page", &e), 0);
    CHECK_STR(buf_view(&out), "a href=x [x]\n");
    for (int i = 0; i < 4000; i++)
        buf_fmt(&wide, "<font size=%d><p>", i);
    CHECK_INT(html_anchors(buf_view(&wide), &logger, &out, "page", &e), -1);
    CHECK_STR(str_of(e.text), "page: the HTML page is too tangled to be read");
    buf_free(&deep);
    buf_free(&wide);
    buf_free(&out);
}

TEST_MAIN
