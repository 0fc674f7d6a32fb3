/* store: the cache folder. Content-addressed or keyed entries, published by rename: a half-written one is
   never seen, the whole folder may be deleted at any moment. $ENVGRAPH_CACHE, else $XDG_CACHE_HOME/envgraph,
   else ~/.cache/envgraph. Without a place that can be written (no HOME, read-only), entries that are there
   are read, and what must be written goes to a folder under $TMPDIR that store_close removes. */
#ifndef BASE_STORE_H
#define BASE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct store {
    char *root;      /* "<cache>/v1": where entries are read, and written if writable; "": no such place */
    char *scratch;   /* where entries are written when root is not writable, else NULL; read first */
    char *tmp;       /* folder for things under way, on the same file system as what is written */
    int lock;        /* of tmp, held while the store is open: what is not locked was left behind */
    uint32_t serial; /* atomic: names in tmp */
};

/* Also removes what killed processes left in the cache's tmp. */
int store_open(struct store *s, struct err *e);
void store_close(struct store *s);

/* Where an entry is read: the first of scratch and root that has it; NULL if none has. rel is like
 * "idx/ab/name". */
char *store_find(const struct store *s, struct arena *a, const char *rel);
/* Where an entry would be written; the folder above it is made. */
char *store_place(const struct store *s, struct arena *a, const char *rel, struct err *e);
/* A fresh name in tmp (nothing is made). Safe from several threads. */
char *store_tmp(struct store *s, struct arena *a);
/* Renames tmp_path (file or folder) to the entry's place. An entry that is there already (a folder) wins: the
   new one is removed and 0 returned. */
int store_publish(struct store *s, const char *tmp_path, const char *rel, struct err *e);
/* Takes an entry away, wherever it is read. */
int store_drop(struct store *s, const char *rel, struct err *e);
/* A file entry from bytes: temporary, then rename. */
int store_write(struct store *s, const char *rel, struct str bytes, struct err *e);

#endif
