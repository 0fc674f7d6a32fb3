/* marker: environment markers (PEP 508; dependency specifiers specification; PEP 685 for extras). */
#ifndef FORMATS_MARKER_H
#define FORMATS_MARKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "formats/specifier.h"

enum marker_var {
    MARKER_OS_NAME,
    MARKER_SYS_PLATFORM,
    MARKER_PLATFORM_MACHINE,
    MARKER_PLATFORM_PYTHON_IMPLEMENTATION,
    MARKER_PLATFORM_RELEASE,
    MARKER_PLATFORM_SYSTEM,
    MARKER_PLATFORM_VERSION,
    MARKER_PYTHON_VERSION,
    MARKER_PYTHON_FULL_VERSION,
    MARKER_IMPLEMENTATION_NAME,
    MARKER_IMPLEMENTATION_VERSION,
    MARKER_EXTRA,
    MARKER_EXTRAS, /* sets, in lock files (PEP 751): "x" in extras */
    MARKER_DEPENDENCY_GROUPS,
    MARKER_VARS
};

enum marker_op {
    MOP_EQ,
    MOP_NE,
    MOP_LT,
    MOP_LE,
    MOP_GT,
    MOP_GE,
    MOP_COMPATIBLE,
    MOP_ARBITRARY,
    MOP_IN,
    MOP_NOT_IN
};

enum marker_kind { MARKER_COMPARE, MARKER_AND, MARKER_OR };

struct marker { /* a tree; NULL is the marker that is always true */
    enum marker_kind kind;
    struct marker *left, *right; /* AND, OR */
    enum marker_var var;         /* COMPARE */
    enum marker_op op;
    bool swapped;           /* the literal stands on the left: 'linux' in sys_platform */
    struct str literal;     /* normalized if it is compared with extra, extras or dependency_groups */
    struct specifier *spec; /* COMPARE as versions: operator and literal; NULL: none. Not if swapped */
    bool group;             /* AND, OR: was written in parentheses */
};

struct marker_env {
    struct str values[MARKER_VARS]; /* by marker_var; from MARKER_EXTRA on not used. Where Python says
                                       "3.14.0a1+", python_full_version is "3.14.0a1+local" */
    const struct str *extras; /* normalized names that are active; `extra == "x"` holds if x is among them */
    uint32_t nextras;
    const struct str *groups; /* normalized names of the active dependency groups */
    uint32_t ngroups;
};

/* A variable on one side and a string on the other in each comparison. Chains of `and` and `or` lean to the
   right; nesting beyond 64 parentheses and more than 4096 comparisons are errors. On failure returns -1 with
   *at the byte offset in s, and *why a static text. Also the legacy spellings os.name, sys.platform,
   platform.version, platform.machine, platform.python_implementation, python_implementation. */
int marker_parse(struct arena *a, struct str s, struct marker **out, size_t *at, const char **why);
/* As packaging's Marker.evaluate: python_version, python_full_version, implementation_version and
   platform_release compare as versions where the right side makes a specifier; all else compares as strings,
   which know no order: < and > are false. What packaging raises UndefinedComparison for is false too. */
bool marker_eval(const struct marker *m, const struct marker_env *env);
/* True if some `extra` comparison is in it. */
bool marker_uses_extra(const struct marker *m);
/* As packaging's str(Marker(...)). */
void marker_format(const struct marker *m, struct buf *out);

#endif
