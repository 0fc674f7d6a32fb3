/* filename: what the names of wheels and sdists say. PEP 427 / binary distribution format, PEP 625, PEP 491.
 */
#ifndef FORMATS_FILENAME_H
#define FORMATS_FILENAME_H

#include "base/arena.h"
#include "base/str.h"
#include "formats/version.h"

enum file_kind { FILE_OTHER, FILE_WHEEL, FILE_SDIST };

struct filename {
    enum file_kind kind;
    struct str name;       /* normalized */
    struct str version;    /* as written ('_' as '-' in wheels: local versions come out right) */
    uint32_t build_number; /* of a wheel's build tag, 0 without */
    struct str build_tag;  /* whole, or empty */
    struct str tags;       /* wheels: compressed tag set "py2.py3-none-any"; a slice of the name */
};

/* project: the normalized name the file is listed under; it tells where an sdist's name ends. Empty: an sdist
   is cut at the last '-'. FILE_OTHER for what is neither (.exe, .egg, .rpm ...) or malformed. Sdists: .tar.gz
   .zip .tgz .tar.bz2 .tar.xz .tar. Slices point into s, names are in the arena. */
struct filename filename_parse(struct arena *a, struct str s, struct str project);

/* The same cut without looking at the parts: name as it stands; characters, version and tags not
   checked. For pages of
   many files, whose versions and tags repeat. */
struct filename filename_split(struct str s, struct str project);

/* The number that a build tag begins with; 0 without one, UINT32_MAX when it does not fit. */
uint32_t filename_build_number(struct str build_tag);

#endif
