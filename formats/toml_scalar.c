#include <math.h>
#include <stdlib.h>

#include "formats/toml_internal.h"

/* Texts. */

static void add_code(struct buf *b, uint32_t c) { /* as UTF-8 */
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    buf_char(b, (char)(n == 1 ? c : lead[n] | c >> 6 * (n - 1)));
    for (int i = n - 2; i >= 0; i--)
        buf_char(b, (char)(0x80 | (c >> 6 * i & 0x3f)));
}

static int hex_digit(char c) {
    char low = char_lower(c);
    return char_digit(c) ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* \uXXXX, \UXXXXXXXX: r->at is at the u. */
static int read_code(struct toml_reader *r, size_t digits) {
    uint32_t code = 0;
    for (size_t i = 1; i <= digits; i++) {
        int digit = hex_digit(toml_peek(r, i));
        if (digit < 0)
            return toml_fail(r, r->at - 1, "\\%c needs %zu hexadecimal digits", toml_peek(r, 0), digits);
        code = code << 4 | (uint32_t)digit;
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return toml_fail(r, r->at - 1, "there is no character U+%04X", (unsigned)code);
    r->at += digits + 1;
    add_code(&r->scratch, code);
    return 0;
}

static void skip_space(struct toml_reader *r, bool newlines) {
    for (;;) {
        size_t n = toml_peek(r, 0) == ' ' || toml_peek(r, 0) == '\t' ? 1 : newlines ? toml_newline(r) : 0;
        if (!n)
            return;
        r->at += n;
    }
}

/* r->at is at the backslash. */
static int read_escape(struct toml_reader *r, bool multi) {
    static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
    size_t start = r->at++;
    char c = toml_peek(r, 0);
    const char *name = c ? strchr(names, c) : NULL;
    if (name) {
        buf_char(&r->scratch, values[name - names]);
        r->at++;
        return 0;
    }
    if (c == 'u' || c == 'U')
        return read_code(r, c == 'u' ? 4 : 8);
    if (multi) { /* at a line's end: the text goes on at the next character that is no white space */
        skip_space(r, false);
        if (toml_newline(r)) {
            skip_space(r, true);
            return 0;
        }
    }
    return toml_fail(r, start,
                     "there is no such escape: a backslash itself is \\\\, or use a text in single quotes");
}

/* At a quote in a text between three of them: up to two more may stand before the three that end it. True if
   these end it. */
static bool ends(struct toml_reader *r, char quote) {
    size_t n = 0;
    while (n < 5 && toml_peek(r, n) == quote)
        n++;
    for (size_t i = 0; i < (n < 3 ? n : n - 3); i++)
        buf_char(&r->scratch, quote);
    r->at += n;
    return n >= 3;
}

/* One character. 1: it was the end. */
static int read_character(struct toml_reader *r, char quote, bool multi, size_t start) {
    char c = toml_peek(r, 0);
    size_t newline = toml_newline(r);
    if (r->at == r->text.n || (newline && !multi))
        return toml_fail(r, start, "the quotes that open here are not closed%s",
                         multi ? "" : " on this line (a text of several lines stands in three of them)");
    if (c == quote && multi)
        return ends(r, quote);
    if (c == '\\' && quote == '"')
        return read_escape(r, multi);
    if (!newline && toml_is_control(c))
        return toml_fail(r, r->at, "a control character must be written as an escape, \\u%04X",
                         (unsigned char)c);
    r->at += newline ? newline : 1;
    if (c == quote)
        return 1;
    buf_char(&r->scratch, newline ? '\n' : c);
    return 0;
}

int toml_read_text(struct toml_reader *r, bool multi, struct str *out) {
    size_t start = r->at;
    char quote = toml_peek(r, 0);
    int end = 0;
    multi = multi && toml_peek(r, 1) == quote && toml_peek(r, 2) == quote;
    r->at += multi ? 3 : 1;
    if (multi)
        r->at += toml_newline(r);
    r->scratch.n = 0;
    while (!end)
        end = read_character(r, quote, multi, start);
    *out = arena_str(r->a, buf_view(&r->scratch));
    return end < 0 ? -1 : 0;
}

/* Numbers. */

static bool take(struct str *s, char c) {
    if (!s->n || s->p[0] != c)
        return false;
    *s = str_from(*s, 1);
    return true;
}

/* Digits of a base, single underscores between them, without these onto out; false if none is here or an
   underscore is not between digits. */
static bool take_digits(struct str *s, int base, struct buf *out) {
    size_t before = out->n;
    do {
        int digit = s->n ? hex_digit(s->p[0]) : -1;
        if (digit < 0 || digit >= base)
            return false;
        for (; s->n && (digit = hex_digit(s->p[0])) >= 0 && digit < base; *s = str_from(*s, 1))
            buf_char(out, s->p[0]);
    } while (take(s, '_'));
    return out->n > before;
}

static int take_integer(struct toml_reader *r, struct str digits, int base, bool negative, struct toml *out) {
    uint64_t n = 0, most = (uint64_t)INT64_MAX + negative;
    for (size_t i = 0; i < digits.n; i++) {
        uint64_t digit = (uint64_t)hex_digit(digits.p[i]);
        if (n > (most - digit) / (uint64_t)base)
            return toml_fail(r, out->offset, "this number does not fit into 64 bits");
        n = n * (uint64_t)base + digit;
    }
    out->type = TOML_INTEGER;
    out->integer = negative ? (int64_t)(0 - n) : (int64_t)n;
    return 0;
}

/* 0x, 0o, 0b. 0: it is none of them; -1: an error; 1: read. */
static int read_based(struct toml_reader *r, struct toml *out) {
    struct str s = str_from(out->text, 2);
    char c = out->text.n > 1 && out->text.p[0] == '0' ? out->text.p[1] : 0;
    int base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
    if (!base)
        return 0;
    r->scratch.n = 0;
    if (!take_digits(&s, base, &r->scratch) || s.n)
        return toml_fail(r, out->offset + (out->text.n - s.n), "a digit of base %d should stand here", base);
    return take_integer(r, buf_view(&r->scratch), base, false, out) < 0 ? -1 : 1;
}

/* [+-] inf, nan */
static bool read_special(struct str s, bool negative, struct toml *out) {
    if (!str_is(s, "inf") && !str_is(s, "nan"))
        return false;
    out->type = TOML_FLOAT;
    out->number = str_is(s, "inf") ? (negative ? -INFINITY : INFINITY) : NAN;
    return true;
}

/* Fraction and exponent; false if there is something else. */
static bool take_fraction(struct str *s, struct buf *out) {
    if (take(s, '.')) {
        buf_char(out, '.');
        if (!take_digits(s, 10, out))
            return false;
    }
    if (take(s, 'e') || take(s, 'E')) {
        buf_char(out, 'e');
        if (take(s, '-'))
            buf_char(out, '-');
        else
            take(s, '+');
        if (!take_digits(s, 10, out))
            return false;
    }
    return !s->n;
}

static int read_number(struct toml_reader *r, struct toml *out) {
    struct str s = out->text;
    int based = read_based(r, out);
    if (based)
        return based < 0 ? -1 : 0;
    bool negative = take(&s, '-');
    if (!negative)
        take(&s, '+');
    if (read_special(s, negative, out))
        return 0;
    r->scratch.n = 0;
    if (!s.n || !char_digit(s.p[0]))
        return toml_fail(r, out->offset, "a value should stand here; a text needs quotes");
    bool good = take_digits(&s, 10, &r->scratch);
    size_t whole = r->scratch.n;
    if (whole > 1 && r->scratch.p[0] == '0')
        return toml_fail(r, out->offset, "a number does not begin with 0; a text needs quotes");
    if (good && !s.n)
        return take_integer(r, buf_view(&r->scratch), 10, negative, out);
    if (!good || !take_fraction(&s, &r->scratch))
        return toml_fail(r, out->offset + (out->text.n - s.n),
                         "this does not belong to a number; a text needs quotes");
    out->type = TOML_FLOAT;
    out->number = strtod(r->scratch.p, NULL);
    if (negative)
        out->number = -out->number;
    return 0;
}

/* Dates and times: RFC 3339. */

static bool take_number(struct str *s, size_t digits, unsigned least, unsigned most, unsigned *out) {
    uint64_t n;
    if (s->n < digits || !str_u64(str_head(*s, digits), &n) || n < least || n > most)
        return false;
    *s = str_from(*s, digits);
    *out = (unsigned)n;
    return true;
}

static bool take_day(struct str *s) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year, month, day;
    if (!take_number(s, 4, 0, 9999, &year) || !take(s, '-') || !take_number(s, 2, 1, 12, &month) ||
        !take(s, '-') || !take_number(s, 2, 1, 31, &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);
    return day <= days[month - 1] || (month == 2 && leap && day == 29);
}

static bool take_time(struct str *s) {
    unsigned n;
    if (!take_number(s, 2, 0, 23, &n) || !take(s, ':') || !take_number(s, 2, 0, 59, &n) || !take(s, ':') ||
        !take_number(s, 2, 0, 60, &n))
        return false;
    if (!take(s, '.'))
        return true;
    if (!s->n || !char_digit(s->p[0]))
        return false;
    while (s->n && char_digit(s->p[0]))
        *s = str_from(*s, 1);
    return true;
}

static bool take_offset(struct str *s) {
    unsigned n;
    if (!s->n || take(s, 'Z') || take(s, 'z'))
        return true;
    return (take(s, '+') || take(s, '-')) && take_number(s, 2, 0, 23, &n) && take(s, ':') &&
           take_number(s, 2, 0, 59, &n);
}

static bool is_date(struct str s) {
    if (s.n > 2 && s.p[2] == ':')
        return take_time(&s) && !s.n;
    if (!take_day(&s))
        return false;
    if (!s.n)
        return true;
    return (take(&s, 'T') || take(&s, 't') || take(&s, ' ')) && take_time(&s) && take_offset(&s) && !s.n;
}

static size_t count_digits(struct str s) {
    size_t n = 0;
    while (n < s.n && char_digit(s.p[n]))
        n++;
    return n;
}

static bool looks_like_date(struct str s) {
    size_t n = count_digits(s);
    return n < s.n && ((n == 2 && s.p[n] == ':') || (n == 4 && s.p[n] == '-'));
}

static bool is_scalar_char(char c) {
    return char_alnum(c) || (c && strchr("+-_.:", c));
}

/* What could be one scalar; between date and time a space may stand. */
static struct str take_word(struct toml_reader *r) {
    struct str s = str_from(r->text, r->at);
    size_t n = 0;
    while (n < s.n && is_scalar_char(s.p[n]))
        n++;
    if (n == 10 && looks_like_date(s) && n < s.n && s.p[n] == ' ' && count_digits(str_from(s, n + 1)))
        for (n++; n < s.n && is_scalar_char(s.p[n]);)
            n++;
    r->at += n;
    return str_head(s, n);
}

int toml_read_scalar(struct toml_reader *r, struct toml *out) {
    out->text = take_word(r);
    if (str_is(out->text, "true") || str_is(out->text, "false")) {
        out->type = TOML_BOOLEAN;
        out->boolean = out->text.p[0] == 't';
        return 0;
    }
    if (!looks_like_date(out->text))
        return read_number(r, out);
    if (!is_date(out->text))
        return toml_fail(r, out->offset, "there is no such date or time; a text needs quotes");
    out->type = TOML_DATE;
    return 0;
}
