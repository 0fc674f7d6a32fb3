/* fetch: one file of the lock, its SHA-256 checked as the bytes arrive. */
#ifndef EXECUTOR_FETCH_H
#define EXECUTOR_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/http.h"
#include "base/store.h"
#include "base/str.h"

/* A file's bytes: in memory up to FETCH_IN_MEMORY, else mapped from a file that has no name any more. */
struct body {
    struct str bytes;
    struct buf memory; /* owns bytes, or is empty */
    bool mapped;
};

void body_free(struct body *b); /* all zero afterwards; twice is no error */

enum { FETCH_IN_MEMORY = 32 << 20 };

/* Bytes of memory that a file of this size (0: not known) may take. */
uint64_t fetch_memory(uint64_t size);

struct fetch_file {
    const char *source; /* URL, or path for fetch_local; must live until done is called */
    const char *sha256; /* 64 hex digits; the same */
    uint64_t size;      /* 0: not known */
};

/* A local file, mapped and hashed. */
int fetch_local(const struct fetch_file *file, struct body *out, struct err *e);

/* A download. done is called exactly once, on the http thread: with the body to take (copy the struct, zero
 *body), or with an error; then *body is empty. The error names the URL, what was expected and what came. */
void fetch_start(struct http *http, struct store *store, const struct fetch_file *file, int priority,
                 void (*done)(void *ctx, struct body *body, const struct err *error), void *ctx);

#endif
