/* wheel: files in a wheel's .dist-info: WHEEL, RECORD, entry_points.txt. Binary distribution format (PEP
   427), PEP 376, recording installed projects, entry points specification. */
#ifndef FORMATS_WHEEL_H
#define FORMATS_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct wheel_file {
    int major, minor; /* Wheel-Version; major other than 1 is an error */
    bool root_is_purelib;
};
int wheel_file_parse(struct str text, const char *what, struct wheel_file *out, struct err *e);

struct record_row {
    struct str path; /* as written, unquoted */
    struct str hash; /* "sha256=base64" or empty */
    struct str size; /* digits or empty */
};
struct record {
    struct record_row *p;
    uint32_t n;
};
/* CSV as Python's csv module writes and reads it. */
int record_parse(struct arena *a, struct str text, const char *what, struct record *out, struct err *e);
/* One row with \r\n left to nobody: fields quoted where needed, '\n' at the end; appended. */
void record_row(struct buf *out, struct str path, struct str hash, struct str size);

struct entry_point {
    struct str name, module, attribute; /* name = module:attribute [extras] */
    bool gui;
};
/* The console_scripts and gui_scripts groups of entry_points.txt (configparser's syntax). A name with a path
   separator or control character, or a module or attribute that is no dotted Python name, is an error. */
int entry_points_parse(struct arena *a, struct str text, const char *what, struct entry_point **out,
                       uint32_t *n, struct err *e);

#endif
