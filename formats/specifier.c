/* Every operator but === is a range of order keys, worked out once when the specifier is read: what is asked
   for each version is then two comparisons of bytes. */
#include "formats/specifier.h"

#include <stdlib.h>

static const struct {
    struct str text;
    enum specifier_op op;
} operators[] = {{STR_INIT("==="), OP_ARBITRARY}, {STR_INIT("=="), OP_EQ}, {STR_INIT("~="), OP_COMPATIBLE},
                 {STR_INIT("!="), OP_NE},         {STR_INIT("<="), OP_LE}, {STR_INIT(">="), OP_GE},
                 {STR_INIT("<"), OP_LT},          {STR_INIT(">"), OP_GT}};
enum { OPERATORS = sizeof operators / sizeof *operators };

static const struct str *operator_at(struct str s, enum specifier_op *op) {
    for (int i = 0; i < OPERATORS; i++) {
        if (str_starts(s, operators[i].text)) {
            *op = operators[i].op;
            return &operators[i].text;
        }
    }
    return NULL;
}

static struct str operator_text(enum specifier_op op) {
    for (int i = 0; i < OPERATORS; i++)
        if (operators[i].op == op)
            return operators[i].text;
    return STR("");
}

/* Above every key that begins with these n bytes of v's. */
static struct str above(struct arena *a, const struct version *v, size_t n) {
    char *p = arena_alloc(a, n + 1);
    memcpy(p, v->key.p, n);
    p[n] = (char)0xff;
    return (struct str){p, n + 1};
}

/* Directly above v's own key, with the same local version. */
static struct str successor(struct arena *a, const struct version *v) {
    char *p = arena_alloc(a, v->key.n + 1);
    memcpy(p, v->key.p, v->key.n);
    return (struct str){p, v->key.n + 1};
}

static void equal_range(struct arena *a, struct specifier *s) {
    const struct version *v = &s->version;
    if (s->wildcard) {
        s->low = str_head(v->key, v->base);
        s->high = version_above(a, v, version_release(v, NULL, 0));
    } else {
        s->low = v->key;
        s->high = v->local ? successor(a, v) : above(a, v, v->public_);
    }
}

static bool is_dev(const struct version *v) {
    return v->public_ > v->to_dev + 1; /* a number stands behind the byte */
}

/* PEP 440: >V takes neither V's local versions nor, if V is no post-release itself, its post-releases. */
static struct str greater_than(struct arena *a, const struct version *v) {
    return above(a, v, v->post || is_dev(v) ? v->public_ : v->to_post);
}

/* PEP 440: <V does not take V's own pre-releases, unless V is one itself. */
static struct str less_than(const struct version *v) {
    return v->pre ? v->key : str_head(v->key, v->post ? v->to_dev : v->base);
}

static void make_range(struct arena *a, struct specifier *s) {
    const struct version *v = &s->version;
    switch (s->op) {
    case OP_EQ:
    case OP_NE:
        equal_range(a, s);
        break;
    case OP_COMPATIBLE:
        s->low = v->key;
        s->high = version_above(a, v, version_release(v, NULL, 0) - 1);
        break;
    case OP_GE:
        s->low = v->key;
        break;
    case OP_GT:
        s->low = greater_than(a, v);
        break;
    case OP_LE:
        s->high = above(a, v, v->public_);
        break;
    case OP_LT:
        s->high = less_than(v);
        break;
    case OP_ARBITRARY:
        break;
    }
}

/* What is wrong with a version that was read, or NULL. */
static const char *complaint(const struct specifier *s) {
    const struct version *v = &s->version;
    bool equality = s->op == OP_EQ || s->op == OP_NE;
    if (s->wildcard && !equality)
        return "'.*' goes only with == and !=";
    if (s->wildcard && (v->pre || v->post || v->local))
        return "'.*' goes only behind a release like 1.2, without pre-release, post-release or local version";
    if (v->local && !equality)
        return "a local version (behind '+') goes only with == and !=";
    if (s->op == OP_COMPATIBLE && version_release(v, NULL, 0) < 2)
        return "~= needs a version of at least two numbers, like ~=1.2";
    return NULL;
}

static const char *parse_version(struct arena *a, struct specifier *s) {
    struct str text = s->text;
    s->wildcard = str_ends(text, STR(".*"));
    if (s->wildcard)
        text.n -= 2;
    if (!text.n)
        return "a version is missing behind the operator";
    if (char_space(text.p[text.n - 1]) || !version_parse(a, text, &s->version))
        return text.p[0] == '=' ? "there is no such operator"
                                : "this is no version (PEP 440), or a comma is missing behind it";
    return complaint(s);
}

static const char *parse_arbitrary(struct arena *a, struct specifier *s) {
    for (size_t i = 0; i < s->text.n; i++)
        if (char_space(s->text.p[i]) || s->text.p[i] == ';' || s->text.p[i] == ')')
            return "what stands behind === has no space, ';' or ')'";
    if (!version_parse(a, s->text, &s->version))
        s->version = (struct version){0};
    return NULL;
}

static const char *no_operator(struct str s) {
    if (s.n && s.p[0] == '=')
        return "'=' is no operator; did you mean '=='?";
    return "a version specifier begins with one of === == ~= != <= >= < >";
}

