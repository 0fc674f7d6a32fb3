/* index: the package indexes and find-links pages: a project's files, from the disk cache while it is fresh,
   else from the network, several at once. The first index that knows a name is the one it is taken from (no
   dependency confusion); find-links are looked at besides. PEP 503, 691; freshness as RFC 9111 has it. */
#ifndef PLANNER_INDEX_H
#define PLANNER_INDEX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/store.h"
#include "formats/simple_pack.h"
#include "planner/net.h"
#include "planner/options.h"

struct indexes;

enum index_status { INDEX_FOUND, INDEX_UNKNOWN, INDEX_FAILED };

struct index_answer {
    enum index_status status;
    struct simple_pack page; /* FOUND */
    struct arena arena;      /* holds the page; the receiver's to free */
    struct err err;          /* FAILED: why */
};

/* Reads find-links (folders at once, pages over the network). default_index: used when nothing else is said;
   "": none, and then asking for an index is an error that says what to do. */
int indexes_open(struct indexes **out, struct store *store, struct net *net, struct pool *pool,
                 const struct options *o, const char *default_index, struct arena *a, struct err *e);

/* Asks for a project (normalized name). ready is called once, on a thread of the pool, and takes the answer.
 */
void indexes_want(struct indexes *ix, struct str name, void (*ready)(void *ctx, struct index_answer *answer),
                  void *ctx);

/* The URL with the credentials of the index on the same host, if it has some: for requests only, never to be
 * shown. */
const char *indexes_authorize(const struct indexes *ix, struct str url, struct arena *a);

/* Where names are looked for, for people: "the index https://...", without credentials. */
struct str indexes_describe(const struct indexes *ix, struct arena *a);

void indexes_close(struct indexes *ix);

#endif
