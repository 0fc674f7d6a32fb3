/* toml_internal: what the files of toml share: toml.c reads tables and keys, toml_scalar.c what is no table.
 */
#ifndef FORMATS_TOML_INTERNAL_H
#define FORMATS_TOML_INTERNAL_H

#include "base/map.h"
#include "base/vec.h"
#include "formats/toml.h"

struct toml_node;

struct toml_reader {
    struct arena *a;
    struct str text;
    const char *file;
    struct err *e;
    size_t at;      /* the next byte */
    size_t line_at; /* a byte, and its line: both only grow */
    uint32_t line;
    struct toml_node *table;         /* what keys are relative to */
    uint32_t tables;                 /* so many have a number */
    struct map names;                /* a table's number and a key */
    VEC(struct toml_node *) by_name; /* by the names' ids */
    struct buf scratch;
};

int toml_fail(struct toml_reader *r, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static inline char toml_peek(const struct toml_reader *r, size_t ahead) { /* NUL at the end */
    return ahead < r->text.n - r->at ? r->text.p[r->at + ahead] : 0;
}
/* How many bytes the newline here has; 0 if there is none. */
static inline size_t toml_newline(const struct toml_reader *r) {
    return toml_peek(r, 0) == '\n' ? 1 : toml_peek(r, 0) == '\r' && toml_peek(r, 1) == '\n' ? 2 : 0;
}
/* Not allowed as they are, wherever they stand. */
static inline bool toml_is_control(char c) {
    return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

/* The text in quotes that begins here; in three of them only if `multi`. */
int toml_read_text(struct toml_reader *r, bool multi, struct str *out);
/* The boolean, number or date that begins here. */
int toml_read_scalar(struct toml_reader *r, struct toml *out);

#endif
