/* reqfile: requirement files as pip reads them, one file at a time. pip's requirements file format. Pure:
   nested files are told, not opened; variables come through a callback. */
#ifndef FORMATS_REQFILE_H
#define FORMATS_REQFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "formats/requirement.h"

enum reqline_kind {
    REQLINE_REQUIREMENT, /* PEP 508 text: req */
    REQLINE_PATH, /* a bare URL or path to a wheel, an sdist or a folder: text; extras behind it in extras */
    REQLINE_EDITABLE,     /* -e: text */
    REQLINE_REQUIREMENTS, /* -r: text is the file as written */
    REQLINE_CONSTRAINTS,  /* -c */
    REQLINE_OPTION /* any other option: option (long spelling, "--index-url"), text its value or empty */
};

struct reqline {
    enum reqline_kind kind;
    struct requirement req;
    struct str text;
    struct str option;
    struct str marker_text; /* REQLINE_PATH: behind " ; ", or empty */
    struct str *extras;     /* REQLINE_PATH: "./x.whl[a,b]" */
    uint32_t nextras;
    struct str *hashes; /* --hash=alg:hex, "alg:hex" each */
    uint32_t nhashes;
    struct str *config_settings; /* "key=value" each */
    uint32_t nconfig_settings;
    size_t offset; /* of the logical line's first byte in the file's text */
    uint32_t line; /* from 1 */
};

struct reqfile {
    struct reqline *lines;
    uint32_t n;
};

/* file names the text in errors (ERR_INPUT with file:line:column and a caret). getvar: the value of ${NAME},
   or NULL (then the text stays, as pip does). UTF-8 with or without BOM; invalid UTF-8 is an error. Known
   options are pip's for requirement files; an unknown one is an error that names it. */
int reqfile_parse(struct arena *a, struct str text, const char *file, const char *(*getvar)(const char *name),
                  struct reqfile *out, struct err *e);

#endif
