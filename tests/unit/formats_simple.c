#include "formats/simple.h"

#include "tests/unit/test.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define b64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define JSON_TYPE "application/vnd.pypi.simple.v1+json"

static struct err e;
static struct arena a;
static struct simple_page page;

static int parse(const char *body, const char *type) {
    return simple_parse(&a, str_of(body), str_of(type), STR("https://u:p@example.org/simple/x/"), &page, &e);
}

static const struct simple_file *only(const char *body, const char *type) {
    static const struct simple_file none;
    CHECK_INT(parse(body, type), 0);
    CHECK_INT(page.n, 1);
    return page.n == 1 ? &page.files[0] : &none;
}

/* A JSON page of one file with these members behind name and URL. */
static const struct simple_file *json_file(const char *members) {
    return only(arena_fmt(&a,
                          "{\"meta\": {\"api-version\": \"1.1\"}, \"files\": [{\"filename\": \"x-1.whl\", "
                          "\"url\": \"https://example.org/x-1.whl\"%s}]}",
                          members),
                JSON_TYPE);
}

/* An HTML page of one anchor with these attributes behind the link. */
static const struct simple_file *html_file(const char *attributes) {
    return only(arena_fmt(&a, "<a href='x-1.whl' %s>x-1.whl</a>", attributes), "text/html");
}

TEST(json_whole) {
    CHECK_INT(parse("{\"meta\": {\"_last-serial\": 1, \"api-version\": \"1.3\"}, \"name\": \"x\","
                    "\"versions\": [\"1\"], \"alternate-locations\": [{\"filename\": \"no\"}], \"files\": ["
                    "{\"filename\": \"x-1.tar.gz\", \"url\": \"../../f/x-1.tar.gz\", \"hashes\": {},"
                    " \"requires-python\": null, \"yanked\": false},"
                    "{\"filename\": \"x-2-py3-none-any.whl\", \"url\": "
                    "\"https://files.example.org/x-2-py3-none-any.whl#frag\","
                    " \"hashes\": {\"md5\": \"" A32 "\", \"sha256\": \"" B64
                    "\"}, \"requires-python\": \" >=3.8 \","
                    " \"size\": 12345, \"upload-time\": \"2023-09-16T20:11:25.123456Z\", \"yanked\": \"bad "
                    "\\\"one\\\"\","
                    " \"core-metadata\": {\"sha256\": \"" A64
                    "\"}, \"provenance\": null, \"gpg-sig\": true}]}",
                    JSON_TYPE),
              0);
    CHECK_STR(page.name, "x");
    CHECK_INT(page.n, 2);
    const struct simple_file *f = page.files;
    CHECK_STR(f->filename, "x-1.tar.gz");
    CHECK_STR(f->url, "https://u:p@example.org/f/x-1.tar.gz");
    CHECK_STR(f->requires_python, "");
    CHECK_STR(f->hash, "");
    CHECK(!f->yanked && !f->size && !f->upload_time && f->metadata == SIMPLE_NO_METADATA);
    f++;
    CHECK_STR(f->filename, "x-2-py3-none-any.whl");
    CHECK_STR(f->url, "https://files.example.org/x-2-py3-none-any.whl");
    CHECK_STR(f->requires_python, ">=3.8");
    CHECK_STR(f->hash, b64);
    CHECK_INT(f->hash_kind, HASH_SHA256);
    CHECK_INT(f->size, 12345);
    CHECK_INT(f->upload_time, 1694895085);
    CHECK(f->yanked);
    CHECK_STR(f->yanked_reason, "bad \"one\"");
    CHECK_INT(f->metadata, SIMPLE_METADATA_SHA256);
    CHECK_INT(f->metadata_sha256[31], 0xaa);
}

TEST(json_metadata) {
    CHECK_INT(json_file("")->metadata, SIMPLE_NO_METADATA);
    CHECK_INT(json_file(", \"core-metadata\": true")->metadata, SIMPLE_METADATA);
    CHECK_INT(json_file(", \"core-metadata\": false")->metadata, SIMPLE_NO_METADATA);
    CHECK_INT(json_file(", \"core-metadata\": {}")->metadata, SIMPLE_METADATA);
    CHECK_INT(json_file(", \"core-metadata\": {\"sha256\": \"short\"}")->metadata, SIMPLE_METADATA);
    CHECK_INT(json_file(", \"core-metadata\": {\"sha1\": \"" A64 "\"}")->metadata, SIMPLE_METADATA);
    CHECK_INT(json_file(", \"data-dist-info-metadata\": {\"sha256\": \"" A64 "\"}")->metadata,
              SIMPLE_METADATA_SHA256);
    CHECK_INT(json_file(", \"dist-info-metadata\": true")->metadata, SIMPLE_METADATA);
    CHECK_INT(json_file(", \"core-metadata\": false, \"dist-info-metadata\": true")->metadata,
              SIMPLE_NO_METADATA);
    CHECK_INT(json_file(", \"dist-info-metadata\": true, \"core-metadata\": false")->metadata,
              SIMPLE_NO_METADATA);
    CHECK_INT(json_file(", \"core-metadata\": {\"sha256\": \"" A64
                        "\"}, \"dist-info-metadata\": {\"sha256\": \"" B64 "\"}")
                  ->metadata_sha256[0],
              0xaa);
}

