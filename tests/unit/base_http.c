/* The client against a server on loopback that answers as servers do on their bad days. */
#include "tests/unit/test.h"

#include "base/file.h"
#include "base/http.h"
#include "tests/unit/http_answers.h"

/* --- the client's side: a request, waited for, and what came --- */

struct result {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int done; /* calls of done */
    bool failed;
    struct err error;
    int status;
    char url[300], type[100], etag[100];
    int64_t max_age;
    uint64_t range_first, range_total, received;
    struct buf body; /* also what a sink got */
    int restarts;    /* times the sink was told offset 0 */
    int give_up;     /* the sink refuses the first bytes */
};

static void take(char *out, size_t n, struct str s) {
    snprintf(out, n, STR_FMT, STR_ARG(s));
}

static void on_done(void *ctx, struct http_response *r) {
    struct result *w = ctx;
    pthread_mutex_lock(&w->lock);
    w->done++;
    w->failed = r->error != NULL;
    if (r->error)
        w->error = *r->error;
    w->status = r->status;
    take(w->url, sizeof w->url, r->url);
    take(w->type, sizeof w->type, r->type);
    take(w->etag, sizeof w->etag, r->etag);
    w->max_age = r->max_age;
    w->range_first = r->range_first;
    w->range_total = r->range_total;
    w->received = r->received;
    if (!w->restarts) {
        buf_free(&w->body);
        w->body = *r->body;
        *r->body = (struct buf){0};
    }
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static int sink(void *ctx, uint64_t offset, const void *p, size_t n) {
    struct result *w = ctx;
    if (!offset) {
        w->restarts++;
        w->body.n = 0;
    }
    CHECK_INT(offset, w->body.n);
    buf_add(&w->body, p, n);
    return w->give_up;
}

static struct server server;
static struct http_options quick = {.timeout_s = 1, .retries = 2};

static void result_init(struct result *w) {
    memset(w, 0, sizeof *w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
}

static void result_wait(struct result *w, int calls) {
    pthread_mutex_lock(&w->lock);
    while (w->done < calls)
        pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

static void result_free(struct result *w) {
    buf_free(&w->body);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
}

static struct http *client(const struct http_options *o) {
    struct err e;
    struct http *h = http_new(o, &e);
    if (!h) {
        puts(e.text);
        exit(1);
    }
    return h;
}

static char *url_to(char out[200], const char *user, const char *path) {
    snprintf(out, 200, "http://%s127.0.0.1:%d%s", user, server.port, path);
    return out;
}

/* Runs r against a new server and a new client. */
static void run(struct result *w, const char *user, const char *path, struct http_request r) {
    char url[200];
    result_init(w);
    server_start(&server, routes);
    struct http *h = client(&quick);
    r.url = url_to(url, user, path);
    r.ctx = w;
    r.done = on_done;
    http_start(h, &r);
    result_wait(w, 1);
    http_free(h);
    server_stop(&server);
    CHECK_INT(w->done, 1);
}

static void get(struct result *w, const char *path) {
    run(w, "", path, (struct http_request){0});
}

static bool body_is_big(const struct result *w, size_t first, size_t n) {
    return w->body.n == n && !memcmp(w->body.p, big + first, n);
}

#define CHECK_FAILED(w, part)                                                                                \
    do {                                                                                                     \
        CHECK((w)->failed);                                                                                  \
        CHECK_INT((w)->status, 0);                                                                           \
        if (!strstr((w)->error.text, part)) {                                                                \
            printf("%s:%d: error \"%s\" does not say \"%s\"\n", __FILE__, __LINE__, (w)->error.text, part);  \
            test_failed_now = true;                                                                          \
        }                                                                                                    \
    } while (0)

/* --- answers --- */

TEST(a_plain_answer) {
    struct result w;
    get(&w, "/ok");
    CHECK(!w.failed);
    CHECK_INT(w.status, 200);
    CHECK_STR(buf_view(&w.body), "hello");
    CHECK_STR(str_of(w.type), "text/html");
    CHECK_STR(str_of(w.etag), "\"v1\"");
    CHECK_INT(w.max_age, 500);
    CHECK_INT(w.received, 5);
    result_free(&w);
}

TEST(any_status_is_an_answer) {
    struct result w;
    get(&w, "/nothing-here");
    CHECK(!w.failed);
    CHECK_INT(w.status, 404);
    CHECK_STR(buf_view(&w.body), "gone");
    CHECK_INT(w.max_age, -1);
    result_free(&w);
    get(&w, "/nowhere"); /* a redirect that does not say where to */
    CHECK_INT(w.status, 301);
    result_free(&w);
}

TEST(a_page_that_did_not_change) {
    struct result w;
    run(&w, "", "/etag", (struct http_request){.if_none_match = "\"v1\""});
    CHECK_INT(w.status, 304);
    CHECK_INT(w.body.n, 0);
    CHECK_INT(w.max_age, 0);
    result_free(&w);
}

TEST(headers_that_are_sent) {
    struct result w;
    run(&w, "", "/header", (struct http_request){.accept = "text/html"});
    CHECK_STR(buf_view(&w.body), "none|text/html|identity");
    result_free(&w);
    run(&w, "", "/header", (struct http_request){.accept = "a\r\nEvil: 1", .compressed = true});
    CHECK_STR(buf_view(&w.body), "none|*/*|gzip, deflate");
    result_free(&w);
}

TEST(compressed_bodies_arrive_decoded) {
    struct result w;
    run(&w, "", "/gzip", (struct http_request){.compressed = true});
    CHECK_STR(buf_view(&w.body), "a a a a a a a a");
    result_free(&w);
    run(&w, "", "/bomb", (struct http_request){.compressed = true, .max_body = 1000});
    CHECK_FAILED(&w, "more than 1000 bytes");
    result_free(&w);
}

TEST(bodies_have_a_limit) {
    struct result w;
    run(&w, "", "/endless", (struct http_request){.max_body = 100000});
    CHECK_FAILED(&w, "more than 100000 bytes");
    result_free(&w);
    run(&w, "", "/endless", (struct http_request){.max_body = 100000, .sink = sink});
    CHECK_FAILED(&w, "more than 100000 bytes");
    result_free(&w);
    get(&w, "/announced");
    CHECK_FAILED(&w, "announces");
    result_free(&w);
    get(&w, "/endless-page");
    CHECK_INT(w.status, 404);
    CHECK_INT(w.body.n, 65536);
    result_free(&w);
}

/* --- redirects and credentials --- */

TEST(credentials_stay_with_their_host) {
    struct result w;
    run(&w, "me:p%40ss@", "/header", (struct http_request){0});
    CHECK_STR(buf_view(&w.body), "Basic bWU6cEBzcw==|*/*|identity");
    CHECK(!strstr(w.url, "ss@"));
    result_free(&w);
    run(&w, "me:p%40ss@", "/redirect", (struct http_request){0});
    CHECK_STR(buf_view(&w.body), "Basic bWU6cEBzcw==|*/*|identity");
    CHECK(strstr(w.url, "/header") != NULL);
    result_free(&w);
    run(&w, "me:p%40ss@", "/elsewhere", (struct http_request){0});
    CHECK_STR(buf_view(&w.body), "none|*/*|identity");
    CHECK(!strncmp(w.url, "http://localhost:", 17));
    result_free(&w);
}

TEST(credentials_are_never_told) {
    struct result w;
    run(&w, "me:secret@", "/to-file", (struct http_request){0});
    CHECK_FAILED(&w, "/to-file: redirected");
    CHECK(!strstr(w.error.text, "secret"));
    result_free(&w);
    run(&w, "me:sec ret/wrong@", "/ok", (struct http_request){0});
    CHECK_FAILED(&w, "malformed URL");
    CHECK(!strstr(w.error.text, "ret"));
    result_free(&w);
}

TEST(redirects_have_limits) {
    struct result w;
    get(&w, "/loop");
    CHECK_FAILED(&w, "redirected more than 10 times");
    CHECK_INT(server_hits(&server, "/loop"), 11);
    result_free(&w);
    get(&w, "/to-file");
    CHECK_FAILED(&w, "refused");
    result_free(&w);
}

/* --- retries --- */

TEST(what_may_pass_is_tried_again) {
    static const struct {
        const char *path;
        int hits;
    } cases[] = {{"/flaky", 3}, {"/busy", 2}, {"/reset", 2}, {"/stalled", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct result w;
        get(&w, cases[i].path);
        CHECK(!w.failed);
        CHECK_INT(w.status, 200);
        CHECK_STR(buf_view(&w.body), "hello");
        CHECK_INT(server_hits(&server, cases[i].path), cases[i].hits);
        result_free(&w);
    }
}

TEST(the_last_try_is_the_answer) {
    struct result w;
    get(&w, "/down");
    CHECK(!w.failed);
    CHECK_INT(w.status, 502);
    CHECK_STR(buf_view(&w.body), "down");
    CHECK_INT(server_hits(&server, "/down"), 3);
    result_free(&w);
    get(&w, "/always-cut");
    CHECK_FAILED(&w, "(3 tries)");
    result_free(&w);
}

TEST(a_download_goes_on_where_it_broke_off) {
    static const char *const paths[] = {"/cut", "/cut-dated", "/cut-twice"};
    for (int i = 0; i < 6; i++) {
        struct result w;
        run(&w, "", paths[i / 2], (struct http_request){.sink = i % 2 ? sink : NULL});
        CHECK(!w.failed);
        CHECK_INT(w.status, 200);
        CHECK(body_is_big(&w, 0, BIG));
        CHECK_INT(w.received, BIG);
        CHECK_INT(w.restarts, i % 2);
        CHECK_INT(server_hits(&server, paths[i / 2]), i / 2 == 2 ? 3 : 2);
        result_free(&w);
    }
}

TEST(a_part_goes_on_where_it_broke_off) {
    struct result w;
    run(&w, "", "/cut-part", (struct http_request){.range_first = 500, .range_last = 20499, .sink = sink});
    CHECK(!w.failed);
    CHECK_INT(w.status, 206);
    CHECK_INT(w.range_first, 500);
    CHECK(body_is_big(&w, 500, 20000));
    CHECK_INT(w.restarts, 1);
    result_free(&w);
}

TEST(a_download_starts_over_when_it_must) {
    static const char *const paths[] = {"/cut-weak", "/changed", "/gone-range"};
    for (int i = 0; i < 3; i++) {
        struct result w;
        run(&w, "", paths[i], (struct http_request){.sink = sink});
        CHECK(!w.failed);
        CHECK_INT(w.status, 200);
        CHECK(body_is_big(&w, 0, BIG));
        CHECK_INT(w.restarts, 2);
        result_free(&w);
    }
}

TEST(a_file_must_not_change_on_the_way) {
    struct result w;
    get(&w, "/cut-grown");
    CHECK_FAILED(&w, "changed during the download");
    result_free(&w);
}

TEST(a_sink_can_give_up) {
    struct result w;
    run(&w, "", "/range", (struct http_request){.sink = sink, .ctx = NULL});
    CHECK(body_is_big(&w, 0, BIG));
    result_free(&w);
    result_init(&w);
    w.give_up = -1;
    server_start(&server, routes);
    struct http *h = client(&quick);
    char url[200];
    http_start(h, &(struct http_request){
                      .url = url_to(url, "", "/range"), .sink = sink, .done = on_done, .ctx = &w});
    result_wait(&w, 1);
    CHECK_FAILED(&w, "given up");
    CHECK_INT(server_hits(&server, "/range"), 1);
    http_free(h);
    server_stop(&server);
    result_free(&w);
}

/* --- ranges --- */

TEST(ranges) {
    static const struct {
        int64_t first, last;
        uint64_t from, n;
    } cases[] = {
        {0, 9, 0, 10},         {100, -1, 100, BIG - 100},        {-50, 0, BIG - 50, 50},
        {-2 * BIG, 0, 0, BIG}, {BIG - 5, BIG + 100, BIG - 5, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct result w;
        run(&w, "", "/range",
            (struct http_request){.range_first = cases[i].first, .range_last = cases[i].last});
        CHECK(!w.failed);
        CHECK_INT(w.status, 206);
        CHECK_INT(w.range_first, cases[i].from);
        CHECK_INT(w.range_total, BIG);
        CHECK(body_is_big(&w, cases[i].from, cases[i].n));
        result_free(&w);
    }
}

TEST(ranges_that_are_not_answered) {
    struct result w;
    run(&w, "", "/other-range", (struct http_request){.range_first = 5, .range_last = 14});
    CHECK_FAILED(&w, "another range");
    result_free(&w);
    get(&w, "/other-range"); /* none was asked for */
    CHECK_FAILED(&w, "another range");
    result_free(&w);
    run(&w, "", "/no-ranges", (struct http_request){.range_first = 5, .range_last = 14});
    CHECK_INT(w.status, 200);
    CHECK(body_is_big(&w, 0, BIG));
    result_free(&w);
}

/* --- files --- */

TEST(files) {
    char path[] = "/tmp/http-test-XXXXXX", url[200];
    struct result w;
    struct err e;
    close(mkstemp(path));
    CHECK_INT(file_write(path, STR("from disk"), 0600, &e), 0);
    struct http *h = client(&quick);
    snprintf(url, sizeof url, "file://%s", path);
    for (int there = 1; there >= 0; there--) {
        result_init(&w);
        http_start(h, &(struct http_request){
                          .url = url, .done = on_done, .ctx = &w, .range_first = 5, .range_last = -1});
        result_wait(&w, 1);
        CHECK(!w.failed);
        CHECK_INT(w.status, there ? 200 : 404);
        CHECK_STR(buf_view(&w.body), there ? "from disk" : "");
        result_free(&w);
        unlink(path);
    }
    CHECK_INT(http_requests(h), 0);
    http_free(h);
}

/* --- many at once, order, end --- */

TEST(many_requests_share_few_connections) {
    struct result w;
    char url[200];
    result_init(&w);
    server_start(&server, routes);
    struct http *h = client(&(struct http_options){.retries = -1, .streams = 20});
    for (int i = 0; i < 300; i++)
        http_start(h, &(struct http_request){.url = url_to(url, "", "/range"),
                                             .range_first = i,
                                             .range_last = i + 9,
                                             .done = on_done,
                                             .ctx = &w,
                                             .sink = NULL});
    result_wait(&w, 300);
    CHECK_INT(http_requests(h), 300);
    CHECK_INT(http_received(h), 3000);
    CHECK(server_connections(&server) <= 6);
    http_free(h);
    CHECK_INT(w.done, 300);
    server_stop(&server);
    result_free(&w);
}

struct order {
    struct result w;
    char seen[16];
};

struct step {
    struct order *order;
    char name;
};

static void on_step(void *ctx, struct http_response *r) {
    struct step *s = ctx;
    s->order->seen[strlen(s->order->seen)] = s->name;
    on_done(&s->order->w, r);
}

/* Starts all the others from the net thread, while it is the only one that runs. */
struct starter {
    struct http *http;
    struct step *steps;
    struct result w;
};

static void on_first(void *ctx, struct http_response *r) {
    struct starter *s = ctx;
    static const int priority[] = {1, 5, 5, 0, 9};
    char url[200];
    for (int i = 0; i < 5; i++)
        http_start(s->http, &(struct http_request){.url = url_to(url, "", "/ok"),
                                                   .priority = priority[i],
                                                   .ctx = &s->steps[i],
                                                   .done = on_step});
    on_done(&s->w, r);
}

TEST(the_highest_priority_starts_first) {
    struct order o = {.seen = ""};
    struct step steps[5];
    char url[200];
    for (int i = 0; i < 5; i++)
        steps[i] = (struct step){&o, (char)('a' + i)};
    result_init(&o.w);
    server_start(&server, routes);
    struct starter s = {.http = client(&(struct http_options){.streams = 1}), .steps = steps};
    result_init(&s.w);
    http_start(s.http, &(struct http_request){.url = url_to(url, "", "/ok"), .ctx = &s, .done = on_first});
    result_wait(&o.w, 5);
    CHECK_STR(str_of(o.seen), "ebcad");
    http_free(s.http);
    server_stop(&server);
    result_free(&s.w);
    result_free(&o.w);
}

/* When it is cancelled it starts another one, which must be cancelled as well. */
static void on_cancelled(void *ctx, struct http_response *r) {
    struct starter *s = ctx;
    char url[200];
    on_done(&s->w, r);
    if (s->w.done <= 10)
        http_start(s->http, &(struct http_request){
                                .url = url_to(url, "u:secret@", "/hanging"), .ctx = s, .done = on_cancelled});
}

TEST(the_end_cancels_everything) {
    struct starter s = {0};
    char url[200];
    server_start(&server, routes);
    s.http = client(&(struct http_options){.streams = 3});
    result_init(&s.w);
    for (int i = 0; i < 10; i++)
        http_start(s.http, &(struct http_request){
                               .url = url_to(url, "", "/hanging"), .ctx = &s, .done = on_cancelled});
    http_free(s.http);
    CHECK_INT(s.w.done, 20);
    CHECK_FAILED(&s.w, "cancelled");
    CHECK(!strstr(s.w.error.text, "secret"));
    server_stop(&server);
    result_free(&s.w);
    http_free(NULL);
}

TEST(get_waits) {
    struct buf body;
    struct err e;
    char url[200];
    server_start(&server, routes);
    struct http *h = client(&quick);
    CHECK_INT(http_get(h, url_to(url, "", "/ok"), NULL, 0, &body, &e), 0);
    CHECK_STR(buf_view(&body), "hello");
    buf_free(&body);
    CHECK_INT(http_get(h, url_to(url, "me:secret@", "/no"), NULL, 0, &body, &e), -1);
    CHECK(strstr(e.text, "/no: the server answered 404") != NULL);
    CHECK(!strstr(e.text, "secret"));
    server_stop(&server);
    CHECK_INT(http_get(h, url_to(url, "me:secret@", "/ok"), NULL, 0, &body, &e), -1);
    CHECK(strstr(e.text, "tries") && !strstr(e.text, "secret"));
    CHECK_INT(http_get(h, "gopher://127.0.0.1/", NULL, 0, &body, &e), -1);
    CHECK(strstr(e.text, "only http, https and file") != NULL);
    http_free(h);
}

__attribute__((constructor)) static void fill_big(void) {
    for (int i = 0; i < BIG; i++)
        big[i] = (char)(i * 2654435761u >> 13);
    setvbuf(stdout, NULL, _IOLBF, 0);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
}

TEST_MAIN
