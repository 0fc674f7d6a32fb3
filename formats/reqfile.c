/* The text goes through pip's steps one after the other: physical lines, joined at backslashes; without
   comments; with variables; cut into a requirement and its options; the options cut as a shell would. Each
   byte of a logical line remembers where in the file it comes from, so that errors find their place through
   all of that. */
#include "formats/reqfile.h"

#include <stdlib.h>

#include "base/vec.h"

struct line {
    struct str text;
    const size_t *from; /* of each byte: its offset in the file */
    size_t end;         /* offset for what stands behind the last byte */
    uint32_t number;
};

struct parser {
    struct arena *a;
    const char *file;
    struct str all;
    const char *(*getvar)(const char *name);
    VEC(struct reqline) out;
    size_t next; /* offset of the next physical line */
    uint32_t number;
    struct err *e;
};

static size_t offset_of(const struct line *l, const char *at) {
    size_t i = (size_t)(at - l->text.p);
    return i < l->text.n ? l->from[i] : l->end;
}

/* The text as an error may show it: a star for each byte of the credentials in its URLs, so that all places
   stay. */
static struct str masked(struct parser *p) {
    char *text = arena_copy(p->a, p->all.p, p->all.n);
    for (size_t i = 0, begin = 0, inside = 0; i < p->all.n; i++) {
        if (str_starts(str_from(p->all, i), STR("://")))
            begin = i + 3, inside = 1, i += 2;
        else if (text[i] == '/' || char_space(text[i]))
            inside = 0;
        else if (inside && text[i] == '@')
            memset(text + begin, '*', i - begin);
    }
    return (struct str){text, p->all.n};
}

static int fail(struct parser *p, const struct line *l, const char *at, const char *why) {
    return err_at(p->e, p->file, masked(p), offset_of(l, at), "%s", why);
}

/* Lines. */

/* Bytes of the line end that stands at i, 0 for none: what Python's str.splitlines takes for one. */
static size_t line_end(struct str s, size_t i) {
    struct str rest = str_from(s, i);
    if (str_starts(rest, STR("\r\n")) || str_starts(rest, STR("\xc2\x85")))
        return 2;
    if (str_starts(rest, STR("\xe2\x80\xa8")) || str_starts(rest, STR("\xe2\x80\xa9")))
        return 3;
    unsigned char c = (unsigned char)s.p[i];
    return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e);
}

static bool take_physical(struct parser *p, struct str *out) {
    size_t i = p->next, end = 0;
    if (i >= p->all.n)
        return false;
    while (i < p->all.n && !(end = line_end(p->all, i)))
        i++;
    *out = (struct str){p->all.p + p->next, i - p->next};
    p->next = i + end;
    p->number++;
    return true;
}

static bool is_comment(struct str s) {
    s = str_trim(s);
    return s.n && s.p[0] == '#';
}

static struct str strip_backslashes(struct str s) {
    while (s.n && s.p[0] == '\\')
        s = str_from(s, 1);
    while (s.n && s.p[s.n - 1] == '\\')
        s.n--;
    return s;
}

struct joined {
    struct buf text;
    VEC(size_t) from;
};

static void join(struct joined *j, struct str piece, size_t offset, size_t step) {
    buf_str(&j->text, piece);
    for (size_t i = 0; i < piece.n; i++)
        vec_push(&j->from, offset + i * step);
}

/* Lines up to one that ends without a backslash. A comment ends a joined line too, whatever its end. */
static bool take_logical(struct parser *p, struct joined *j, struct line *l) {
    struct str s;
    j->text.n = j->from.n = 0;
    l->number = p->number + 1;
    while (take_physical(p, &s)) {
        bool comment = is_comment(s), more = !comment && str_ends(s, STR("\\"));
        l->end = (size_t)(s.p - p->all.p) + s.n;
        if (comment) /* so that it is one behind other text, too */
            join(j, STR(" "), (size_t)(s.p - p->all.p), 0);
        if (more)
            s = strip_backslashes(s);
        join(j, s, (size_t)(s.p - p->all.p), 1);
        if (!more)
            return true;
    }
    return j->text.n > 0;
}

/* Without what is behind a '#' that begins the line or follows white space. */
static struct str strip_comment(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '#' && (i == 0 || char_space(s.p[i - 1])))
            return str_trim(str_head(s, i));
    return str_trim(s);
}

