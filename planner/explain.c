#include "planner/explain.h"

#include <stdlib.h>

#include "base/vec.h"
#include "planner/phrase.h"

#define NO_STEP UINT32_MAX

enum {
    GROUPS_PER_STEP = 4, /* a step with more is not read into another */
    FACTS_PER_GROUP = 3, /* more facts about the same two packages are summed up */
    FACTS_PER_SENTENCE = 5,
    STEPS = 8 /* more steps help nobody: then the facts alone are told */
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
    bool reached, inlined;
    groups groups;      /* its facts, and those of the steps that are read into it */
    VEC(uint32_t) refs; /* the steps it rests on that have lines of their own */
    bool line, numbered;
    uint32_t number, before; /* of its line; the step on the line before */
};

struct account {
    struct phrase phrase;
    const struct search *search;
    struct arena *arena;
    struct note *notes; /* by clause */
    uint32_t proof;
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
        if (clause(t, i)->why != WHY_LEARNED)
            continue;
        if (!other->groups.n && other->refs.n < 2) /* only the user's requirements were new in it */
            other->inlined = true;
        if (other->uses == 1 && note->groups.n + other->groups.n <= GROUPS_PER_STEP)
            other->inlined = true;
        if (!other->inlined) {
            add_ref(note, i);
            continue;
        }
        add_groups(t, &note->groups, &other->groups);
        for (uint32_t r = 0; r < other->refs.n; r++)
            add_ref(note, other->refs.p[r]);
    }
}

/* Along the way from the root; of one package, in the order in which it was learned (the newest version is
   asked first). */
static int by_order(const void *x, const void *y) {
    const struct group *p = x, *q = y;
    const struct incompat *f = p->facts.p[0], *g = q->facts.p[0];
    return p->order != q->order ? (p->order > q->order) - (p->order < q->order) : (f > g) - (f < g);
}

static int by_age(const void *x, const void *y) {
    const struct incompat *f = *(const struct incompat *const *)x, *g = *(const struct incompat *const *)y;
    return (f > g) - (f < g);
}

static bool is_summed_up(const struct group *g) {
    return g->facts.n > FACTS_PER_GROUP && g->facts.p[0]->why == WHY_DEPENDS;
}

/* Facts that are told as one sentence, or, if there are many, as a list. */
struct telling {
    const struct phrase *phrase;
    uint32_t n, told;
    bool list, bare; /* bare: no word stands before */
};

static void begin_sentence(struct telling *s) {
    if (s->list)
        buf_c(s->phrase->out, "\n  - ");
    else
        buf_c(s->phrase->out, s->told ? phrase_between(s->told - 1, s->n) : s->bare ? "" : " ");
    s->told++;
}

/* The facts one by one, those of the same versions as one: "a 1.0 depends on b and c". */
static void say_each(struct telling *s, const struct incompat *const *facts, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (i && phrase_continues(facts[i - 1], facts[i])) {
            buf_c(s->phrase->out, i + 1 < n && phrase_continues(facts[i], facts[i + 1]) ? ", " : " and ");
            phrase_further(s->phrase, facts[i]);
        } else {
            begin_sentence(s);
            phrase_fact(s->phrase, facts[i]);
        }
    }
}

static uint32_t count_sentences(const struct incompat *const *facts, uint32_t n) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += !i || !phrase_continues(facts[i - 1], facts[i]);
    return count;
}

/* Sums up what is too much; the rest comes one by one. Returns true if it became a list of lines. */
static bool say_groups(const struct account *t, groups *g, bool list) {
    VEC(const struct incompat *) few = {0};
    struct telling s = {.phrase = &t->phrase};
    if (g->n)
        qsort(g->p, g->n, sizeof *g->p, by_order);
    for (uint32_t k = 0; k < g->n; k++) {
        struct group *group = &g->p[k];
        qsort(group->facts.p, group->facts.n, sizeof *group->facts.p, by_age);
        s.n += is_summed_up(group);
        for (uint32_t f = 0; !is_summed_up(group) && f < group->facts.n; f++)
            vec_push(&few, group->facts.p[f]);
    }
    s.n += count_sentences(few.p, few.n);
    s.list = list || s.n > FACTS_PER_SENTENCE;
    for (uint32_t k = 0; k < g->n; k++) {
        if (!is_summed_up(&g->p[k]))
            continue;
        begin_sentence(&s);
        phrase_facts(&t->phrase, g->p[k].facts.p, g->p[k].facts.n);
    }
    say_each(&s, few.p, few.n);
    vec_free(&few);
    return s.list;
}

/* Does the step go on from the line before it, and from nothing else? */
static bool follows(const struct account *t, uint32_t id) {
    const struct note *note = &t->notes[id];
    return note->refs.n == 1 && note->groups.n && note->refs.p[0] == note->before;
}

/* Would the conclusion only say the fact again? */
static bool is_bare_fact(const struct note *note) {
    if (note->refs.n || note->groups.n != 1)
        return false;
    const struct group *g = &note->groups.p[0];
    return note->shown.n == (g->facts.p[0]->why == WHY_DEPENDS ? 2 : 1) &&
           (g->facts.n == 1 || g->facts.p[0]->why == WHY_DEPENDS);
}

