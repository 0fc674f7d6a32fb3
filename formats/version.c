/* The order key. A number is one byte from 1 to 100 for 0 to 99, else a byte of 100 plus the count of its
   digits in base 100 and then these digits. Epoch; release without its trailing zeros; 0, below every number;
   then a letter for the pre-release, a byte for "post or not" and for "dev or not", each with its number if
   it has one; the segments of the local version, words below numbers. No byte of a key is 0xff where a part
   begins, so that a key's first bytes followed by 0xff stand above all versions with these first bytes. */
#include "formats/version.h"

enum { DIGITS_MAX = 200 };
enum { PRE_DEV_ONLY = 1, PRE_NONE = 'z' }; /* between them: 'a', 'b', 'r' */
enum { NO_POST = 1, POST = 2 };
enum { DEV = 1, NO_DEV = 2 };
enum { LOCAL_WORD = 1, LOCAL_NUMBER = 2 };

struct parts {
    struct str epoch, release;
    const char *pre; /* "a", "b", "rc" or NULL */
    struct str pre_n, post_n, dev_n;
    bool post, dev, local;
    struct str local_text;
};

/* Reading: what is still to be read. */

static struct str take_digits(struct str *in) {
    size_t n = 0;
    while (n < in->n && char_digit(in->p[n]))
        n++;
    struct str digits = str_head(*in, n);
    *in = str_from(*in, n);
    return digits;
}

static bool take_char(struct str *in, const char *any) {
    if (!in->n || !in->p[0] || !strchr(any, in->p[0]))
        return false;
    *in = str_from(*in, 1);
    return true;
}

/* One of the words with a separator before and behind it where there is one, and a number, which may be
   missing; returns the word's index, or -1 and takes nothing. */
static int take_phase(struct str *in, const struct str *words, int nwords, struct str *number) {
    struct str rest = *in;
    take_char(&rest, ".-_");
    for (int i = 0; i < nwords; i++) {
        if (!str_ieq(str_head(rest, words[i].n), words[i]))
            continue;
        *in = str_from(rest, words[i].n);
        take_char(in, ".-_");
        *number = take_digits(in);
        return i;
    }
    return -1;
}

static void take_epoch(struct str *in, struct parts *v) {
    struct str rest = *in;
    struct str digits = take_digits(&rest);
    if (digits.n && take_char(&rest, "!")) {
        v->epoch = digits;
        *in = rest;
    }
}

static bool take_release(struct str *in, struct parts *v) {
    v->release = *in;
    if (!take_digits(in).n)
        return false;
    while (in->n > 1 && in->p[0] == '.' && char_digit(in->p[1])) {
        take_char(in, ".");
        take_digits(in);
    }
    v->release.n = (size_t)(in->p - v->release.p);
    return true;
}

static void take_pre(struct str *in, struct parts *v) {
    static const struct str words[] = {STR_INIT("alpha"), STR_INIT("a"),       STR_INIT("beta"),
                                       STR_INIT("b"),     STR_INIT("preview"), STR_INIT("pre"),
                                       STR_INIT("c"),     STR_INIT("rc")};
    static const char *const spelled[] = {"a", "a", "b", "b", "rc", "rc", "rc", "rc"};
    int i = take_phase(in, words, 8, &v->pre_n);
    if (i >= 0)
        v->pre = spelled[i];
}

static void take_post(struct str *in, struct parts *v) {
    static const struct str words[] = {STR_INIT("post"), STR_INIT("rev"), STR_INIT("r")};
    if (in->n > 1 && in->p[0] == '-' && char_digit(in->p[1])) {
        take_char(in, "-");
        v->post_n = take_digits(in);
        v->post = true;
    } else {
        v->post = take_phase(in, words, 3, &v->post_n) >= 0;
    }
}

static bool take_local(struct str *in, struct parts *v) {
    if (!take_char(in, "+"))
        return true;
    v->local = true;
    v->local_text = *in;
    while (in->n && char_alnum(in->p[0])) {
        while (in->n && char_alnum(in->p[0]))
            *in = str_from(*in, 1);
        if (!in->n)
            return true;
        take_char(in, ".-_");
    }
    return false; /* a segment is empty, or has other characters */
}

static bool read_parts(struct str in, struct parts *v) {
    static const struct str dev[] = {STR_INIT("dev")};
    take_char(&in, "vV");
    take_epoch(&in, v);
    if (!take_release(&in, v))
        return false;
    take_pre(&in, v);
    take_post(&in, v);
    v->dev = take_phase(&in, dev, 1, &v->dev_n) >= 0;
    return take_local(&in, v) && !in.n;
}

/* Writing: text and key side by side. */

struct writer {
    char *text, *key; /* where the next byte goes */
    bool too_long;
};

static void text_str(struct writer *w, struct str s) {
    memcpy(w->text, s.p, s.n);
    w->text += s.n;
}

static void key_byte(struct writer *w, int byte) {
    *w->key++ = (char)byte;
}

/* Digits without leading zeros; none at all are 0. */
static struct str significant(struct str digits) {
    while (digits.n > 1 && digits.p[0] == '0')
        digits = str_from(digits, 1);
    return digits.n ? digits : STR("0");
}

