#include "formats/metadata.h"

#include "base/json.h"
#include "base/vec.h"
#include "formats/headers.h"
#include "formats/name.h"

struct reader {
    struct arena *a;
    const char *what;
    struct metadata *m;
    struct err *e;
    VEC(struct requirement) requires;
    VEC(struct str) extras, dynamic;
};

/* A value that goes over several lines, as one: with a space for each line break and what is white around it.
 */
static struct str unfold(struct arena *a, struct str value) {
    if (str_find(value, '\n') < 0)
        return value;
    char *p = arena_alloc(a, value.n + 1);
    size_t n = 0;
    struct str line;
    while (str_cut(&value, '\n', &line)) {
        line = str_trim(line);
        if (n && line.n)
            p[n++] = ' ';
        if (line.n)
            memcpy(p + n, line.p, line.n);
        n += line.n;
    }
    return (struct str){p, n};
}

static int bad_requirement(struct reader *r, struct str value, const char *why) {
    struct buf quoted = {0};
    json_quote(&quoted, str_head(value, 300));
    err_fail(r->e, "%s: cannot read Requires-Dist %s: %s", r->what, quoted.p, why);
    buf_free(&quoted);
    return -1;
}

static int add_requirement(struct reader *r, struct str value) {
    struct requirement q;
    size_t at;
    const char *why;
    if (requirement_parse(r->a, value, true, &q, &at, &why) < 0)
        return bad_requirement(r, value, why);
    vec_push(&r->requires, q);
    return 0;
}

static void add_dynamic(struct reader *r, struct str field) {
    char *lower = arena_copy(r->a, field.p, field.n);
    for (size_t i = 0; i < field.n; i++)
        lower[i] = char_lower(lower[i]);
    vec_push(&r->dynamic, (struct str){lower, field.n});
}

/* As a mapping of headers would answer: the first of several. */
static void set_once(struct str *field, struct str value) {
    if (!field->p)
        *field = value;
}

static int on_field(struct reader *r, struct str name, struct str value) {
    if (str_ieq(name, STR("Requires-Dist")))
        return add_requirement(r, unfold(r->a, value));
    if (str_ieq(name, STR("Provides-Extra")))
        vec_push(&r->extras, name_normalize(r->a, value));
    else if (str_ieq(name, STR("Name")))
        set_once(&r->m->name, unfold(r->a, value));
    else if (str_ieq(name, STR("Version")))
        set_once(&r->m->version, unfold(r->a, value));
    else if (str_ieq(name, STR("Metadata-Version")))
        set_once(&r->m->metadata_version, value);
    else if (str_ieq(name, STR("Requires-Python")))
        set_once(&r->m->requires_python, unfold(r->a, value));
    else if (str_ieq(name, STR("Dynamic")))
        add_dynamic(r, value);
    return 0;
}

/* The bytes of all fields, so that of a file with a long description as its body only these are copied. */
static struct str fields_of(struct str text) {
    struct str rest = text, name, value;
    size_t n = 0;
    while (headers_next(&rest, &name, &value))
        n = (size_t)(rest.p - text.p);
    return str_head(text, n);
}

static struct str printable(struct arena *a, struct str text) {
    char *p = arena_copy(a, text.p, text.n);
    for (size_t i = 0; i < text.n; i++)
        if (((unsigned char)p[i] < 0x20 && p[i] != '\n' && p[i] != '\t' &&
             !str_starts(str_from(text, i), STR("\r\n"))) ||
            p[i] == 0x7f)
            p[i] = ' ';
    return (struct str){p, text.n};
}

/* Fields end up in messages: nothing in them may steer a terminal. */
static int read_fields(struct reader *r, struct str text) {
    struct str rest = printable(r->a, fields_of(text)), name, value;
    while (headers_next(&rest, &name, &value))
        if (on_field(r, name, value) < 0)
            return -1;
    if (!r->m->name.n || !r->m->version.n)
        return err_fail(r->e, "%s: metadata without a %s", r->what, r->m->name.n ? "Version" : "Name");
    return 0;
}

int metadata_parse(struct arena *a, struct str text, const char *what, struct metadata *out, struct err *e) {
    struct reader r = {.a = a, .what = what, .m = out, .e = e};
    *out = (struct metadata){0};
    int result = read_fields(&r, text);
    out->nrequires = r.requires.n;
    out->requires = arena_copy(a, r.requires.p, r.requires.n * sizeof *r.requires.p);
    out->nextras = r.extras.n;
    out->provides_extra = arena_copy(a, r.extras.p, r.extras.n * sizeof *r.extras.p);
    out->ndynamic = r.dynamic.n;
    out->dynamic = arena_copy(a, r.dynamic.p, r.dynamic.n * sizeof *r.dynamic.p);
    vec_free(&r.requires);
    vec_free(&r.extras);
    vec_free(&r.dynamic);
    return result;
}

bool metadata_is_static(const struct metadata *m) {
    struct str minor = m->metadata_version, major;
    uint64_t x = 0, y = 0;
    if (!str_cut(&minor, '.', &major) || !str_u64(major, &x) || !str_u64(minor, &y) || x < 2 ||
        (x == 2 && y < 2))
        return false;
    for (uint32_t i = 0; i < m->ndynamic; i++)
        if (str_is(m->dynamic[i], "requires-dist") || str_is(m->dynamic[i], "provides-extra") ||
            str_is(m->dynamic[i], "requires-python"))
            return false;
    return true;
}