/* The name in "${NAME}" at the front, as a C string; NULL if there is none. */
static char *variable_at(struct arena *a, struct str s) {
    size_t n = 2;
    if (!str_starts(s, STR("${")))
        return NULL;
    while (n < s.n && (char_digit(s.p[n]) || s.p[n] == '_' || (s.p[n] >= 'A' && s.p[n] <= 'Z')))
        n++;
    if (n == 2 || n == s.n || s.p[n] != '}')
        return NULL;
    return arena_fmt(a, STR_FMT, (int)(n - 2), s.p + 2);
}

/* An empty value leaves the text as it is: pip does. */
static void expand(struct parser *p, struct joined *from, struct str s, struct joined *to) {
    size_t first = (size_t)(s.p - from->text.p);
    for (size_t i = 0; i < s.n;) {
        char *name = p->getvar ? variable_at(p->a, str_from(s, i)) : NULL;
        const char *value = name ? p->getvar(name) : NULL;
        size_t offset = from->from.p[first + i];
        if (value && *value) {
            join(to, str_of(value), offset, 0);
            i += strlen(name) + 3;
        } else {
            join(to, (struct str){s.p + i, 1}, offset, 1);
            i++;
        }
    }
}

/* Options. */

enum option_kind { TAKES_VALUE, IS_FLAG };

static const struct option {
    struct str name;   /* as written */
    struct str option; /* what is told */
    char letter;
    enum option_kind kind;
} options[] = {
    {STR_INIT("--index-url"), STR_INIT("--index-url"), 'i', TAKES_VALUE},
    {STR_INIT("--pypi-url"), STR_INIT("--index-url"), 0, TAKES_VALUE},
    {STR_INIT("--extra-index-url"), STR_INIT("--extra-index-url"), 0, TAKES_VALUE},
    {STR_INIT("--no-index"), STR_INIT("--no-index"), 0, IS_FLAG},
    {STR_INIT("--constraint"), STR_INIT("--constraint"), 'c', TAKES_VALUE},
    {STR_INIT("--requirement"), STR_INIT("--requirement"), 'r', TAKES_VALUE},
    {STR_INIT("--editable"), STR_INIT("--editable"), 'e', TAKES_VALUE},
    {STR_INIT("--find-links"), STR_INIT("--find-links"), 'f', TAKES_VALUE},
    {STR_INIT("--no-binary"), STR_INIT("--no-binary"), 0, TAKES_VALUE},
    {STR_INIT("--only-binary"), STR_INIT("--only-binary"), 0, TAKES_VALUE},
    {STR_INIT("--prefer-binary"), STR_INIT("--prefer-binary"), 0, IS_FLAG},
    {STR_INIT("--require-hashes"), STR_INIT("--require-hashes"), 0, IS_FLAG},
    {STR_INIT("--no-require-hashes"), STR_INIT("--no-require-hashes"), 0, IS_FLAG},
    {STR_INIT("--pre"), STR_INIT("--pre"), 0, IS_FLAG},
    {STR_INIT("--all-releases"), STR_INIT("--all-releases"), 0, TAKES_VALUE},
    {STR_INIT("--only-final"), STR_INIT("--only-final"), 0, TAKES_VALUE},
    {STR_INIT("--trusted-host"), STR_INIT("--trusted-host"), 0, TAKES_VALUE},
    {STR_INIT("--use-feature"), STR_INIT("--use-feature"), 0, TAKES_VALUE},
    {STR_INIT("--hash"), STR_INIT("--hash"), 0, TAKES_VALUE},
    {STR_INIT("--config-settings"), STR_INIT("--config-settings"), 'C', TAKES_VALUE},
};
enum { OPTIONS = sizeof options / sizeof *options };

struct given {
    const struct option *option;
    struct str value;
    const char *at; /* where it stands in the line */
};

struct word {
    struct str text;
    const char *at; /* its first byte in the line */
};

typedef VEC(struct given) given_list;
typedef VEC(struct word) word_list;

