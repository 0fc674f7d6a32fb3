#include "planner/page_cache.h"

#include <string.h>

#include "base/file.h"
#include "base/hash.h"

enum { DEFAULT_AGE = 600 };

struct header {
    char magic[8];
    int64_t fetched, max_age;
    uint32_t etag, last_modified; /* lengths; the packed page follows, then the strings */
};

static const char magic[8] = "EGPAGE2", magic_absent[8] = "EGNONE2";
_Static_assert(sizeof(struct header) % SIMPLE_PACK_ALIGN == 0, "the packed page is aligned");

static char *entry(struct arena *a, struct str index_url, struct str name) {
    char hex[SHA256_HEX + 1];
    sha256_hex(index_url.p, index_url.n, hex);
    return arena_fmt(a, "idx/%.16s/" STR_FMT, hex, STR_ARG(name));
}

static bool parse(struct str bytes, struct cached_page *out) {
    struct header h;
    struct err ignored;
    if (bytes.n < sizeof h)
        return false;
    memcpy(&h, bytes.p, sizeof h);
    out->absent = !memcmp(h.magic, magic_absent, sizeof magic);
    if (out->absent)
        return true;
    struct str rest = str_from(bytes, sizeof h);
    if (memcmp(h.magic, magic, sizeof magic) || h.etag > rest.n || h.last_modified > rest.n - h.etag)
        return false;
    struct str packed = str_head(rest, rest.n - h.etag - h.last_modified);
    out->fetched = h.fetched;
    out->max_age = h.max_age;
    out->etag = str_head(str_from(rest, packed.n), h.etag);
    out->last_modified = str_from(rest, packed.n + h.etag);
    return simple_pack_open(packed, &out->page, &ignored) == 0;
}

bool page_cache_read(const struct store *s, struct str index_url, struct str name, struct arena *a,
                     struct cached_page *out) {
    struct err ignored;
    struct str bytes;
    char *path = store_find(s, a, entry(a, index_url, name));
    if (!path || file_map(path, &bytes, &ignored) < 0)
        return false;
    if (parse(bytes, out))
        return true;
    file_unmap(bytes);
    return false;
}

bool page_cache_fresh(const struct cached_page *c, int64_t now) {
    int64_t age = now - c->fetched;
    return !c->absent && age >= 0 && age < (c->max_age >= 0 ? c->max_age : DEFAULT_AGE);
}

void page_cache_write(struct store *s, struct str index_url, struct str name, const struct http_response *r,
                      int64_t now, struct str packed) {
    struct header h = {.fetched = now,
                       .max_age = r->max_age,
                       .etag = (uint32_t)r->etag.n,
                       .last_modified = (uint32_t)r->last_modified.n};
    memcpy(h.magic, packed.n ? magic : magic_absent, sizeof magic);
    struct arena a = {0};
    struct buf out = {0};
    struct err ignored;
    buf_add(&out, &h, sizeof h);
    buf_str(&out, packed);
    buf_str(&out, r->etag);
    buf_str(&out, r->last_modified);
    store_write(s, entry(&a, index_url, name), buf_view(&out), &ignored);
    buf_free(&out);
    arena_free(&a);
}
