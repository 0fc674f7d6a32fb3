#include "planner/explain.h"

#include <stdlib.h>

#include "base/vec.h"
#include "planner/core.h"
#include "planner/phrase.h"

enum {
    GROUPS_PER_STEP = 4, /* a step with more is not read into another */
    FACTS_PER_GROUP = 3, /* more facts about the same two packages are summed up */
    STEPS = 8            /* more steps help nobody: then the facts alone are told */
};

/* Facts about versions of one package and one other, told together. */
struct group {
    VEC(const struct incompat *) facts;
    uint32_t order;
};

typedef VEC(struct group) groups;

struct note {
    struct incompat shown; /* what follows without the user's requirements: these come last, in one list */
    uint32_t uses;         /* by other learned clauses of the proof */
    uint32_t number;       /* of the line, if it is referred to */
    bool reached, inlined, said;
    groups groups;      /* its facts, and those of the steps that are read into it */
    VEC(uint32_t) refs; /* steps that stand for themselves */
};

struct account {
    struct phrase phrase;
    const struct search *search;
    struct arena *arena;
    struct note *notes; /* by clause */
    uint32_t proof, lines, numbers;
    uint32_t last;   /* the step that was told last */
    uint32_t *order; /* by package: the way from the root */
    uint32_t nsteps;
};

static const struct incompat *clause(const struct account *t, uint32_t id) {
    return &t->search->clauses.p[id];
}

static bool is_users(const struct incompat *c) {
    return c->why == WHY_ROOT || (c->why == WHY_DEPENDS && c->depender == ROOT_PACKAGE);
}

/* Numbers the packages depth first from the root, so that facts can be told along the way. */
static void find_order(struct account *t) {
    const struct phrase *p = &t->phrase;
    uint32_t n = t->search->solution.packages.n, next = 0;
    VEC(uint32_t) stack = {0};
    t->order = arena_new(t->arena, uint32_t, n);
    vec_push(&stack, ROOT_PACKAGE);
    while (stack.n) {
        uint32_t package = stack.p[--stack.n];
        if (t->order[package])
            continue;
        t->order[package] = ++next;
        for (uint32_t i = p->nfacts; i--;)
            if (p->facts[i]->why == WHY_DEPENDS && p->facts[i]->depender == package &&
                !t->order[p->facts[i]->dependency])
                vec_push(&stack, p->facts[i]->dependency);
    }
    vec_free(&stack);
}

static void mark(struct account *t) {
    t->notes[t->proof].reached = true;
    for (uint32_t i = t->proof + 1; i--;) {
        const struct incompat *c = clause(t, i);
        for (uint32_t k = 0; t->notes[i].reached && k < c->ncauses; k++) {
            t->notes[c->causes[k].incompat].reached = true;
            t->notes[c->causes[k].incompat].uses++;
        }
    }
}

/* Resolves again, without what the user requires. */
static struct incompat resolve_shown(const struct account *t, const struct incompat *c) {
    struct incompat now = {0};
    bool begun = false;
    for (uint32_t k = 0; k < c->ncauses; k++) {
        const struct incompat *cause = clause(t, c->causes[k].incompat);
        uint32_t pivot = c->causes[k].pivot;
        if (is_users(cause))
            continue;
        if (cause->why == WHY_LEARNED)
            cause = &t->notes[c->causes[k].incompat].shown;
        if (!begun)
            now = *cause;
        else if (incompat_term(&now, pivot))
            now = incompat_resolve(t->arena, &now, cause, pivot);
        begun = true;
    }
    return now;
}

static void add_fact(const struct account *t, groups *g, const struct incompat *fact) {
    for (uint32_t i = 0; i < g->n; i++) {
        struct group *group = &g->p[i];
        const struct incompat *first = group->facts.p[0];
        if (first->why != fact->why || first->depender != fact->depender ||
            first->dependency != fact->dependency || first->reason != fact->reason)
            continue;
        for (uint32_t k = 0; k < group->facts.n; k++)
            if (group->facts.p[k] == fact)
                return;
        vec_push(&group->facts, fact);
        return;
    }
    struct group group = {.order = t->order[fact->depender]};
    vec_push(&group.facts, fact);
    vec_push(g, group);
}