static bool separates_words(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One word of a command line, as Python's shlex.split cuts it, appended to text. */
static int take_word(struct parser *p, const struct line *l, struct str *s, struct buf *text) {
    const char *start = s->p;
    char quote = 0;
    while (s->n && (quote || !separates_words(s->p[0]))) {
        char c = s->p[0];
        if (c == '\\' && quote != '\'') {
            if (s->n == 1)
                return fail(p, l, s->p, "nothing stands behind this backslash");
            *s = str_from(*s, 1);
            if (quote && s->p[0] != '\\' && s->p[0] != quote)
                buf_char(text, '\\');
            buf_char(text, s->p[0]);
        } else if (c == quote) {
            quote = 0;
        } else if (!quote && (c == '\'' || c == '"')) {
            quote = c;
        } else {
            buf_char(text, c);
        }
        *s = str_from(*s, 1);
    }
    return quote ? fail(p, l, start, "a quote is not closed here") : 0;
}

static int split_words(struct parser *p, const struct line *l, struct str s, word_list *words) {
    struct buf text = {0};
    int failed = 0;
    for (;;) {
        while (s.n && separates_words(s.p[0]))
            s = str_from(s, 1);
        if (!s.n || failed)
            break;
        struct word w = {.at = s.p};
        text.n = 0;
        failed = take_word(p, l, &s, &text);
        w.text = arena_str(p->a, buf_view(&text));
        vec_push(words, w);
    }
    buf_free(&text);
    return failed;
}

/* A long option by its name or by a beginning that no other has; *n: how many there are. */
static const struct option *find_long(struct str name, int *n) {
    const struct option *found = NULL;
    *n = 0;
    for (int i = 0; i < OPTIONS; i++) {
        if (str_eq(options[i].name, name)) {
            *n = 1;
            return &options[i];
        }
        if (str_starts(options[i].name, name)) {
            found = &options[i];
            ++*n;
        }
    }
    return found;
}

static const struct option *find_short(char letter) {
    for (int i = 0; i < OPTIONS; i++)
        if (options[i].letter == letter)
            return &options[i];
    return NULL;
}

static int fail_option(struct parser *p, const struct line *l, const char *at, struct str option,
                       const char *why) {
    return err_at(p->e, p->file, masked(p), offset_of(l, at), STR_FMT ": %s", STR_ARG(option), why);
}

/* The option in words->p[*i] and its value, which may be the next word. */
static int take_option(struct parser *p, const struct line *l, const word_list *words, uint32_t *i,
                       struct given *out) {
    struct word w = words->p[*i];
    bool is_long = str_starts(w.text, STR("--"));
    ptrdiff_t equals = is_long ? str_find(w.text, '=') : -1;
    struct str name =
        equals >= 0 ? str_head(w.text, (size_t)equals) : str_head(w.text, is_long ? w.text.n : 2);
    struct str value = str_from(w.text, name.n + (equals >= 0));
    int n = 1;
    *out = (struct given){.option = is_long ? find_long(name, &n) : find_short(w.text.p[1]), .at = w.at};
    if (!out->option)
        return fail_option(p, l, w.at, name, "requirement files have no such option");
    if (n > 1)
        return fail_option(p, l, w.at, name, "several options begin like this; write it out");
    if (out->option->kind == IS_FLAG)
        return equals < 0 ? 0 : fail_option(p, l, w.at, name, "this option takes no value");
    if (equals < 0 && !value.n) {
        if (*i + 1 == words->n)
            return fail_option(p, l, w.at, name, "this option needs a value");
        value = words->p[++*i].text;
    }
    out->value = value;
    return 0;
}

static int check_value(struct parser *p, const struct line *l, const struct given *g) {
    static const struct str strong[] = {STR_INIT("sha256:"), STR_INIT("sha384:"), STR_INIT("sha512:")};
    if (str_is(g->option->option, "--config-settings") && str_find(g->value, '=') < 0)
        return fail(p, l, g->at, "--config-settings takes KEY=VALUE");
    if (!str_is(g->option->option, "--hash"))
        return 0;
    for (int i = 0; i < 3; i++)
        if (str_starts(g->value, strong[i]))
            return 0;
    return fail(p, l, g->at, "--hash takes sha256:HEX, sha384:HEX or sha512:HEX");
}

/* Words that are no options are passed over, as pip does. */
static int parse_options(struct parser *p, const struct line *l, struct str s, given_list *out) {
    word_list words = {0};
    int failed = split_words(p, l, s, &words);
    for (uint32_t i = 0; i < words.n && !failed && !str_is(words.p[i].text, "--"); i++) {
        struct given g;
        if (words.p[i].text.n < 2 || words.p[i].text.p[0] != '-')
            continue;
        failed = take_option(p, l, &words, &i, &g);
        if (!failed)
            failed = check_value(p, l, &g);
        if (!failed)
            vec_push(out, g);
    }
    vec_free(&words);
    return failed;
}

/* Requirements. */

static bool is_url(struct str s) {
    static const struct str schemes[] = {STR_INIT("http"), STR_INIT("https"), STR_INIT("file"),
                                         STR_INIT("ftp")};
    static const struct str vcs[] = {STR_INIT("git+"), STR_INIT("hg+"), STR_INIT("svn+"), STR_INIT("bzr+")};
    ptrdiff_t colon = str_find(s, ':');
    struct str scheme = str_head(s, colon < 0 ? 0 : (size_t)colon);
    for (size_t i = 0; i < scheme.n; i++)
        if (!char_alnum(scheme.p[i]) && !strchr("+-.", scheme.p[i]))
            return false;
    for (int i = 0; i < 4; i++)
        if (str_ieq(scheme, schemes[i]) || str_ieq(str_head(scheme, vcs[i].n), vcs[i]))
            return true;
    return false;
}

static bool is_archive(struct str s) {
    static const struct str endings[] = {STR_INIT(".whl"), STR_INIT(".zip"),    STR_INIT(".tar.gz"),
                                         STR_INIT(".tgz"), STR_INIT(".tar"),    STR_INIT(".tar.bz2"),
                                         STR_INIT(".tbz"), STR_INIT(".tar.xz"), STR_INIT(".txz"),
                                         STR_INIT(".tlz"), STR_INIT(".tar.lz"), STR_INIT(".tar.lzma")};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (s.n > endings[i].n && str_ieq(str_from(s, s.n - endings[i].n), endings[i]))
            return true;
    return false;
}

static bool looks_like_path(struct str s) {
    return str_find(s, '/') >= 0 || str_starts(s, STR("."));
}

/* Where the "[extras]" at the end begin; s.n if there are none. */
static size_t extras_at(struct str s) {
    ptrdiff_t open = str_rfind(s, '[');
    struct str inner = str_from(s, (size_t)(open + 1));
    bool found = open > 0 && inner.n > 1 && str_find(inner, ']') == (ptrdiff_t)inner.n - 1;
    return found ? (size_t)open : s.n;
}

/* Told from the text alone, where pip looks whether there is such a file: "name @ ./x" is a requirement. */
static bool is_path(struct str s) {
    if (is_url(s))
        return true;
    if (!looks_like_path(s) && !is_archive(str_head(s, extras_at(s))))
        return false;
    ptrdiff_t at = str_find(s, '@');
    return at <= 0 || looks_like_path(str_head(s, (size_t)at));
}

static int parse_path_extras(struct parser *p, const struct line *l, struct str brackets,
                             struct reqline *out) {
    struct requirement r;
    size_t at;
    const char *why;
    char *text = arena_fmt(p->a, "x" STR_FMT, STR_ARG(brackets));
    if (requirement_parse(p->a, str_of(text), false, &r, &at, &why) < 0)
        return fail(p, l, brackets.p + (at ? at - 1 : 0), why);
    out->extras = r.extras;
    out->nextras = r.nextras;
    return 0;
}

static int parse_path(struct parser *p, const struct line *l, struct str s, struct str marker,
                      struct reqline *out) {
    struct marker *parsed;
    size_t at, extras = str_find(s, '#') < 0 ? extras_at(s) : s.n;
    const char *why;
    out->kind = REQLINE_PATH;
    out->text = str_trim(str_head(s, extras));
    out->marker_text = marker;
    if (extras < s.n && parse_path_extras(p, l, str_from(s, extras), out) < 0)
        return -1;
    if (marker.n && marker_parse(p->a, marker, &parsed, &at, &why) < 0)
        return fail(p, l, marker.p + at, why);
    return 0;
}

static int parse_requirement(struct parser *p, const struct line *l, struct str s, struct reqline *out) {
    ptrdiff_t semicolon = is_url(s) ? str_search(s, STR("; ")) : str_find(s, ';');
    struct str what = str_trim(str_head(s, semicolon < 0 ? s.n : (size_t)semicolon));
    struct str marker = semicolon < 0 ? STR("") : str_trim(str_from(s, (size_t)semicolon + 1));
    size_t at;
    const char *why;
    if (is_path(what))
        return parse_path(p, l, what, marker, out);
    out->kind = REQLINE_REQUIREMENT;
    out->text = s;
    if (requirement_parse(p->a, s, false, &out->req, &at, &why) < 0)
        return fail(p, l, s.p + at, why);
    return 0;
}

/* One line. */

/* Where the options begin: at the first word that begins with '-', words being what single spaces divide. */
static size_t options_at(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '-' && (i == 0 || s.p[i - 1] == ' '))
            return i;
    return s.n;
}

