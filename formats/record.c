#include "base/vec.h"
#include "formats/wheel.h"

struct reader {
    struct arena *a;
    struct str rest; /* what is not read yet */
    struct str text;
    const char *what;
    struct err *e;
};

static int fault(const struct reader *r, const char *why) {
    size_t line = 1;
    for (const char *c = r->text.p; c < r->rest.p; c++)
        line += *c == '\n';
    return err_fail(r->e, "%s, line %zu: %s", r->what, line, why);
}

static size_t bare_length(struct str s) {
    size_t i = 0;
    while (i < s.n && s.p[i] != ',' && s.p[i] != '\n' && s.p[i] != '\r')
        i++;
    return i;
}

/* rest stands behind the opening quote. Two quotes are one; what follows the closing one belongs to the field
   too, as csv has it. */
static int quoted_field(struct reader *r, struct str *out) {
    struct str s = r->rest;
    size_t i = 0, n = 0;
    while (i < s.n && (s.p[i] != '"' || (i + 1 < s.n && s.p[i + 1] == '"')))
        i += s.p[i] == '"' ? 2 : 1;
    if (i >= s.n)
        return fault(r, "a quote is not closed: the file is cut short");
    size_t tail = bare_length(str_from(s, i + 1));
    char *p = arena_alloc(r->a, i + tail + 1);
    for (size_t k = 0; k < i; k += s.p[k] == '"' ? 2 : 1)
        p[n++] = s.p[k];
    memcpy(p + n, s.p + i + 1, tail);
    *out = (struct str){p, n + tail};
    r->rest = str_from(s, i + 1 + tail);
    return 0;
}

static int field(struct reader *r, struct str *out) {
    if (r->rest.n && r->rest.p[0] == '"') {
        r->rest = str_from(r->rest, 1);
        return quoted_field(r, out);
    }
    *out = str_head(r->rest, bare_length(r->rest));
    r->rest = str_from(r->rest, out->n);
    return 0;
}

static bool skip(struct str *s, char c) {
    if (!s->n || s->p[0] != c)
        return false;
    *s = str_from(*s, 1);
    return true;
}

/* Fields beyond the third are passed over; those that are not there are empty. */
static int row(struct reader *r, struct record_row *out) {
    struct str extra, *const fields[] = {&out->path, &out->hash, &out->size};
    *out = (struct record_row){STR(""), STR(""), STR("")};
    size_t n = 0;
    do {
        if (field(r, n < 3 ? fields[n] : &extra) < 0)
            return -1;
        n++;
    } while (skip(&r->rest, ','));
    return out->path.n || n == 1 ? 0 : fault(r, "a row without a path");
}

static bool skip_line_ends(struct str *s) {
    bool any = false;
    while (skip(s, '\n') || skip(s, '\r'))
        any = true;
    return any;
}

int record_parse(struct arena *a, struct str text, const char *what, struct record *out, struct err *e) {
    text = arena_str(a, text);
    struct reader r = {a, text, text, what, e};
    VEC(struct record_row) rows = {0};
    int result = str_find(text, 0) < 0 ? 0 : fault(&r, "a NUL byte in it");
    skip_line_ends(&r.rest);
    while (result == 0 && r.rest.n) {
        struct record_row got;
        result = row(&r, &got);
        if (result == 0 && got.path.n)
            vec_push(&rows, got);
        skip_line_ends(&r.rest);
    }
    out->n = rows.n;
    out->p = arena_copy(a, rows.p, rows.n * sizeof *rows.p);
    vec_free(&rows);
    return result;
}

static void put_field(struct buf *out, struct str s) {
    bool quote =
        str_find(s, ',') >= 0 || str_find(s, '"') >= 0 || str_find(s, '\n') >= 0 || str_find(s, '\r') >= 0;
    if (!quote) {
        buf_str(out, s);
        return;
    }
    buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_char(out, '"');
        buf_char(out, s.p[i]);
    }
    buf_char(out, '"');
}

void record_row(struct buf *out, struct str path, struct str hash, struct str size) {
    put_field(out, path);
    buf_char(out, ',');
    put_field(out, hash);
    buf_char(out, ',');
    put_field(out, size);
    buf_char(out, '\n');
}
