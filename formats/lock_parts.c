#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/url.h"
#include "formats/lock_parts.h"

const char *lock_check_url(struct arena *a, struct str url) {
    for (size_t i = 0; i < url.n; i++)
        if ((unsigned char)url.p[i] < 0x20 || url.p[i] == 0x7f)
            return "a URL cannot hold control characters";
    struct str scheme = url_scheme(url);
    if (str_ieq(scheme, STR("http")) || str_ieq(scheme, STR("https")))
        return url_host(url).n ? NULL : "this URL names no host";
    if (!scheme.n || (str_ieq(scheme, STR("file")) && url_to_path(a, url).n))
        return NULL;
    return "a URL must be http, https, file or a path relative to the lock";
}

struct str lock_name_in(struct arena *a, struct str url) {
    return url_scheme(url).n ? url_filename(a, url) : path_base(url);
}

static bool ends_in_any(struct str s, const char *const *endings) {
    for (; *endings; endings++)
        if (str_ends(s, str_of(*endings)))
            return true;
    return false;
}

const char *lock_set_kind(struct lock_file *f) {
    static const char *const sdists[] = {".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz", ".tar", NULL};
    if (!path_is_safe(f->name) || str_find(f->name, '/') >= 0)
        return "this URL does not end in a usable file name";
    f->kind = str_ends(f->name, STR(".whl")) ? LOCK_WHEEL : LOCK_SDIST;
    if (f->kind == LOCK_SDIST && !ends_in_any(f->name, sdists))
        return "this is neither a wheel (.whl) nor a source distribution (.tar.gz, .zip ...)";
    return NULL;
}

bool lock_digest(struct arena *a, struct str hex, struct str *out) {
    uint8_t bytes[SHA256_BYTES];
    if (!hex_decode(hex, bytes, SHA256_BYTES))
        return false;
    char *lower = arena_alloc(a, SHA256_HEX + 1);
    hex_encode(bytes, SHA256_BYTES, lower);
    *out = (struct str){lower, SHA256_HEX};
    return true;
}

uint32_t lock_sort_names(struct str *p, uint32_t n) {
    uint32_t kept = 0;
    if (n)
        qsort(p, n, sizeof *p, str_qsort);
    for (uint32_t i = 0; i < n; i++)
        if (!i || !str_eq(p[i], p[kept - 1]))
            p[kept++] = p[i];
    return kept;
}

int lock_package_cmp(const void *a, const void *b) {
    const struct lock_package *x = a, *y = b;
    int c = str_cmp(x->name, y->name);
    c = c ? c : str_cmp(x->version, y->version);
    return c ? c : str_cmp(x->marker, y->marker);
}