static void add_groups(const struct account *t, groups *to, const groups *from) {
    for (uint32_t i = 0; i < from->n; i++)
        for (uint32_t k = 0; k < from->p[i].facts.n; k++)
            add_fact(t, to, from->p[i].facts.p[k]);
}

static void add_ref(struct note *note, uint32_t ref) {
    for (uint32_t i = 0; i < note->refs.n; i++)
        if (note->refs.p[i] == ref)
            return;
    vec_push(&note->refs, ref);
}

/* What the step is told with: facts, short steps used only here, and references to the others. */
static void gather(struct account *t, uint32_t id) {
    const struct incompat *c = clause(t, id);
    struct note *note = &t->notes[id];
    note->shown = resolve_shown(t, c);
    for (uint32_t k = 0; k < c->ncauses; k++) {
        const struct incompat *cause = clause(t, c->causes[k].incompat);
        if (cause->why != WHY_LEARNED && !is_users(cause))
            add_fact(t, &note->groups, cause);
    }
    for (uint32_t k = 0; k < c->ncauses; k++) {
        uint32_t i = c->causes[k].incompat;
        struct note *other = &t->notes[i];
        if (clause(t, i)->why != WHY_LEARNED || other->inlined)
            continue;
        if ((other->uses == 1 && note->groups.n + other->groups.n <= GROUPS_PER_STEP) ||
            other->groups.n + other->refs.n == 0) {
            other->inlined = true;
            add_groups(t, &note->groups, &other->groups);
            for (uint32_t r = 0; r < other->refs.n; r++)
                add_ref(note, other->refs.p[r]);
        } else {
            add_ref(note, i);
        }
    }
}

static int by_order(const void *x, const void *y) {
    const struct group *p = x, *q = y;
    return (p->order > q->order) - (p->order < q->order);
}

static void say_groups(const struct account *t, groups *g) {
    const struct phrase *p = &t->phrase;
    uint32_t n = 0, i = 0;
    if (g->n)
        qsort(g->p, g->n, sizeof *g->p, by_order);
    for (uint32_t k = 0; k < g->n; k++)
        n += g->p[k].facts.n > FACTS_PER_GROUP ? 1 : g->p[k].facts.n;
    for (uint32_t k = 0; k < g->n; k++) {
        const struct group *group = &g->p[k];
        if (group->facts.n > FACTS_PER_GROUP && group->facts.p[0]->why == WHY_DEPENDS) {
            phrase_facts(p, group->facts.p, group->facts.n);
            buf_c(p->out, phrase_between(i++, n));
            continue;
        }
        for (uint32_t f = 0; f < group->facts.n; f++) {
            phrase_fact(p, group->facts.p[f]);
            buf_c(p->out, phrase_between(i++, n));
        }
    }
}

static void say_refs(const struct account *t, const struct note *note, bool others) {
    struct buf *out = t->phrase.out;
    buf_c(out, others ? ", and with " : "From ");
    for (uint32_t i = 0; i < note->refs.n; i++)
        buf_fmt(out, "(%u)%s", t->notes[note->refs.p[i]].number, phrase_between(i, note->refs.n));
}

static void say_step(struct account *t, uint32_t id) {
    struct note *note = &t->notes[id];
    struct buf *out = t->phrase.out;
    buf_char(out, '\n');
    if (note->number)
        buf_fmt(out, "(%u) ", note->number);
    if (note->groups.n) {
        buf_c(out, "Because ");
        say_groups(t, &note->groups);
    }
    if (note->refs.n)
        say_refs(t, note, note->groups.n > 0);
    buf_c(out, ", ");
    phrase_conclusion(&t->phrase, &note->shown);
    buf_char(out, '.');
}