TEST(json_hashes) {
    CHECK_INT(json_file(", \"hashes\": {\"md5\": \"" A32 "\"}")->hash_kind, HASH_MD5);
    CHECK_INT(json_file(", \"hashes\": {\"sha256\": \"" A64 "\", \"sha512\": \"" A64 B64 "\"}")->hash_kind,
              HASH_SHA256);
    CHECK_INT(json_file(", \"hashes\": {\"sha512\": \"" A64 B64 "\", \"sha256\": \"" A64 "\"}")->hash_kind,
              HASH_SHA256);
    CHECK_STR(json_file(", \"hashes\": {\"sha512\": \"" A64 B64 "\", \"md5\": \"" A32 "\"}")->hash, A64 b64);
    CHECK_STR(json_file(", \"hashes\": {\"sha256\": \"" A32 "\"}")->hash, "");
    CHECK_STR(json_file(", \"hashes\": {\"sha256\": \"g" A32 A32 "\"}")->hash, "");
    CHECK_STR(json_file(", \"hashes\": {\"sha256\": 1, \"other\": \"" A64 "\"}")->hash, "");
}

TEST(json_times) {
    static const struct {
        const char *text;
        long long want;
    } cases[] = {{"1970-01-01T00:00:01Z", 1},
                 {"2000-02-29T23:59:59Z", 951868799},
                 {"2024-02-29T12:00:00.5Z", 1709208000},
                 {"2024-12-31T23:59:60Z", 1735689600},
                 {"2024-01-01T02:00:00+02:00", 1704067200},
                 {"2023-12-31T19:30:00.123-04:30", 1704067200},
                 {"2024-01-01T00:00:00", 1704067200},
                 {"2024-01-01", 0},
                 {"2024-13-01T00:00:00Z", 0},
                 {"yesterday", 0},
                 {"", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_INT(json_file(arena_fmt(&a, ", \"upload-time\": \"%s\"", cases[i].text))->upload_time,
                  cases[i].want);
}

TEST(json_odd_types) {
    const struct simple_file *f =
        json_file(", \"requires-python\": 3, \"size\": -1, \"upload-time\": 5, \"hashes\": [1],"
                  " \"yanked\": {\"filename\": \"no\"}, \"other\": [{\"url\": \"no\"}]");
    CHECK_STR(f->filename, "x-1.whl");
    CHECK_STR(f->url, "https://example.org/x-1.whl");
    CHECK_STR(f->requires_python, "");
    CHECK(!f->size && !f->upload_time && !f->yanked);
    CHECK_INT(json_file(", \"size\": 99999999999999999999999")->size, 0);
    CHECK_INT(json_file(", \"size\": 1.5")->size, 0);
    CHECK(json_file(", \"yanked\": true")->yanked);
    CHECK(json_file(", \"yanked\": \"\"")->yanked);
}

TEST(json_left_out) {
    CHECK_INT(parse("{\"files\": [{}, 1, \"x\", [{\"filename\": \"a\", \"url\": \"b\"}],"
                    "{\"filename\": \"a.whl\"}, {\"url\": \"https://e/a.whl\"},"
                    "{\"filename\": \"../a.whl\", \"url\": \"https://e/a.whl\"},"
                    "{\"filename\": \"..\", \"url\": \"https://e/a.whl\"},"
                    "{\"filename\": \"d/a.whl\", \"url\": \"https://e/a.whl\"},"
                    "{\"filename\": \"a\\u0000.whl\", \"url\": \"https://e/a.whl\"},"
                    "{\"filename\": \"a\\n.whl\", \"url\": \"https://e/a.whl\"},"
                    "{\"filename\": \"\", \"url\": \"https://e/a.whl\"},"
                    "{\"filename\": \"a.whl\", \"url\": \"ftp://e/a.whl\"},"
                    "{\"filename\": \"a.whl\", \"url\": \"javascript:a.whl\"},"
                    "{\"filename\": \"a.whl\", \"url\": \"https://e/a\\r\\n.whl\"},"
                    "{\"filename\": \"a.whl\", \"url\": \"file:///l/a.whl\"}]}",
                    JSON_TYPE),
              0);
    CHECK_INT(page.n, 0);
}

TEST(only_local_pages_lead_to_local_files) {
    struct str body = STR("<a href=\"/l/a.whl\">a</a><a href=\"https://e/b.whl\">b</a>");
    CHECK_INT(simple_parse(&a, body, STR(""), STR("file:///x/index.html"), &page, &e), 0);
    CHECK_INT(page.n, 2);
    CHECK_STR(page.files[0].url, "file:///l/a.whl");
    CHECK_INT(parse("<base href=\"file:///x/\"><a href=\"a.whl\">a</a>", "text/html"), 0);
    CHECK_INT(page.n, 0);
}

TEST(texts_that_people_are_shown) {
    CHECK_STR(json_file(", \"yanked\": \"\\u001b[2Jit\\nleaks\"")->yanked_reason, "[2Jit leaks");
    CHECK_STR(json_file(", \"requires-python\": \"\\u0007>=3\\t\"")->requires_python, ">=3");
}

TEST(html) {
    const struct simple_file *f =
        only("<!DOCTYPE html><html><head><meta name=\"pypi:repository-version\" content=\"1.3\"></head><body>"
             "<a href=\"../../f/x-1%2Bl-py3-none-any.whl#sha256=" B64 "\" data-requires-python=\"&gt;=3.8\" "
             "data-yanked=\"\" data-dist-info-metadata=\"sha256=" A64
             "\">text</a> <a href='../'>up</a></body></html>",
             "text/html");
    CHECK_STR(f->filename, "x-1+l-py3-none-any.whl");
    CHECK_STR(f->url, "https://u:p@example.org/f/x-1%2Bl-py3-none-any.whl");
    CHECK_STR(f->hash, b64);
    CHECK_STR(f->requires_python, ">=3.8");
    CHECK(f->yanked);
    CHECK_STR(f->yanked_reason, "");
    CHECK_INT(f->metadata, SIMPLE_METADATA_SHA256);
    CHECK_INT(f->metadata_sha256[0], 0xaa);
}

TEST(html_details) {
    CHECK_INT(html_file("")->metadata, SIMPLE_NO_METADATA);
    CHECK_INT(html_file("data-core-metadata=true")->metadata, SIMPLE_METADATA);
    CHECK_INT(html_file("data-core-metadata=false data-dist-info-metadata=true")->metadata,
              SIMPLE_NO_METADATA);
    CHECK_INT(html_file("data-dist-info-metadata='sha256=x'")->metadata, SIMPLE_METADATA);
    CHECK_STR(html_file("data-yanked='why &lt;'")->yanked_reason, "why <");
    CHECK(!html_file("")->yanked);
    CHECK_STR(
        only("<base href='https://cdn.example.org/d/'><a href='x y\xc3\xa4.whl'>x</a>", "text/html")->url,
        "https://cdn.example.org/d/x%20y%C3%A4.whl");
    CHECK_STR(only("<a href=' https://example.org/x.whl?q=1#egg=x&md5=" A32 " '>x</a>", "text/html")->hash,
              A32);
    CHECK_STR(page.files[0].url, "https://example.org/x.whl?q=1");
    CHECK_STR(page.files[0].filename, "x.whl");
    CHECK_INT(
        parse("<a>none</a><a href='a%2Fb'>x</a><a href='mailto:x'>x</a><a href='%00'>x</a><a href=''>x</a>",
              "text/html"),
        0);
    CHECK_INT(page.n, 0);
}

TEST(spellings) {
    CHECK_INT(parse(" {\"files\": []}", ""), 0);
    CHECK_INT(parse(" <a href=x>x</a>", ""), 0);
    CHECK_INT(page.n, 1);
    CHECK_INT(parse("", ""), 0);
    CHECK_INT(parse("{\"files\": []}", "application/json"), 0);
    CHECK_INT(parse("<a href=x>x</a>", "application/vnd.pypi.simple.v1+html"), 0);
    CHECK_INT(parse("plain", ""), -1);
    CHECK_INT(parse("{\"files\": []}", "image/png"), -1);
    CHECK(strstr(e.text, "https://example.org/simple/x/: neither JSON nor HTML but image/png"));
}

TEST(refused) {
    CHECK_INT(parse("{\"meta\": {\"api-version\": \"2.0\"}, \"files\": []}", JSON_TYPE), -1);
    CHECK(strstr(e.text, "speaks version \"2.0\""));
    CHECK(!strstr(e.text, "u:p"));
    CHECK_INT(parse("<meta name='pypi:repository-version' content='10.0'>", "text/html"), -1);
    CHECK_INT(parse("{\"meta\": {}}", JSON_TYPE), -1);
    CHECK_INT(parse("[]", JSON_TYPE), -1);
    CHECK_INT(parse("{\"files\": 1}", JSON_TYPE), -1);
    CHECK_INT(parse("{\"files\": [", JSON_TYPE), -1);
    CHECK_INT(parse("", JSON_TYPE), -1);
}

TEST(end) {
    arena_free(&a);
}

TEST_MAIN
