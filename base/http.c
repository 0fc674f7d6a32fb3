#include "base/http.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/http_internal.h"

enum { TIMEOUT_S = 15, RETRIES = 5, STREAMS = 50, HTTP1_CONNECTIONS = 6, POLL_MS = 60000 };

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- what waits: a binary heap --- */

static bool before(const struct transfer *a, const struct transfer *b) {
    if (a->request.priority != b->request.priority)
        return a->request.priority > b->request.priority;
    return a->serial < b->serial;
}

static void waiting_push(struct http *h, struct transfer *t) {
    vec_push(&h->waiting, t);
    uint32_t i = h->waiting.n - 1;
    for (; i && before(t, h->waiting.p[(i - 1) / 2]); i = (i - 1) / 2)
        h->waiting.p[i] = h->waiting.p[(i - 1) / 2];
    h->waiting.p[i] = t;
}

static struct transfer *waiting_pop(struct http *h) {
    struct transfer **p = h->waiting.p, *top = p[0], *last = p[--h->waiting.n];
    uint32_t n = h->waiting.n, i = 0;
    for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(p[child + 1], p[child]))
            child++;
        if (!before(p[child], last))
            break;
        p[i] = p[child];
    }
    p[i] = last;
    return top;
}

/* --- the net thread --- */

static void start(struct http *h, struct transfer *t) {
    t->easy = h->curl.easy_init(); /* not reused: a used handle refuses CURLOPT_BUFFERSIZE */
    if (t->easy && transfer_prepare(t) == 0 && h->curl.multi_add_handle(h->multi, t->easy) == CURLM_OK) {
        t->index = h->running.n;
        vec_push(&h->running, t);
        return;
    }
    if (t->easy) {
        h->curl.easy_cleanup(t->easy);
    }
    if (!t->failed)
        transfer_fail(t, "libcurl is out of memory");
    transfer_finish(t);
}

/* The opposite of start. */
static void withdraw(struct http *h, struct transfer *t) {
    struct transfer *last = h->running.p[--h->running.n];
    h->running.p[last->index = t->index] = last;
    h->curl.multi_remove_handle(h->multi, t->easy);
    h->curl.easy_cleanup(t->easy);
    t->easy = NULL;
}

/* Moves what was started since the last time to what waits. False: the client is to end. */
static bool take_incoming(struct http *h) {
    pthread_mutex_lock(&h->lock);
    struct transfer *t = h->incoming;
    h->incoming = NULL;
    h->incoming_tail = &h->incoming;
    bool go_on = !h->stop;
    pthread_mutex_unlock(&h->lock);
    for (struct transfer *next; t; t = next) {
        next = t->next;
        waiting_push(h, t);
    }
    return go_on;
}

/* Moves what has waited long enough for its next try to what waits for a place. Returns how long the next one
   of the others has to wait, in ms. */
static int wake_later(struct http *h) {
    int64_t now = h->later.n ? now_ms() : 0, least = POLL_MS;
    for (uint32_t i = 0; i < h->later.n;) {
        struct transfer *t = h->later.p[i];
        if (t->due <= now) {
            h->later.p[i] = h->later.p[--h->later.n];
            waiting_push(h, t);
            continue;
        }
        if (t->due - now < least)
            least = t->due - now;
        i++;
    }
    return (int)least;
}

static void fill(struct http *h) {
    while (h->waiting.n && h->running.n < (uint32_t)h->options.streams)
        start(h, waiting_pop(h));
}

/* The folder of certificates did not do. Those under way would find that out one handshake at a time. */
static void restart_folder_users(struct http *h) {
    for (uint32_t i = h->running.n; i--;) {
        struct transfer *t = h->running.p[i];
        if (!t->used_folder || t->begun)
            continue;
        withdraw(h, t);
        waiting_push(h, t);
    }
}

static void ended(struct http *h, struct transfer *t, CURLcode code) {
    int delay_ms = 0;
    enum transfer_next next = transfer_judge(t, code, &delay_ms);
    withdraw(h, t);
    if (next == TRANSFER_DONE) {
        transfer_finish(t);
    } else if (next == TRANSFER_LATER) {
        t->due = now_ms() + delay_ms;
        vec_push(&h->later, t);
    } else {
        if (next == TRANSFER_FALL_BACK)
            restart_folder_users(h);
        start(h, t);
    }
}

static void collect(struct http *h) {
    int left;
    for (CURLMsg *m; (m = h->curl.multi_info_read(h->multi, &left));) {
        char *t = NULL; /* what CURLOPT_PRIVATE was set to */
        CURLcode code = m->data.result;
        h->curl.easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        ended(h, (struct transfer *)(void *)t, code);
    }
}

static void cancel(struct transfer *t) {
    if (!t->failed)
        transfer_fail(t, "cancelled");
    transfer_finish(t);
}

/* Until nothing is left: those who are told may start further requests. */
static void cancel_all(struct http *h) {
    do {
        while (h->running.n) {
            struct transfer *t = h->running.p[h->running.n - 1];
            withdraw(h, t);
            cancel(t);
        }
        while (h->later.n)
            cancel(h->later.p[--h->later.n]);
        while (h->waiting.n)
            cancel(waiting_pop(h));
        take_incoming(h);
    } while (h->waiting.n);
}

