/* http_answers: what the server of tests/unit/base_http.c answers: a path for each kind of good and bad day.
 */
#ifndef TESTS_UNIT_HTTP_ANSWERS_H
#define TESTS_UNIT_HTTP_ANSWERS_H

#include <stdint.h>
#include <zlib.h>

#include "tests/unit/http_server.h"

enum { BIG = 300000, CUT = 200000 };

static char big[BIG]; /* what the range and download routes serve */

/* --- the server's answers --- */

static bool answer_ok(struct exchange *x) {
    return send_text(x, "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\nETag: \"v1\"\r\n"
                        "Last-Modified: Mon, 02 Jan 2023 03:04:05 GMT\r\n"
                        "Cache-Control: public, max-age=600\r\nAge: 100\r\nContent-Length: 5\r\n\r\nhello");
}

static bool answer_header(struct exchange *x) {
    char text[600], auth[200], accept[200], encoding[200];
    snprintf(text, sizeof text, "%s|%s|%s",
             request_header(x, "Authorization", auth, sizeof auth) ? auth : "none",
             request_header(x, "Accept", accept, sizeof accept) ? accept : "none",
             request_header(x, "Accept-Encoding", encoding, sizeof encoding) ? encoding : "none");
    char head[100];
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", strlen(text));
    return send_text(x, head) && send_text(x, text);
}

static bool answer_etag(struct exchange *x) {
    char etag[100];
    if (request_header(x, "If-None-Match", etag, sizeof etag) && !strcmp(etag, "\"v1\""))
        return send_text(x, "HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nCache-Control: no-cache\r\n\r\n");
    return answer_ok(x);
}

