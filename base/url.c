#include "base/url.h"

#include <string.h>

struct parts { /* RFC 3986 section 3; the slices without their delimiters */
    struct str scheme, authority, path, query, fragment;
    bool has_authority, has_query, has_fragment;
};

static size_t scheme_length(struct str s) {
    if (!s.n || !char_alpha(s.p[0]))
        return 0;
    size_t i = 1;
    while (i < s.n && (char_alnum(s.p[i]) || s.p[i] == '+' || s.p[i] == '-' || s.p[i] == '.'))
        i++;
    return i < s.n && s.p[i] == ':' ? i : 0;
}

/* Cuts s before the first c; what stands behind c goes to *tail. */
static bool cut_tail(struct str *s, char c, struct str *tail) {
    ptrdiff_t i = str_find(*s, c);
    if (i < 0)
        return false;
    *tail = str_from(*s, (size_t)i + 1);
    *s = str_head(*s, (size_t)i);
    return true;
}

static struct parts split(struct str s) {
    struct parts u = {0};
    u.scheme = str_head(s, scheme_length(s));
    if (u.scheme.n)
        s = str_from(s, u.scheme.n + 1);
    u.has_fragment = cut_tail(&s, '#', &u.fragment);
    u.has_query = cut_tail(&s, '?', &u.query);
    if (str_starts(s, STR("//"))) {
        u.has_authority = true;
        s = str_from(s, 2);
        ptrdiff_t slash = str_find(s, '/');
        u.authority = str_head(s, slash < 0 ? s.n : (size_t)slash);
        s = str_from(s, u.authority.n);
    }
    u.path = s;
    return u;
}

bool url_is(struct str s) {
    size_t n = scheme_length(s);
    return n && (str_starts(str_from(s, n), STR("://")) || str_ieq(str_head(s, n), STR("file")));
}

struct str url_scheme(struct str url) {
    return str_head(url, scheme_length(url));
}

struct str url_host(struct str url) {
    struct str authority = split(url).authority;
    return str_from(authority, (size_t)(str_rfind(authority, '@') + 1));
}

/* RFC 3986 section 5.2.4, a segment at a time: appends path to out, which then holds nothing else behind
   `start`. Also for paths that do not begin with '/'. */
static void add_without_dots(struct buf *out, struct str path) {
    size_t start = out->n;
    bool absolute = path.n && path.p[0] == '/', first = true, last_is_dots = false;
    struct str rest = path, segment;
    while (str_cut(&rest, '/', &segment)) {
        bool up = str_is(segment, "..");
        last_is_dots = up || str_is(segment, ".");
        if (last_is_dots) {
            if (up && out->n > start) {
                ptrdiff_t slash = str_rfind(str_from(buf_view(out), start), '/');
                out->n = start + (slash < 0 ? 0 : (size_t)slash);
            }
        } else {
            if (!first && (absolute || out->n > start))
                buf_char(out, '/');
            buf_str(out, segment);
        }
        first = false;
    }
    if (last_is_dots && (absolute || out->n > start))
        buf_char(out, '/');
}

/* RFC 3986 section 5.2.3. */
static void add_merged(struct buf *out, const struct parts *base, struct str path) {
    struct buf merged = {0};
    if (base->has_authority && !base->path.n)
        buf_char(&merged, '/');
    else
        buf_str(&merged, str_head(base->path, (size_t)(str_rfind(base->path, '/') + 1)));
    buf_str(&merged, path);
    add_without_dots(out, buf_view(&merged));
    buf_free(&merged);
}

static void add_start(struct buf *out, struct str scheme, const struct parts *authority) {
    if (scheme.n) {
        buf_str(out, scheme);
        buf_char(out, ':');
    }
    if (authority->has_authority) {
        buf_c(out, "//");
        buf_str(out, authority->authority);
    }
}

static void add_query(struct buf *out, const struct parts *u) {
    if (u->has_query) {
        buf_char(out, '?');
        buf_str(out, u->query);
    }
}

/* RFC 3986 section 5.2.2. */
struct str url_join(struct arena *a, struct str base, struct str reference) {
    struct parts b = split(base), r = split(reference);
    struct buf out = {0};
    bool whole = r.scheme.n || r.has_authority;
    add_start(&out, r.scheme.n ? r.scheme : b.scheme, whole ? &r : &b);
    if (whole || (r.path.n && r.path.p[0] == '/')) {
        add_without_dots(&out, r.path);
        add_query(&out, &r);
    } else if (r.path.n) {
        add_merged(&out, &b, r.path);
        add_query(&out, &r);
    } else {
        buf_str(&out, b.path);
        add_query(&out, r.has_query ? &r : &b);
    }
    if (r.has_fragment) {
        buf_char(&out, '#');
        buf_str(&out, r.fragment);
    }
    struct str joined = arena_str(a, buf_view(&out));
    buf_free(&out);
    return joined;
}

struct str url_without_fragment(struct str url) {
    struct str fragment;
    cut_tail(&url, '#', &fragment);
    return url;
}

struct str url_fragment(struct str url) {
    struct str fragment = {"", 0};
    cut_tail(&url, '#', &fragment);
    return fragment;
}

struct str url_fragment_value(struct str url, struct str key) {
    struct str rest = url_fragment(url), piece, value;
    while (str_cut(&rest, '&', &piece))
        if (cut_tail(&piece, '=', &value) && str_eq(piece, key))
            return value;
    return STR("");
}

struct str url_filename(struct arena *a, struct str url) {
    struct str path = split(url).path;
    return url_decode(a, str_from(path, (size_t)(str_rfind(path, '/') + 1)));
}

static int hex_value(char c) {
    return char_digit(c)          ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

struct str url_decode(struct arena *a, struct str s) {
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
        int low = high < 0 ? -1 : hex_value(s.p[i + 2]);
        p[n++] = low < 0 ? s.p[i] : (char)(high << 4 | low);
        i += low < 0 ? 0 : 2;
    }
    return (struct str){p, n};
}

struct str url_redact(struct arena *a, struct str url) {
    struct str authority = split(url).authority;
    ptrdiff_t at = str_rfind(authority, '@');
    if (at < 0)
        return arena_str(a, url);
    struct buf out = {0};
    buf_add(&out, url.p, (size_t)(authority.p - url.p));
    buf_str(&out, str_from(url, out.n + (size_t)at + 1));
    struct str redacted = arena_str(a, buf_view(&out));
    buf_free(&out);
    return redacted;
}

struct str url_of_path(struct arena *a, const char *path) {
    static const char hex[] = "0123456789ABCDEF";
    struct buf out = {0};
    buf_c(&out, "file://");
    for (const char *c = path; *c; c++) {
        if (char_alnum(*c) || strchr("/-._~!$&'()*+,;=:@", *c)) {
            buf_char(&out, *c);
        } else {
            buf_char(&out, '%');
            buf_char(&out, hex[(unsigned char)*c >> 4]);
            buf_char(&out, hex[(unsigned char)*c & 15]);
        }
    }
    struct str url = arena_str(a, buf_view(&out));
    buf_free(&out);
    return url;
}

struct str url_to_path(struct arena *a, struct str url) {
    struct parts u = split(url);
    bool here = !u.authority.n || str_ieq(u.authority, STR("localhost"));
    if (!str_ieq(u.scheme, STR("file")) || !here || !u.path.n || u.path.p[0] != '/')
        return STR("");
    struct str path = url_decode(a, u.path);
    return str_find(path, 0) < 0 ? path : STR("");
}