static void *net_main(void *arg) {
    struct http *h = arg;
    while (take_incoming(h)) {
        int running;
        fill(h);
        h->curl.multi_perform(h->multi, &running);
        collect(h);
        int timeout_ms = wake_later(h);
        fill(h); /* into the places that became free; poll returns at once when there is something new */
        h->curl.multi_poll(h->multi, NULL, 0, timeout_ms, NULL);
    }
    cancel_all(h);
    return NULL;
}

/* --- the client --- */

static const char *keep(struct http *h, const char *s) {
    return s ? arena_str(&h->arena, str_of(s)).p : NULL;
}

static const char *const *keep_list(struct http *h, const char *const *list) {
    size_t n = 0;
    while (list && list[n])
        n++;
    const char **copy = arena_new(&h->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        copy[i] = keep(h, list[i]);
    return copy;
}

static void take_options(struct http *h, const struct http_options *o) {
    h->options = (struct http_options){
        .user_agent = keep(h, o->user_agent ? o->user_agent : "envgraph"),
        .proxy = keep(h, o->proxy),
        .ca_file = keep(h, o->ca_file),
        .client_cert = keep(h, o->client_cert),
        .trusted_hosts = keep_list(h, o->trusted_hosts),
        .timeout_s = o->timeout_s > 0 ? o->timeout_s : TIMEOUT_S,
        .retries = o->retries < 0 ? RETRIES : o->retries,
        .netrc = o->netrc,
        .streams = o->streams > 0 ? o->streams : STREAMS,
    };
    h->netrc = keep(h, getenv("NETRC"));
    h->trust = http_trust_find(h->options.ca_file);
}

static int open_handles(struct http *h, struct err *e) {
    h->multi = h->curl.multi_init();
    h->share = h->curl.share_init();
    if (!h->multi || !h->share)
        return err_fail(e, "libcurl is out of memory");
    h->curl.share_setopt(h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    h->curl.multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    h->curl.multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)HTTP1_CONNECTIONS);
    h->curl.multi_setopt(h->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)h->options.streams);
    return 0;
}

/* Signals are the main thread's: a handler that ran here could interrupt nothing that waits for it, and TLS
   writes to a closed connection must not end the program. */
static int start_thread(struct http *h, struct err *e) {
    sigset_t all, before_all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_all);
    int failed = pthread_create(&h->thread, NULL, net_main, h);
    pthread_sigmask(SIG_SETMASK, &before_all, NULL);
    return failed ? err_fail(e, "cannot start the network's thread: too many processes (ulimit -u)") : 0;
}

static void close_handles(struct http *h) {
    if (h->multi)
        h->curl.multi_cleanup(h->multi);
    if (h->share)
        h->curl.share_cleanup(h->share);
    vec_free(&h->waiting);
    vec_free(&h->later);
    vec_free(&h->running);
    pthread_mutex_destroy(&h->lock);
    arena_free(&h->arena);
    free(h);
}

struct http *http_new(const struct http_options *o, struct err *e) {
    struct http *h = mem_zero(sizeof *h);
    pthread_mutex_init(&h->lock, NULL);
    h->incoming_tail = &h->incoming;
    h->random = ((uint64_t)now_ms() << 20 ^ (uint64_t)(uintptr_t)h) | 1;
    take_options(h, o);
    if (curl_api_load(&h->curl, e) == 0 && open_handles(h, e) == 0 && start_thread(h, e) == 0)
        return h;
    close_handles(h);
    return NULL;
}

void http_start(struct http *h, const struct http_request *r) {
    struct transfer *t = transfer_new(h, r);
    pthread_mutex_lock(&h->lock);
    bool first = !h->incoming; /* otherwise the thread is about to look already */
    t->serial = h->serial++;
    *h->incoming_tail = t;
    h->incoming_tail = &t->next;
    pthread_mutex_unlock(&h->lock);
    if (first)
        h->curl.multi_wakeup(h->multi);
}

uint64_t http_received(struct http *h) {
    return atomic_load_explicit(&h->received, memory_order_relaxed);
}

uint64_t http_requests(struct http *h) {
    return atomic_load_explicit(&h->requests, memory_order_relaxed);
}

void http_free(struct http *h) {
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    h->stop = true;
    pthread_mutex_unlock(&h->lock);
    h->curl.multi_wakeup(h->multi);
    pthread_join(h->thread, NULL);
    close_handles(h);
}

/* --- one request, waited for --- */

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
    int result;
    struct buf *body;
    struct err *e;
};

static int take_answer(const struct waiter *w, struct http_response *r) {
    if (r->error) {
        *w->e = *r->error;
        return -1;
    }
    if (r->status != 200)
        return err_fail(w->e, STR_FMT ": the server answered %d%s", STR_ARG(r->url), r->status,
                        r->status == 401 || r->status == 403 ? ": user and password are wrong or missing"
                                                             : "");
    *w->body = *r->body;
    *r->body = (struct buf){0};
    return 0;
}

static void waiter_done(void *ctx, struct http_response *r) {
    struct waiter *w = ctx;
    pthread_mutex_lock(&w->lock);
    w->result = take_answer(w, r);
    w->done = true;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->lock);
}

int http_get(struct http *h, const char *url, const char *accept, uint64_t max_body, struct buf *body,
             struct err *e) {
    struct waiter w = {.body = body, .e = e};
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.ended, NULL);
    *body = (struct buf){0};
    http_start(h, &(struct http_request){
                      .url = url, .accept = accept, .max_body = max_body, .ctx = &w, .done = waiter_done});
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.ended, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.ended);
    pthread_mutex_destroy(&w.lock);
    return w.result;
}
