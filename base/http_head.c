#include <stdio.h>
#include <stdlib.h>

#include "base/http_internal.h"

enum { VALUE_MAX = 1024 };

void http_head_reset(struct http_head *h) {
    struct buf etag = h->etag, modified = h->modified, type = h->type;
    etag.n = modified.n = type.n = 0;
    *h = (struct http_head){.etag = etag, .modified = modified, .type = type, .max_age = -1, .length = -1};
}

void http_head_free(struct http_head *h) {
    buf_free(&h->etag);
    buf_free(&h->modified);
    buf_free(&h->type);
}

static void keep(struct buf *b, struct str value) {
    b->n = 0;
    if (value.n <= VALUE_MAX)
        buf_str(b, value);
}

/* RFC 9110 section 8.3: only the media type itself. */
static void keep_type(struct buf *b, struct str value) {
    struct str type;
    str_cut(&value, ';', &type);
    keep(b, str_trim(type));
    for (size_t i = 0; i < b->n; i++)
        b->p[i] = char_lower(b->p[i]);
}

/* A number of seconds or bytes; -1 if it is none. Too large is as good as very large. */
static int64_t number(struct str s) {
    uint64_t v;
    for (size_t i = 0; i < s.n; i++)
        if (!char_digit(s.p[i]))
            return -1;
    if (!s.n)
        return -1;
    return str_u64(s, &v) && v <= INT64_MAX ? (int64_t)v : INT64_MAX;
}

static struct str unquoted(struct str s) {
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        return (struct str){s.p + 1, s.n - 2};
    return s;
}

/* RFC 9111 section 5.2.2. */
static void cache_control(struct http_head *h, struct str value) {
    struct str directive, name;
    while (str_cut(&value, ',', &directive)) {
        if (!str_cut(&directive, '=', &name))
            continue;
        name = str_trim(name);
        if (str_ieq(name, STR("no-store")) || str_ieq(name, STR("no-cache")))
            h->no_cache = true;
        else if (str_ieq(name, STR("max-age")))
            h->max_age = number(unquoted(str_trim(directive)));
    }
}

/* RFC 9110 section 14.4: "bytes 0-99/1234", the total may be "*". */
static bool parse_span(struct str s, struct http_span *out) {
    struct str first, last, unit;
    if (!str_cut(&s, ' ', &unit) || !str_ieq(unit, STR("bytes")))
        return false;
    s = str_trim(s);
    if (!str_cut(&s, '-', &first) || !str_cut(&s, '/', &last) || !str_u64(first, &out->first) ||
        !str_u64(last, &out->last) || out->first > out->last || out->last >= INT64_MAX)
        return false;
    out->total = 0;
    return str_is(s, "*") || (str_u64(s, &out->total) && out->last < out->total);
}

void http_head_line(struct http_head *h, struct str line) {
    struct str name, value = line;
    if (!str_cut(&value, ':', &name) || !value.p)
        return;
    value = str_trim(value);
    if (str_ieq(name, STR("etag")))
        keep(&h->etag, value);
    else if (str_ieq(name, STR("last-modified")))
        keep(&h->modified, value);
    else if (str_ieq(name, STR("content-type")))
        keep_type(&h->type, value);
    else if (str_ieq(name, STR("cache-control")))
        cache_control(h, value);
    else if (str_ieq(name, STR("age")))
        h->age = number(value);
    else if (str_ieq(name, STR("content-length")))
        h->length = number(value);
    else if (str_ieq(name, STR("accept-ranges")))
        h->ranges = str_ieq(value, STR("bytes"));
    else if (str_ieq(name, STR("content-range")))
        h->has_span = parse_span(value, &h->span);
    else if (str_ieq(name, STR("date")) && value.n < sizeof h->date)
        snprintf(h->date, sizeof h->date, STR_FMT, STR_ARG(value));
}

int64_t http_head_fresh(const struct http_head *h) {
    if (h->no_cache)
        return 0;
    if (h->max_age < 0 || h->age <= 0)
        return h->max_age;
    return h->max_age > h->age ? h->max_age - h->age : 0;
}
