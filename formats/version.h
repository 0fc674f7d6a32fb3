/* version: PEP 440 versions (version specifiers specification). A version is kept with an order key: a byte
   string whose memcmp order is the order of PEP 440, equal for versions that are equal (1.0 and 1.0.0). */
#ifndef FORMATS_VERSION_H
#define FORMATS_VERSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct version {
    struct str text;  /* normalized, as packaging's str(Version(...)): "1.0rc1.post2.dev3+ab.4" */
    struct str key;   /* order key */
    uint16_t base;    /* key bytes of epoch and release: equal prefixes mean the same epoch and release */
    uint16_t to_post; /* key bytes before the post part: epoch, release, pre */
    uint16_t to_dev;  /* key bytes before the dev part: epoch, release, pre, post */
    uint16_t public_; /* key bytes before the local part: equal prefixes mean the same public version */
    bool pre;         /* pre-release or dev-release (packaging's is_prerelease) */
    bool post;        /* has a post-release segment */
    bool local;       /* has a local version label */
};

enum { VERSION_MAX = 4096 }; /* longest text that is read as a version, bytes */

/* Any spelling PEP 440 accepts (its appendix B, white space around it too); false if it is none. Numbers have
   no limit but 200 digits. Strings are in the arena. */
bool version_parse(struct arena *a, struct str s, struct version *out);
/* The same without an arena: the strings are in space, which has VERSION_SPACE(s.n) bytes. */
bool version_parse_in(char *space, struct str s, struct version *out);
#define VERSION_SPACE(n) (3 * (n) + 32)
/* <0, 0, >0 */
static inline int version_cmp(const struct version *a, const struct version *b) {
    return str_cmp(a->key, b->key);
}
/* The release segment's numbers as parsed (zeros kept), up to max of them; returns how many there are.
   Numbers beyond 64 bits become UINT64_MAX. */
int version_release(const struct version *v, uint64_t *out, int max);
/* The least key above those of all versions whose release begins with the first n numbers of v's (1.2: above
   1.2.9, below 1.3.dev0); in the arena. n is from 1 to what version_release returns. */
struct str version_above(struct arena *a, const struct version *v, int n);

#endif
