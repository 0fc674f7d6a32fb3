#include "planner/solve.h"

#include <stdlib.h>

#include "planner/explain.h"
#include "planner/search.h"

/* How often a package is in the way, or has another in its way, before the order of decisions changes. */
enum { PATIENCE = 5 };

/* How many versions without a known answer end the search for neighbours. */
enum { UNKNOWN_IN_A_ROW = 16 };

/* Packages in conflict are decided before the others of their priority class, so that the conflict is met
   before time goes into what it would take back: first those whose versions were rejected again and again,
   then those that were the reason. That way the newest version of the one is kept and the other gives way,
   instead of the one walking down its whole history. */
enum rank { RANK_EARLY, RANK_LATE, RANK_USUAL };

struct package {
    bool met;
    uint32_t seen; /* when it was first depended on: 1, 2, ... */
    enum rank rank;
    uint32_t affected, culprit; /* conflicts since its rank was last looked at */
    struct set known;           /* versions whose dependencies are among the clauses */
    VEC(uint32_t) facts;        /* the clauses about its own versions */
    uint64_t hinted;            /* the state that the provider was told to prefetch for */
};

struct solver {
    const struct provider *provider;
    struct arena *arena;
    struct search search;
    VEC(struct package) packages;
    uint32_t nseen, decisions;
    struct pin candidate; /* looked at last; package 0: none */
    struct err *err;
};

static const struct step *now(const struct solver *s, uint32_t package) {
    return solution_last(&s->search.solution, package);
}

/* ---- facts ---- */

static int meet(struct solver *s, uint32_t package, uint32_t versions) {
    while (s->packages.n <= package)
        vec_push(&s->packages, (struct package){.rank = RANK_USUAL});
    struct package *p = &s->packages.p[package];
    if (p->met) {
        if (p->known.n == versions)
            return 0;
        return err_fail(s->err, "package %u had %u versions and now has %u", package, p->known.n, versions);
    }
    uint32_t n = versions;
    if (s->provider->versions(s->provider->ctx, package, &n, s->err) == PROVIDER_FAILED)
        return -1;
    if (n != versions)
        return err_fail(s->err, "package %u has %u versions and is asked for among %u", package, n, versions);
    p->met = true;
    p->known = set_none(s->arena, n);
    search_add_package(&s->search, package, n);
    return 0;
}

/* A clause about other versions of the same package that says the same, or NULL. */
static struct incompat *same_fact(const struct solver *s, const struct incompat *i) {
    const struct package *p = &s->packages.p[i->depender];
    for (uint32_t k = p->facts.n; k--;) {
        struct incompat *old = &s->search.clauses.p[p->facts.p[k]];
        if (old->why == i->why && old->dependency == i->dependency && old->reason == i->reason &&
            (i->why != WHY_DEPENDS || set_equal(&old->allowed, &i->allowed)))
            return old;
    }
    return NULL;
}

static void add_fact(struct solver *s, struct incompat *i, uint32_t version) {
    struct incompat *old = same_fact(s, i);
    if (old) {
        incompat_widen(s->arena, old, version);
        old->dead = false;
    } else {
        uint32_t id = search_add(&s->search, i);
        vec_push(&s->packages.p[i->depender].facts, id);
    }
}

static int add_dependencies(struct solver *s, uint32_t package, uint32_t version, const struct dependency *d,
                            uint32_t n) {
    set_add(&s->packages.p[package].known, version);
    for (uint32_t i = 0; i < n; i++) {
        if (meet(s, d[i].package, d[i].allowed.n) < 0)
            return -1;
        struct incompat fact;
        if (incompat_depends(s->arena, package, s->packages.p[package].known.n, version, d[i].package,
                             &d[i].allowed, &fact))
            continue;
        fact.requirement = d[i].requirement;
        add_fact(s, &fact, version);
    }
    search_touch(&s->search, package);
    return 0;
}

static int load(struct solver *s, uint32_t package, uint32_t version) {
    const struct dependency *d = NULL;
    uint32_t n = 0, reason = 0;
    switch (s->provider->dependencies(s->provider->ctx, package, version, &d, &n, &reason, s->err)) {
    case PROVIDER_FAILED:
        return -1;
    case PROVIDER_UNAVAILABLE: {
        set_add(&s->packages.p[package].known, version);
        struct incompat fact =
            incompat_unavailable(s->arena, package, s->packages.p[package].known.n, version, reason);
        add_fact(s, &fact, version);
        search_touch(&s->search, package);
        return 0;
    }
    case PROVIDER_OK:
        break;
    }
    if (add_dependencies(s, package, version, d, n) < 0)
        return -1;
    for (uint32_t i = 0; i < n; i++)
        if (!s->packages.p[d[i].package].seen)
            s->packages.p[d[i].package].seen = ++s->nseen;
    return 0;
}

