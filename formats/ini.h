/* ini: configuration files in configparser's syntax, as pip.conf is read. */
#ifndef FORMATS_INI_H
#define FORMATS_INI_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct ini_entry {
    struct str section, key, value; /* key lower case; a value over several lines keeps its line breaks */
    size_t offset;                  /* of the key in the text */
};

struct ini {
    struct ini_entry *p;
    uint32_t n;
};

/* "[section]", "key = value" or "key: value", indented continuation lines, comments with '#' or ';' at the
   start of a line. Errors are ERR_INPUT with file:line:column. */
int ini_parse(struct arena *a, struct str text, const char *file, struct ini *out, struct err *e);

#endif
