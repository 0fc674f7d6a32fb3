#include "executor/claims.h"

#include "base/vec.h"
#include "executor/scripts.h"

struct claim {
    uint32_t path; /* id in the linker's contested paths */
    uint32_t package, file;
    bool is_script;       /* it is written: file is an index of scripts_list, not of the manifest */
    struct script script; /* then */
    struct str hash;      /* of the bytes that would be there, "sha256=..." */
};

struct claims {
    struct linker *l;
    const struct manifest *manifests;
    char *const *trees;
    struct arena arena;
    VEC(struct claim) v;
    VEC(uint32_t) winner; /* by path: index in v; MAP_NONE: none */
};

static void claim_files(struct claims *c, uint32_t package) {
    const struct manifest *m = &c->manifests[package];
    struct buf path = {0};
    for (uint32_t i = 0; i < m->nfiles; i++) {
        if (!link_links(m, &m->files[i]))
            continue;
        path.n = 0;
        link_path(c->l, m, &m->files[i], &path);
        uint32_t id = map_find(&c->l->contested, buf_view(&path));
        if (id != MAP_NONE)
            vec_push(&c->v, (struct claim){id, package, i, .hash = m->files[i].hash});
    }
    buf_free(&path);
}

static int claim_scripts(struct claims *c, uint32_t package, struct err *e) {
    struct script_list list;
    int result = 0;
    scripts_list(c->l, &c->manifests[package], &c->arena, &list);
    for (uint32_t i = 0; result == 0 && i < list.n; i++) {
        const char *path = script_path(c->l, &list.p[i], &c->arena);
        uint32_t id = map_find(&c->l->contested, str_of(path));
        if (id == MAP_NONE)
            continue;
        struct buf text = {0};
        result = script_text(c->l, &list.p[i], c->trees[package], &text, e);
        struct str hash = written_hash(&c->arena, buf_view(&text));
        vec_push(&c->v, (struct claim){id, package, i, true, list.p[i], hash});
        buf_free(&text);
    }
    return result;
}

/* Which package came to a path first is chance, so everyone who has something for it is looked up anew. */
static int find_claims(struct claims *c, uint32_t npackages, struct err *e) {
    for (uint32_t p = 0; p < npackages; p++) {
        if (!c->trees[p])
            continue;
        claim_files(c, p);
        if (claim_scripts(c, p, e) < 0)
            return -1;
    }
    return 0;
}

static bool claim_wins(const struct claim *a, const struct claim *b, const struct claims_judge *judge) {
    if (a->package != b->package)
        return judge->wins(judge->ctx, a->package, b->package);
    /* Twice in one wheel: .data comes after the root, as with pip, and what is written after what is linked.
     */
    return a->is_script != b->is_script ? a->is_script : a->file > b->file;
}

static void find_winners(struct claims *c, const struct claims_judge *judge) {
    for (uint32_t i = 0; i < c->l->contested.n; i++)
        vec_push(&c->winner, MAP_NONE);
    for (uint32_t i = 0; i < c->v.n; i++) {
        uint32_t *winner = &c->winner.p[c->v.p[i].path];
        if (*winner == MAP_NONE || claim_wins(&c->v.p[i], &c->v.p[*winner], judge))
            *winner = i;
    }
}

static void tell_conflicts(const struct claims *c, const struct claims_judge *judge) {
    for (uint32_t i = 0; i < c->v.n; i++) {
        const struct claim *loser = &c->v.p[i], *winner = &c->v.p[c->winner.p[loser->path]];
        if (winner->package != loser->package && !str_eq(winner->hash, loser->hash))
            judge->conflict(judge->ctx, winner->package, loser->package, c->l->contested.keys[loser->path]);
    }
}

static int put(struct claims *c, const struct claim *w, const struct claims_judge *judge, struct err *e) {
    const char *tree = c->trees[w->package];
    if (!w->is_script) {
        int failed = link_replace(c->l, &c->manifests[w->package], tree, w->file, e);
        return failed < 0 || !judge->placed ? failed : judge->placed(judge->ctx, w->package, w->file, e);
    }
    struct buf text = {0};
    int result = script_text(c->l, &w->script, tree, &text, e);
    if (result == 0)
        result = script_write(c->l, &w->script, buf_view(&text), true, e);
    buf_free(&text);
    return result;
}

int claims_settle(struct linker *l, const struct manifest *manifests, char *const *trees, uint32_t npackages,
                  const struct claims_judge *judge, struct err *e) {
    struct claims c = {.l = l, .manifests = manifests, .trees = trees};
    int result = l->contested.n ? find_claims(&c, npackages, e) : 0;
    if (result == 0) {
        find_winners(&c, judge);
        tell_conflicts(&c, judge);
    }
    for (uint32_t i = 0; result == 0 && i < c.winner.n; i++)
        if (c.winner.p[i] != MAP_NONE)
            result = put(&c, &c.v.p[c.winner.p[i]], judge, e);
    vec_free(&c.v);
    vec_free(&c.winner);
    arena_free(&c.arena);
    return result;
}