static int peek_from(struct solver *s, uint32_t package, uint32_t version,
                     uint32_t (*next)(const struct set *, uint32_t)) {
    const struct provider *p = s->provider;
    for (uint32_t v = version, unknown = 0; unknown < UNKNOWN_IN_A_ROW;) {
        const struct dependency *d;
        uint32_t n;
        if ((v = next(&now(s, package)->after.versions, v)) == UINT32_MAX)
            break;
        if (set_has(&s->packages.p[package].known, v))
            continue;
        if (!p->peek(p->ctx, package, v, &d, &n))
            unknown++;
        else if (unknown = 0, add_dependencies(s, package, v, d, n) < 0)
            return -1;
    }
    return 0;
}

/* What made one version impossible is often true of those beside it: takes in what is known of these without
   waiting, so that one conflict does for all. */
static int look_around(struct solver *s, uint32_t package, uint32_t version) {
    const struct provider *p = s->provider;
    if (package == ROOT_PACKAGE)
        return 0;
    if (p->prefetch) /* conflicts seldom come alone: the other versions are next */
        p->prefetch(p->ctx, package, &now(s, package)->after.versions);
    if (!p->peek)
        return 0;
    return peek_from(s, package, version, set_below) < 0 || peek_from(s, package, version, set_above) < 0 ? -1
                                                                                                          : 0;
}

/* ---- conflicts ---- */

/* Returns true if the order of decisions changed. */
static bool count_blame(struct solver *s, struct blame b) {
    if (b.affected == ROOT_PACKAGE || b.culprit == ROOT_PACKAGE || b.affected == b.culprit)
        return false;
    struct package *affected = &s->packages.p[b.affected], *culprit = &s->packages.p[b.culprit];
    affected->affected++;
    culprit->culprit++;
    bool changed = false;
    if (affected->affected >= PATIENCE && affected->rank > RANK_EARLY) {
        affected->rank = RANK_EARLY;
        affected->affected = 0;
        changed = true;
    }
    if (culprit->culprit >= PATIENCE && culprit->rank > RANK_LATE) {
        culprit->rank = RANK_LATE;
        culprit->culprit = 0;
        changed = true;
    }
    return changed;
}

/* Goes back to before the culprit, so that it is decided at its new place. */
static void reconsider(struct solver *s, struct blame b) {
    const struct solution *solution = &s->search.solution;
    if (!count_blame(s, b))
        return;
    for (uint32_t level = 0; level < solution_level(solution); level++)
        if (solution->decided.p[level] == b.culprit || solution->decided.p[level] == b.affected) {
            search_return(&s->search, level);
            return;
        }
}

/* The dependers of the facts that took part in the conflict. */
static int look_around_conflict(struct solver *s) {
    for (uint32_t i = 0; i < s->search.chain.n; i++) {
        const struct incompat *c = &s->search.clauses.p[s->search.chain.p[i].incompat];
        const struct term *t = c->why == WHY_DEPENDS ? incompat_term(c, c->depender) : NULL;
        if (t && look_around(s, t->package, set_max(&t->versions)) < 0)
            return -1;
    }
    return 0;
}

/* The candidate was rejected before it was decided: by which decision? */
static int candidate_rejected(struct solver *s) {
    struct pin c = s->candidate;
    const struct step *step = now(s, c.package);
    s->candidate.package = ROOT_PACKAGE;
    if (look_around(s, c.package, c.version) < 0)
        return -1;
    step = now(s, c.package);
    if (step->cause == NO_CAUSE)
        return 0;
    const struct incompat *why = &s->search.clauses.p[step->cause];
    uint32_t level = 0;
    for (uint32_t i = 0; i < why->n; i++) {
        const struct term *t = &why->terms[i];
        if (t->package != c.package && term_subset(&now(s, t->package)->after, t)) {
            uint32_t since = solution_since(&s->search.solution, t)->level;
            level = since > level ? since : level;
        }
    }
    if (level)
        reconsider(s, (struct blame){c.package, s->search.solution.decided.p[level - 1]});
    return 0;
}

/* ---- decisions ---- */

static void prefetch(struct solver *s, uint32_t package, const struct step *step) {
    struct package *p = &s->packages.p[package];
    if (s->provider->prefetch && p->hinted != step->stamp && package != ROOT_PACKAGE)
        s->provider->prefetch(s->provider->ctx, package, &step->after.versions);
    p->hinted = step->stamp;
}

/* Is x to be decided before y? */
static bool goes_first(const struct solver *s, uint32_t x, uint32_t y) {
    const struct package *p = &s->packages.p[x], *q = &s->packages.p[y];
    uint32_t i = s->provider->priority(s->provider->ctx, x), j = s->provider->priority(s->provider->ctx, y);
    if (i != j)
        return i < j;
    return p->rank != q->rank ? p->rank < q->rank : p->seen < q->seen;
}

