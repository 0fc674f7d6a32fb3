#include "executor/repair.h"

#include "base/file.h"

static void change_to(struct diff *d, struct change *c, enum change_kind kind, const char *reason) {
    d->count[c->kind]--;
    c->kind = kind;
    c->reason = reason;
    d->count[kind]++;
}

static const char *why(struct arena *a, const struct verdict_package *p) {
    if (p->nfaults)
        return arena_fmt(a, "%u of its files differ%s from the lock's wheel", p->nfaults,
                         p->nfaults == 1 ? "s" : "");
    return "its files cannot be proven to be those of the lock's wheel";
}

void repair_diff(struct arena *a, const struct verdict *v, struct installed *have, struct diff *d) {
    for (uint32_t i = 0; i < d->n; i++) {
        struct change *c = &d->p[i];
        if (v->packages[i].damaged) {
            change_to(d, c, CHANGE_REPLACE, why(a, &v->packages[i]));
        } else if (v->packages[i].proven && c->unproven) {
            have->p[c->old - have->p].sha256 = c->wanted.file->sha256;
            change_to(d, c, CHANGE_KEEP, "its files are those of the lock's wheel");
        }
    }
}

int repair_cache(struct store *store, const struct verdict *v, const struct package *packages, uint32_t n,
                 struct err *e) {
    struct arena a = {0};
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < n; i++) {
        const char *sha256 = packages[i].sha256;
        if (v->packages[i].cache_bad)
            result = store_drop(store, arena_fmt(&a, "wheels/%.2s/%s", sha256, sha256), e);
    }
    arena_free(&a);
    return result;
}

int repair_records(const struct environment *env, const struct verdict *v, const struct diff *d,
                   struct err *e) {
    struct arena a = {0};
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < d->n; i++) {
        const struct installed_package *old = d->p[i].old;
        if (!v->packages[i].record.n)
            continue;
        const char *dir = path_join(&a, env->dirs[old->scheme], arena_str(&a, old->dist_info).p);
        result = file_write(path_join(&a, dir, "RECORD"), v->packages[i].record, 0666, e);
    }
    arena_free(&a);
    return result;
}