static bool answer_flaky(struct exchange *x) {
    return x->hit < 2 ? send_text(x, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy") : answer_ok(x);
}

static bool answer_down(struct exchange *x) {
    return send_text(x, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\ndown");
}

static bool answer_busy(struct exchange *x) {
    if (x->hit)
        return answer_ok(x);
    return send_text(x, "HTTP/1.1 429 Slow Down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
}

static bool answer_reset(struct exchange *x) {
    return x->hit ? answer_ok(x) : false;
}

static bool answer_stalled(struct exchange *x) {
    if (x->hit)
        return answer_ok(x);
    send_text(x, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    wait_for_close(x);
    return false;
}

static bool answer_hanging(struct exchange *x) {
    wait_for_close(x);
    return false;
}

static void redirect(struct exchange *x, const char *host, const char *rest) {
    char text[300];
    snprintf(text, sizeof text,
             "HTTP/1.1 302 Found\r\nLocation: http://%s:%d%s\r\nContent-Length: 5\r\n\r\nmoved", host,
             x->server->port, rest);
    send_text(x, text);
}

static bool answer_redirect(struct exchange *x) {
    redirect(x, "127.0.0.1", "/header");
    return true;
}

static bool answer_elsewhere(struct exchange *x) {
    redirect(x, "localhost", "/header");
    return true;
}

static bool answer_loop(struct exchange *x) {
    redirect(x, "127.0.0.1", "/loop");
    return true;
}

static bool answer_to_file(struct exchange *x) {
    return send_text(x, "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n");
}

static bool answer_nowhere(struct exchange *x) {
    return send_text(x, "HTTP/1.1 301 Moved\r\nContent-Length: 2\r\n\r\nhm");
}

static bool endless(struct exchange *x, const char *head) {
    send_text(x, head);
    while (send_text(x, "400\r\n") && send_all(x, big, 0x400) && send_text(x, "\r\n"))
        ;
    return false;
}

static bool answer_endless(struct exchange *x) {
    return endless(x, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

static bool answer_endless_page(struct exchange *x) {
    return endless(x, "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n");
}

static bool answer_announced(struct exchange *x) {
    return send_text(x, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nx");
}

static bool gzipped(struct exchange *x, const void *data, size_t n) {
    static const z_stream zero;
    z_stream z = zero;
    unsigned char out[4096];
    char head[200];
    deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = sizeof out;
    deflate(&z, Z_FINISH);
    deflateEnd(&z);
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %lu\r\n\r\n",
             z.total_out);
    return send_text(x, head) && send_all(x, out, z.total_out);
}

static bool answer_gzip(struct exchange *x) {
    return gzipped(x, "a a a a a a a a", 15);
}

static bool answer_bomb(struct exchange *x) {
    static char zeros[1 << 20];
    return gzipped(x, zeros, sizeof zeros);
}

/* Sends bytes first..last of big, or fewer and then closes. */
static bool send_part(struct exchange *x, long first, long last, long sent, const char *more) {
    char head[400];
    snprintf(
        head, sizeof head,
        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %ld-%ld/%d\r\nContent-Length: %ld\r\n%s\r\n",
        first, last, BIG, last - first + 1, more);
    return send_text(x, head) && send_all(x, big + first, (size_t)sent) && sent == last - first + 1;
}

static bool send_whole(struct exchange *x, long sent, const char *more) {
    char head[400];
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\nContent-Length: %d\r\n%s\r\n",
             BIG, more);
    return send_text(x, head) && send_all(x, big, (size_t)sent) && sent == BIG;
}

static bool range_of(struct exchange *x, long *first, long *last) {
    char value[100];
    if (!request_header(x, "Range", value, sizeof value))
        return false;
    *last = BIG - 1;
    if (sscanf(value, "bytes=-%ld", first) == 1)
        *first = *first > BIG ? 0 : BIG - *first;
    else if (sscanf(value, "bytes=%ld-%ld", first, last) < 1)
        return false;
    if (*last >= BIG)
        *last = BIG - 1;
    return true;
}

static bool answer_range(struct exchange *x) {
    long first, last;
    return range_of(x, &first, &last) ? send_part(x, first, last, last - first + 1, "")
                                      : send_whole(x, BIG, "");
}

static bool answer_other_range(struct exchange *x) {
    return send_part(x, 7, 16, 10, "");
}

static bool answer_no_ranges(struct exchange *x) {
    return send_whole(x, BIG, "");
}

/* Breaks off once; the rest comes by a range, if the client still means the same file. */
static bool resumable(struct exchange *x, const char *header, const char *validator) {
    char if_range[100];
    long first, last;
    if (!x->hit)
        return send_whole(x, CUT, header);
    if (!range_of(x, &first, &last) || !request_header(x, "If-Range", if_range, sizeof if_range) ||
        strcmp(if_range, validator))
        return send_whole(x, 10, header); /* never enough */
    return send_part(x, first, last, last - first + 1, header);
}

static bool answer_cut(struct exchange *x) {
    return resumable(x, "ETag: \"v1\"\r\n", "\"v1\"");
}

static bool answer_cut_dated(struct exchange *x) {
    return resumable(
        x, "Last-Modified: Mon, 02 Jan 2023 03:04:05 GMT\r\nDate: Mon, 09 Jan 2023 03:04:05 GMT\r\n",
        "Mon, 02 Jan 2023 03:04:05 GMT");
}

/* The second try brings a thousand bytes more and does not tell how many there are in all. */
static bool answer_cut_twice(struct exchange *x) {
    char head[200];
    long first, last;
    if (x->hit != 1 || !range_of(x, &first, &last))
        return answer_cut(x);
    snprintf(head, sizeof head,
             "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %ld-%ld/*\r\nContent-Length: 1000\r\n\r\n",
             first, first + 999);
    return send_text(x, head) && send_all(x, big + first, 1000);
}

/* The same tag, but another length: that is not the same file. */
static bool answer_cut_grown(struct exchange *x) {
    char head[200];
    long first, last;
    if (!x->hit || !range_of(x, &first, &last))
        return answer_cut(x);
    snprintf(head, sizeof head, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %ld-%d/%d\r\n\r\n",
             first, BIG, BIG + 1);
    send_text(x, head);
    return false;
}

static bool answer_cut_part(struct exchange *x) {
    long first, last;
    if (!range_of(x, &first, &last))
        return false;
    return send_part(x, first, last, x->hit ? last - first + 1 : 1000, "ETag: \"v1\"\r\n");
}

/* A weak tag allows no resuming: the second try must ask for the whole. */
static bool answer_cut_weak(struct exchange *x) {
    char range[100];
    if (request_header(x, "Range", range, sizeof range))
        return false;
    return send_whole(x, x->hit ? BIG : CUT, "ETag: W/\"v1\"\r\n");
}

static bool answer_changed(struct exchange *x) {
    return send_whole(x, x->hit ? BIG : CUT, x->hit ? "ETag: \"v2\"\r\n" : "ETag: \"v1\"\r\n");
}

static bool answer_gone_range(struct exchange *x) {
    long first, last;
    if (range_of(x, &first, &last))
        return send_text(x, "HTTP/1.1 416 No\r\nContent-Length: 2\r\n\r\nno");
    return send_whole(x, x->hit ? BIG : CUT, "ETag: \"v1\"\r\n");
}

static bool answer_always_cut(struct exchange *x) {
    return send_whole(x, 100, "");
}

static struct route routes[] = {
    {"/ok", answer_ok, 0},
    {"/header", answer_header, 0},
    {"/etag", answer_etag, 0},
    {"/flaky", answer_flaky, 0},
    {"/down", answer_down, 0},
    {"/busy", answer_busy, 0},
    {"/reset", answer_reset, 0},
    {"/stalled", answer_stalled, 0},
    {"/hanging", answer_hanging, 0},
    {"/redirect", answer_redirect, 0},
    {"/elsewhere", answer_elsewhere, 0},
    {"/loop", answer_loop, 0},
    {"/to-file", answer_to_file, 0},
    {"/nowhere", answer_nowhere, 0},
    {"/endless", answer_endless, 0},
    {"/endless-page", answer_endless_page, 0},
    {"/announced", answer_announced, 0},
    {"/gzip", answer_gzip, 0},
    {"/bomb", answer_bomb, 0},
    {"/range", answer_range, 0},
    {"/other-range", answer_other_range, 0},
    {"/no-ranges", answer_no_ranges, 0},
    {"/cut", answer_cut, 0},
    {"/cut-dated", answer_cut_dated, 0},
    {"/cut-twice", answer_cut_twice, 0},
    {"/cut-grown", answer_cut_grown, 0},
    {"/cut-part", answer_cut_part, 0},
    {"/cut-weak", answer_cut_weak, 0},
    {"/changed", answer_changed, 0},
    {"/gone-range", answer_gone_range, 0},
    {"/always-cut", answer_always_cut, 0},
    {NULL, NULL, 0},
};

#endif
