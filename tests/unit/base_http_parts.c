/* The parts of the HTTP client that need no network. */
#include "tests/unit/test.h"

#include <unistd.h>

#include "base/file.h"
#include "base/http_internal.h"

TEST(response_headers) {
    static const struct {
        const char *line;
        int64_t fresh;
    } fresh[] = {
        {"Cache-Control: max-age=600", 600},
        {"cache-control:MAX-AGE=\"60\" , public", 60},
        {"Cache-Control: max-age=600, no-store", 0},
        {"Cache-Control: No-Cache", 0},
        {"Cache-Control: max-age=-1", -1},
        {"Cache-Control: s-maxage=5", -1},
        {"Cache-Control: max-age=99999999999999999999999", INT64_MAX},
    };
    static const struct {
        const char *line;
        bool good;
    } spans[] = {
        {"Content-Range: bytes 0-9/10", true},
        {"Content-Range: bytes 0-9/*", true},
        {"Content-Range: bytes 0-10/10", false},
        {"Content-Range: bytes 9-0/10", false},
        {"Content-Range: bytes */10", false},
        {"Content-Range: lines 0-9/10", false},
        {"Content-Range: bytes 0-9", false},
        {"Content-Range: bytes 0-18446744073709551615/*", false},
        {"Content-Range: bytes 1-99999999999999999999/*", false},
    };
    struct http_head h = {0};
    for (size_t i = 0; i < sizeof fresh / sizeof *fresh; i++) {
        http_head_reset(&h);
        http_head_line(&h, str_of(fresh[i].line));
        CHECK_INT(http_head_fresh(&h), fresh[i].fresh);
    }
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        http_head_reset(&h);
        http_head_line(&h, str_of(spans[i].line));
        CHECK_INT(h.has_span, spans[i].good);
    }
    http_head_free(&h);
}

TEST(trusted_hosts) {
    static const struct {
        const char *entry, *url;
        bool in;
    } cases[] = {
        {"example.org", "https://example.org/x", true},
        {"Example.ORG", "https://example.org:8443/", true},
        {"example.org:8443", "https://example.org/", false},
        {"example.org:443", "https://example.org/", true},
        {"example.org", "https://www.example.org/", false},
        {"example.org", "https://example.org.test/", false},
        {"[::1]", "https://[::1]:8443/", true},
        {"[::1]:8443", "https://[::1]:8443/", true},
        {"example.org", "https://example.org@test/", false},
        {"", "file:///etc/passwd", false},
    };
    struct curl_api curl;
    struct err e;
    CHECK_INT(curl_api_load(&curl, &e), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_place p;
        const char *const list[] = {cases[i].entry, NULL};
        CHECK_INT(http_place_parse(&curl, cases[i].url, &p, &e), 0);
        CHECK_INT(http_place_in(&p, list), cases[i].in);
        CHECK(!http_place_in(&p, NULL));
        http_place_free(&p);
    }
}

TEST(where_certificates_come_from) {
    unsetenv("SSL_CERT_DIR");
    setenv("SSL_CERT_FILE", "/nowhere/one.pem", 1);
    CHECK_STR(str_of(http_trust_find(NULL).file), "/nowhere/one.pem");
    CHECK_STR(str_of(http_trust_find("/nowhere/two.pem").file), "/nowhere/two.pem");
    CHECK_STR(str_of(http_trust_find("/tmp").folder), "/tmp");
    unsetenv("SSL_CERT_FILE");
    setenv("REQUESTS_CA_BUNDLE", "/nowhere/three.pem", 1);
    CHECK_STR(str_of(http_trust_find(NULL).file), "/nowhere/three.pem");
    char folder[] = "/tmp/http-test-XXXXXX", name[100];
    struct err e;
    CHECK(mkdtemp(folder) != NULL);
    setenv("SSL_CERT_DIR", folder, 1); /* not hashed: of no use */
    CHECK_STR(str_of(http_trust_find(NULL).file), "/nowhere/three.pem");
    snprintf(name, sizeof name, "%s/0123abcd.0", folder);
    CHECK_INT(file_write(name, STR(""), 0600, &e), 0);
    CHECK_STR(str_of(http_trust_find(NULL).folder), folder);
    CHECK_STR(str_of(http_trust_find(NULL).fallback_file), "/nowhere/three.pem");
    unlink(name);
    rmdir(folder);
}

TEST_MAIN