static const struct given *first_of(const given_list *given, struct str option) {
    for (uint32_t i = 0; i < given->n; i++)
        if (str_eq(given->p[i].option->option, option))
            return &given->p[i];
    return NULL;
}

/* The values of all of one option. */
static struct str *values_of(struct parser *p, const given_list *given, struct str option, uint32_t *n) {
    struct str *values = arena_new(p->a, struct str, given->n);
    *n = 0;
    for (uint32_t i = 0; i < given->n; i++)
        if (str_eq(given->p[i].option->option, option))
            values[(*n)++] = given->p[i].value;
    return values;
}

static struct reqline begin(const struct line *l) {
    return (struct reqline){.offset = l->from[0], .line = l->number};
}

/* pip: with a requirement only the options for it count. */
static int emit_requirement(struct parser *p, const struct line *l, struct str args,
                            const given_list *given) {
    struct reqline out = begin(l);
    const struct given *editable = first_of(given, STR("--editable"));
    out.config_settings = values_of(p, given, STR("--config-settings"), &out.nconfig_settings);
    if (editable) {
        out.kind = REQLINE_EDITABLE;
        out.text = args.n ? args : editable->value;
    } else {
        out.hashes = values_of(p, given, STR("--hash"), &out.nhashes);
        if (parse_requirement(p, l, args, &out) < 0)
            return -1;
    }
    vec_push(&p->out, out);
    return 0;
}