int specifier_parse(struct arena *a, struct str s, struct specifier *out, size_t *at, const char **why) {
    struct str trimmed = str_trim(s);
    *out = (struct specifier){0};
    const struct str *op = operator_at(trimmed, &out->op);
    *at = (size_t)(trimmed.p - s.p);
    if (!op) {
        *why = no_operator(trimmed);
        return -1;
    }
    out->text = str_trim(str_from(trimmed, op->n));
    const char *wrong = out->op == OP_ARBITRARY ? parse_arbitrary(a, out) : parse_version(a, out);
    if (wrong) {
        *at = (size_t)(out->text.p - s.p);
        *why = wrong;
        return -1;
    }
    make_range(a, out);
    return 0;
}

bool specifier_contains(const struct specifier *s, const struct version *v) {
    if (s->op == OP_ARBITRARY)
        return str_ieq(v->text, s->text);
    bool inside = str_cmp(s->low, v->key) <= 0 && (!s->high.n || str_cmp(v->key, s->high) < 0);
    return inside != (s->op == OP_NE);
}

int specifiers_parse(struct arena *a, struct str s, struct specifiers *out, size_t *at, const char **why) {
    uint32_t n = 1;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == ',';
    *out = (struct specifiers){.text = str_trim(s)};
    if (n > SPECIFIERS_MAX) {
        *at = 0;
        *why = "there are more than 1000 version specifiers";
        return -1;
    }
    if (!out->text.n)
        return 0;
    out->p = arena_new(a, struct specifier, n);
    struct str rest = s, piece;
    while (str_cut(&rest, ',', &piece)) {
        if (!str_trim(piece).n)
            continue;
        if (specifier_parse(a, piece, &out->p[out->n], at, why) < 0) {
            *at += (size_t)(piece.p - s.p);
            return -1;
        }
        out->n++;
    }
    return 0;
}

bool specifiers_contain(const struct specifiers *s, const struct version *v) {
    for (uint32_t i = 0; i < s->n; i++)
        if (!specifier_contains(&s->p[i], v))
            return false;
    return true;
}

bool specifiers_ask_pre(const struct specifiers *s) {
    for (uint32_t i = 0; i < s->n; i++)
        if (s->p[i].version.pre && s->p[i].op != OP_NE)
            return true;
    return false;
}

/* A comma goes before an operator that has something before it which ends without one. */
static bool comma_is_missing(const struct buf *out, struct str rest) {
    enum specifier_op op;
    if (!operator_at(rest, &op))
        return false;
    struct str before = str_trim(buf_view(out));
    return before.n && !strchr(",<>=!~", before.p[before.n - 1]);
}

/* A ".*" behind an operator that knows no wildcard. */
static bool is_stray_wildcard(struct str rest, enum specifier_op op) {
    return str_starts(rest, STR(".*")) && op != OP_EQ && op != OP_NE && op != OP_ARBITRARY;
}

struct str specifiers_mend(struct arena *a, struct str s) {
    struct buf out = {0};
    enum specifier_op op = OP_EQ, found;
    while (s.n) {
        const struct str *text = operator_at(s, &found);
        if (comma_is_missing(&out, s))
            buf_char(&out, ',');
        if (text) {
            op = found;
            buf_str(&out, *text);
            s = str_from(s, text->n);
        } else if (is_stray_wildcard(s, op)) {
            s = str_from(s, 2);
        } else {
            if (s.p[0] != '\'' && s.p[0] != '"')
                buf_char(&out, s.p[0]);
            s = str_from(s, 1);
        }
    }
    struct str mended = arena_str(a, buf_view(&out));
    buf_free(&out);
    return mended;
}

/* Formatting: sorted by their texts, and of several that mean the same the first. */

struct entry {
    struct str text;
    const struct specifier *s;
};

static int entry_cmp(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    return str_cmp(x->text, y->text);
}

static bool same(const struct specifier *x, const struct specifier *y) {
    if (x->op != y->op || x->wildcard != y->wildcard)
        return false;
    if (x->op == OP_ARBITRARY || x->wildcard)
        return str_eq(x->text, y->text);
    /* ~=1.0 and ~=1.0.0 differ */
    return x->op == OP_COMPATIBLE ? str_eq(x->version.text, y->version.text)
                                  : !version_cmp(&x->version, &y->version);
}

static bool is_repeated(const struct entry *all, const struct entry *one) {
    for (const struct entry *other = all; other < one; other++)
        if (same(other->s, one->s))
            return true;
    return false;
}

struct str specifiers_format(struct arena *a, const struct specifiers *s) {
    struct entry *entries = arena_new(a, struct entry, s->n);
    for (uint32_t i = 0; i < s->n; i++) {
        struct str op = operator_text(s->p[i].op), text = s->p[i].text;
        char *joined = arena_alloc(a, op.n + text.n);
        memcpy(joined, op.p, op.n);
        memcpy(joined + op.n, text.p, text.n);
        entries[i] = (struct entry){{joined, op.n + text.n}, &s->p[i]};
    }
    if (s->n)
        qsort(entries, s->n, sizeof *entries, entry_cmp);
    struct buf out = {0};
    for (uint32_t i = 0; i < s->n; i++) {
        if (is_repeated(entries, &entries[i]))
            continue;
        if (out.n)
            buf_char(&out, ',');
        buf_str(&out, entries[i].text);
    }
    struct str formatted = arena_str(a, buf_view(&out));
    buf_free(&out);
    return formatted;
}
