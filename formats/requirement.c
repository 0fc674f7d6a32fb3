#include "formats/requirement.h"

#include <stdlib.h>

#include "formats/name.h"

struct parser {
    struct arena *a;
    struct str all, rest;
    bool lenient;
    size_t at;
    const char *why;
};

static int fail(struct parser *p, struct str where, const char *why) {
    p->at = (size_t)(where.p - p->all.p);
    p->why = why;
    return -1;
}

static void skip_blanks(struct parser *p) {
    while (p->rest.n && (p->rest.p[0] == ' ' || p->rest.p[0] == '\t'))
        p->rest = str_from(p->rest, 1);
}

static bool accept(struct parser *p, char c) {
    if (!p->rest.n || p->rest.p[0] != c)
        return false;
    p->rest = str_from(p->rest, 1);
    return true;
}

/* A name of a project or an extra; empty if none is here. Like packaging, and unlike PEP 508, it may end in
 * '_'.
 */
static struct str take_name(struct parser *p) {
    size_t n = 0;
    while (n < p->rest.n && (char_alnum(p->rest.p[n]) || strchr("-_.", p->rest.p[n])) && p->rest.p[n])
        n++;
    while (n && (p->rest.p[n - 1] == '-' || p->rest.p[n - 1] == '.'))
        n--;
    if (!n || !char_alnum(p->rest.p[0]))
        n = 0;
    struct str name = str_head(p->rest, n);
    p->rest = str_from(p->rest, n);
    return name;
}

static void sort_extras(struct requirement *r) {
    uint32_t n = 0;
    if (r->nextras)
        qsort(r->extras, r->nextras, sizeof *r->extras, str_qsort);
    for (uint32_t i = 0; i < r->nextras; i++)
        if (!n || !str_eq(r->extras[i], r->extras[n - 1]))
            r->extras[n++] = r->extras[i];
    r->nextras = n;
}

/* As many as there can be. */
static uint32_t count_extras(struct str s) {
    uint32_t n = 1;
    for (size_t i = 0; i < s.n && s.p[i] != ']'; i++)
        n += s.p[i] == ',';
    return n;
}

static int parse_extras(struct parser *p, struct requirement *r) {
    struct str open = p->rest;
    if (!accept(p, '['))
        return 0;
    if (str_find(p->rest, ']') < 0)
        return fail(p, open, "this '[' has no ']'");
    r->extras = arena_new(p->a, struct str, count_extras(p->rest));
    skip_blanks(p);
    if (accept(p, ']'))
        return 0;
    for (;;) {
        struct str name = take_name(p);
        if (!name.n)
            return fail(p, p->rest, "the name of an extra is missing here");
        r->extras[r->nextras++] = name_normalize(p->a, name);
        skip_blanks(p);
        if (accept(p, ']'))
            break;
        if (!accept(p, ','))
            return fail(p, p->rest, "a ',' or ']' is missing here, in the list of extras");
        skip_blanks(p);
    }
    sort_extras(r);
    return 0;
}

static bool ends_specifier(char c, bool arbitrary) {
    return char_space(c) || c == ';' || c == ')' || (c == ',' && !arbitrary);
}

/* Past one specifier at the front: operator, white space, and all up to white space or a delimiter. False if
   none is there. Whether it is a good one, specifiers_parse sees. */
static bool skip_specifier(struct parser *p) {
    struct str s = p->rest;
    bool arbitrary = str_starts(s, STR("==="));
    while (s.n && strchr("<>=!~", s.p[0]) && s.p[0])
        s = str_from(s, 1);
    if (s.p == p->rest.p)
        return false;
    while (s.n && char_space(s.p[0]))
        s = str_from(s, 1);
    while (s.n && !ends_specifier(s.p[0], arbitrary))
        s = str_from(s, 1);
    p->rest = s;
    return true;
}

static struct str take_strict(struct parser *p) {
    struct str start = p->rest;
    while (skip_specifier(p)) {
        skip_blanks(p);
        if (!accept(p, ','))
            break;
        skip_blanks(p);
    }
    return str_head(start, (size_t)(p->rest.p - start.p));
}

/* Up to what cannot be part of it. */
static struct str take_lenient(struct parser *p) {
    size_t n = 0;
    while (n < p->rest.n && p->rest.p[n] != ';' && p->rest.p[n] != ')')
        n++;
    struct str text = str_head(p->rest, n);
    p->rest = str_from(p->rest, n);
    return text;
}

static int parse_specifiers(struct parser *p, struct requirement *r) {
    struct str open = p->rest;
    bool parentheses = accept(p, '(');
    skip_blanks(p);
    struct str text = p->lenient ? take_lenient(p) : take_strict(p);
    struct str given = p->lenient ? specifiers_mend(p->a, text) : text;
    size_t at;
    const char *why;
    if (specifiers_parse(p->a, given, &r->spec, &at, &why) < 0)
        return fail(p, str_from(text, p->lenient ? 0 : at), why);
    skip_blanks(p);
    if (parentheses && !accept(p, ')'))
        return fail(p, open, "this '(' has no ')', or a comma between version specifiers is missing");
    skip_blanks(p);
    if (!p->rest.n || p->rest.p[0] == ';')
        return 0;
    if (r->spec.n)
        return fail(p, p->rest, "a ',' between version specifiers is missing, or a ';' before a marker");
    return fail(p, p->rest, "a version specifier like '>=1.0' or a ';' and a marker should stand here");
}

static int parse_url(struct parser *p, struct requirement *r) {
    skip_blanks(p);
    size_t n = 0;
    while (n < p->rest.n && p->rest.p[n] != ' ' && p->rest.p[n] != '\t')
        n++;
    r->url = str_head(p->rest, n);
    p->rest = str_from(p->rest, n);
    if (!n)
        return fail(p, p->rest, "a URL is missing behind '@'");
    skip_blanks(p);
    if (p->rest.n && p->rest.p[0] != ';')
        return fail(p, p->rest, "a ';' and a marker, or nothing, should stand behind the URL");
    return 0;
}

static int parse_marker(struct parser *p, struct requirement *r) {
    size_t at;
    const char *why;
    if (!accept(p, ';'))
        return 0;
    if (marker_parse(p->a, p->rest, &r->marker, &at, &why) < 0)
        return fail(p, str_from(p->rest, at), why);
    return 0;
}

static int parse(struct parser *p, struct requirement *r) {
    skip_blanks(p);
    r->given_name = take_name(p);
    if (!r->given_name.n)
        return fail(p, p->rest, "the name of a project should stand here: letters, digits, '-', '_' and '.'");
    r->name = name_normalize(p->a, r->given_name);
    skip_blanks(p);
    if (parse_extras(p, r) < 0)
        return -1;
    skip_blanks(p);
    if ((accept(p, '@') ? parse_url(p, r) : parse_specifiers(p, r)) < 0)
        return -1;
    return parse_marker(p, r);
}

int requirement_parse(struct arena *a, struct str s, bool lenient, struct requirement *out, size_t *at,
                      const char **why) {
    struct parser p = {.a = a, .all = s, .rest = s, .lenient = lenient};
    *out = (struct requirement){.text = str_trim(s)};
    if (parse(&p, out) == 0)
        return 0;
    *at = p.at;
    *why = p.why;
    return -1;
}
