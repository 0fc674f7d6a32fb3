/* driver: the readers of formats/ behind a line protocol, for a comparison with Python's packaging library. A
   line is a command and its arguments between tabs; the answer is a line of fields between tabs, or "!" for
   what is not valid. Backslash escapes stand for tab, newline, carriage return and backslash in both. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"
#include "formats/filename.h"
#include "formats/name.h"
#include "formats/reqfile.h"
#include "formats/requirement.h"
#include "formats/tag.h"
#include "formats/toml.h"

struct args {
    struct str *p;
    uint32_t n;
};

struct driver {
    struct arena lasting, a;
    VEC(struct marker_env) envs;
    struct buf out;
    bool begun; /* a field is in it */
};

/* The protocol. */

static struct str unescape(struct arena *a, struct str s) {
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\\' && ++i < s.n)
            c = s.p[i] == 't' ? '\t' : s.p[i] == 'n' ? '\n' : s.p[i] == 'r' ? '\r' : s.p[i];
        p[n++] = c;
    }
    return (struct str){p, n};
}

static void put(struct driver *d, struct str s) {
    if (d->begun)
        buf_char(&d->out, '\t');
    d->begun = true;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        const char *name = c == '\t'   ? "\\t"
                           : c == '\n' ? "\\n"
                           : c == '\r' ? "\\r"
                           : c == '\\' ? "\\\\"
                                       : NULL;
        if (name)
            buf_c(&d->out, name);
        else
            buf_char(&d->out, c);
    }
}

static void put_number(struct driver *d, long long n) {
    put(d, str_of(arena_fmt(&d->a, "%lld", n)));
}

static void put_invalid(struct driver *d) {
    d->out.n = 0;
    d->begun = false;
    put(d, STR("!"));
}

static struct str join(struct driver *d, const struct str *p, uint32_t n) {
    struct buf b = {0};
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buf_char(&b, ',');
        buf_str(&b, p[i]);
    }
    struct str s = arena_str(&d->a, buf_view(&b));
    buf_free(&b);
    return s;
}

static int number(struct str s) {
    uint64_t n;
    return str_u64(s, &n) ? (int)n : 0;
}

/* Commands. */

static void do_name(struct driver *d, struct args in) {
    put_number(d, name_is_valid(in.p[0]));
    put(d, name_normalize(&d->a, in.p[0]));
}

static void do_version(struct driver *d, struct args in) {
    struct version v;
    uint64_t release[64];
    if (!version_parse(&d->a, in.p[0], &v)) {
        put_invalid(d);
        return;
    }
    put(d, v.text);
    put_number(d, v.pre);
    put_number(d, v.post);
    put_number(d, v.local);
    put_number(d, version_release(&v, release, 64));
}

static void do_compare(struct driver *d, struct args in) {
    struct version v, w;
    if (!version_parse(&d->a, in.p[0], &v) || !version_parse(&d->a, in.p[1], &w)) {
        put_invalid(d);
        return;
    }
    int c = version_cmp(&v, &w);
    put(d, c < 0 ? STR("<") : c > 0 ? STR(">") : STR("="));
}

static bool read_specifiers(struct driver *d, struct str s, struct specifiers *out) {
    size_t at;
    const char *why;
    if (specifiers_parse(&d->a, s, out, &at, &why) == 0)
        return true;
    put_invalid(d);
    if (at > s.n)
        put(d, STR("the error is behind the end"));
    return false;
}

static void do_specifiers(struct driver *d, struct args in) {
    struct specifiers s;
    if (!read_specifiers(d, in.p[0], &s))
        return;
    put(d, specifiers_format(&d->a, &s));
    put_number(d, specifiers_ask_pre(&s));
}

