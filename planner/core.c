#include "planner/core.h"

#include <stdlib.h>

#include "planner/provider.h"

/* Attempts to leave something out, and how many facts there may be for the attempts to be quick. */
enum { ATTEMPTS = 200, FACTS = 4000 };

uint32_t *core_facts(const struct search *s, uint32_t clause, uint32_t *n, struct arena *a) {
    bool *used = arena_new(a, bool, s->clauses.n);
    uint32_t *facts = arena_new(a, uint32_t, s->clauses.n);
    *n = 0;
    used[clause] = true;
    for (uint32_t i = clause + 1; i--;) /* causes are older than what follows from them */
        for (uint32_t k = 0; used[i] && k < s->clauses.p[i].ncauses; k++)
            used[s->clauses.p[i].causes[k].incompat] = true;
    for (uint32_t i = 0; i <= clause; i++)
        if (used[i] && s->clauses.p[i].why != WHY_LEARNED)
            facts[(*n)++] = i;
    return facts;
}

/* An undecided package with the fewest versions left; false: none. */
static bool pick(const struct search *s, uint32_t *package) {
    uint32_t fewest = UINT32_MAX;
    for (uint32_t i = 0; i < s->solution.packages.n; i++) {
        if (!solution_knows(&s->solution, i))
            continue;
        const struct step *step = solution_last(&s->solution, i);
        if (step->after.absent || step->forced || set_count(&step->after.versions) >= fewest)
            continue;
        fewest = set_count(&step->after.versions);
        *package = i;
    }
    return fewest != UINT32_MAX;
}

/* True: there is no solution, and *clause says so. */
static bool prove(struct search *s, uint32_t *clause) {
    for (;;) {
        uint32_t package = 0;
        struct blame blame;
        if (!search_propagate(s, clause)) {
            if (!search_learn(s, clause, &blame))
                return true;
        } else if (pick(s, &package)) {
            const struct set *left = &solution_last(&s->solution, package)->after.versions;
            solution_decide(&s->solution, package, set_max(left));
            search_touch(s, package);
        } else {
            return false;
        }
    }
}

static void add_packages(struct search *to, const struct search *from, const struct incompat *fact) {
    for (uint32_t i = 0; i < fact->n; i++)
        search_add_package(to, fact->terms[i].package, fact->terms[i].versions.n);
    uint32_t other =
        fact->why == WHY_DEPENDS ? fact->dependency : ROOT_PACKAGE; /* its term may have been full */
    search_add_package(to, other, solution_last(&from->solution, other)->after.versions.n);
}

/* Facts that are left out together: one requirement of the user, or all that versions of one package say
   about one other. */
static bool same_group(const struct incompat *x, const struct incompat *y) {
    return x->why == y->why && x->depender == y->depender && x->dependency == y->dependency &&
           (x->depender != ROOT_PACKAGE || x->requirement == y->requirement);
}

/* Proves it from these facts of s but those of the group of `without` (NULL: all). NULL: they do not do. */
static struct core *attempt(const struct search *s, const uint32_t *facts, uint32_t n,
                            const struct incompat *without) {
    struct core *c = mem_zero(sizeof *c);
    search_init(&c->search, &c->arena);
    for (uint32_t i = 0; i < n; i++) {
        struct incompat fact = s->clauses.p[facts[i]];
        if (without && same_group(&fact, without))
            continue;
        add_packages(&c->search, s, &fact);
        fact.dead = false;
        search_add(&c->search, &fact);
    }
    struct incompat root = {.why = WHY_ROOT, .terms = arena_new(&c->arena, struct term, 1), .n = 1};
    root.terms[0] = (struct term){ROOT_PACKAGE, true, set_none(&c->arena, 1)};
    search_add_package(&c->search, ROOT_PACKAGE, 1);
    search_add(&c->search, &root);
    search_touch(&c->search, ROOT_PACKAGE);
    if (prove(&c->search, &c->clause))
        return c;
    core_free(c);
    return NULL;
}

static struct core *again(const struct search *s, uint32_t clause, const struct incompat *without) {
    struct arena a = {0};
    uint32_t n, *facts = core_facts(s, clause, &n, &a);
    struct core *c = attempt(s, facts, n, without);
    arena_free(&a);
    return c;
}

/* The last fact before `end` that begins its group, or NULL: the user's requirements first, of these the last
   ones, then the other facts. */
static const struct incompat *next_group(const struct core *c, const uint32_t *facts, uint32_t n, bool roots,
                                         const struct incompat *tried, uint32_t ntried) {
    for (uint32_t i = n; i--;) {
        const struct incompat *f = &c->search.clauses.p[facts[i]];
        bool done = f->why == WHY_ROOT || (f->depender == ROOT_PACKAGE) != roots;
        for (uint32_t k = 0; k < ntried && !done; k++)
            done = same_group(f, &tried[k]);
        if (!done)
            return f;
    }
    return NULL;
}

struct core *core_find(const struct search *s, uint32_t proof) {
    struct core *c = again(s, proof, NULL);
    struct arena a = {0};
    struct incompat *tried = arena_new(&a, struct incompat, ATTEMPTS);
    for (uint32_t ntried = 0; ntried < ATTEMPTS;) {
        struct arena scratch = {0};
        uint32_t n, *facts = core_facts(&c->search, c->clause, &n, &scratch);
        const struct incompat *group = next_group(c, facts, n, true, tried, ntried);
        group = group ? group : next_group(c, facts, n, false, tried, ntried);
        if (group)
            tried[ntried++] = *group;
        struct core *less = group && n <= FACTS ? attempt(&c->search, facts, n, group) : NULL;
        arena_free(&scratch);
        if (!group || n > FACTS)
            break;
        if (less) {
            core_free(c);
            c = less;
        }
    }
    arena_free(&a);
    return c;
}

void core_free(struct core *c) {
    search_free(&c->search);
    arena_free(&c->arena);
    free(c);
}
