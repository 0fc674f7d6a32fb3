#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/http_internal.h"

enum {
    TRUSTED_LENGTH = 64 << 20, /* a Content-Length up to this is believed before the bytes are there */
    PAGE_MAX = 64 << 10,       /* kept of what comes with an error status */
    REDIRECTS_MAX = 10,
    DELAY_MS = 200,
    DELAY_MAX_MS = 10000,
    RETRY_AFTER_MAX_S = 30,
    HOPELESS_RETRIES = 2, /* where a further try seldom helps */
};

static const uint64_t body_max = 1u << 30;

static const char *copy(const char *s) {
    return s ? strcpy(mem_alloc(strlen(s) + 1), s) : NULL;
}

struct transfer *transfer_new(struct http *h, const struct http_request *r) {
    struct transfer *t = mem_zero(sizeof *t);
    t->http = h;
    t->request = *r;
    t->request.url = NULL; /* asked has it, in parts */
    t->request.accept = copy(r->accept);
    t->request.if_none_match = copy(r->if_none_match);
    t->request.if_modified_since = copy(r->if_modified_since);
    if (!r->max_body)
        t->request.max_body = body_max;
    t->at = &t->asked;
    http_head_reset(&t->head);
    t->failed = http_place_parse(&h->curl, r->url, &t->asked, &t->err) < 0;
    return t;
}

static void transfer_free(struct transfer *t) {
    free((char *)t->request.accept);
    free((char *)t->request.if_none_match);
    free((char *)t->request.if_modified_since);
    http_place_free(&t->asked);
    http_place_free(&t->redirected);
    t->http->curl.slist_free_all(t->headers);
    http_head_free(&t->now);
    http_head_free(&t->head);
    buf_free(&t->body);
    free(t);
}

