/* metadata: core metadata (METADATA, PKG-INFO). PEP 241, 314, 345, 566, 643, 658, 685; RFC 822 headers. */
#ifndef FORMATS_METADATA_H
#define FORMATS_METADATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "formats/requirement.h"

struct metadata {
    struct str metadata_version; /* "2.1" */
    struct str name, version;    /* as written */
    struct str requires_python;  /* or empty */
    struct requirement *requires;
    uint32_t nrequires;
    struct str *provides_extra; /* normalized */
    uint32_t nextras;
    struct str *dynamic; /* field names, lower case (PEP 643) */
    uint32_t ndynamic;
};

/* A Requires-Dist that cannot be read even leniently is an error that quotes it. Name and Version must be
 * there. */
int metadata_parse(struct arena *a, struct str text, const char *what, struct metadata *out, struct err *e);
/* PEP 643: Requires-Dist, Provides-Extra and Requires-Python of an sdist's PKG-INFO can be relied on:
   Metadata-Version 2.2 or later and none of them in Dynamic. */
bool metadata_is_static(const struct metadata *m);

#endif
