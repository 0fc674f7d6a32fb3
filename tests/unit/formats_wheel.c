#include "formats/wheel.h"

#include "tests/unit/test.h"

static struct err e;
static struct arena a;

TEST(wheel_file) {
    struct wheel_file w;
    CHECK_INT(
        wheel_file_parse(STR("Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
                         "w", &w, &e),
        0);
    CHECK_INT(w.major, 1);
    CHECK_INT(w.minor, 0);
    CHECK(w.root_is_purelib);
    CHECK_INT(wheel_file_parse(STR("wheel-version:1.12\r\nroot-is-purelib: False\r\n"), "w", &w, &e), 0);
    CHECK_INT(w.minor, 12);
    CHECK(!w.root_is_purelib);
    CHECK_INT(wheel_file_parse(STR("Wheel-Version: 2.0\n"), "w", &w, &e), -1);
    CHECK(strstr(e.text, "w: wheel format 2.0 is not understood"));
    static const char *const bad[] = {"",
                                      "Tag: x\n",
                                      "Wheel-Version: 1\n",
                                      "Wheel-Version: x.y\n",
                                      "Wheel-Version:\n",
                                      "Wheel-Version: 99999999999999999999.0\n",
                                      "\nWheel-Version: 1.0\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_INT(wheel_file_parse(str_of(bad[i]), "w", &w, &e), -1);
}

/* Rows as "path|hash|size;". */
static struct str rows(const char *text) {
    struct record r;
    struct buf b = {0};
    if (record_parse(&a, str_of(text), "RECORD", &r, &e) < 0)
        return STR("error");
    for (uint32_t i = 0; i < r.n; i++)
        buf_fmt(&b, STR_FMT "|" STR_FMT "|" STR_FMT ";", STR_ARG(r.p[i].path), STR_ARG(r.p[i].hash),
                STR_ARG(r.p[i].size));
    struct str s = arena_str(&a, buf_view(&b));
    buf_free(&b);
    return s;
}

TEST(record) {
    CHECK_STR(rows("a/b.py,sha256=x,12\nx-1.dist-info/RECORD,,\n"),
              "a/b.py|sha256=x|12;x-1.dist-info/RECORD||;");
    CHECK_STR(rows("a,h,1\r\nb,h,2"), "a|h|1;b|h|2;");
    CHECK_STR(rows("a,h,1\rb,h,2"), "a|h|1;b|h|2;");
    CHECK_STR(rows("\n\na,h,1\n\n\nb,h,2\n\n"), "a|h|1;b|h|2;");
    CHECK_STR(rows("\"a,b\",h,1\n"), "a,b|h|1;");
    CHECK_STR(rows("\"a\"\"b\",h,\"1\"\n"), "a\"b|h|1;");
    CHECK_STR(rows("\"\"\"\",h,1\n"), "\"|h|1;");
    CHECK_STR(rows("\"a\nb\",h,1\nc,,\n"), "a\nb|h|1;c||;");
    CHECK_STR(rows("\"a\"b\"c,h,1\n"), "ab\"c|h|1;");
    CHECK_STR(rows("a\"b,h,1\n"), "a\"b|h|1;");
    CHECK_STR(rows(" a , h,1\n"), " a | h|1;");
    CHECK_STR(rows("a\nb,h\nc,h,1,more,\"and,more\"\n"), "a||;b|h|;c|h|1;");
    CHECK_STR(rows("\"\"\na,,\n"), "a||;");
    CHECK_STR(rows(""), "");
}

TEST(record_refused) {
    CHECK_STR(rows("a,h,1\nb,\"h,1\n"), "error");
    CHECK_STR(str_of(e.text), "RECORD, line 2: a quote is not closed: the file is cut short");
    CHECK_STR(rows("\""), "error");
    CHECK_STR(rows("\"\"\""), "error");
    CHECK_STR(rows(",h,1\n"), "error");
    struct record r;
    CHECK_INT(record_parse(&a, STR("a\0b,,\n"), "RECORD", &r, &e), -1);
}

TEST(record_written) {
    static const char *const paths[] = {"a/b.py", "a,b", "a\"b", "\"", "a\nb", "a\rb", " a", "\xc3\xa4"};
    struct buf b = {0};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        record_row(&b, str_of(paths[i]), STR("sha256=x"), STR("7"));
    struct record r;
    CHECK(str_starts(buf_view(&b), STR("a/b.py,sha256=x,7\n\"a,b\",sha256=x,7\n\"a\"\"b\",")));
    CHECK_INT(record_parse(&a, buf_view(&b), "RECORD", &r, &e), 0);
    CHECK_INT(r.n, sizeof paths / sizeof *paths);
    for (uint32_t i = 0; i < r.n; i++) {
        CHECK_STR(r.p[i].path, paths[i]);
        CHECK_STR(r.p[i].size, "7");
    }
    buf_free(&b);
}

/* Points as "name=module:attribute" with "gui " in front where it is one, each with ";". */
static struct str points(const char *text) {
    struct entry_point *p;
    uint32_t n;
    struct buf b = {0};
    if (entry_points_parse(&a, str_of(text), "entry_points.txt", &p, &n, &e) < 0)
        return STR("error");
    for (uint32_t i = 0; i < n; i++)
        buf_fmt(&b, "%s" STR_FMT "=" STR_FMT ":" STR_FMT ";", p[i].gui ? "gui " : "", STR_ARG(p[i].name),
                STR_ARG(p[i].module), STR_ARG(p[i].attribute));
    struct str s = arena_str(&a, buf_view(&b));
    buf_free(&b);
    return s;
}

TEST(entry_points) {
    CHECK_STR(points("[console_scripts]\nfoo = a.b:main\nbar=c:d.e\n\n[gui_scripts]\nfoo = g:h\n"),
              "foo=a.b:main;bar=c:d.e;gui foo=g:h;");
    CHECK_STR(points("\xef\xbb\xbf[other]\nx = not : checked\ny\n[ console_scripts ]\r\n# c\r\n; c\r\n  "
                     "foo-1.2 = a : b [x,y] \r\n"),
              "foo-1.2=a:b;");
    CHECK_STR(points("[console_scripts]\nfoo = a:b\nfoo = c:d\n"), "foo=c:d;");
    CHECK_STR(points("[console_scripts]\nfoo bar = _a.b1:_c\n"), "foo bar=_a.b1:_c;");
    CHECK_STR(points("[console_scripts]\nx = \xc3\xa4:\xe5\x90\x8d\n"), "x=\xc3\xa4:\xe5\x90\x8d;");
    CHECK_STR(points("foo = a:b\n"), "");
    CHECK_STR(points("[]\n["), "");
    CHECK_STR(points(""), "");
}

TEST(entry_points_refused) {
    static const char *const lines[] = {"foo",
                                        "foo = a",
                                        "foo = a:",
                                        "foo = :b",
                                        "= a:b",
                                        "../foo = a:b",
                                        "a/b = a:b",
                                        "a\\b = a:b",
                                        ".. = a:b",
                                        "a\x01 = a:b",
                                        "foo = a-b:c",
                                        "foo = a:b()",
                                        "foo = a..b:c",
                                        "foo = a:b c",
                                        "foo = 1a:b",
                                        "foo = a:b:c",
                                        "foo = a:b;import",
                                        "foo = a:b\xff",
                                        "foo = a:\xc2\xa0z",
                                        "foo = a:b.",
                                        "foo = [x]",
                                        "foo = a;b:c",
                                        "foo = a:b [x] y",
                                        "foo =",
                                        "foo = a:'b'"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct str got = points(arena_fmt(&a, "[console_scripts]\n%s\n", lines[i]));
        CHECK_STR(got, "error");
        if (!str_is(got, "error"))
            printf("    at: %s\n", lines[i]);
    }
    CHECK_STR(points("[gui_scripts]\nx = a\x1b:b\n"), "error");
    CHECK_STR(str_of(e.text),
              "entry_points.txt: \"x = a\\u001b:b\": this is not \"module:function\" in Python names");
    arena_free(&a);
}

TEST_MAIN
