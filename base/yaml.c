#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/utf8.h"

enum { MAX_DEPTH = 64 };

struct reader {
    struct arena *a;
    struct str text;
    const char *file;
    struct err *e;
    yaml_parser_t parser;
    yaml_event_t event;
    size_t at_char, at_byte; /* libyaml counts characters, err_at bytes: where both stand */
    struct yaml *open[MAX_DEPTH];
    struct yaml **ends[MAX_DEPTH + 1]; /* where the next node of each depth is linked in */
    int depth;
    bool key_read; /* the mapping that is open has a key without a value */
    struct str key;
    size_t key_offset;
};

/* The byte offset of a character; characters are asked for in ascending order, but for an error's. */
static size_t byte_offset(struct reader *r, size_t character) {
    if (character < r->at_char)
        r->at_char = r->at_byte = 0;
    while (r->at_char < character && r->at_byte < r->text.n) {
        do
            r->at_byte++;
        while (r->at_byte < r->text.n && ((unsigned char)r->text.p[r->at_byte] & 0xc0) == 0x80);
        r->at_char++;
    }
    return r->at_byte;
}

static int refuse(struct reader *r, const char *why) {
    return err_at(r->e, r->file, r->text, byte_offset(r, r->event.start_mark.index), "%s", why);
}

static int syntax_error(struct reader *r) {
    const yaml_parser_t *p = &r->parser;
    const char *why = p->problem ? p->problem : "not valid YAML";
    if (p->error == YAML_READER_ERROR)
        return err_at(r->e, r->file, r->text, p->problem_offset, "%s", why);
    if (p->error == YAML_MEMORY_ERROR)
        return err_fail(r->e, "%s: out of memory", r->file);
    return err_at(r->e, r->file, r->text, byte_offset(r, p->problem_mark.index), "%s%s%s", why,
                  p->context ? " " : "", p->context ? p->context : "");
}

static struct yaml *add(struct reader *r, enum yaml_type type) {
    struct yaml *y = arena_new(r->a, struct yaml, 1);
    y->type = type;
    y->key = r->key;
    y->key_offset = r->key_offset;
    y->offset = byte_offset(r, r->event.start_mark.index);
    *r->ends[r->depth] = y;
    r->ends[r->depth] = &y->next;
    if (r->depth)
        r->open[r->depth - 1]->n++;
    r->key = (struct str){0};
    r->key_read = false;
    return y;
}

static bool in_mapping(const struct reader *r) {
    return r->depth && r->open[r->depth - 1]->type == YAML_MAPPING;
}

static int on_scalar(struct reader *r) {
    if (r->event.data.scalar.anchor || r->event.data.scalar.tag)
        return refuse(r, "anchors and tags are not allowed here");
    struct str s = {(const char *)r->event.data.scalar.value, r->event.data.scalar.length};
    s = arena_str(r->a, s);
    if (in_mapping(r) && !r->key_read) {
        r->key = s;
        r->key_offset = byte_offset(r, r->event.start_mark.index);
        r->key_read = true;
    } else {
        add(r, YAML_TEXT)->text = s;
    }
    return 0;
}

static int on_open(struct reader *r, enum yaml_type type, const yaml_char_t *anchor, const yaml_char_t *tag) {
    if (anchor || tag)
        return refuse(r, "anchors and tags are not allowed here");
    if (in_mapping(r) && !r->key_read)
        return refuse(r, "a key must be a text");
    if (r->depth == MAX_DEPTH)
        return refuse(r, "nested too deeply");
    struct yaml *y = add(r, type);
    r->open[r->depth++] = y;
    r->ends[r->depth] = &y->child;
    return 0;
}

static int by_key(const void *a, const void *b) {
    const struct yaml *const *x = a, *const *y = b;
    int c = str_cmp((*x)->key, (*y)->key);
    return c ? c : ((*x)->key_offset > (*y)->key_offset) - ((*x)->key_offset < (*y)->key_offset);
}

