#include "formats/marker.h"

#include "formats/name.h"

enum { DEPTH_MAX = 64, COMPARISONS_MAX = 4096 };
enum { VALUE_MAX = 256 }; /* a longer value of the environment is no version */

static const struct str var_names[MARKER_VARS] = {
    [MARKER_OS_NAME] = STR_INIT("os_name"),
    [MARKER_SYS_PLATFORM] = STR_INIT("sys_platform"),
    [MARKER_PLATFORM_MACHINE] = STR_INIT("platform_machine"),
    [MARKER_PLATFORM_PYTHON_IMPLEMENTATION] = STR_INIT("platform_python_implementation"),
    [MARKER_PLATFORM_RELEASE] = STR_INIT("platform_release"),
    [MARKER_PLATFORM_SYSTEM] = STR_INIT("platform_system"),
    [MARKER_PLATFORM_VERSION] = STR_INIT("platform_version"),
    [MARKER_PYTHON_VERSION] = STR_INIT("python_version"),
    [MARKER_PYTHON_FULL_VERSION] = STR_INIT("python_full_version"),
    [MARKER_IMPLEMENTATION_NAME] = STR_INIT("implementation_name"),
    [MARKER_IMPLEMENTATION_VERSION] = STR_INIT("implementation_version"),
    [MARKER_EXTRA] = STR_INIT("extra"),
    [MARKER_EXTRAS] = STR_INIT("extras"),
    [MARKER_DEPENDENCY_GROUPS] = STR_INIT("dependency_groups"),
};

static const struct {
    struct str name;
    enum marker_var var;
} legacy_names[] = {
    {STR_INIT("os.name"), MARKER_OS_NAME},
    {STR_INIT("sys.platform"), MARKER_SYS_PLATFORM},
    {STR_INIT("platform.version"), MARKER_PLATFORM_VERSION},
    {STR_INIT("platform.machine"), MARKER_PLATFORM_MACHINE},
    {STR_INIT("platform.python_implementation"), MARKER_PLATFORM_PYTHON_IMPLEMENTATION},
    {STR_INIT("python_implementation"), MARKER_PLATFORM_PYTHON_IMPLEMENTATION},
};

/* Longer ones before those they begin with. */
static const struct {
    struct str text;
    enum marker_op op;
} symbols[] = {{STR_INIT("==="), MOP_ARBITRARY}, {STR_INIT("=="), MOP_EQ}, {STR_INIT("~="), MOP_COMPATIBLE},
               {STR_INIT("!="), MOP_NE},         {STR_INIT("<="), MOP_LE}, {STR_INIT(">="), MOP_GE},
               {STR_INIT("<"), MOP_LT},          {STR_INIT(">"), MOP_GT}};
enum { SYMBOLS = sizeof symbols / sizeof *symbols };

static struct str op_text(enum marker_op op) {
    for (int i = 0; i < SYMBOLS; i++)
        if (symbols[i].op == op)
            return symbols[i].text;
    return op == MOP_IN ? STR("in") : STR("not in");
}

