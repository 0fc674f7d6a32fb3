#include "executor/settle.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "executor/bytecode.h"
#include "executor/claims.h"

struct pair { /* packages in conflict */
    uint32_t winner, loser, count;
    const char *path; /* the first */
};

struct settle {
    struct linker *l;
    const struct environment *env;
    const struct manifest *manifests;
    const struct package *packages;
    uint32_t n;
    struct arena arena;
    VEC(struct pair) pairs;
};

/* Index of the package that the lock installs under this name, or MAP_NONE: packages are sorted by name. */
static uint32_t find(const struct package *packages, uint32_t n, struct str name) {
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = str_cmp(packages[middle].name, name);
        if (!order)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return MAP_NONE;
}

/* Does a depend on b, over whatever steps? */
static bool depends(const struct package *packages, uint32_t n, uint32_t a, uint32_t b) {
    bool *seen = mem_zero(n), found = false;
    VEC(uint32_t) stack = {0};
    vec_push(&stack, a);
    while (stack.n && !found) {
        const struct lock_package *p = packages[stack.p[--stack.n]].change->wanted.package;
        for (uint32_t i = 0; p && i < p->ndepends; i++) {
            uint32_t next = find(packages, n, p->depends[i]);
            if (next == MAP_NONE || seen[next])
                continue;
            seen[next] = true;
            found |= next == b;
            vec_push(&stack, next);
        }
    }
    vec_free(&stack);
    free(seen);
    return found;
}

bool settle_wins(const struct package *packages, uint32_t n, uint32_t a, uint32_t b) {
    bool ab = depends(packages, n, a, b), ba = depends(packages, n, b, a);
    return ab != ba ? ab : a > b;
}

static bool wins(void *ctx, uint32_t a, uint32_t b) {
    const struct settle *s = ctx;
    return settle_wins(s->packages, s->n, a, b);
}

/* Shorter to read. */
static struct str path_below(struct str path, const char *root) {
    size_t n = strlen(root);
    return str_starts(path, str_of(root)) && path.n > n && path.p[n] == '/' ? str_from(path, n + 1) : path;
}

static void conflict(void *ctx, uint32_t winner, uint32_t loser, struct str path) {
    struct settle *s = ctx;
    for (uint32_t i = 0; i < s->pairs.n; i++) {
        if (s->pairs.p[i].winner == winner && s->pairs.p[i].loser == loser) {
            s->pairs.p[i].count++;
            return;
        }
    }
    const char *shown = arena_str(&s->arena, path_below(path, s->env->root)).p;
    vec_push(&s->pairs, (struct pair){winner, loser, 1, shown});
}

/* The bytecode beside a source that was put anew is that of whoever came last: Python looks at size and time
   alone, and would take it for that of another source of the same second. */
static int placed(void *ctx, uint32_t package, uint32_t file, struct err *e) {
    struct settle *s = ctx;
    const struct package *p = &s->packages[package];
    const struct manifest *m = &s->manifests[package];
    if (!str_ends(m->files[file].name, STR(".py")) || m->files[file].scheme == SCHEME_SCRIPTS)
        return 0;
    uint32_t found = p->bytecode_tree ? bytecode_of(&p->bytecode, file) : MAP_NONE;
    if (found != MAP_NONE)
        return link_replace(s->l, &p->bytecode, p->bytecode_tree, found, e);
    struct buf path = {0};
    link_path(s->l, m, &m->files[file], &path);
    char *bytecode = bytecode_path(&s->arena, s->env->python, buf_view(&path));
    buf_free(&path);
    return unlink(bytecode) == 0 || errno == ENOENT || errno == ENOTDIR
               ? 0
               : err_errno(e, "cannot remove %s", bytecode);
}

static void tell_conflicts(struct settle *s, struct events *events) {
    for (uint32_t i = 0; i < s->pairs.n; i++) {
        const struct pair *p = &s->pairs.p[i];
        struct str winner = s->packages[p->winner].name, loser = s->packages[p->loser].name;
        const char *more = p->count > 1 ? arena_fmt(&s->arena, " and %u more", p->count - 1) : "";
        const char *text =
            arena_fmt(&s->arena,
                      STR_FMT " and " STR_FMT " both install %s%s, with different contents: those of " STR_FMT
                              " are there now",
                      STR_ARG(loser), STR_ARG(winner), p->path, more, STR_ARG(winner));
        events_tell(events,
                    (struct event){.kind = EVENT_NOTE, .node = MAP_NONE, .package = p->winner, .text = text});
    }
}

/* What this run linked, and what it keeps as far as the cache knows it: that claims paths. */
static void find_trees(struct settle *s, const struct store *store, struct manifest *manifests,
                       char **trees) {
    for (uint32_t i = 0; i < s->n; i++) {
        const struct package *p = &s->packages[i];
        const struct change *c = p->change;
        manifests[i] = p->manifest;
        trees[i] = p->linked ? p->tree : NULL;
        if (change_keeps(c->kind) && c->nold == 1 && c->old->sha256.n == SHA256_HEX)
            if (manifest_load(store, arena_str(&s->arena, c->old->sha256).p, &s->arena, &manifests[i],
                              &trees[i]))
                trees[i] = NULL;
    }
}

int settle_run(struct linker *l, const struct store *store, const struct package *packages, uint32_t n,
               struct events *events, struct err *e) {
    if (!l->contested.n)
        return 0;
    struct settle s = {.l = l, .env = l->env, .packages = packages, .n = n};
    struct manifest *manifests = arena_new(&s.arena, struct manifest, n);
    char **trees = arena_new(&s.arena, char *, n);
    find_trees(&s, store, manifests, trees);
    s.manifests = manifests;
    const struct claims_judge judge = {wins, conflict, placed, &s};
    int failed = claims_settle(l, manifests, trees, n, &judge, e);
    tell_conflicts(&s, events);
    vec_free(&s.pairs);
    arena_free(&s.arena);
    return failed;
}
