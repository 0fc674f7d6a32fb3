/* json: a document as a flat tree in an arena (yajl parses). RFC 8259. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Events in document order, for large documents of which little is wanted. Each returns 0 to go on, -1 to
   stop. depth: number of arrays and maps around the value. Strings live for the call only. */
struct json_handler {
    int (*key)(void *ctx, int depth, struct str key);
    int (*string)(void *ctx, int depth, struct str value);
    int (*number)(void *ctx, int depth, struct str text);
    int (*boolean)(void *ctx, int depth, bool value);
    int (*null)(void *ctx, int depth);
    int (*open)(void *ctx, int depth, char kind); /* '{' or '['; depth is that of the value itself */
    int (*close)(void *ctx, int depth, char kind);
};

/* Any handler member may be NULL. Nesting beyond 64 is an error. `what` names the document in errors. A
   handler that stopped makes it return -1 with *e as it was: telling why is the handler's. */
int json_events(struct str text, const struct json_handler *h, void *ctx, const char *what, struct err *e);

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    enum json_type type;
    struct str key;     /* in an object */
    struct str text;    /* STRING: its value; NUMBER: as written */
    struct json *child; /* first element */
    struct json *next;  /* next sibling */
};

/* The whole document as a tree, for small ones. */
int json_parse(struct arena *a, struct str text, const char *what, struct json **out, struct err *e);
/* The member of an object, or NULL (also if j is NULL or no object). */
const struct json *json_get(const struct json *j, const char *key);
/* Its string, or an empty slice. */
struct str json_string(const struct json *j, const char *key);
/* Appends s with quotes and escapes. */
void json_quote(struct buf *out, struct str s);

#endif
