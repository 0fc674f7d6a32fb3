/* complete: what a lock's files must say and the index did not: SHA-256 and size. Local files are read; for
   others the server is asked (a size costs a byte, a hash the whole file), all at once, and the answer is
   kept in the cache. */
#ifndef PLANNER_COMPLETE_H
#define PLANNER_COMPLETE_H

#include "base/store.h"
#include "formats/lock.h"
#include "planner/index.h"
#include "planner/net.h"

/* A hash that the index did state in another algorithm is not checked here. Errors name the file. */
int complete_files(struct lock *l, struct store *store, struct net *net, const struct indexes *ix,
                   struct arena *a, struct err *e);

#endif
