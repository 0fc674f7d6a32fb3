/* links: a lock's edges as package indexes, for walking from what needs to what is needed, or back. */
#ifndef PLANNER_LINKS_H
#define PLANNER_LINKS_H

#include <stdbool.h>

#include "formats/lock.h"

struct links {
    uint32_t n;
    size_t *first; /* n + 1: to[first[i]] .. to[first[i + 1] - 1] are package i's neighbours, ascending */
    uint32_t *to;
};

/* The packages of that name: the first one's index, *end the index behind the last; both the same if there is
   none. The lock's packages must be sorted by name. */
uint32_t links_find(const struct lock *l, struct str name, uint32_t *end);

/* An edge names a package: in a universal lock it leads to all of that name. Backwards: from what is needed
   to what needs it. In the arena. */
void links_make(const struct lock *l, bool backwards, struct arena *a, struct links *out);

static inline size_t links_count(const struct links *k, uint32_t package) {
    return k->first[package + 1] - k->first[package];
}

#endif