/* "a 1.0 depends on b>=2." */
static void say_bare_fact(struct account *t, const struct group *g) {
    struct buf *out = t->phrase.out;
    size_t start = out->n;
    if (is_summed_up(g))
        phrase_facts(&t->phrase, g->facts.p, g->facts.n);
    else
        say_each(&(struct telling){.phrase = &t->phrase, .n = g->facts.n, .bare = true}, g->facts.p,
                 g->facts.n);
    struct str said = str_from(buf_view(out), start);
    if (str_starts(said, STR("every ")) || str_starts(said, STR("each "))) /* names keep their case */
        out->p[start] = 'E';
    buf_char(out, '.');
}

static void say_step(struct account *t, uint32_t id) {
    struct note *note = &t->notes[id];
    struct buf *out = t->phrase.out;
    bool goes_on = follows(t, id);
    buf_char(out, '\n');
    if (note->number)
        buf_fmt(out, "(%u) ", note->number);
    if (is_bare_fact(note)) {
        say_bare_fact(t, &note->groups.p[0]);
        return;
    }
    buf_c(out, goes_on ? "And because" : note->groups.n ? "Because" : "From");
    bool list = say_groups(t, &note->groups, false);
    if (!goes_on && note->refs.n && note->groups.n)
        buf_c(out, list ? "\nand with" : ", and with");
    for (uint32_t i = 0; !goes_on && i < note->refs.n; i++)
        buf_fmt(out, "%s(%u)%s", i ? "" : " ", t->notes[note->refs.p[i]].number,
                phrase_between(i, note->refs.n));
    buf_c(out, list && (goes_on || !note->refs.n) ? "\n" : ", ");
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
    buf_c(t->phrase.out, "\nThese facts exclude each other:");
    say_groups(t, &all, true);
    for (uint32_t i = 0; i < all.n; i++)
        vec_free(&all.p[i].facts);
    vec_free(&all);
}

static int by_number(const void *x, const void *y) {
    uint32_t i = *(const uint32_t *)x, j = *(const uint32_t *)y;
    return (i > j) - (i < j);
}

/* Steps that get lines of their own, and numbers for those that are referred to from further away than the
   next line. */
static void find_steps(struct account *t) {
    uint32_t before = NO_STEP, number = 0;
    for (uint32_t i = 0; i <= t->proof; i++) {
        struct note *note = &t->notes[i];
        if (!note->reached || note->inlined || clause(t, i)->why != WHY_LEARNED ||
            (!note->groups.n && note->refs.n < 2))
            continue;
        note->line = true;
        note->before = before;
        before = i;
        t->nsteps++;
        for (uint32_t r = 0; !follows(t, i) && r < note->refs.n; r++)
            t->notes[note->refs.p[r]].numbered = true;
    }
    for (uint32_t i = 0; i <= t->proof; i++) {
        struct note *note = &t->notes[i];
        if (note->numbered)
            note->number = ++number;
        if (note->refs.n)
            qsort(note->refs.p, note->refs.n, sizeof *note->refs.p, by_number);
    }
}

static void say_all(struct account *t) {
    for (uint32_t i = 0; i <= t->proof; i++)
        if (t->notes[i].reached && clause(t, i)->why == WHY_LEARNED)
            gather(t, i);
    find_steps(t);
    if (t->nsteps > STEPS)
        say_facts(t);
    for (uint32_t i = 0; t->nsteps <= STEPS && i <= t->proof; i++)
        if (t->notes[i].line)
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

/* The facts (clauses that were not learned) on which the proof rests: ids, ascending, in the arena. */
static uint32_t *find_facts(const struct search *s, uint32_t proof, uint32_t *n, struct arena *a) {
    bool *used = arena_new(a, bool, proof + 1);
    uint32_t *facts = arena_new(a, uint32_t, proof + 1);
    *n = 0;
    used[proof] = true;
    for (uint32_t i = proof + 1; i--;) /* causes are older than what follows from them */
        for (uint32_t k = 0; used[i] && k < s->clauses.p[i].ncauses; k++)
            used[s->clauses.p[i].causes[k].incompat] = true;
    for (uint32_t i = 0; i <= proof; i++)
        if (used[i] && s->clauses.p[i].why != WHY_LEARNED)
            facts[(*n)++] = i;
    return facts;
}

struct str explain(const struct provider *p, const struct search *s, uint32_t proof, struct arena *a) {
    struct arena scratch = {0};
    struct buf out = {0};
    uint32_t n, *ids = find_facts(s, proof, &n, &scratch);
    const struct incompat **facts = arena_new(&scratch, const struct incompat *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        facts[i] = &s->clauses.p[ids[i]];
    struct account t = {.phrase = {p, &scratch, &out, facts, n},
                        .search = s,
                        .arena = &scratch,
                        .proof = proof,
                        .notes = arena_new(&scratch, struct note, proof + 1)};
    buf_c(&out, "No set of versions satisfies the requirements.");
    find_order(&t);
    mark(&t);
    say_all(&t);
    forget(&t);
    struct str text = arena_str(a, buf_view(&out));
    buf_free(&out);
    arena_free(&scratch);
    return text;
}