/* The set, then versions: a 1 or 0 for each. */
static void do_contains(struct driver *d, struct args in) {
    struct specifiers s;
    struct version v;
    if (!read_specifiers(d, in.p[0], &s))
        return;
    char *answer = arena_alloc(&d->a, in.n);
    for (uint32_t i = 1; i < in.n; i++)
        answer[i - 1] = version_parse(&d->a, in.p[i], &v) ? (char)('0' + specifiers_contain(&s, &v)) : '?';
    put(d, str_of(answer));
}

static void do_env(struct driver *d, struct args in) {
    struct marker_env env = {0};
    for (uint32_t i = 0; i < in.n && i < MARKER_EXTRA; i++)
        env.values[i] = arena_str(&d->lasting, in.p[i]);
    vec_push(&d->envs, env);
    put_number(d, d->envs.n);
}

static struct str format_marker(struct driver *d, const struct marker *m) {
    struct buf b = {0};
    marker_format(m, &b);
    struct str s = arena_str(&d->a, buf_view(&b));
    buf_free(&b);
    return s;
}

/* The marker and an extra, which may be empty: the marker's text, and a 1 or 0 for each environment. */
static void do_marker(struct driver *d, struct args in) {
    struct marker *m;
    size_t at;
    const char *why;
    if (marker_parse(&d->a, in.p[0], &m, &at, &why) < 0) {
        put_invalid(d);
        return;
    }
    char *answer = arena_alloc(&d->a, d->envs.n + 1);
    for (uint32_t i = 0; i < d->envs.n; i++) {
        struct marker_env env = d->envs.p[i];
        env.extras = &in.p[1];
        env.nextras = in.p[1].n > 0;
        answer[i] = (char)('0' + marker_eval(m, &env));
    }
    put(d, format_marker(d, m));
    put(d, str_of(answer));
}

static void do_requirement(struct driver *d, struct args in) {
    struct requirement r;
    size_t at;
    const char *why;
    if (requirement_parse(&d->a, in.p[0], false, &r, &at, &why) < 0) {
        put_invalid(d);
        if (at > in.p[0].n)
            put(d, STR("the error is behind the end"));
        return;
    }
    put(d, r.name);
    put(d, r.given_name);
    put(d, join(d, r.extras, r.nextras));
    put(d, specifiers_format(&d->a, &r.spec));
    put(d, r.url);
    put(d, format_marker(d, r.marker));
}

static void do_filename(struct driver *d, struct args in) {
    struct filename f = filename_parse(&d->a, in.p[0], (struct str){"", 0});
    struct version v;
    if (f.kind == FILE_OTHER || !version_parse(&d->a, f.version, &v)) {
        put_invalid(d);
        return;
    }
    put(d, f.kind == FILE_WHEEL ? STR("wheel") : STR("sdist"));
    put(d, f.name);
    put(d, v.text);
    put(d, f.build_tag);
    put_number(d, f.build_number);
    put(d, f.tags);
}

/* implementation major minor soabi abiflags gil_disabled debug platform glibc(2) musl(2) bits: the tags; or
   with a compressed set behind them: its rank. */
static void do_tags(struct driver *d, struct args in) {
    struct tag_target t = {.implementation = in.p[0],
                           .major = number(in.p[1]),
                           .minor = number(in.p[2]),
                           .soabi = in.p[3],
                           .abiflags = in.p[4],
                           .gil_disabled = number(in.p[5]),
                           .debug = number(in.p[6]),
                           .platform = in.p[7],
                           .glibc_major = number(in.p[8]),
                           .glibc_minor = number(in.p[9]),
                           .musl_major = number(in.p[10]),
                           .musl_minor = number(in.p[11]),
                           .pointer_bits = number(in.p[12])};
    struct tags tags;
    tags_generate(&d->a, &t, &tags);
    if (in.n > 13)
        put_number(d, tags_rank(&tags, in.p[13]) == MAP_NONE ? -1 : (long long)tags_rank(&tags, in.p[13]));
    else
        put(d, join(d, tags.p, tags.n));
    tags_free(&tags);
}

static const char *variable(const char *name) {
    return !strcmp(name, "VALUE") ? "some value" : NULL;
}

