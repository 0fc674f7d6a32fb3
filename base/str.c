#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

int str_cmp(struct str a, struct str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

int str_qsort(const void *a, const void *b) {
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool str_ieq(struct str a, struct str b) {
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (char_lower(a.p[i]) != char_lower(b.p[i]))
            return false;
    return true;
}

bool str_starts(struct str s, struct str prefix) {
    return s.n >= prefix.n && !memcmp(s.p, prefix.p, prefix.n);
}

bool str_ends(struct str s, struct str suffix) {
    return s.n >= suffix.n && !memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n);
}

struct str str_trim(struct str s) {
    while (s.n && char_space(s.p[0]))
        s.p++, s.n--;
    while (s.n && char_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

ptrdiff_t str_find(struct str s, char c) {
    const char *p = s.n ? memchr(s.p, c, s.n) : NULL;
    return p ? p - s.p : -1;
}

ptrdiff_t str_rfind(struct str s, char c) {
    for (size_t i = s.n; i--;)
        if (s.p[i] == c)
            return (ptrdiff_t)i;
    return -1;
}

ptrdiff_t str_search(struct str s, struct str needle) {
    const char *p = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return p ? p - s.p : -1;
}

bool str_cut(struct str *rest, char sep, struct str *head) {
    if (!rest->p)
        return false;
    ptrdiff_t i = str_find(*rest, sep);
    if (i < 0) {
        *head = *rest;
        *rest = (struct str){NULL, 0};
    } else {
        *head = (struct str){rest->p, (size_t)i};
        *rest = (struct str){rest->p + i + 1, rest->n - (size_t)i - 1};
    }
    return true;
}

bool str_u64(struct str s, uint64_t *out) {
    uint64_t v = 0;
    if (!s.n)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!char_digit(s.p[i]) || __builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    }
    *out = v;
    return true;
}

/* FNV-1a: keys are short names. Tables that hold hostile keys bound their number. */
uint64_t str_hash(struct str s) {
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h ^ (h >> 32);
}

void buf_reserve(struct buf *b, size_t n) {
    if (b->cap - b->n > n)
        return;
    size_t cap = b->cap ? b->cap * 2 : 64;
    while (cap - b->n <= n)
        cap *= 2;
    b->p = mem_grow(b->p, cap);
    b->cap = cap;
}

void buf_add(struct buf *b, const void *p, size_t n) {
    buf_reserve(b, n);
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
}

void buf_str(struct buf *b, struct str s) {
    buf_add(b, s.p, s.n);
}

void buf_c(struct buf *b, const char *s) {
    buf_add(b, s, strlen(s));
}

void buf_char(struct buf *b, char c) {
    buf_add(b, &c, 1);
}

void buf_vfmt(struct buf *b, const char *fmt, va_list ap) {
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    buf_reserve(b, (size_t)n);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
    b->n += (size_t)n;
    va_end(again);
}

void buf_fmt(struct buf *b, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    buf_vfmt(b, fmt, ap);
    va_end(ap);
}

void buf_free(struct buf *b) {
    free(b->p);
    *b = (struct buf){0};
}
