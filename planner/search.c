#include "planner/search.h"

#include <stdlib.h>

#include "planner/provider.h"

void search_init(struct search *s, struct arena *a) {
    *s = (struct search){.arena = a, .solution = {.arena = a}};
}

void search_add_package(struct search *s, uint32_t package, uint32_t versions) {
    if (solution_knows(&s->solution, package))
        return;
    solution_add(&s->solution, package, versions);
    while (s->watchers.n <= package)
        vec_push(&s->watchers, (struct watcher){{0}, false});
}

uint32_t search_add(struct search *s, const struct incompat *i) {
    for (uint32_t k = 0; k < i->n; k++)
        vec_push(&s->watchers.p[i->terms[k].package].clauses, s->clauses.n);
    vec_push(&s->clauses, *i);
    return s->clauses.n - 1;
}

void search_touch(struct search *s, uint32_t package) {
    struct watcher *w = &s->watchers.p[package];
    if (!w->queued)
        vec_push(&s->queue, package);
    w->queued = true;
}

enum finding { NOTHING, CONCLUSION, CONFLICT };

/* Are all terms of the clause true (a conflict), or all but one, which then has to be false? */
static enum finding examine(struct search *s, uint32_t id, const struct term **open) {
    struct incompat *clause = &s->clauses.p[id];
    *open = NULL;
    for (uint32_t i = 0; i < clause->n; i++) {
        const struct term *t = &clause->terms[i], *now = &solution_last(&s->solution, t->package)->after;
        if (term_subset(now, t))
            continue;
        if (term_disjoint(now, t)) {
            clause->dead = true;
            vec_push(&s->dead, (struct burial){id, solution_level(&s->solution)});
            return NOTHING;
        }
        if (*open)
            return NOTHING;
        *open = t;
    }
    return *open ? CONCLUSION : CONFLICT;
}

/* The newest first: what was learned last is what matters here. */
static bool propagate_package(struct search *s, uint32_t package, uint32_t *conflict) {
    const struct watcher *w = &s->watchers.p[package];
    for (uint32_t i = w->clauses.n; i--;) {
        uint32_t id = w->clauses.p[i];
        const struct term *open;
        if (s->clauses.p[id].dead)
            continue;
        switch (examine(s, id, &open)) {
        case NOTHING:
            break;
        case CONCLUSION:
            solution_exclude(&s->solution, open, id);
            search_touch(s, open->package);
            break;
        case CONFLICT:
            *conflict = id;
            return false;
        }
    }
    return true;
}

bool search_propagate(struct search *s, uint32_t *conflict) {
    while (s->queue.n) {
        uint32_t package = s->queue.p[--s->queue.n];
        s->watchers.p[package].queued = false;
        if (!propagate_package(s, package, conflict)) {
            search_touch(s, package);
            return false;
        }
    }
    return true;
}

void search_return(struct search *s, uint32_t level) {
    solution_return(&s->solution, level);
    while (s->dead.n && s->dead.p[s->dead.n - 1].level > level)
        s->clauses.p[s->dead.p[--s->dead.n].clause].dead = false;
}

/* Of an incompatibility with only true terms: the term that became true last, the step that made it so, and
   the level at which it was the only one not yet true. */
struct turn {
    const struct term *term;
    const struct step *step;
    uint32_t before;
};

static uint32_t later(uint32_t x, uint32_t y) {
    return x > y ? x : y;
}

static struct turn find_turn(struct search *s, const struct incompat *i) {
    struct turn t = {0};
    for (uint32_t k = 0; k < i->n; k++) {
        const struct step *since = solution_since(&s->solution, &i->terms[k]);
        if (t.step && since->at < t.step->at) {
            t.before = later(t.before, since->level);
            continue;
        }
        if (t.step)
            t.before = later(t.before, t.step->level);
        t.term = &i->terms[k];
        t.step = since;
    }
    if (t.step->cause == NO_CAUSE)
        return t;
    /* The step alone need not make the term true: earlier steps of the package may have to help. */
    const struct term *c = incompat_term(&s->clauses.p[t.step->cause], t.term->package);
    struct term rest = term_or(&s->scratch, t.term, c);
    if (!term_is_full(&rest))
        t.before = later(t.before, solution_since(&s->solution, &rest)->level);
    return t;
}

/* Keeps the result of a resolution beyond the scratch arena. */
static uint32_t keep(struct search *s, const struct incompat *i) {
    struct incompat kept = *i;
    kept.why = WHY_LEARNED;
    kept.terms = arena_new(s->arena, struct term, i->n);
    for (uint32_t k = 0; k < i->n; k++)
        kept.terms[k] = term_copy(s->arena, &i->terms[k]);
    kept.causes = arena_copy(s->arena, s->chain.p, s->chain.n * sizeof *s->chain.p);
    kept.ncauses = s->chain.n;
    return search_add(s, &kept);
}

static uint32_t decided_at(const struct search *s, uint32_t level) {
    return level ? s->solution.decided.p[level - 1] : ROOT_PACKAGE;
}

static bool cannot_be_avoided(const struct incompat *i) {
    return !i->n || (i->n == 1 && i->terms[0].package == ROOT_PACKAGE && !i->terms[0].absent);
}

bool search_learn(struct search *s, uint32_t *conflict, struct blame *blame) {
    s->conflicts++;
    s->chain.n = 0;
    vec_push(&s->chain, (struct cause){*conflict, 0});
    struct incompat now = s->clauses.p[*conflict];
    struct turn turn = {0};
    bool failed;
    while (!(failed = cannot_be_avoided(&now))) {
        turn = find_turn(s, &now);
        if (turn.step->cause == NO_CAUSE || turn.before < turn.step->level)
            break;
        uint32_t pivot = turn.term->package;
        vec_push(&s->chain, (struct cause){turn.step->cause, pivot});
        now = incompat_resolve(&s->scratch, &now, &s->clauses.p[turn.step->cause], pivot);
    }
    if (!failed) {
        *blame = (struct blame){decided_at(s, turn.step->level), decided_at(s, turn.before)};
        s->backjumps += turn.before + 1 < solution_level(&s->solution);
        search_touch(s, turn.term->package);
        search_return(s, turn.before);
    }
    if (s->chain.n > 1)
        *conflict = keep(s, &now);
    arena_free(&s->scratch);
    return !failed;
}

void search_free(struct search *s) {
    for (uint32_t i = 0; i < s->watchers.n; i++)
        vec_free(&s->watchers.p[i].clauses);
    arena_free(&s->scratch);
    solution_free(&s->solution);
    vec_free(&s->clauses);
    vec_free(&s->watchers);
    vec_free(&s->queue);
    vec_free(&s->dead);
    vec_free(&s->chain);
}