static void put_line(struct driver *d, const struct reqline *l) {
    static const char *const kinds[] = {"requirement",  "path",        "editable",
                                        "requirements", "constraints", "option"};
    put_number(d, l->line);
    put(d, str_of(kinds[l->kind]));
    put(d, l->option);
    put(d, l->text);
    put(d, l->marker_text);
    put(d, join(d, l->hashes, l->nhashes));
    put(d, join(d, l->config_settings, l->nconfig_settings));
}

static void do_file(struct driver *d, struct args in) {
    struct reqfile f;
    struct err e;
    if (reqfile_parse(&d->a, in.p[0], "requirements.txt", variable, &f, &e) < 0) {
        put_invalid(d);
        return;
    }
    put_number(d, f.n);
    for (uint32_t i = 0; i < f.n; i++)
        put_line(d, &f.lines[i]);
}

static void add_text(struct buf *b, struct str s) {
    buf_fmt(b, "s%zu:", s.n);
    buf_str(b, s);
    buf_char(b, ' ');
}

/* Dates by their type alone. */
static void add_toml(struct buf *b, const struct toml *t) {
    if (t->type == TOML_TEXT)
        add_text(b, t->text);
    else if (t->type == TOML_INTEGER)
        buf_fmt(b, "i%lld ", (long long)t->integer);
    else if (t->type == TOML_BOOLEAN)
        buf_fmt(b, "b%d ", t->boolean);
    else if (t->type == TOML_FLOAT)
        buf_fmt(b, isnan(t->number) ? "nan " : "f%.17g ", t->number);
    else if (t->type == TOML_DATE)
        buf_c(b, "d ");
    if (t->type < TOML_ARRAY)
        return;
    buf_char(b, t->type == TOML_ARRAY ? '[' : '{');
    for (const struct toml *c = t->child; c; c = c->next) {
        if (t->type == TOML_TABLE)
            add_text(b, c->key);
        add_toml(b, c);
    }
    buf_char(b, t->type == TOML_ARRAY ? ']' : '}');
}

static void do_toml(struct driver *d, struct args in) {
    struct toml *t;
    struct buf b = {0};
    struct err e;
    if (toml_parse(&d->a, in.p[0], "f.toml", &t, &e) < 0) {
        put_invalid(d);
        return;
    }
    add_toml(&b, t);
    put(d, buf_view(&b));
    buf_free(&b);
}

static const struct {
    const char *name;
    void (*run)(struct driver *d, struct args in);
    uint32_t least;
} commands[] = {{"name", do_name, 1},         {"version", do_version, 1},
                {"compare", do_compare, 2},   {"specifiers", do_specifiers, 1},
                {"contains", do_contains, 1}, {"env", do_env, 11},
                {"marker", do_marker, 2},     {"requirement", do_requirement, 1},
                {"filename", do_filename, 1}, {"tags", do_tags, 13},
                {"file", do_file, 1},         {"toml", do_toml, 1}};

static void run(struct driver *d, struct str line) {
    VEC(struct str) fields = {0};
    struct str rest = line, field;
    while (str_cut(&rest, '\t', &field))
        vec_push(&fields, unescape(&d->a, field));
    struct args args = {fields.p + 1, fields.n - 1};
    d->out.n = 0;
    d->begun = false;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (str_eq(fields.p[0], str_of(commands[i].name)) && args.n >= commands[i].least)
            commands[i].run(d, args);
    vec_free(&fields);
}

int main(void) {
    struct driver d = {0};
    char *line = NULL;
    size_t cap = 0;
    for (ssize_t n; (n = getline(&line, &cap, stdin)) > 0;) {
        run(&d, (struct str){line, (size_t)n - (line[n - 1] == '\n')});
        printf("%s\n", d.out.n ? d.out.p : "");
        arena_free(&d.a);
    }
    free(line);
    buf_free(&d.out);
    vec_free(&d.envs);
    arena_free(&d.lasting);
    return 0;
}