static bool find_var(struct str name, enum marker_var *var) {
    for (int i = 0; i < MARKER_VARS; i++) {
        if (str_eq(name, var_names[i])) {
            *var = (enum marker_var)i;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof legacy_names / sizeof *legacy_names; i++) {
        if (str_eq(name, legacy_names[i].name)) {
            *var = legacy_names[i].var;
            return true;
        }
    }
    return false;
}

static bool compares_versions(enum marker_var var) {
    return var == MARKER_PYTHON_VERSION || var == MARKER_PYTHON_FULL_VERSION ||
           var == MARKER_IMPLEMENTATION_VERSION || var == MARKER_PLATFORM_RELEASE;
}

/* `python_version >= "3.8"`: the operator and what stands right of it, read as a specifier; NULL if they make
   none (`python_version in "2.7, 3.8"`). Joined as text, because that is what packaging does. */
static struct specifier *make_specifier(struct arena *a, enum marker_op op, struct str right) {
    if (op == MOP_IN || op == MOP_NOT_IN)
        return NULL;
    struct str symbol = op_text(op);
    char *text = arena_alloc(a, symbol.n + right.n);
    memcpy(text, symbol.p, symbol.n);
    if (right.n)
        memcpy(text + symbol.n, right.p, right.n);
    struct specifier *s = arena_new(a, struct specifier, 1);
    size_t at;
    const char *why;
    return specifier_parse(a, (struct str){text, symbol.n + right.n}, s, &at, &why) < 0 ? NULL : s;
}

/* Parsing. A function that fails fills at and why and returns NULL or false; so do its callers. */

struct parser {
    struct arena *a;
    struct str all, rest;
    int depth, comparisons;
    size_t at;
    const char *why;
};

static bool fail(struct parser *p, const char *why) {
    p->at = p->all.n - p->rest.n;
    p->why = why;
    return false;
}

static void skip_blanks(struct parser *p) {
    while (p->rest.n && (p->rest.p[0] == ' ' || p->rest.p[0] == '\t'))
        p->rest = str_from(p->rest, 1);
}

static bool is_word(char c) {
    return char_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The word at the front, a name's dots with it. */
static struct str peek_word(const struct parser *p, bool dots) {
    size_t n = 0;
    while (n < p->rest.n && (is_word(p->rest.p[n]) || (dots && p->rest.p[n] == '.')))
        n++;
    return str_head(p->rest, n);
}

static bool accept_word(struct parser *p, struct str word) {
    if (!str_eq(peek_word(p, false), word))
        return false;
    p->rest = str_from(p->rest, word.n);
    skip_blanks(p);
    return true;
}

static bool accept_char(struct parser *p, char c) {
    if (!p->rest.n || p->rest.p[0] != c)
        return false;
    p->rest = str_from(p->rest, 1);
    skip_blanks(p);
    return true;
}

static bool is_quote(const struct parser *p) {
    return p->rest.n && (p->rest.p[0] == '"' || p->rest.p[0] == '\'');
}

static bool parse_string(struct parser *p, struct str *out) {
    struct str text = str_from(p->rest, 1);
    ptrdiff_t n = str_find(text, p->rest.p[0]);
    if (n < 0)
        return fail(p, "the string has no closing quote");
    text = str_head(text, (size_t)n);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\\' || ((unsigned char)text.p[i] < ' ' && text.p[i] != '\t'))
            return fail(p, "a marker's string has no backslashes and control characters");
    *out = text;
    p->rest = str_from(p->rest, text.n + 2);
    skip_blanks(p);
    return true;
}

static bool parse_var(struct parser *p, enum marker_var *var) {
    struct str word = peek_word(p, true);
    if (!find_var(word, var))
        return fail(p, word.n ? "this is no marker variable (PEP 508)"
                              : "a marker variable or a quoted string is missing here");
    p->rest = str_from(p->rest, word.n);
    skip_blanks(p);
    return true;
}

static bool parse_op(struct parser *p, enum marker_op *op) {
    struct parser before = *p;
    if (accept_word(p, STR("in"))) {
        *op = MOP_IN;
        return true;
    }
    if (accept_word(p, STR("not"))) {
        *op = MOP_NOT_IN;
        if (p->rest.n + 3 < before.rest.n && accept_word(p, STR("in")))
            return true;
        return fail(p, "'in' is missing behind 'not'");
    }
    for (int i = 0; i < SYMBOLS; i++) {
        if (str_starts(p->rest, symbols[i].text)) {
            *op = symbols[i].op;
            p->rest = str_from(p->rest, symbols[i].text.n);
            skip_blanks(p);
            return true;
        }
    }
    return fail(p, "an operator is missing here, one of === == ~= != <= >= < > in, not in");
}

static bool is_set(enum marker_var var) {
    return var == MARKER_EXTRAS || var == MARKER_DEPENDENCY_GROUPS;
}

/* PEP 685: names compare normalized. */
static void finish_comparison(struct parser *p, struct marker *m) {
    if (m->var == MARKER_EXTRA || (is_set(m->var) && m->swapped))
        m->literal = name_normalize(p->a, m->literal);
    if (compares_versions(m->var) && !m->swapped)
        m->spec = make_specifier(p->a, m->op, m->literal);
}

static struct marker *parse_comparison(struct parser *p) {
    struct marker *m = arena_new(p->a, struct marker, 1);
    if (++p->comparisons > COMPARISONS_MAX)
        return fail(p, "the marker has more than 4096 comparisons"), NULL;
    m->swapped = is_quote(p);
    if (m->swapped ? !parse_string(p, &m->literal) : !parse_var(p, &m->var))
        return NULL;
    if (!parse_op(p, &m->op))
        return NULL;
    if (is_quote(p) == m->swapped)
        return fail(p, m->swapped ? "one side of a comparison must be a marker variable"
                                  : "one side of a comparison must be a quoted string"),
               NULL;
    if (m->swapped ? !parse_var(p, &m->var) : !parse_string(p, &m->literal))
        return NULL;
    finish_comparison(p, m);
    return m;
}

static struct marker *parse_or(struct parser *p);

static struct marker *parse_atom(struct parser *p) {
    skip_blanks(p);
    if (!accept_char(p, '('))
        return parse_comparison(p);
    if (++p->depth > DEPTH_MAX)
        return fail(p, "the marker has more than 64 parentheses inside each other"), NULL;
    struct marker *m = parse_or(p);
    if (m && !accept_char(p, ')'))
        return fail(p, "a ')' is missing here, or an 'and' or 'or'"), NULL;
    p->depth--;
    if (m)
        m->group = m->kind != MARKER_COMPARE;
    return m;
}

/* Operands with a word between them. The chain leans to the right, so that whoever walks it can loop. */
static struct marker *parse_chain(struct parser *p, enum marker_kind kind) {
    struct marker *first = NULL, **end = &first;
    for (;;) {
        struct marker *m = kind == MARKER_OR ? parse_chain(p, MARKER_AND) : parse_atom(p);
        if (!m)
            return NULL;
        *end = m;
        if (!accept_word(p, kind == MARKER_OR ? STR("or") : STR("and")))
            return first;
        struct marker *link = arena_new(p->a, struct marker, 1);
        *link = (struct marker){.kind = kind, .left = m};
        *end = link;
        end = &link->right;
    }
}

static struct marker *parse_or(struct parser *p) {
    return parse_chain(p, MARKER_OR);
}

int marker_parse(struct arena *a, struct str s, struct marker **out, size_t *at, const char **why) {
    struct parser p = {.a = a, .all = s, .rest = s};
    *out = parse_or(&p);
    if (*out && p.rest.n) {
        fail(&p, "the marker should end here; an 'and', 'or' or operator may be missing");
        *out = NULL;
    }
    *at = p.at;
    *why = p.why;
    return *out ? 0 : -1;
}

/* Evaluation. */

static bool is_inside(struct str needle, struct str hay) {
    return !needle.n || str_search(hay, needle) >= 0;
}

/* Strings have no order here: packaging lets <= and >= mean ==, and < and > nothing. */
static bool compare_strings(enum marker_op op, struct str left, struct str right) {
    switch (op) {
    case MOP_EQ:
    case MOP_LE:
    case MOP_GE:
        return str_eq(left, right);
    case MOP_NE:
        return !str_eq(left, right);
    case MOP_IN:
        return is_inside(left, right);
    case MOP_NOT_IN:
        return !is_inside(left, right);
    case MOP_LT:
    case MOP_GT:
    case MOP_COMPATIBLE:
    case MOP_ARBITRARY:
        break;
    }
    return false;
}

static bool compare_version(const struct specifier *spec, struct str value) {
    char space[VERSION_SPACE(VALUE_MAX)];
    struct version v;
    if (spec->op == OP_ARBITRARY)
        return str_ieq(value, spec->text);
    return value.n <= VALUE_MAX && version_parse_in(space, value, &v) && specifier_contains(spec, &v);
}

/* `"3.8" <= python_version`: the environment's value makes the specifier. */
static bool compare_swapped(const struct marker *m, struct str value) {
    struct arena scratch = {0};
    struct specifier *spec = make_specifier(&scratch, m->op, value);
    bool holds = spec ? compare_version(spec, m->literal) : compare_strings(m->op, m->literal, value);
    arena_free(&scratch);
    return holds;
}

static bool compare_value(const struct marker *m, struct str value) {
    if (m->swapped && compares_versions(m->var))
        return compare_swapped(m, value);
    if (m->spec)
        return compare_version(m->spec, value);
    return m->swapped ? compare_strings(m->op, m->literal, value) : compare_strings(m->op, value, m->literal);
}

/* As if evaluated for each active extra alone (for "" if there is none): a positive operator holds if it does
   for one of them, a negative one if its opposite holds for none. */
static bool compare_extra(const struct marker *m, const struct marker_env *env) {
    bool negative = m->op == MOP_NE || m->op == MOP_NOT_IN;
    struct marker positive = *m;
    if (negative)
        positive.op = m->op == MOP_NE ? MOP_EQ : MOP_IN;
    bool any = !env->nextras && compare_value(&positive, STR(""));
    for (uint32_t i = 0; i < env->nextras && !any; i++)
        any = compare_value(&positive, env->extras[i]);
    return any != negative;
}

/* Only `"x" in extras` and `"x" not in extras` have a meaning; the rest is what Python makes of it. */
static bool compare_set(const struct marker *m, const struct marker_env *env) {
    const struct str *set = m->var == MARKER_EXTRAS ? env->extras : env->groups;
    uint32_t n = m->var == MARKER_EXTRAS ? env->nextras : env->ngroups;
    bool found = false;
    for (uint32_t i = 0; i < n && !found; i++)
        found = str_eq(set[i], m->literal);
    if (!m->swapped)
        return false;
    return m->op == MOP_NE || (m->op == MOP_IN && found) || (m->op == MOP_NOT_IN && !found);
}

static bool compare(const struct marker *m, const struct marker_env *env) {
    if (m->var == MARKER_EXTRA)
        return compare_extra(m, env);
    if (is_set(m->var))
        return compare_set(m, env);
    return compare_value(m, env->values[m->var]);
}

bool marker_eval(const struct marker *m, const struct marker_env *env) {
    if (!m)
        return true;
    for (; m->kind != MARKER_COMPARE; m = m->right)
        if (marker_eval(m->left, env) == (m->kind == MARKER_OR))
            return m->kind == MARKER_OR;
    return compare(m, env);
}

bool marker_uses_extra(const struct marker *m) {
    if (!m)
        return false;
    for (; m->kind != MARKER_COMPARE; m = m->right)
        if (marker_uses_extra(m->left))
            return true;
    return m->var == MARKER_EXTRA;
}

/* Formatting. */

static void format_literal(struct str literal, struct buf *out) {
    char quote = str_find(literal, '"') < 0 ? '"' : '\'';
    buf_char(out, quote);
    buf_str(out, literal);
    buf_char(out, quote);
}

static void format_comparison(const struct marker *m, struct buf *out) {
    if (m->swapped)
        format_literal(m->literal, out);
    else
        buf_str(out, var_names[m->var]);
    buf_char(out, ' ');
    buf_str(out, op_text(m->op));
    buf_char(out, ' ');
    if (m->swapped)
        buf_str(out, var_names[m->var]);
    else
        format_literal(m->literal, out);
}

static void format_operand(const struct marker *m, enum marker_kind parent, struct buf *out) {
    bool parentheses =
        m->kind != MARKER_COMPARE && (m->group || (m->kind == MARKER_OR && parent == MARKER_AND));
    if (parentheses)
        buf_char(out, '(');
    marker_format(m, out);
    if (parentheses)
        buf_char(out, ')');
}

void marker_format(const struct marker *m, struct buf *out) {
    if (!m)
        return;
    while (m->kind != MARKER_COMPARE) {
        enum marker_kind kind = m->kind;
        format_operand(m->left, kind, out);
        buf_c(out, kind == MARKER_OR ? " or " : " and ");
        m = m->right;
        if (m->kind == MARKER_COMPARE || m->group || m->kind != kind) {
            format_operand(m, kind, out);
            return;
        }
    }
    format_comparison(m, out);
}