/* Sorting finds a key that stands twice without the quadratic comparison that a hostile file could ask for.
 */
static int on_close(struct reader *r) {
    const struct yaml *map = r->open[--r->depth];
    if (map->type != YAML_MAPPING || map->n < 2)
        return 0;
    const struct yaml **sorted = mem_alloc(map->n * sizeof *sorted), *twice = NULL;
    uint32_t n = 0;
    for (const struct yaml *y = map->child; y; y = y->next)
        sorted[n++] = y;
    qsort(sorted, n, sizeof *sorted, by_key);
    for (uint32_t i = 1; i < n && !twice; i++)
        if (str_eq(sorted[i - 1]->key, sorted[i]->key))
            twice = sorted[i];
    free(sorted);
    if (!twice)
        return 0;
    return err_at(r->e, r->file, r->text, twice->key_offset, "the key \"" STR_FMT "\" stands twice",
                  STR_ARG(str_head(twice->key, 80)));
}

static int on_event(struct reader *r, int *documents) {
    switch (r->event.type) {
    case YAML_DOCUMENT_START_EVENT:
        return ++*documents > 1 ? refuse(r, "more than one document") : 0;
    case YAML_ALIAS_EVENT:
        return refuse(r, "aliases are not allowed here");
    case YAML_SCALAR_EVENT:
        return on_scalar(r);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(r, YAML_SEQUENCE, r->event.data.sequence_start.anchor,
                       r->event.data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_open(r, YAML_MAPPING, r->event.data.mapping_start.anchor, r->event.data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(r);
    default:
        return 0;
    }
}

static int read_events(struct reader *r) {
    int documents = 0;
    for (;;) {
        if (!yaml_parser_parse(&r->parser, &r->event))
            return syntax_error(r);
        bool end = r->event.type == YAML_STREAM_END_EVENT;
        int result = on_event(r, &documents);
        yaml_event_delete(&r->event);
        if (result < 0)
            return -1;
        if (end)
            return documents ? 0 : err_at(r->e, r->file, r->text, 0, "nothing in it");
    }
}

int yaml_parse(struct arena *a, struct str text, const char *file, struct yaml **out, struct err *e) {
    struct reader r = {.a = a, .text = text, .file = file, .e = e, .ends = {out}};
    *out = NULL;
    if (!yaml_parser_initialize(&r.parser))
        return err_fail(e, "%s: out of memory", file);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
    int result = read_events(&r);
    yaml_parser_delete(&r.parser);
    return result;
}

const struct yaml *yaml_get(const struct yaml *map, const char *key) {
    if (!map || map->type != YAML_MAPPING)
        return NULL;
    struct str wanted = str_of(key);
    for (const struct yaml *y = map->child; y; y = y->next)
        if (str_eq(y->key, wanted))
            return y;
    return NULL;
}

struct str yaml_text(const struct yaml *map, const char *key) {
    const struct yaml *y = yaml_get(map, key);
    return y && y->type == YAML_TEXT ? y->text : STR("");
}

static size_t count(struct str s, const char *set) {
    size_t n = 0;
    while (n < s.n && s.p[n] && strchr(set, s.p[n]))
        n++;
    return n;
}

/* "[0-9_]*" with ':' (YAML 1.1's base 60) and ',' (some readers), a fraction, an exponent. */
static bool is_decimal(struct str s) {
    s = str_from(s, count(s, "0123456789_:,"));
    if (s.n && s.p[0] == '.')
        s = str_from(s, 1 + count(str_from(s, 1), "0123456789_"));
    if (s.n && (s.p[0] == 'e' || s.p[0] == 'E')) {
        s = str_from(s, 1);
        if (s.n && (s.p[0] == '+' || s.p[0] == '-'))
            s = str_from(s, 1);
        s = str_from(s, count(s, "0123456789_"));
    }
    return !s.n;
}

static bool is_number(struct str s) {
    if (s.n && (s.p[0] == '+' || s.p[0] == '-'))
        s = str_from(s, 1);
    char base = s.n > 2 && s.p[0] == '0' ? char_lower(s.p[1]) : 0;
    const char *set = base == 'x'   ? "0123456789abcdefABCDEF_"
                      : base == 'o' ? "01234567_"
                      : base == 'b' ? "01_"
                                    : NULL;
    if (set)
        return count(str_from(s, 2), set) == s.n - 2;
    bool digits = s.n && (char_digit(s.p[0]) || s.p[0] == '.') && is_decimal(s);
    return digits || str_ieq(s, STR(".inf")) || str_ieq(s, STR(".nan"));
}

static bool is_date(struct str s) {
    return s.n >= 8 && count(s, "0123456789") == 4 && s.p[4] == '-' && char_digit(s.p[5]);
}

/* What a reader of YAML 1.1 or of 1.2's core schema takes for something other than text. */
static bool is_typed(struct str s) {
    static const struct str words[] = {STR_INIT("~"),   STR_INIT("null"), STR_INIT("true"), STR_INIT("false"),
                                       STR_INIT("yes"), STR_INIT("no"),   STR_INIT("on"),   STR_INIT("off"),
                                       STR_INIT("y"),   STR_INIT("n"),    STR_INIT("="),    STR_INIT("<<")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ieq(s, words[i]))
            return true;
    return is_number(s) || is_date(s);
}

/* Characters that stand in a scalar as they are, in quotes or without. */
static bool is_printable(uint32_t code) {
    return (code >= 0x20 && code < 0x7f) ||
           (code >= 0xa0 && code != 0x2028 && code != 0x2029 && code != 0xfeff && (code & 0xfffe) != 0xfffe);
}

static bool all_printable(struct str s) {
    while (s.n) {
        uint32_t code;
        unsigned n = utf8_char(s, &code);
        if (!n || !is_printable(code))
            return false;
        s = str_from(s, n);
    }
    return true;
}

static bool starts_plain(struct str s) {
    if (strchr(",[]{}#&*!|>'\"%@`", s.p[0]) || str_starts(s, STR("---")) || str_starts(s, STR("...")))
        return false;
    return !strchr("-?:", s.p[0]) || (s.n > 1 && s.p[1] != ' ');
}

static bool is_plain(struct str s) {
    return s.n && all_printable(s) && s.p[0] != ' ' && s.p[s.n - 1] != ' ' && s.p[s.n - 1] != ':' &&
           starts_plain(s) && str_search(s, STR(": ")) < 0 && str_search(s, STR(" #")) < 0 && !is_typed(s);
}

static void escape(struct buf *out, uint32_t code) {
    if (code == '\n')
        buf_c(out, "\\n");
    else if (code == '\t')
        buf_c(out, "\\t");
    else if (code < 0x100)
        buf_fmt(out, "\\x%02X", (unsigned)code);
    else
        buf_fmt(out, code < 0x10000 ? "\\u%04X" : "\\U%08X", (unsigned)code);
}

static void quote(struct buf *out, struct str s) {
    buf_char(out, '"');
    while (s.n) {
        uint32_t code = 0;
        unsigned n = utf8_char(s, &code);
        if (code == '"' || code == '\\')
            buf_fmt(out, "\\%c", (char)code);
        else if (n && is_printable(code))
            buf_add(out, s.p, n);
        else
            escape(out, n ? code : 0xfffd);
        s = str_from(s, n ? n : 1);
    }
    buf_char(out, '"');
}

void yaml_scalar(struct buf *out, struct str s) {
    if (is_plain(s))
        buf_str(out, s);
    else
        quote(out, s);
}

void yaml_flow_scalar(struct buf *out, struct str s) {
    bool plain = is_plain(s) && s.p[0] != '-' && s.p[0] != '?';
    for (size_t i = 0; plain && i < s.n; i++)
        plain = !strchr(",[]{}:", s.p[i]);
    if (plain)
        buf_str(out, s);
    else
        quote(out, s);
}
