/* yaml: a document as a tree in an arena (libyaml parses). Aliases, anchors, tags, several documents,
   duplicate keys and nesting beyond 64 are refused: no lock of ours has them. YAML 1.1 as libyaml reads it;
   all scalars are text. */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum yaml_type { YAML_TEXT, YAML_SEQUENCE, YAML_MAPPING };

struct yaml {
    enum yaml_type type;
    struct str key;  /* in a mapping */
    struct str text; /* TEXT; NUL-terminated */
    struct yaml *child, *next;
    uint32_t n;        /* children */
    size_t offset;     /* of its first byte in the text, for err_at */
    size_t key_offset; /* of its key's, in a mapping */
};

/* Errors are ERR_INPUT with file:line:column and a caret; `file` names the text. */
int yaml_parse(struct arena *a, struct str text, const char *file, struct yaml **out, struct err *e);
const struct yaml *yaml_get(const struct yaml *map, const char *key); /* or NULL */
struct str yaml_text(const struct yaml *map, const char *key);        /* or empty */

/* Appends s as a YAML scalar in a block: plain where YAML 1.1 and 1.2 both read it back as the same text (not
   as a number, date, boolean or null), else in double quotes. What is no UTF-8 becomes U+FFFD. */
void yaml_scalar(struct buf *out, struct str s);
/* The same within [ ] or { }, where fewer texts can be plain. */
void yaml_flow_scalar(struct buf *out, struct str s);

#endif
