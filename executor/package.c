#include "executor/package.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/url.h"
#include "executor/bytecode.h"

static void locate(struct arena *a, struct package *p, const char *lock_dir) {
    struct str url = p->file->url, path = url_to_path(a, url);
    if (url_is(url) && !path.n) {
        p->source = arena_str(a, url_without_fragment(url)).p;
        return;
    }
    p->local = true;
    p->source = path_join(a, lock_dir, arena_str(a, path.n ? path : url).p);
}

struct package *packages_make(struct arena *a, const struct diff *diff, const char *lock_dir,
                              const struct store *store, const char *bytecode) {
    struct package *all = arena_new(a, struct package, diff->n);
    for (uint32_t i = 0; i < diff->n; i++) {
        struct package *p = &all[i];
        p->change = &diff->p[i];
        p->name = p->change->name;
        p->version = p->change->wanted.package ? p->change->wanted.package->version : p->change->old->version;
        p->file = p->change->wanted.file;
        if (!p->file)
            continue;
        locate(a, p, lock_dir);
        p->sha256 = arena_str(a, p->file->sha256).p;
        p->cached = package_installs(p) && manifest_load(store, p->sha256, a, &p->manifest, &p->tree) == 0;
        if (bytecode && package_installs(p))
            p->compiles =
                !p->cached || bytecode_load(p->tree, bytecode, a, &p->bytecode, &p->bytecode_tree) < 0;
    }
    return all;
}

void packages_free(struct package *p, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        body_free(&p[i].body);
        free(p[i].written.p);
        arena_free(&p[i].arena);
    }
}
