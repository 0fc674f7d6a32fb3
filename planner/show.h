/* show: questions to a plan, answered from the lock alone. Pure: locks in, text out. What comes from a lock
   as free text loses its control characters on the way. */
#ifndef PLANNER_SHOW_H
#define PLANNER_SHOW_H

#include <stdbool.h>

#include "formats/lock.h"

struct show_tree {
    bool invert; /* from what is needed to what needs it */
    bool utf8;   /* lines of box characters; otherwise of ASCII */
    const char *const *names;
    uint32_t nnames; /* none: the whole plan */
};

/* Appends the graph as a tree, requested packages first, or what grows from the named packages. Each package
   is expanded once; where it stands again it is marked. A name that is not in the plan is ERR_FAIL. */
int show_tree(const struct lock *l, const struct show_tree *how, struct buf *out, struct err *e);

/* Appends the shortest chains of needs from each requested package to the named one, with the requirement
   that each begins with. A name that is not in the plan is ERR_FAIL. */
int show_why(const struct lock *l, struct str name, struct buf *out, struct err *e);

/* Appends what is different, grouped and sorted, whatever order the locks have; true if anything is. */
bool show_diff(const struct lock *before, const struct lock *after, struct buf *out);

/* "name[extra] 1.0 ; marker" */
void show_package(const struct lock_package *p, struct buf *out);
/* Text of a user or another program, safe to print. */
void show_text(struct str s, struct buf *out);
/* The packages that a name on the command line means (links_find); ERR_FAIL if there is none. */
int show_find(const struct lock *l, struct str name, uint32_t *first, uint32_t *end, struct err *e);

#endif