/* "You require a (requirements.txt:1) and b (requirements.txt:2)." */
static void say_requirements(const struct account *t) {
    const struct phrase *p = &t->phrase;
    uint32_t n = 0, i = 0;
    for (uint32_t k = 0; k < p->nfacts; k++)
        n += is_users(p->facts[k]) && p->facts[k]->why == WHY_DEPENDS;
    if (!n)
        return;
    buf_c(p->out, "\nYou require ");
    for (uint32_t k = 0; k < p->nfacts; k++) {
        if (!is_users(p->facts[k]) || p->facts[k]->why != WHY_DEPENDS)
            continue;
        phrase_requirement(p, p->facts[k]);
        buf_c(p->out, phrase_between(i++, n));
    }
    if (n == p->nfacts && n > 1)
        buf_c(p->out, n == 2 ? ", and no version satisfies both" : ", and no version satisfies all of them");
    buf_char(p->out, '.');
}

/* Too long an argument: every fact on a line of its own. */
static void say_facts(struct account *t) {
    groups all = {0};
    for (uint32_t i = 0; i < t->phrase.nfacts; i++)
        if (!is_users(t->phrase.facts[i]))
            add_fact(t, &all, t->phrase.facts[i]);
    qsort(all.p, all.n, sizeof *all.p, by_order);
    buf_c(t->phrase.out, "\nThese facts exclude each other:");
    for (uint32_t i = 0; i < all.n; i++) {
        groups one = {&all.p[i], 1, 1};
        buf_c(t->phrase.out, "\n  - ");
        say_groups(t, &one);
    }
    for (uint32_t i = 0; i < all.n; i++)
        vec_free(&all.p[i].facts);
    vec_free(&all);
}

static bool stands(const struct account *t, uint32_t id) {
    return t->notes[id].reached && clause(t, id)->why == WHY_LEARNED && !t->notes[id].inlined;
}

static void number_steps(struct account *t) {
    for (uint32_t i = 0; i <= t->proof; i++) {
        if (!stands(t, i))
            continue;
        t->nsteps++;
        if (i != t->proof)
            t->notes[i].number = t->nsteps;
    }
}

static void say_all(struct account *t) {
    for (uint32_t i = 0; i <= t->proof; i++)
        if (t->notes[i].reached && clause(t, i)->why == WHY_LEARNED)
            gather(t, i);
    number_steps(t);
    const struct note *last = &t->notes[t->proof];
    if (t->nsteps > STEPS)
        say_facts(t);
    for (uint32_t i = 0; t->nsteps <= STEPS && i <= t->proof; i++)
        if (stands(t, i) && (i != t->proof || last->groups.n || last->refs.n))
            say_step(t, i);
    say_requirements(t);
}

static void forget(struct account *t) {
    for (uint32_t i = 0; i <= t->proof; i++) {
        for (uint32_t k = 0; k < t->notes[i].groups.n; k++)
            vec_free(&t->notes[i].groups.p[k].facts);
        vec_free(&t->notes[i].groups);
        vec_free(&t->notes[i].refs);
    }
}

struct str explain(const struct provider *p, const struct search *s, uint32_t proof, struct arena *a) {
    struct core *core = core_find(s, proof);
    struct arena scratch = {0};
    struct buf out = {0};
    uint32_t n, *ids = core_facts(&core->search, core->clause, &n, &scratch);
    const struct incompat **facts = arena_new(&scratch, const struct incompat *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        facts[i] = &core->search.clauses.p[ids[i]];
    struct account t = {.phrase = {p, &scratch, &out, facts, n},
                        .search = &core->search,
                        .arena = &scratch,
                        .proof = core->clause,
                        .notes = arena_new(&scratch, struct note, core->clause + 1)};
    buf_c(&out, "No set of versions satisfies the requirements.");
    find_order(&t);
    mark(&t);
    say_all(&t);
    forget(&t);
    struct str text = arena_str(a, buf_view(&out));
    buf_free(&out);
    arena_free(&scratch);
    core_free(core);
    return text;
}
