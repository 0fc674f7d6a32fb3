/* page_cache: index pages on disk, with what HTTP needs to know of their freshness (RFC 9111). */
#ifndef PLANNER_PAGE_CACHE_H
#define PLANNER_PAGE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/http.h"
#include "base/store.h"
#include "formats/simple_pack.h"

struct cached_page {
    int64_t fetched, max_age; /* seconds; max_age -1: the server did not say */
    struct str etag, last_modified;
    struct simple_pack page;
    bool absent; /* the index said that it knows no such project */
};

/* The entry of a project in an index (url without credentials). False: not there, or torn. The strings are
   the mapping's, which stays until the process ends. */
bool page_cache_read(const struct store *s, struct str index_url, struct str name, struct arena *a,
                     struct cached_page *out);
/* May be used without asking; an absence never: the project may be there by now. What the server did not say
 * is taken as 600 seconds. */
bool page_cache_fresh(const struct cached_page *c, int64_t now);
/* Writes an entry; a cache that cannot be written is no error. packed: empty for an absence. */
void page_cache_write(struct store *s, struct str index_url, struct str name, const struct http_response *r,
                      int64_t now, struct str packed);

#endif
