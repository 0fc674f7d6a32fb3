/* str: slices (pointer and length, no NUL promised), and buf, a string that grows. ASCII where case matters.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){("" literal), sizeof(literal) - 1})
#define STR_INIT(literal)                                                                                    \
    { ("" literal), sizeof(literal) - 1 } /* for static initializers */
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p

static inline struct str str_of(const char *c) {
    return (struct str){c, c ? strlen(c) : 0};
}
static inline bool str_eq(struct str a, struct str b) {
    return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}
#define str_is(s, literal) str_eq((s), STR(literal))

/* Byte order, as memcmp with the shorter first. */
int str_cmp(struct str a, struct str b);
/* Comparison function for qsort over an array of struct str. */
int str_qsort(const void *a, const void *b);
bool str_ieq(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Without ASCII white space (space, \t \r \n \f \v) at both ends. */
struct str str_trim(struct str s);
/* s from byte `from` (clipped) on. */
static inline struct str str_from(struct str s, size_t from) {
    if (from > s.n)
        from = s.n;
    return (struct str){s.p ? s.p + from : s.p, s.n - from};
}
/* The first n bytes (clipped). */
static inline struct str str_head(struct str s, size_t n) {
    return (struct str){s.p, n < s.n ? n : s.n};
}
/* Index of the first / last c, or -1. */
ptrdiff_t str_find(struct str s, char c);
ptrdiff_t str_rfind(struct str s, char c);
/* Index of the first needle, or -1. */
ptrdiff_t str_search(struct str s, struct str needle);
/* Cuts *rest at the first sep: *head is what stands before it, *rest what follows. False when *rest.p is NULL
   (exhausted); after the last piece *rest.p becomes NULL. So: while (str_cut(&rest, ',', &piece)) ... */
bool str_cut(struct str *rest, char sep, struct str *head);
/* Decimal digits only, no sign; false if empty, other bytes, or beyond 64 bits. */
bool str_u64(struct str s, uint64_t *out);
uint64_t str_hash(struct str s);

static inline bool char_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool char_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool char_alnum(char c) {
    return char_digit(c) || char_alpha(c);
}
static inline bool char_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline char char_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* All zero is an empty buf. The bytes are malloc'ed, always followed by a NUL once anything was added. */
struct buf {
    char *p;
    size_t n, cap;
};

void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_c(struct buf *b, const char *s);
void buf_char(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Makes room for n more bytes (and a NUL) without changing the length. */
void buf_reserve(struct buf *b, size_t n);
void buf_free(struct buf *b);
static inline struct str buf_view(const struct buf *b) {
    return (struct str){b->p ? b->p : "", b->n};
}

#endif
