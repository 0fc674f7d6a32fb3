/* http_internal: what the files of the HTTP client share. http.c owns the client: its thread, what waits and
   what runs. http_transfer.c is one request from its first try to its answer. http_head.c reads response
   headers, http_place.c URLs, http_trust.c finds the certificates. */
#ifndef BASE_HTTP_INTERNAL_H
#define BASE_HTTP_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/curl_api.h"
#include "base/http.h"
#include "base/vec.h"

/* Where a request goes: a URL taken apart. Strings are malloc'ed. */
struct http_place {
    char *url;             /* without user, password and fragment: what may be told */
    char *user, *password; /* percent-decoded, or NULL */
    char *host;            /* lower case as curl gives it; "[::1]" for IPv6 */
    char *port;
    bool file, tls; /* else plain http */
};

/* Errors name the URL without what may be a password. */
int http_place_parse(const struct curl_api *curl, const char *url, struct http_place *out, struct err *e);
void http_place_free(struct http_place *p);
/* Same scheme, host and port: credentials for one hold for the other. */
bool http_place_same(const struct http_place *a, const struct http_place *b);
/* Is it in a list of "host" and "host:port"? */
bool http_place_in(const struct http_place *p, const char *const *hosts);

/* Which certificates are trusted. Strings live in the arena or are the environment's. */
struct http_trust {
    const char *file, *folder; /* either may be NULL; both NULL: as libcurl was built */
    const char *fallback_file; /* or NULL: a bundle that takes over when the folder does not do */
};

/* A folder with hashed names is read as far as a connection needs, a bundle whole: tens of milliseconds. So
   the system's folder stands in for its bundle, with the bundle to fall back on. */
struct http_trust http_trust_find(const char *ca_file);

/* "bytes first-last/total" of a 206. */
struct http_span {
    uint64_t first, last, total; /* total 0: unknown */
};

/* One response's header, as far as it is of use. Longer values than a sane server sends are left out. */
struct http_head {
    struct buf etag, modified, type;
    char date[64];
    bool no_cache;
    int64_t max_age; /* -1: not said */
    int64_t age;
    int64_t length; /* Content-Length, -1: not said */
    bool ranges;    /* Accept-Ranges: bytes */
    bool has_span;
    struct http_span span;
};

void http_head_reset(struct http_head *h); /* before each response; all zero is not a reset head */
void http_head_free(struct http_head *h);
/* One header line, "Name: value" with or without CRLF. */
void http_head_line(struct http_head *h, struct str line);
/* Seconds for which the response is fresh, -1 if not said (RFC 9111 section 4.2). */
int64_t http_head_fresh(const struct http_head *h);

struct transfer; /* http_transfer.c */

struct http {
    struct curl_api curl;
    struct http_options options; /* its strings in the arena, 0 replaced by the defaults */
    struct arena arena;
    struct http_trust trust;
    const char *netrc;    /* $NETRC or NULL */
    bool trust_fell_back; /* net thread: the folder did not do */

    /* The net thread's own. */
    CURLM *multi;
    CURLSH *share;                  /* TLS sessions: easy handles have each their own otherwise */
    VEC(struct transfer *) waiting; /* a heap: highest priority first, then the oldest */
    VEC(struct transfer *) later;   /* those that wait for their next try */
    VEC(struct transfer *) running; /* in the multi handle */
    uint64_t random;                /* state of the jitter */

    pthread_t thread;
    pthread_mutex_t lock;
    struct transfer *incoming, **incoming_tail; /* locked: started, not yet seen by the net thread */
    uint64_t serial;                            /* locked: of the last started */
    bool stop;                                  /* locked */

    _Atomic uint64_t received, requests;
};

/* What becomes of a transfer whose attempt has ended. */
enum transfer_next {
    TRANSFER_DONE,
    TRANSFER_NOW,
    TRANSFER_LATER,
    TRANSFER_FALL_BACK, /* now, and all that trust the folder with it */
};

struct transfer {
    struct transfer *next; /* in incoming */
    uint64_t serial;       /* order of http_start */
    uint32_t index;        /* in running */
    int64_t due;           /* in later: when, ms of the monotonic clock */
    CURL *easy;            /* while running, else NULL */
    struct http *http;
    struct http_request request; /* its strings are copies */

    struct http_place asked, redirected;
    const struct http_place *at; /* &asked or &redirected */
    int redirects, retries;
    struct curl_slist *headers;
    char curl_says[CURL_ERROR_SIZE];
    bool used_folder; /* this attempt trusts the folder, not the fallback bundle */

    /* This attempt. */
    struct http_head now;
    int status;
    bool begun;                 /* the header is complete and was judged */
    enum { SKIP, KEEP } taking; /* what happens to body bytes */
    bool enough;                /* no more is wanted: not an error */
    bool ranged, resuming;      /* a range was asked for; to go on where the last attempt broke off */
    int64_t first, last;        /* that range, as in http_request */
    uint64_t attempt_got;

    /* All attempts. */
    struct http_head head; /* of the response whose body is being taken */
    int answer;            /* its status, 0: none yet */
    uint64_t base, got;    /* offset of the body in the file; bytes taken */
    struct buf body;
    bool failed; /* err says why; a further try would not help */
    struct err err;
};

/* Copies the request and takes its URL apart; what is wrong with it is told later, by the net thread. */
struct transfer *transfer_new(struct http *h, const struct http_request *r);
/* Makes t->easy, a handle without options, ready for the next attempt. -1: the transfer has failed. */
int transfer_prepare(struct transfer *t);
/* Judges the attempt that ended with code, with its easy handle still there. LATER: *delay_ms. */
enum transfer_next transfer_judge(struct transfer *t, CURLcode code, int *delay_ms);
/* The transfer fails: its URL and the message become its error. Returns -1. */
int transfer_fail(struct transfer *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Calls done and frees. */
void transfer_finish(struct transfer *t);

#endif