static void put_number(struct writer *w, struct str digits) {
    digits = significant(digits);
    if (digits.n > DIGITS_MAX) {
        w->too_long = true;
        return;
    }
    text_str(w, digits);
    size_t pairs = (digits.n + 1) / 2;
    if (pairs > 1)
        key_byte(w, 100 + (int)pairs);
    for (size_t i = 0, pair = 0; i < digits.n; i++) {
        pair = pair * 10 + (size_t)(digits.p[i] - '0');
        if ((digits.n - i) % 2) {
            key_byte(w, (int)pair + (pairs == 1));
            pair = 0;
        }
    }
}

static void put_epoch(struct writer *w, struct str epoch) {
    char *text = w->text;
    put_number(w, epoch);
    if (str_is(significant(epoch), "0"))
        w->text = text;
    else
        text_str(w, STR("!"));
}

static void put_release(struct writer *w, struct str release) {
    char *end = w->key;
    struct str number;
    for (bool first = true; str_cut(&release, '.', &number); first = false) {
        if (!first)
            text_str(w, STR("."));
        put_number(w, number);
        if (!str_is(significant(number), "0"))
            end = w->key;
    }
    w->key = end;
    key_byte(w, 0);
}

static void put_pre(struct writer *w, const struct parts *v) {
    if (v->pre) {
        text_str(w, str_of(v->pre));
        key_byte(w, v->pre[0]);
        put_number(w, v->pre_n);
    } else {
        key_byte(w, v->dev && !v->post ? PRE_DEV_ONLY : PRE_NONE);
    }
}

static void put_post(struct writer *w, const struct parts *v) {
    key_byte(w, v->post ? POST : NO_POST);
    if (v->post) {
        text_str(w, STR(".post"));
        put_number(w, v->post_n);
    }
}

static void put_dev(struct writer *w, const struct parts *v) {
    key_byte(w, v->dev ? DEV : NO_DEV);
    if (v->dev) {
        text_str(w, STR(".dev"));
        put_number(w, v->dev_n);
    }
}

static bool all_digits(struct str s) {
    return take_digits(&s).n && !s.n;
}

static void put_word(struct writer *w, struct str word) {
    key_byte(w, LOCAL_WORD);
    for (size_t i = 0; i < word.n; i++) {
        *w->text++ = char_lower(word.p[i]);
        key_byte(w, char_lower(word.p[i]));
    }
    key_byte(w, 0);
}

static void put_local(struct writer *w, struct str local) {
    for (char separator = '+'; local.n; separator = '.') {
        size_t n = 0;
        while (n < local.n && char_alnum(local.p[n]))
            n++;
        struct str segment = str_head(local, n);
        local = str_from(local, n + 1);
        *w->text++ = separator;
        if (all_digits(segment)) {
            key_byte(w, LOCAL_NUMBER);
            put_number(w, segment);
        } else {
            put_word(w, segment);
        }
    }
}

bool version_parse_in(char *space, struct str s, struct version *out) {
    struct parts v = {0};
    s = str_trim(s);
    if (s.n > VERSION_MAX || !read_parts(s, &v))
        return false;
    /* Longer than s by no more than "0", ".post0" and the like; a key has a byte more for each local word. */
    char *text = space, *key = space + s.n + 16;
    struct writer w = {.text = text, .key = key};
    put_epoch(&w, v.epoch);
    put_release(&w, v.release);
    *out = (struct version){.pre = v.pre || v.dev, .post = v.post, .local = v.local};
    out->base = (uint16_t)(w.key - key);
    put_pre(&w, &v);
    out->to_post = (uint16_t)(w.key - key);
    put_post(&w, &v);
    out->to_dev = (uint16_t)(w.key - key);
    put_dev(&w, &v);
    out->public_ = (uint16_t)(w.key - key);
    put_local(&w, v.local_text);
    out->text = (struct str){text, (size_t)(w.text - text)};
    out->key = (struct str){key, (size_t)(w.key - key)};
    return !w.too_long;
}

bool version_parse(struct arena *a, struct str s, struct version *out) {
    s = str_trim(s);
    return s.n <= VERSION_MAX && version_parse_in(arena_alloc(a, VERSION_SPACE(s.n)), s, out);
}

int version_release(const struct version *v, uint64_t *out, int max) {
    struct str in = v->text, number;
    struct parts parts = {0};
    int n = 0;
    take_epoch(&in, &parts);
    take_release(&in, &parts);
    for (; str_cut(&parts.release, '.', &number); n++)
        if (n < max && !str_u64(number, &out[n]))
            out[n] = UINT64_MAX;
    return n;
}

struct str version_above(struct arena *a, const struct version *v, int n) {
    char *space = arena_alloc(a, VERSION_SPACE(v->text.n)), *key = space + v->text.n + 16;
    struct writer w = {.text = space, .key = key};
    struct str in = v->text, number;
    struct parts parts = {0};
    take_epoch(&in, &parts);
    take_release(&in, &parts);
    put_number(&w, parts.epoch);
    while (n-- > 0 && str_cut(&parts.release, '.', &number))
        put_number(&w, number);
    key_byte(&w, 0xff);
    return (struct str){key, (size_t)(w.key - key)};
}
