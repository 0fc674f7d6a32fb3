/* specifier: PEP 440 version specifiers: ~= == != <= >= < > ===, wildcards, comma-separated sets. */
#ifndef FORMATS_SPECIFIER_H
#define FORMATS_SPECIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "formats/version.h"

enum specifier_op { OP_COMPATIBLE, OP_EQ, OP_NE, OP_LE, OP_GE, OP_LT, OP_GT, OP_ARBITRARY };

struct specifier {
    enum specifier_op op;
    bool wildcard;          /* ==1.2.* or !=1.2.* */
    struct version version; /* not for === with a text that is no version */
    struct str text;        /* behind the operator, trimmed */
    struct str low, high;   /* order keys: it holds for low <= key < high (high empty: no end), for != of all
                               others; for === not used */
};

struct specifiers { /* all must hold; none: everything is contained */
    struct specifier *p;
    uint32_t n;
    struct str text; /* as written, trimmed */
};

enum { SPECIFIERS_MAX = 1000 }; /* in one set */

/* One specifier, white space around it allowed. On failure as below. */
int specifier_parse(struct arena *a, struct str s, struct specifier *out, size_t *at, const char **why);
/* The version is in the specifier, as packaging's Specifier.contains(v, prereleases=True). */
bool specifier_contains(const struct specifier *s, const struct version *v);
/* "" is the empty set. On failure returns -1 with *at the byte offset in s, and *why a static text. */
int specifiers_parse(struct arena *a, struct str s, struct specifiers *out, size_t *at, const char **why);
/* As packaging's SpecifierSet.contains(v, prereleases=True): pre-releases are not left out by being
   pre-releases (only by what each operator says of them). */
bool specifiers_contain(const struct specifiers *s, const struct version *v);
/* Some specifier names a pre-release (packaging's SpecifierSet.prereleases): pre-releases are asked for. */
bool specifiers_ask_pre(const struct specifiers *s);
/* What old metadata gets wrong, mended: missing commas (">=1.0 <2"), wildcards behind operators that have
   none
   (">=1.*"), quoted versions. A text for specifiers_parse, in the arena. */
struct str specifiers_mend(struct arena *a, struct str s);
/* Normalized: sorted, comma-separated, no spaces: as str(SpecifierSet(...)). */
struct str specifiers_format(struct arena *a, const struct specifiers *s);

#endif
