#include <stdlib.h>
#include <string.h>

#include "base/http_internal.h"

/* What of a malformed URL may be told: a password could stand before any '@'. */
static const char *harmless(const char *url) {
    const char *at = strrchr(url, '@');
    return at ? at + 1 : url;
}

/* A part of the URL as a string of our own; NULL if it has none. */
static char *part(const struct curl_api *curl, CURLU *u, CURLUPart what, unsigned flags) {
    char *value = NULL;
    if (curl->url_get(u, what, &value, flags))
        return NULL;
    char *copy = strcpy(mem_alloc(strlen(value) + 1), value);
    curl->free(value);
    return copy;
}

/* Index pages in the wild have links with spaces in them. */
static char *without_spaces(const char *url) {
    struct buf b = {0};
    for (buf_reserve(&b, strlen(url)); *url; url++)
        *url == ' ' ? buf_c(&b, "%20") : buf_char(&b, *url);
    buf_char(&b, 0);
    return b.p;
}

static int known_scheme(const char *scheme, struct http_place *p) {
    p->file = !strcmp(scheme, "file");
    p->tls = !strcmp(scheme, "https");
    return p->file || p->tls || !strcmp(scheme, "http") ? 0 : -1;
}

static int take_apart(const struct curl_api *curl, CURLU *u, const char *text, struct http_place *p,
                      struct err *e) {
    char *url = without_spaces(text);
    CURLUcode code = curl->url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
    free(url);
    if (code)
        return err_fail(e, "%s: malformed URL", harmless(text));
    p->user = part(curl, u, CURLUPART_USER, CURLU_URLDECODE);
    p->password = part(curl, u, CURLUPART_PASSWORD, CURLU_URLDECODE);
    curl->url_set(u, CURLUPART_USER, NULL, 0);
    curl->url_set(u, CURLUPART_PASSWORD, NULL, 0);
    curl->url_set(u, CURLUPART_FRAGMENT, NULL, 0);
    p->url = part(curl, u, CURLUPART_URL, 0);
    p->host = part(curl, u, CURLUPART_HOST, 0);
    p->port = part(curl, u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    char *scheme = part(curl, u, CURLUPART_SCHEME, 0);
    int r = 0;
    if (!p->url || !scheme || known_scheme(scheme, p) < 0)
        r = err_fail(e, "%s: cannot fetch this: only http, https and file URLs", harmless(text));
    else if (!p->file && (!p->host || !p->port))
        r = err_fail(e, "%s: malformed URL: it has no host", harmless(text));
    free(scheme);
    return r;
}

int http_place_parse(const struct curl_api *curl, const char *url, struct http_place *out, struct err *e) {
    *out = (struct http_place){0};
    CURLU *u = curl->url();
    if (!u)
        return err_fail(e, "out of memory");
    int r = take_apart(curl, u, url, out, e);
    curl->url_cleanup(u);
    return r;
}

void http_place_free(struct http_place *p) {
    free(p->url);
    free(p->user);
    free(p->password);
    free(p->host);
    free(p->port);
    *p = (struct http_place){0};
}

bool http_place_same(const struct http_place *a, const struct http_place *b) {
    if (a->file || b->file)
        return false;
    return a->tls == b->tls && str_ieq(str_of(a->host), str_of(b->host)) && !strcmp(a->port, b->port);
}

bool http_place_in(const struct http_place *p, const char *const *hosts) {
    for (; !p->file && hosts && *hosts; hosts++) {
        struct str entry = str_of(*hosts);
        ptrdiff_t colon = str_rfind(entry, ':');
        struct str host = entry, port = str_of(p->port);
        if (colon >= 0 && entry.p[entry.n - 1] != ']') { /* not the end of "[::1]" */
            host.n = (size_t)colon;
            port = str_from(entry, (size_t)colon + 1);
        }
        if (str_ieq(host, str_of(p->host)) && str_eq(port, str_of(p->port)))
            return true;
    }
    return false;
}
