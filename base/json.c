#include "base/json.h"

#include <stdlib.h>
#include <yajl/yajl_parse.h>

#include "base/utf8.h"

enum { MAX_DEPTH = 64 };

struct events {
    const struct json_handler *h;
    void *ctx;
    int depth;
    bool too_deep;
    char kinds[MAX_DEPTH]; /* of what is open */
};

/* yajl goes on for 1 and stops for 0; a handler goes on for 0. A handler that is not there goes on. */
#define TELL(member, ...) (!ev->h->member || ev->h->member(ev->ctx, ev->depth, __VA_ARGS__) == 0)

static struct str slice(const unsigned char *p, size_t n) {
    return (struct str){(const char *)p, n};
}

static int on_null(void *ctx) {
    struct events *ev = ctx;
    return !ev->h->null || ev->h->null(ev->ctx, ev->depth) == 0;
}

static int on_boolean(void *ctx, int value) {
    struct events *ev = ctx;
    return TELL(boolean, value != 0);
}

static int on_number(void *ctx, const char *p, size_t n) {
    struct events *ev = ctx;
    return TELL(number, (struct str){p, n});
}

static int on_string(void *ctx, const unsigned char *p, size_t n) {
    struct events *ev = ctx;
    return TELL(string, slice(p, n));
}

static int on_key(void *ctx, const unsigned char *p, size_t n) {
    struct events *ev = ctx;
    return TELL(key, slice(p, n));
}

static int on_open(struct events *ev, char kind) {
    if (!TELL(open, kind))
        return 0;
    ev->too_deep = ev->depth == MAX_DEPTH;
    if (ev->too_deep)
        return 0;
    ev->kinds[ev->depth++] = kind;
    return 1;
}

static int on_close(void *ctx) {
    struct events *ev = ctx;
    char kind = ev->kinds[--ev->depth];
    return TELL(close, kind);
}

static int on_open_map(void *ctx) {
    return on_open(ctx, '{');
}

static int on_open_array(void *ctx) {
    return on_open(ctx, '[');
}

static void *allocate(void *ctx, size_t n) {
    (void)ctx;
    return mem_alloc(n);
}

static void *reallocate(void *ctx, void *p, size_t n) {
    (void)ctx;
    return mem_grow(p, n);
}

static void release(void *ctx, void *p) {
    (void)ctx;
    free(p);
}

static int fault(yajl_handle y, struct str text, const char *what, struct err *e) {
    size_t at = yajl_get_bytes_consumed(y);
    unsigned char *why = yajl_get_error(y, 0, NULL, 0);
    struct str line = str_trim(str_of((char *)why));
    if (at >= text.n)
        err_fail(e, "%s: not valid JSON: it ends too early", what);
    else
        err_fail(e, "%s: not valid JSON at byte %zu: " STR_FMT, what, at, STR_ARG(line));
    yajl_free_error(y, why);
    return -1;
}

int json_events(struct str text, const struct json_handler *h, void *ctx, const char *what, struct err *e) {
    static const yajl_callbacks callbacks = {on_null,   on_boolean,    NULL,        NULL,
                                             on_number, on_string,     on_open_map, on_key,
                                             on_close,  on_open_array, on_close};
    yajl_alloc_funcs memory = {allocate, reallocate, release, NULL};
    struct events ev = {.h = h, .ctx = ctx};
    yajl_handle y = yajl_alloc(&callbacks, &memory, &ev);
    yajl_status status = yajl_parse(y, (const unsigned char *)text.p, text.n);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(y);
    int result = 0;
    if (status == yajl_status_error)
        result = fault(y, text, what, e);
    else if (ev.too_deep)
        result = err_fail(e, "%s: JSON nested deeper than %d", what, MAX_DEPTH);
    else if (status == yajl_status_client_canceled)
        result = -1;
    yajl_free(y);
    return result;
}

struct builder {
    struct arena *a;
    struct json **ends[MAX_DEPTH + 1]; /* where the next value of each depth is linked in */
    struct str key;
};

static struct json *add(struct builder *b, int depth, enum json_type type) {
    struct json *j = arena_new(b->a, struct json, 1);
    *j = (struct json){.type = type, .key = b->key};
    *b->ends[depth] = j;
    b->ends[depth] = &j->next;
    b->key = (struct str){0};
    return j;
}

static int build_key(void *ctx, int depth, struct str key) {
    struct builder *b = ctx;
    (void)depth;
    b->key = arena_str(b->a, key);
    return 0;
}

static int build_string(void *ctx, int depth, struct str value) {
    struct builder *b = ctx;
    add(b, depth, JSON_STRING)->text = arena_str(b->a, value);
    return 0;
}

static int build_number(void *ctx, int depth, struct str text) {
    struct builder *b = ctx;
    add(b, depth, JSON_NUMBER)->text = arena_str(b->a, text);
    return 0;
}

static int build_boolean(void *ctx, int depth, bool value) {
    add(ctx, depth, value ? JSON_TRUE : JSON_FALSE);
    return 0;
}

static int build_null(void *ctx, int depth) {
    add(ctx, depth, JSON_NULL);
    return 0;
}

static int build_open(void *ctx, int depth, char kind) {
    struct builder *b = ctx;
    struct json *j = add(b, depth, kind == '{' ? JSON_OBJECT : JSON_ARRAY);
    if (depth < MAX_DEPTH) /* deeper is refused right after this call */
        b->ends[depth + 1] = &j->child;
    return 0;
}

int json_parse(struct arena *a, struct str text, const char *what, struct json **out, struct err *e) {
    static const struct json_handler h = {.key = build_key,
                                          .string = build_string,
                                          .number = build_number,
                                          .boolean = build_boolean,
                                          .null = build_null,
                                          .open = build_open};
    struct builder b = {.a = a, .ends = {out}};
    *out = NULL;
    return json_events(text, &h, &b, what, e);
}

const struct json *json_get(const struct json *j, const char *key) {
    if (!j || j->type != JSON_OBJECT)
        return NULL;
    struct str wanted = str_of(key);
    for (const struct json *c = j->child; c; c = c->next)
        if (str_eq(c->key, wanted))
            return c;
    return NULL;
}

struct str json_string(const struct json *j, const char *key) {
    const struct json *c = json_get(j, key);
    return c && c->type == JSON_STRING ? c->text : STR("");
}

static void quote_char(struct buf *out, struct str character, uint32_t code) {
    if (code == '"' || code == '\\')
        buf_fmt(out, "\\%c", (char)code);
    else if (code == '\n')
        buf_c(out, "\\n");
    else if (code == '\t')
        buf_c(out, "\\t");
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) /* C1 too: what is quoted may go to a terminal */
        buf_fmt(out, "\\u%04x", (unsigned)code);
    else
        buf_str(out, character);
}

void json_quote(struct buf *out, struct str s) {
    buf_reserve(out, s.n + 2);
    buf_char(out, '"');
    while (s.n) {
        uint32_t code;
        unsigned n = utf8_char(s, &code);
        if (n)
            quote_char(out, str_head(s, n), code);
        else
            buf_c(out, "\\ufffd"); /* JSON is UTF-8; what is not cannot be told otherwise */
        s = str_from(s, n ? n : 1);
    }
    buf_char(out, '"');
}
