/* json_writer: JSON, indented, the commas where they belong. */
#ifndef PLANNER_JSON_WRITER_H
#define PLANNER_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct json_writer {
    struct buf *out;
    int depth;
    bool filled; /* something stands before in what is open */
};

/* Every value takes the key it has in an object, or NULL as an element of an array and as the document. */
void json_open(struct json_writer *w, const char *key, char bracket);
void json_close(struct json_writer *w, char bracket); /* after the last one, with a newline */
void json_text(struct json_writer *w, const char *key, struct str value);
void json_text_if(struct json_writer *w, const char *key, struct str value); /* unless it is empty */
void json_number(struct json_writer *w, const char *key, uint64_t value);
void json_true_if(struct json_writer *w, const char *key, bool value); /* unless it is false */
void json_texts(struct json_writer *w, const char *key, const struct str *p, uint32_t n); /* on one line */

#endif
