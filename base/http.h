/* http: concurrent GET requests over libcurl's multi interface: HTTP/2 with one multiplexed connection per
   host where the server has it, several keep-alive connections where it has not. One thread of its own does
   all the network's work; callbacks run on that thread and must be short (copy, hash, hand over). RFC 9110,
   9111 (validators), 9113. */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct http; /* a client */

struct http_options {
    const char *user_agent;
    const char *proxy;   /* NULL: as the environment says (http_proxy, https_proxy, all_proxy, no_proxy) */
    const char *ca_file; /* --cert / PIP_CERT; NULL: SSL_CERT_FILE, SSL_CERT_DIR, REQUESTS_CA_BUNDLE,
                            CURL_CA_BUNDLE, else the system's hashed directory, else its bundle */
    const char *client_cert; /* --client-cert: PEM with key and certificate */
    const char *const
        *trusted_hosts; /* NULL-terminated "host" or "host:port": TLS unverified there; NULL: none */
    int timeout_s;      /* to connect, and without a byte arriving; 0: 15 */
    int retries;        /* after the first try, on what may pass: 5xx, 429, resets, stalls; -1: 5 */
    bool netrc;         /* take credentials from ~/.netrc or $NETRC for hosts that have none in the URL */
    int streams;        /* requests under way at once; 0: 50. Further ones wait, highest priority first */
};

struct http_response {
    const struct err
        *error;      /* NULL when a response came, whatever its status; text names the URL without password */
    int status;      /* 200, 206, 304, 404 ...; 0 with error. A file: 200, or 404 if it cannot be opened */
    struct str url;  /* after redirects, without credentials */
    struct str type; /* media type of Content-Type, lower case, without parameters; may be empty */
    struct str etag, last_modified;
    int64_t
        max_age; /* seconds from Cache-Control max-age less Age, 0 for no-store / no-cache, -1 if not said */
    uint64_t range_first, range_total; /* from Content-Range of a 206; total 0: the server does not know */
    struct buf *body;  /* collected bytes, unless the request had a sink; take it by copying the struct and
                          zeroing *body, otherwise it is freed after the callback */
    uint64_t received; /* body bytes */
};

struct http_request {
    const char *url;           /* copied; http, https or file */
    const char *accept;        /* Accept header, or NULL; copied */
    const char *if_none_match; /* or NULL; copied */
    const char *if_modified_since;
    bool compressed;     /* offer gzip and deflate; bodies arrive decoded. Never for wheels */
    int64_t range_first; /* with range_last >= first: bytes first-last; range_last -1: to the end; */
    int64_t range_last;  /*   range_first < 0: the last -range_first bytes. Both 0: the whole.
                            A server may answer 200 with the whole; files always do */
    uint64_t max_body;   /* more bytes than this is an error; 0: 1 GiB. Error pages are cut at 64 KiB */
    int priority;        /* higher starts first among those that wait */
    void *ctx;
    /* Or NULL: bytes in order. `offset` is where p stands in the body: 0 again when a retry starts over.
       Non-zero return: give up; the response then has an error. Called only for a 200 or 206. */
    int (*sink)(void *ctx, uint64_t offset, const void *p, size_t n);
    /* Exactly once for every started request, also when the client is freed (error: "cancelled"). */
    void (*done)(void *ctx, struct http_response *r);
};

/* Loads libcurl and starts the thread; the first connection is made by the first request. Options are copied.
 */
struct http *http_new(const struct http_options *o, struct err *e);
/* Queues a request; from any thread, callbacks included. */
void http_start(struct http *h, const struct http_request *r);
/* Bytes received since the start, all requests together: for progress. */
uint64_t http_received(struct http *h);
/* Requests that were sent to a server so far. */
uint64_t http_requests(struct http *h);
/* Cancels what is under way, ends the thread. NULL is no error. */
void http_free(struct http *h);

/* One request, waited for; not from a callback. *body is the caller's, empty on error. A status other than
   200 is an error. */
int http_get(struct http *h, const char *url, const char *accept, uint64_t max_body, struct buf *body,
             struct err *e);

#endif