int transfer_fail(struct transfer *t, const char *fmt, ...) {
    char message[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    for (char *p = message; *p; p++) /* parts of it may come from a server */
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    bool moved = t->at == &t->redirected && t->redirected.host;
    t->failed = true;
    return err_fail(&t->err, "%.1000s%s%.250s%s: %s", t->asked.url ? t->asked.url : "(malformed URL)",
                    moved ? " (redirected to " : "", moved ? t->redirected.host : "", moved ? ")" : "",
                    message);
}

/* --- what the attempt asks for --- */

static bool has_control(const char *s) {
    while ((unsigned char)*s >= ' ' || *s == '\t')
        s++;
    return *s != 0;
}

static void add_header(struct transfer *t, const char *name, const char *value) {
    if (!value || has_control(value)) /* a line end in it would start a header of its own */
        return;
    struct buf line = {0};
    buf_fmt(&line, "%s: %s", name, value);
    struct curl_slist *longer = t->http->curl.slist_append(t->headers, line.p);
    if (longer)
        t->headers = longer;
    buf_free(&line);
}

/* RFC 9110 section 13.1.5: a strong entity tag, or a date that is strong (section 8.8.2.2). NULL: none. */
static const char *validator(struct transfer *t) {
    const struct buf *etag = &t->head.etag, *modified = &t->head.modified;
    if (etag->n && !str_starts(buf_view(etag), STR("W/")))
        return etag->p;
    if (!modified->n)
        return NULL;
    time_t then = t->http->curl.getdate(modified->p, NULL), sent = t->http->curl.getdate(t->head.date, NULL);
    return then > 0 && sent - then >= 60 ? modified->p : NULL;
}

static void set_headers(struct transfer *t) {
    const struct http_request *r = &t->request;
    t->http->curl.slist_free_all(t->headers);
    t->headers = NULL;
    add_header(t, "Accept", r->accept);
    add_header(t, "If-None-Match", r->if_none_match);
    add_header(t, "If-Modified-Since", r->if_modified_since);
    if (!r->compressed)
        add_header(t, "Accept-Encoding", "identity");
    if (t->resuming)
        add_header(t, "If-Range", validator(t));
}

/* The range of this attempt: what the request asks for, or what is missing of it. */
static void choose_range(struct transfer *t) {
    const struct http_request *r = &t->request;
    t->ranged = !t->at->file && (t->resuming || r->range_first || r->range_last);
    t->first = r->range_first;
    t->last = r->range_last;
    if (t->resuming) {
        t->first = (int64_t)(t->base + t->got);
        t->last = t->answer == 206 ? (int64_t)t->head.span.last : -1;
    }
}

static void format_range(const struct transfer *t, char out[64]) {
    if (t->first < 0)
        snprintf(out, 64, "%lld", (long long)t->first);
    else if (t->last < 0)
        snprintf(out, 64, "%lld-", (long long)t->first);
    else
        snprintf(out, 64, "%lld-%lld", (long long)t->first, (long long)t->last);
}

/* A refused option would leave libcurl's default in place, which may be less safe: so it counts. */
#define SET(option, value) (bad |= t->http->curl.easy_setopt(t->easy, (option), (value)))

static int set_security(struct transfer *t) {
    const struct http *h = t->http;
    unsigned bad = 0;
    bool verify = !http_place_in(t->at, h->options.trusted_hosts);
    SET(CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    SET(CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    t->used_folder = h->trust.folder && !h->trust_fell_back;
    if (t->used_folder) {
        SET(CURLOPT_CAINFO, NULL);
        SET(CURLOPT_CAPATH, h->trust.folder);
    } else if (h->trust.file || h->trust.fallback_file) {
        SET(CURLOPT_CAINFO, h->trust.file ? h->trust.file : h->trust.fallback_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    if (h->options.client_cert) {
        SET(CURLOPT_SSLCERT, h->options.client_cert);
        SET(CURLOPT_SSLKEY, h->options.client_cert);
    }
    if (t->at->user) {
        SET(CURLOPT_USERNAME, t->at->user);
        SET(CURLOPT_PASSWORD, t->at->password ? t->at->password : "");
    } else if (h->options.netrc) {
        SET(CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
        if (h->netrc)
            SET(CURLOPT_NETRC_FILE, h->netrc);
    }
    return bad ? -1 : 0;
}

static int set_connection(struct transfer *t) {
    const struct http_options *o = &t->http->options;
    unsigned bad = 0;
    SET(CURLOPT_SHARE, t->http->share);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_BUFFERSIZE, 256L << 10);
    SET(CURLOPT_CONNECTTIMEOUT, (long)o->timeout_s);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, (long)o->timeout_s);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (o->proxy)
        SET(CURLOPT_PROXY, o->proxy);
    /* Fifty requests to a new host wait for its first connection, to share it if it speaks HTTP/2, instead of
       opening one each. Without TLS there is no HTTP/2 to wait for. */
    SET(CURLOPT_HTTP_VERSION, t->at->tls ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PIPEWAIT, t->at->tls ? 1L : 0L);
    return bad ? -1 : 0;
}

static size_t on_header(char *p, size_t one, size_t n, void *arg);
static size_t on_body(char *p, size_t one, size_t n, void *arg);

static int set_request(struct transfer *t) {
    unsigned bad = 0;
    char range[64];
    set_headers(t);
    SET(CURLOPT_URL, t->at->url);
    SET(CURLOPT_HTTPHEADER, t->headers);
    SET(CURLOPT_USERAGENT, t->http->options.user_agent);
    if (t->ranged) {
        format_range(t, range);
        SET(CURLOPT_RANGE, range);
    }
    if (t->request.compressed)
        SET(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    SET(CURLOPT_PRIVATE, t);
    SET(CURLOPT_ERRORBUFFER, t->curl_says);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t);
    return bad ? -1 : 0;
}

int transfer_prepare(struct transfer *t) {
    if (t->failed)
        return -1;
    t->status = 0;
    t->begun = t->enough = false;
    t->attempt_got = 0;
    t->curl_says[0] = 0;
    http_head_reset(&t->now);
    choose_range(t);
    if (set_connection(t) < 0 || set_security(t) < 0 || set_request(t) < 0)
        return transfer_fail(
            t, "this libcurl lacks an option that is needed: install a newer or a complete one");
    if (!t->at->file)
        atomic_fetch_add_explicit(&t->http->requests, 1, memory_order_relaxed);
    return 0;
}

/* --- what comes --- */

static size_t on_header(char *p, size_t one, size_t n, void *arg) {
    (void)one; /* libcurl says: always 1 */
    struct transfer *t = arg;
    struct str line = {p, n};
    if (str_starts(line, STR("HTTP/"))) /* also behind a 100 or 103 that came before */
        http_head_reset(&t->now);
    else if (!t->begun) /* not trailers */
        http_head_line(&t->now, line);
    return n;
}

static bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Statuses that another try may change. */
static bool may_pass(int status) {
    return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}

/* The body of this response is the one that counts, from its first byte on. */
static void adopt(struct transfer *t) {
    struct http_head old = t->head;
    t->head = t->now;
    t->now = old;
    t->answer = t->status;
    t->base = t->head.has_span && t->status == 206 ? t->head.span.first : 0;
    t->got = 0;
    t->body.n = 0;
}

static int begin_body(struct transfer *t) {
    uint64_t length = t->head.length > 0 ? (uint64_t)t->head.length : 0;
    t->taking = KEEP;
    if (t->request.compressed)
        return 0;
    if (length > t->request.max_body)
        return transfer_fail(t, "the server announces %llu bytes, at most %llu are taken",
                             (unsigned long long)length, (unsigned long long)t->request.max_body);
    if (!t->request.sink)
        buf_reserve(&t->body, length < TRUSTED_LENGTH ? length : TRUSTED_LENGTH);
    return 0;
}

/* Does a 206 give the range that was asked for, to its end? */
static bool answers(const struct transfer *t, const struct http_span *s) {
    uint64_t end = s->total ? s->total - 1 : UINT64_MAX;
    if (t->first < 0) {
        uint64_t n = 0 - (uint64_t)t->first;
        return s->total && s->last == end && s->first == (s->total > n ? s->total - n : 0);
    }
    if (s->first != (uint64_t)t->first)
        return false;
    if (t->last < 0 || (uint64_t)t->last > end)
        return !s->total || s->last == end;
    return s->last == (uint64_t)t->last || (!s->total && s->last < (uint64_t)t->last);
}

/* Bytes of the file whose body is being taken; 0: unknown. */
static uint64_t known_total(const struct transfer *t) {
    if (t->answer == 206)
        return t->head.span.total;
    return t->head.length > 0 ? (uint64_t)t->head.length : 0;
}

static int begin_part(struct transfer *t) {
    const struct http_span *s = &t->now.span;
    if (!t->ranged || !t->now.has_span || !answers(t, s))
        return transfer_fail(t, "the server answered with another range than the one asked for");
    t->taking = KEEP;
    if (!t->resuming) {
        adopt(t);
        return begin_body(t);
    }
    if (s->total && known_total(t) && s->total != known_total(t))
        return transfer_fail(t, "the file on the server changed during the download: try again");
    return 0;
}

/* Once per attempt, when the header is complete: at the first byte of the body, or at its end without one. */
static int begin(struct transfer *t) {
    long status = 200;
    if (t->begun)
        return t->failed ? -1 : 0;
    t->begun = true;
    t->taking = SKIP;
    if (!t->at->file)
        t->http->curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    t->status = (int)status;
    if (status == 206)
        return begin_part(t);
    if (is_redirect(t->status) || (may_pass(t->status) && t->retries < t->http->options.retries) ||
        (t->resuming && status == 416))
        return 0;
    adopt(t);
    if (status == 200)
        return begin_body(t);
    t->taking = t->request.sink ? SKIP : KEEP;
    return 0;
}

/* The page that comes with an error is cut, not refused. */
static int take_page(struct transfer *t, const char *p, size_t n) {
    if (n > PAGE_MAX - t->attempt_got) {
        n = PAGE_MAX - t->attempt_got;
        t->enough = true;
    }
    t->attempt_got += n;
    if (t->taking == KEEP) {
        buf_add(&t->body, p, n);
        t->got += n;
    }
    return t->enough ? -1 : 0;
}

static int take_body(struct transfer *t, const char *p, size_t n) {
    if (n > t->request.max_body - t->got)
        return transfer_fail(t, "more than %llu bytes came, which is the most that is taken",
                             (unsigned long long)t->request.max_body);
    if (t->status == 206) {
        const struct http_span *s = t->resuming ? &t->now.span : &t->head.span;
        if (n > s->last - s->first + 1 - t->attempt_got)
            return transfer_fail(t, "the server sent more than the range it announced");
    }
    if (!t->request.sink)
        buf_add(&t->body, p, n);
    else if (t->request.sink(t->request.ctx, t->got, p, n))
        return transfer_fail(t, "the download was given up");
    t->attempt_got += n;
    t->got += n;
    return 0;
}

static size_t on_body(char *p, size_t one, size_t n, void *arg) {
    (void)one;
    struct transfer *t = arg;
    atomic_fetch_add_explicit(&t->http->received, n, memory_order_relaxed);
    if (begin(t) < 0)
        return 0;
    bool body = t->taking == KEEP && (t->status == 200 || t->status == 206);
    return (body ? take_body(t, p, n) : take_page(t, p, n)) < 0 ? 0 : n;
}

/* --- what becomes of it --- */

/* xorshift: retries of many requests should not all come at once; no more is asked of it. */
static uint64_t random_next(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

static int delay(struct transfer *t) {
    long long ms = t->retries < 6 ? (long long)DELAY_MS << t->retries : DELAY_MAX_MS;
    if (ms > DELAY_MAX_MS)
        ms = DELAY_MAX_MS;
    return (int)(ms * 3 / 4 + (long long)(random_next(&t->http->random) % (uint64_t)(ms / 2 + 1)));
}

/* Can the next attempt go on where this one broke off? Decoded bytes say nothing about where that is. */
static bool can_resume(struct transfer *t) {
    if ((t->answer != 200 && t->answer != 206) || !t->got || t->request.compressed || t->asked.file)
        return false;
    if (t->answer == 206)
        return t->base + t->got <= t->head.span.last && validator(t);
    return t->head.ranges && validator(t) && (t->head.length < 0 || t->got < (uint64_t)t->head.length);
}

static enum transfer_next try_again(struct transfer *t, int *delay_ms) {
    t->resuming = can_resume(t);
    if (!t->resuming)
        t->answer = 0;
    *delay_ms = delay(t);
    t->retries++;
    t->redirects = 0; /* where it led to may have been signed for a short time */
    t->at = &t->asked;
    return TRANSFER_LATER;
}

/* How often a failure is tried again, and what one could do about it. */
static int remedy(const struct transfer *t, CURLcode code, const char **advice) {
    int retries = t->http->options.retries, few = retries < HOPELESS_RETRIES ? retries : HOPELESS_RETRIES;
    *advice = "";
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        *advice = "; check the host's name and the network";
        return few;
    case CURLE_COULDNT_RESOLVE_PROXY:
        *advice = "; check the proxy settings";
        return few;
    case CURLE_SSL_CONNECT_ERROR:
        *advice = "; does this port speak TLS (https)?";
        return few;
    case CURLE_COULDNT_CONNECT:
        *advice = "; is the server up, is a proxy needed (--proxy)?";
        return retries;
    case CURLE_OPERATION_TIMEDOUT:
        *advice = "; try again later or with a longer --timeout";
        return retries;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        *advice = "; try again later";
        return retries;
    case CURLE_PEER_FAILED_VERIFICATION:
        *advice = "; name the authority that signs for this host with --cert, or --trusted-host it";
        return 0;
    case CURLE_SSL_CACERT_BADFILE:
        *advice = "; check --cert and the variables SSL_CERT_FILE, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE";
        return 0;
    case CURLE_SSL_CERTPROBLEM:
        *advice = "; check --client-cert: a PEM file with the key and the certificate";
        return 0;
    default:
        return 0;
    }
}

static enum transfer_next judge_failure(struct transfer *t, CURLcode code, int *delay_ms) {
    const char *advice;
    if (code == CURLE_PEER_FAILED_VERIFICATION && t->used_folder && t->http->trust.fallback_file) {
        t->http->trust_fell_back = true;
        return TRANSFER_FALL_BACK;
    }
    if (code == CURLE_FILE_COULDNT_READ_FILE) {
        t->answer = 404;
        return TRANSFER_DONE;
    }
    if (t->retries < remedy(t, code, &advice))
        return try_again(t, delay_ms);
    char tries[32] = "";
    if (t->retries)
        snprintf(tries, sizeof tries, " (%d tries)", t->retries + 1);
    transfer_fail(t, "%s%s%s", t->curl_says[0] ? t->curl_says : t->http->curl.easy_strerror(code), tries,
                  advice);
    return TRANSFER_DONE;
}

/* libcurl would follow by itself, but keeps the trust in a host, netrc's password and the way back to plain
   http open for the next one. */
static enum transfer_next follow(struct transfer *t, const char *target) {
    struct http_place to;
    struct err e;
    bool was_tls = t->at->tls;
    if (t->redirects == REDIRECTS_MAX) {
        transfer_fail(t, "redirected more than %d times", REDIRECTS_MAX);
    } else if (http_place_parse(&t->http->curl, target, &to, &e) < 0) {
        transfer_fail(t, "redirected to %s", e.text);
        http_place_free(&to);
    } else if (to.file || (was_tls && !to.tls)) {
        transfer_fail(t, "redirected to %s: refused, it is %s", to.url, to.file ? "a file" : "not encrypted");
        http_place_free(&to);
    } else {
        if (!to.user && http_place_same(&to, &t->asked) && t->asked.user) {
            to.user = (char *)copy(t->asked.user);
            to.password = (char *)copy(t->asked.password);
        }
        http_place_free(&t->redirected);
        t->redirected = to;
        t->at = &t->redirected;
        t->redirects++;
        return TRANSFER_NOW;
    }
    return TRANSFER_DONE;
}

/* libcurl checks a response against its Content-Length; this checks it against the range it announced, and
   what was put together against the length of the file. */
static bool part_is_short(const struct transfer *t) {
    const struct http_span *s = t->resuming ? &t->now.span : &t->head.span;
    if (t->attempt_got < s->last - s->first + 1)
        return true;
    return t->answer == 200 && t->got < known_total(t);
}

static enum transfer_next judge_response(struct transfer *t, int *delay_ms) {
    const struct curl_api *curl = &t->http->curl;
    char *target = NULL;
    if (is_redirect(t->status)) {
        curl->easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &target);
        if (target)
            return follow(t, target);
        adopt(t);
    } else if (t->resuming && t->status == 416 && t->retries < t->http->options.retries) {
        t->got = 0; /* it is another file now: from the start */
        return try_again(t, delay_ms);
    } else if (may_pass(t->status) && t->retries < t->http->options.retries) {
        curl_off_t wait = 0;
        curl->easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
        try_again(t, delay_ms);
        if (wait > RETRY_AFTER_MAX_S)
            wait = RETRY_AFTER_MAX_S;
        if (wait * 1000 > *delay_ms)
            *delay_ms = (int)wait * 1000;
        return TRANSFER_LATER;
    } else if (t->status == 206 && part_is_short(t)) {
        return judge_failure(t, CURLE_PARTIAL_FILE, delay_ms);
    }
    return TRANSFER_DONE;
}

enum transfer_next transfer_judge(struct transfer *t, CURLcode code, int *delay_ms) {
    if (code == CURLE_OK)
        begin(t);
    if (t->failed)
        return TRANSFER_DONE;
    if (code != CURLE_OK && !t->enough)
        return judge_failure(t, code, delay_ms);
    return judge_response(t, delay_ms);
}

void transfer_finish(struct transfer *t) {
    const char *url = t->at->url ? t->at->url : "";
    struct http_response r = {
        .error = t->failed ? &t->err : NULL,
        .status = t->failed ? 0 : t->answer,
        .url = str_of(url),
        .type = buf_view(&t->head.type),
        .etag = buf_view(&t->head.etag),
        .last_modified = buf_view(&t->head.modified),
        .max_age = http_head_fresh(&t->head),
        .body = &t->body,
        .received = t->got,
    };
    if (r.status == 206) {
        r.range_first = t->head.span.first;
        r.range_total = t->head.span.total;
    }
    t->request.done(t->request.ctx, &r);
    transfer_free(t);
}
