/* simple_pack: a project's page as one piece of bytes, ready for use where it lies: what the disk cache holds
   and the planner reads. What every file is judged by stands in rows of one size, in the order of PEP 440;
   what matters only for the file that is picked (URL, hash, size) stands apart and is read on demand. */
#ifndef FORMATS_SIMPLE_PACK_H
#define FORMATS_SIMPLE_PACK_H

#include "formats/simple.h"

enum { SIMPLE_PACK_ALIGN = 8 };

struct simple_row {
    int64_t upload_time; /* as in struct simple_file */
    /* Texts: files share them, and what was found out of one holds for all. */
    uint32_t version; /* as written; below nversions, ascending with the version */
    uint32_t tags;    /* wheels: compressed tag set; else empty */
    uint32_t python;  /* Requires-Python, or empty */
    uint32_t build;   /* wheels: build tag, or empty */
    uint32_t rest;    /* where the rest begins */
    uint8_t wheel;    /* 1: a wheel, 0: an sdist */
    uint8_t yanked;
    uint16_t unused;
};

struct simple_pack {
    struct str whole;              /* all of it, to be kept and opened again */
    const struct simple_row *rows; /* by version; files of one version as the page has them */
    uint32_t n;
    uint32_t nversions, ntexts;
    const struct simple_span *spans; /* of the texts */
    uint32_t prefix;                 /* text: with what all URLs begin */
    struct str bytes;                /* texts and rests */
};

/* Packs the files of a project (normalized name) that are its wheels and sdists and whose version is one; the
   others are left out. The bytes are in the arena. */
void simple_pack_make(struct arena *a, const struct simple_file *files, uint32_t n, struct str project,
                      struct simple_pack *out);

/* Packed bytes, aligned to SIMPLE_PACK_ALIGN, as a page that points into them. An error if they are torn,
   damaged or of another version. */
int simple_pack_open(struct str packed, struct simple_pack *out, struct err *e);

struct str simple_pack_text(const struct simple_pack *p, uint32_t text);

/* One file whole; strings are in the pack and in the arena. A row whose rest leads astray (a forgery: damage
   is found by simple_pack_open) gives a file without URL. */
void simple_pack_file(const struct simple_pack *p, const struct simple_row *row, struct arena *a,
                      struct simple_file *out);

#endif