static void emit_nested(struct parser *p, const struct line *l, const struct given *g,
                        enum reqline_kind kind) {
    struct reqline out = begin(l);
    out.kind = kind;
    out.text = g->value;
    vec_push(&p->out, out);
}

static void emit_options(struct parser *p, const struct line *l, const given_list *given) {
    for (uint32_t i = 0; i < given->n; i++) {
        struct reqline out = begin(l);
        out.kind = REQLINE_OPTION;
        out.option = given->p[i].option->option;
        out.text = given->p[i].value;
        vec_push(&p->out, out);
    }
}

static int parse_line(struct parser *p, const struct line *l) {
    size_t cut = options_at(l->text);
    struct str args = str_trim(str_head(l->text, cut));
    given_list given = {0};
    int failed = parse_options(p, l, str_from(l->text, cut), &given);
    if (!failed) {
        const struct given *file = first_of(&given, STR("--requirement"));
        const struct given *constraints = first_of(&given, STR("--constraint"));
        if (args.n || first_of(&given, STR("--editable")))
            failed = emit_requirement(p, l, args, &given);
        else if (file)
            emit_nested(p, l, file, REQLINE_REQUIREMENTS);
        else if (constraints)
            emit_nested(p, l, constraints, REQLINE_CONSTRAINTS);
        else
            emit_options(p, l, &given);
    }
    vec_free(&given);
    return failed;
}

/* The whole file. */

/* Bytes of the UTF-8 sequence at the front (RFC 3629); 0 if there is none, or NUL. */
static size_t utf8_length(struct str s) {
    unsigned char c = (unsigned char)s.p[0], second = s.n > 1 ? (unsigned char)s.p[1] : 0;
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (!c || (c >= 0x80 && c < 0xc2) || c > 0xf4 || n > s.n)
        return 0;
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
        (c == 0xf4 && second > 0x8f))
        return 0;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)s.p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

static int check_utf8(const struct parser *p) {
    for (size_t i = 0, n; i < p->all.n; i += n)
        if (!(n = utf8_length(str_from(p->all, i))))
            return err_at(p->e, p->file, p->all, i, "this is no UTF-8 text; save the file as UTF-8");
    return 0;
}

static int parse_lines(struct parser *p) {
    struct joined raw = {0}, expanded = {0};
    struct line l = {0};
    int failed = 0;
    while (!failed && take_logical(p, &raw, &l)) {
        struct str s = strip_comment(buf_view(&raw.text));
        if (!s.n)
            continue;
        expanded.text.n = expanded.from.n = 0;
        expand(p, &raw, s, &expanded);
        l.text = arena_str(p->a, buf_view(&expanded.text));
        l.from = expanded.from.p;
        failed = parse_line(p, &l);
    }
    buf_free(&raw.text);
    buf_free(&expanded.text);
    vec_free(&raw.from);
    vec_free(&expanded.from);
    return failed;
}

int reqfile_parse(struct arena *a, struct str text, const char *file, const char *(*getvar)(const char *name),
                  struct reqfile *out, struct err *e) {
    size_t bom = str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
    struct parser p = {.a = a, .file = file, .all = str_from(text, bom), .getvar = getvar, .e = e};
    int failed = check_utf8(&p);
    if (!failed)
        failed = parse_lines(&p);
    for (uint32_t i = 0; i < p.out.n; i++)
        p.out.p[i].offset += bom;
    *out = (struct reqfile){p.out.n ? arena_copy(a, p.out.p, p.out.n * sizeof *p.out.p) : NULL, p.out.n};
    vec_free(&p.out);
    return failed;
}
