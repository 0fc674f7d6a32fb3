#include "base/url.h"

#include "tests/unit/test.h"

static struct arena a;

TEST(scheme_and_host) {
    CHECK(url_is(STR("https://example.org/x")));
    CHECK(url_is(STR("file:/tmp/x")));
    CHECK(url_is(STR("git+ssh://git@example.org/x")));
    CHECK(!url_is(STR("./x.whl")));
    CHECK(!url_is(STR("C:\\x")));
    CHECK(!url_is(STR("")));
    CHECK(!url_is(STR("://x")));
    CHECK_STR(url_scheme(STR("hTTps://example.org")), "hTTps");
    CHECK_STR(url_scheme(STR("a/b:c")), "");
    CHECK_STR(url_scheme(STR("1a:b")), "");
    CHECK_STR(url_host(STR("https://u:p@example.org:8080/x?y#z")), "example.org:8080");
    CHECK_STR(url_host(STR("https://u:p@q@example.org?x")), "example.org");
    CHECK_STR(url_host(STR("https://example.org/@other")), "example.org");
    CHECK_STR(url_host(STR("/x/y")), "");
}

/* RFC 3986 section 5.4, and what indexes have. */
TEST(join) {
    static const struct {
        const char *base, *reference, *want;
    } cases[] = {
        {"http://a/b/c/d;p?q", "g:h", "g:h"},
        {"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
        {"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
        {"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
        {"http://a/b/c/d;p?q", "/g", "http://a/g"},
        {"http://a/b/c/d;p?q", "//g", "http://g"},
        {"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
        {"http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y"},
        {"http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q#s"},
        {"http://a/b/c/d;p?q", "g#s", "http://a/b/c/g#s"},
        {"http://a/b/c/d;p?q", "g?y#s", "http://a/b/c/g?y#s"},
        {"http://a/b/c/d;p?q", ";x", "http://a/b/c/;x"},
        {"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
        {"http://a/b/c/d;p?q", ".", "http://a/b/c/"},
        {"http://a/b/c/d;p?q", "./", "http://a/b/c/"},
        {"http://a/b/c/d;p?q", "..", "http://a/b/"},
        {"http://a/b/c/d;p?q", "../g", "http://a/b/g"},
        {"http://a/b/c/d;p?q", "../..", "http://a/"},
        {"http://a/b/c/d;p?q", "../../g", "http://a/g"},
        {"http://a/b/c/d;p?q", "../../../../g", "http://a/g"},
        {"http://a/b/c/d;p?q", "/./g", "http://a/g"},
        {"http://a/b/c/d;p?q", "/../g", "http://a/g"},
        {"http://a/b/c/d;p?q", "g..", "http://a/b/c/g.."},
        {"http://a/b/c/d;p?q", "./../g", "http://a/b/g"},
        {"http://a/b/c/d;p?q", "./g/.", "http://a/b/c/g/"},
        {"http://a/b/c/d;p?q", "g/../h", "http://a/b/c/h"},
        {"http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x"},
        {"http://a", "g", "http://a/g"},
        {"https://u:p@example.org/simple/x/", "../../files/x-1.whl#sha256=ab",
         "https://u:p@example.org/files/x-1.whl#sha256=ab"},
        {"file:///tmp/links/", "x.whl", "file:///tmp/links/x.whl"},
        {"dir/env.lock", "x.whl", "dir/x.whl"},
        {"dir/env.lock", "../x.whl", "x.whl"},
        {"", "./x/../y", "y"},
        {"", "..", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_STR(url_join(&a, str_of(cases[i].base), str_of(cases[i].reference)), cases[i].want);
}

TEST(fragments) {
    CHECK_STR(url_without_fragment(STR("https://a/x#egg=y")), "https://a/x");
    CHECK_STR(url_without_fragment(STR("https://a/x")), "https://a/x");
    CHECK_STR(url_fragment(STR("https://a/x#sha256=ab&egg=y")), "sha256=ab&egg=y");
    CHECK_STR(url_fragment(STR("https://a/x")), "");
    CHECK_STR(url_fragment_value(STR("https://a/x#sha256=ab&egg=y"), STR("egg")), "y");
    CHECK_STR(url_fragment_value(STR("https://a/x#sha256=ab&egg=y"), STR("sha256")), "ab");
    CHECK_STR(url_fragment_value(STR("https://a/x#sha256=ab&egg=y"), STR("sha")), "");
    CHECK_STR(url_fragment_value(STR("https://a/x#egg"), STR("egg")), "");
    CHECK_STR(url_fragment_value(STR("https://a/x?egg=y"), STR("egg")), "");
}

TEST(file_names) {
    CHECK_STR(url_filename(&a, STR("https://a/p/x-1.0%2Bcu-py3-none-any.whl?z=/q#f/g")),
              "x-1.0+cu-py3-none-any.whl");
    CHECK_STR(url_filename(&a, STR("https://a")), "");
    CHECK_STR(url_filename(&a, STR("https://a/p/")), "");
    CHECK_STR(url_filename(&a, STR("../x.whl")), "x.whl");
    CHECK_STR(url_decode(&a, STR("%41%4a%4Jx%")), "AJ%4Jx%");
    CHECK_STR(url_decode(&a, STR("%")), "%");
    CHECK_STR(url_decode(&a, STR("%2")), "%2");
    CHECK_STR(url_decode(&a, STR("%2f")), "/");
    CHECK_INT(url_decode(&a, STR("a%00b")).n, 3);
}

TEST(redact) {
    CHECK_STR(url_redact(&a, STR("https://u:p@example.org/x@y")), "https://example.org/x@y");
    CHECK_STR(url_redact(&a, STR("https://token@example.org")), "https://example.org");
    CHECK_STR(url_redact(&a, STR("https://u:p@q@example.org/")), "https://example.org/");
    CHECK_STR(url_redact(&a, STR("//u:p@example.org/")), "//example.org/");
    CHECK_STR(url_redact(&a, STR("https://example.org/x@y")), "https://example.org/x@y");
    CHECK_STR(url_redact(&a, STR("dir/x@y")), "dir/x@y");
    CHECK_STR(url_redact(&a, STR("")), "");
}

TEST(paths) {
    CHECK_STR(url_of_path(&a, "/tmp/a b/\xc3\xa4#?%.whl"), "file:///tmp/a%20b/%C3%A4%23%3F%25.whl");
    CHECK_STR(url_to_path(&a, STR("file:///tmp/a%20b/%C3%A4%23%3F%25.whl")), "/tmp/a b/\xc3\xa4#?%.whl");
    CHECK_STR(url_to_path(&a, STR("file://localhost/tmp/x#sha256=1")), "/tmp/x");
    CHECK_STR(url_to_path(&a, STR("FILE:/tmp/x")), "/tmp/x");
    CHECK_STR(url_to_path(&a, STR("file://elsewhere/tmp/x")), "");
    CHECK_STR(url_to_path(&a, STR("file:tmp/x")), "");
    CHECK_STR(url_to_path(&a, STR("file:///tmp/x%00.whl")), "");
    CHECK_STR(url_to_path(&a, STR("https://a/tmp/x")), "");
    CHECK_STR(url_to_path(&a, STR("/tmp/x")), "");
    arena_free(&a);
}

TEST_MAIN
