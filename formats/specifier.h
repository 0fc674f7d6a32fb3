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
};

struct specifiers { /* all must hold; none: everything is contained */
    struct specifier *p;
    uint32_t n;
    struct str text; /* as written, trimmed */
};

/* "" is the empty set. On failure returns -1 with *at the byte offset in s, and *why a static text. */
int specifiers_parse(struct arena *a, struct str s, struct specifiers *out, size_t *at, const char **why);
/* As packaging's SpecifierSet.contains(v, prereleases=True): pre-releases are not left out by being
   pre-releases (only by what each operator says of them). */
bool specifiers_contain(const struct specifiers *s, const struct version *v);
/* Some specifier names a pre-release (packaging's SpecifierSet.prereleases): pre-releases are asked for. */
bool specifiers_ask_pre(const struct specifiers *s);
/* Normalized: sorted, comma-separated, no spaces: as str(SpecifierSet(...)). */
struct str specifiers_format(struct arena *a, const struct specifiers *s);

#endif
