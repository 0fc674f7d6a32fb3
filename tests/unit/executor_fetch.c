#include "tests/unit/test.h"

#include <pthread.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "executor/fetch.h"
#include "tests/unit/http_server.h"

enum { LARGE = FETCH_IN_MEMORY + 12345 };

static char *large_bytes(void) {
    char *p = mem_alloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        p[i] = (char)(i * 2654435761U >> 13);
    return p;
}

static bool answer(struct exchange *x, const char *bytes, size_t n, size_t send) {
    char head[128];
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);
    return send_text(x, head) && send_all(x, bytes, send) && send == n;
}

static bool hello(struct exchange *x) {
    return answer(x, "hello wheel", 11, 11);
}

static bool nothing(struct exchange *x) {
    return answer(x, "", 0, 0);
}

static bool broken_once(struct exchange *x) {
    return answer(x, "hello wheel", 11, x->hit ? 11 : 5);
}

static bool large(struct exchange *x) {
    char *p = large_bytes();
    bool again = answer(x, p, LARGE, x->hit ? LARGE : LARGE - 100);
    free(p);
    return again;
}

static bool down(struct exchange *x) {
    return send_text(x, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
}

static struct route routes[] = {
    {"/hello", hello, 0}, {"/nothing", nothing, 0}, {"/broken-once", broken_once, 0},
    {"/large", large, 0}, {"/down", down, 0},       {NULL, NULL, 0}};

/* What done was told, and a way to wait for it. */
struct answer {
    pthread_mutex_t lock;
    pthread_cond_t some;
    bool came;
    struct body body;
    struct err error;
    bool failed;
};

static void done(void *ctx, struct body *body, const struct err *error) {
    struct answer *a = ctx;
    pthread_mutex_lock(&a->lock);
    a->body = *body;
    *body = (struct body){0};
    a->failed = error != NULL;
    if (error)
        a->error = *error;
    a->came = true;
    pthread_cond_signal(&a->some);
    pthread_mutex_unlock(&a->lock);
}

struct world {
    struct arena arena;
    char dir[64];
    struct store store;
    struct server server;
    struct http *http;
};

static void open_world(struct world *w) {
    struct err e;
    *w = (struct world){.dir = "/tmp/envgraph-fetch-XXXXXX"};
    CHECK(mkdtemp(w->dir));
    setenv("ENVGRAPH_CACHE", w->dir, 1);
    CHECK_INT(store_open(&w->store, &e), 0);
    server_start(&w->server, routes);
    w->http = http_new(&(struct http_options){.user_agent = "test", .retries = 3, .timeout_s = 5}, &e);
    CHECK(w->http);
}

static void close_world(struct world *w) {
    struct err e;
    http_free(w->http);
    server_stop(&w->server);
    store_close(&w->store);
    file_remove_tree(-100 /* AT_FDCWD */, w->dir, &e);
    arena_free(&w->arena);
}

static void fetch(struct world *w, const char *path, const char *sha, uint64_t size, struct answer *a) {
    *a = (struct answer){.lock = PTHREAD_MUTEX_INITIALIZER, .some = PTHREAD_COND_INITIALIZER};
    struct fetch_file file = {arena_fmt(&w->arena, "http://127.0.0.1:%d%s", w->server.port, path), sha, size};
    fetch_start(w->http, &w->store, &file, 0, done, a);
    pthread_mutex_lock(&a->lock);
    while (!a->came)
        pthread_cond_wait(&a->some, &a->lock);
    pthread_mutex_unlock(&a->lock);
}

static const char *sha_of(struct world *w, const char *p, size_t n) {
    char *hex = arena_new(&w->arena, char, SHA256_HEX + 1);
    sha256_hex(p, n, hex);
    return hex;
}

TEST(a_small_file_is_in_memory) {
    struct world w;
    struct answer a;
    open_world(&w);
    fetch(&w, "/hello", sha_of(&w, "hello wheel", 11), 11, &a);
    CHECK(!a.failed && !a.body.mapped);
    CHECK_STR(a.body.bytes, "hello wheel");
    body_free(&a.body);
    fetch(&w, "/hello", sha_of(&w, "hello wheel", 11), 0, &a); /* the size is not known */
    CHECK(!a.failed);
    CHECK_STR(a.body.bytes, "hello wheel");
    body_free(&a.body);
    fetch(&w, "/nothing", sha_of(&w, "", 0), 0, &a);
    CHECK(!a.failed);
    CHECK_INT(a.body.bytes.n, 0);
    body_free(&a.body);
    close_world(&w);
}

/* A retry begins again at the first byte, and so does the digest; here across the limit of memory too. */
TEST(a_retry_starts_over) {
    struct world w;
    struct answer a;
    open_world(&w);
    fetch(&w, "/broken-once", sha_of(&w, "hello wheel", 11), 11, &a);
    CHECK(!a.failed);
    CHECK_STR(a.body.bytes, "hello wheel");
    body_free(&a.body);
    close_world(&w);
}

static void check_large(uint64_t size) {
    struct world w;
    struct answer a;
    char *bytes = large_bytes();
    open_world(&w);
    fetch(&w, "/large", sha_of(&w, bytes, LARGE), size, &a);
    CHECK(!a.failed && a.body.mapped);
    CHECK_INT(a.body.bytes.n, LARGE);
    CHECK(a.body.bytes.n == LARGE && !memcmp(a.body.bytes.p, bytes, LARGE));
    body_free(&a.body);
    close_world(&w);
    free(bytes);
}

TEST(a_large_file_is_mapped) {
    check_large(LARGE);
}

TEST(a_file_that_becomes_large_is_mapped) {
    check_large(0);
}

TEST(what_is_not_the_locked_file_is_refused) {
    struct world w;
    open_world(&w);
    const char *good = sha_of(&w, "hello wheel", 11), *bad = sha_of(&w, "other", 5);
    const struct {
        const char *path, *sha;
        uint64_t size;
        const char *texts[3];
    } rows[] = {
        {"/hello", bad, 11, {"/hello", good, bad}},
        {"/hello", good, 12, {"/hello", "11", "12"}},
        {"/hello", good, 5, {"/hello", "5 bytes", "more"}},
        {"/nothing", good, 11, {"/nothing", "0 bytes", "11"}},
        {"/down", good, 11, {"/down", "404", "not found"}},
        {"/no-such-route", good, 11, {"/no-such-route", "404", ""}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer a;
        fetch(&w, rows[i].path, rows[i].sha, rows[i].size, &a);
        CHECK(a.failed && !a.body.bytes.n && !a.body.memory.p);
        for (int t = 0; a.failed && t < 3; t++)
            CHECK(strstr(a.error.text, rows[i].texts[t]));
        if (test_failed_now)
            printf("in row %zu: %s\n", i, a.error.text);
        body_free(&a.body);
    }
    close_world(&w);
}

TEST(local_files) {
    struct world w;
    struct body body;
    struct err e;
    open_world(&w);
    char *path = path_join(&w.arena, w.dir, "a.whl");
    CHECK_INT(file_write(path, STR("hello wheel"), 0644, &e), 0);
    struct fetch_file file = {path, sha_of(&w, "hello wheel", 11), 11};
    CHECK_INT(fetch_local(&file, &body, &e), 0);
    CHECK_STR(body.bytes, "hello wheel");
    body_free(&body);
    body_free(&body);
    file.size = 10;
    CHECK_INT(fetch_local(&file, &body, &e), -1);
    CHECK(strstr(e.text, "11 bytes") && strstr(e.text, path));
    file = (struct fetch_file){path, sha_of(&w, "x", 1), 0};
    CHECK_INT(fetch_local(&file, &body, &e), -1);
    CHECK(strstr(e.text, "expected sha256") && strstr(e.text, path) && !body.mapped);
    file.source = "/nonexistent/a.whl";
    CHECK_INT(fetch_local(&file, &body, &e), -1);
    CHECK(strstr(e.text, "/nonexistent/a.whl"));
    close_world(&w);
}

TEST(cancelled) {
    struct world w;
    struct answer a = {.lock = PTHREAD_MUTEX_INITIALIZER, .some = PTHREAD_COND_INITIALIZER};
    open_world(&w);
    struct fetch_file file = {"http://127.0.0.1:1/never", sha_of(&w, "x", 1), 1};
    fetch_start(w.http, &w.store, &file, 0, done, &a);
    http_free(w.http);
    w.http = NULL;
    CHECK(a.came && a.failed);
    close_world(&w);
}

TEST_MAIN
