/* simple_internal: what the readers of the page's two spellings share. */
#ifndef FORMATS_SIMPLE_INTERNAL_H
#define FORMATS_SIMPLE_INTERNAL_H

#include "base/vec.h"
#include "formats/simple.h"

struct simple_builder {
    struct arena *a;
    struct str page;          /* its URL */
    struct str base;          /* what relative links are resolved against */
    struct str last_requires; /* files of one release say the same: one copy */
    VEC(struct simple_file) files;
};

/* Adds f, whose strings are in the arena, if its name and its link (url: any memory, fragment allowed) are
   fit for use; otherwise it is left out. */
void simple_add(struct simple_builder *b, struct simple_file *f, struct str url);
/* A digest that the page says: kept if it is well formed and better than what f has. */
void simple_add_hash(struct simple_builder *b, struct simple_file *f, struct str kind, struct str hex);
/* The digest of the metadata file; when it is malformed, f has one without digest. */
void simple_add_metadata(struct simple_file *f, struct str sha256);
/* A copy that people may be shown: one line, without control characters. */
struct str simple_line(struct simple_builder *b, struct str text);
struct str simple_requires(struct simple_builder *b, struct str requires_python);
/* "1.x" is read; other majors are an error. what: the page. */
int simple_check_version(struct str version, const char *what, struct err *e);

/* They fill b->files; name: of the project, if the page says it. */
int simple_read_json(struct simple_builder *b, struct str body, const char *what, struct str *name,
                     struct err *e);
int simple_read_html(struct simple_builder *b, struct str body, const char *what, struct err *e);

#endif