/* The package to look at next: *forced if one version is left, whose dependencies are not yet known. What
   follows without a choice comes first: it can only bring a conflict forward. False: all is decided. */
static bool pick(struct solver *s, uint32_t *package, bool *forced) {
    bool found = false;
    *forced = false;
    for (uint32_t i = 0; i < s->packages.n; i++) {
        if (!s->packages.p[i].met)
            continue;
        const struct step *step = now(s, i);
        if (step->after.absent)
            continue;
        if (!s->packages.p[i].seen)
            s->packages.p[i].seen = ++s->nseen;
        if (step->forced && set_has(&s->packages.p[i].known, set_min(&step->after.versions)))
            continue;
        prefetch(s, i, step);
        if (found && (*forced || (!step->forced && !goes_first(s, i, *package))))
            continue;
        *package = i;
        *forced = step->forced;
        found = true;
    }
    return found;
}

static int take(struct solver *s, uint32_t package, bool forced) {
    const struct set *allowed = &now(s, package)->after.versions;
    if (forced)
        return load(s, package, set_min(allowed));
    uint32_t version = s->provider->choose(s->provider->ctx, package, allowed);
    if (!set_has(allowed, version))
        return err_fail(s->err, "package %u: version %u was chosen, which is not allowed", package, version);
    if (s->candidate.package == package && s->candidate.version == version) {
        s->candidate.package = ROOT_PACKAGE;
        s->decisions++;
        solution_decide(&s->search.solution, package, version);
        search_touch(&s->search, package);
        return 0;
    }
    /* Not decided yet: first its dependencies may tell that it cannot be. */
    s->candidate = (struct pin){package, version};
    search_touch(&s->search, package);
    return set_has(&s->packages.p[package].known, version) ? 0 : load(s, package, version);
}

static bool candidate_is_out(const struct solver *s) {
    struct pin c = s->candidate;
    return c.package != ROOT_PACKAGE && !set_has(&now(s, c.package)->after.versions, c.version);
}

/* ---- the whole ---- */

static enum solve_status run(struct solver *s, uint32_t *proof) {
    for (;;) {
        uint32_t clause = 0, package = 0;
        bool forced;
        struct blame blame;
        if (!search_propagate(&s->search, &clause)) {
            if (!search_learn(&s->search, &clause, &blame)) {
                *proof = clause;
                return SOLVE_NONE;
            }
            s->candidate.package = ROOT_PACKAGE;
            if (look_around_conflict(s) < 0)
                return SOLVE_FAILED;
            reconsider(s, blame);
        } else if (candidate_is_out(s)) {
            if (candidate_rejected(s) < 0)
                return SOLVE_FAILED;
        } else if (!pick(s, &package, &forced)) {
            return SOLVE_OK;
        } else if (take(s, package, forced) < 0) {
            return SOLVE_FAILED;
        }
    }
}

static void collect(const struct solver *s, struct solve_result *out) {
    out->pins = arena_new(s->arena, struct pin, s->packages.n);
    for (uint32_t i = ROOT_PACKAGE + 1; i < s->packages.n; i++)
        if (s->packages.p[i].met && !now(s, i)->after.absent)
            out->pins[out->n++] = (struct pin){i, set_min(&now(s, i)->after.versions)};
}

static int begin(struct solver *s) {
    if (meet(s, ROOT_PACKAGE, 1) < 0)
        return -1;
    struct incompat root = {.why = WHY_ROOT, .terms = arena_new(s->arena, struct term, 1), .n = 1};
    root.terms[0] = (struct term){ROOT_PACKAGE, true, set_none(s->arena, 1)};
    search_add(&s->search, &root);
    search_touch(&s->search, ROOT_PACKAGE);
    return 0;
}

void solve(const struct provider *p, struct arena *a, struct solve_result *out, struct err *e) {
    struct solver s = {.provider = p, .arena = a, .err = e};
    uint32_t proof = 0;
    *out = (struct solve_result){.status = SOLVE_FAILED};
    search_init(&s.search, a);
    if (begin(&s) == 0)
        out->status = run(&s, &proof);
    if (out->status == SOLVE_OK)
        collect(&s, out);
    if (out->status == SOLVE_NONE)
        out->why = explain(p, &s.search, proof, a);
    out->stats =
        (struct solve_stats){s.decisions, s.search.conflicts, s.search.backjumps, s.search.clauses.n};
    for (uint32_t i = 0; i < s.packages.n; i++)
        vec_free(&s.packages.p[i].facts);
    vec_free(&s.packages);
    search_free(&s.search);
}
