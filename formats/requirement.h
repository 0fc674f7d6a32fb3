/* requirement: PEP 508 dependency specifiers: name[extras] specifiers or @ URL, ; marker. */
#ifndef FORMATS_REQUIREMENT_H
#define FORMATS_REQUIREMENT_H

#include "base/arena.h"
#include "base/str.h"
#include "formats/marker.h"
#include "formats/specifier.h"

struct requirement {
    struct str name;       /* normalized */
    struct str given_name; /* as written */
    struct str *extras;    /* normalized, sorted, no duplicates */
    uint32_t nextras;
    struct specifiers spec;
    struct str url;        /* behind '@', or empty */
    struct marker *marker; /* or NULL */
    struct str text;       /* the whole as written, trimmed */
};

/* On failure returns -1 with *at the byte offset in s, and *why a static text. Parenthesized specifiers (PEP
   345) and a trailing comma are accepted as packaging accepts them. Legacy metadata's small faults (missing
   comma: ">=1.0 <2",
   ">=1.*") are mended only with lenient. */
int requirement_parse(struct arena *a, struct str s, bool lenient, struct requirement *out, size_t *at,
                      const char **why);

#endif
