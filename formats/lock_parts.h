/* lock_parts: what the readers of env.lock and of pylock.toml share: the same rules for the same things.
 */
#ifndef FORMATS_LOCK_PARTS_H
#define FORMATS_LOCK_PARTS_H

#include "formats/lock.h"

/* What is wrong with a file's URL or path, or NULL. */
const char *lock_check_url(struct arena *a, struct str url);
/* The last segment: of a URL decoded, of a path as it stands. */
struct str lock_name_in(struct arena *a, struct str url);
/* Sets f->kind by f->name. What is wrong with the name, or NULL. */
const char *lock_set_kind(struct lock_file *f);
/* A SHA-256 in hexadecimal digits; out: in lower case. */
bool lock_digest(struct arena *a, struct str hex, struct str *out);
/* Sorts names, each once; returns how many are left. */
uint32_t lock_sort_names(struct str *p, uint32_t n);
/* By name, version and marker. */
int lock_package_cmp(const void *a, const void *b);

#endif
