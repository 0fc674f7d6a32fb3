/* Shared by marker_set*.c alone: the diagram and its labels. */
#ifndef FORMATS_MARKER_SET_INTERNAL_H
#define FORMATS_MARKER_SET_INTERNAL_H

#include "base/map.h"
#include "base/vec.h"
#include "formats/marker_set.h"

/* What nodes ask, in the order in which they are asked: who decides stands before who is decided. Yes-or-no
   questions come last, among themselves by their texts. */
enum axis {
    AXIS_PYTHON,
    AXIS_IMPLEMENTATION_VERSION,
    AXIS_PLATFORM_RELEASE,
    AXIS_SYS_PLATFORM,
    AXIS_PYTHON_IMPLEMENTATION,
    AXIS_OS_NAME,
    AXIS_PLATFORM_SYSTEM,
    AXIS_IMPLEMENTATION_NAME,
    AXIS_PLATFORM_MACHINE,
    AXIS_PLATFORM_VERSION,
    AXIS_TEST,
    AXES
};

/* A release of Python: what cuts stand at. */
struct point {
    uint64_t release[3];
    uint64_t phase; /* POINT_A, ... */
    uint64_t n;     /* of the pre-release */
};
enum { POINT_A, POINT_B, POINT_RC, POINT_FINAL };

struct edge {
    uint32_t at; /* id of the cut or value, or 0: below the first cut, any other value, false; 1 is true */
    uint32_t to;
};

struct node {
    uint32_t axis;
    uint32_t test;     /* AXIS_TEST: which */
    uint32_t first, n; /* its edges; their labels go up, from 0 */
};

struct memo {
    uint32_t op, x, y, result;
};

/* Memo keys; from MEMO_DECIDE on the axis is added. */
enum { MEMO_NONE, MEMO_AND, MEMO_OR, MEMO_NOT, MEMO_GIVEN, MEMO_DECIDE };

enum full { SPACE_FINE, SPACE_FULL, SPACE_LONG_TEXT };

struct marker_space {
    bool related;
    enum full full;
    struct arena arena;
    struct map cuts;          /* order keys; id 0 is "", below all */
    VEC(struct point) points; /* by cut */
    struct map values;        /* strings; id 0 is no value */
    struct map test_texts;    /* texts of positive comparisons */
    VEC(struct marker) tests; /* by test */
    bool tested[MARKER_VARS]; /* some test looks at this string */
    VEC(struct node) nodes;   /* 0 and 1 are NEVER and ALWAYS */
    VEC(struct edge) edges;   /* of all nodes */
    VEC(struct edge) work;    /* a stack: edges of nodes that are being made */
    uint32_t *slots, nslots;  /* hash table of nodes; 0 is free */
    struct memo *memo;        /* hash table that forgets */
    uint32_t nmemo;
};

static inline bool axis_is_version(uint32_t axis) {
    return axis <= AXIS_PLATFORM_RELEASE;
}
static inline bool axis_is_string(uint32_t axis) {
    return axis > AXIS_PLATFORM_RELEASE && axis < AXIS_TEST;
}

/* marker_set.c */

/* The node with the edges that stand on s->work from `base` on, which are taken away. */
uint32_t marker_node(struct marker_space *s, uint32_t axis, uint32_t test, uint32_t base);
/* What is left of x where the string on this axis has this value. */
uint32_t marker_decide(struct marker_space *s, uint32_t x, uint32_t axis, uint32_t value);

/* marker_set_make.c: labels, and what is known of them. */

enum marker_var axis_var(uint32_t axis);
int point_cmp(const struct point *a, const struct point *b);
struct point point_next(struct point p);
uint32_t point_cut(struct marker_space *s, struct point p);
/* "3.9.0rc1" */
char *point_text(struct arena *a, struct point p);
/* The string on this axis decides what this variable is: its value's id, or MAP_NONE. */
uint32_t relation_decides(struct marker_space *s, uint32_t axis, uint32_t value, enum marker_var var);
bool relation_has_decider(uint32_t axis);
#define NO_VERSION "no version" /* a platform_release that is none */

#endif
