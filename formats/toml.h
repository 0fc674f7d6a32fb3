/* toml: a document as a tree in an arena. TOML 1.0.0, all of it. */
#ifndef FORMATS_TOML_H
#define FORMATS_TOML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum toml_type {
    TOML_TEXT,
    TOML_INTEGER,
    TOML_FLOAT,
    TOML_BOOLEAN,
    TOML_DATE, /* a date, a time or both, with or without an offset: checked, and left as text */
    TOML_ARRAY,
    TOML_TABLE
};

struct toml {
    enum toml_type type;
    struct str key;  /* in a table; NUL-terminated */
    struct str text; /* TEXT: what it says, NUL-terminated; of the other scalars what is written */
    int64_t integer;
    double number; /* FLOAT */
    bool boolean;
    struct toml *child, *next; /* of ARRAY and TABLE, in the order of the document */
    uint32_t n;                /* children */
    uint32_t line;             /* of its first byte, from 1 */
    size_t offset;     /* of its first byte in the text, for err_at; a [header]'s table: of its name */
    size_t key_offset; /* of its key's, in a table */
};

enum { TOML_DEPTH = 64 }; /* of nesting, dotted keys and headers included */

/* The root is a table. UTF-8, a byte order mark in front is passed over. Errors are ERR_INPUT with
   file:line:column and a caret; `file` names the text. Integers beyond 64 bits, keys that stand twice and
   tables that are defined twice are among them. Seconds of 60 are taken, as RFC 3339 has them. */
int toml_parse(struct arena *a, struct str text, const char *file, struct toml **out, struct err *e);

const struct toml *toml_get(const struct toml *table, const char *key); /* or NULL; by its own key alone */
/* Where byte `at` of a text stands in the document; the text's beginning where something had to be unescaped.
 */
size_t toml_place(struct str document, const struct toml *text, size_t at);
const char *toml_type_name(enum toml_type type); /* "a table", for messages */

#endif
