#include "planner/solution.h"

#include <assert.h>
#include <stdlib.h>

static struct history *history(const struct solution *s, uint32_t package) {
    return &s->packages.p[package];
}

bool solution_knows(const struct solution *s, uint32_t package) {
    return package < s->packages.n && history(s, package)->steps.n;
}

/* A further step that so far leaves what the one before left. */
static struct step *push(struct solution *s, uint32_t package, uint32_t cause) {
    struct history *h = history(s, package);
    vec_reserve(&h->steps, 1);
    struct step *step = &h->steps.p[h->steps.n], *before = step - 1;
    if (h->steps.n == h->used) {
        step->after = term_copy(s->arena, &before->after);
        h->used++;
    } else {
        step->after.absent = before->after.absent;
        set_assign(&step->after.versions, &before->after.versions);
    }
    step->cause = cause;
    step->level = solution_level(s);
    step->at = s->trail.n;
    step->stamp = ++s->stamps;
    h->steps.n++;
    vec_push(&s->trail, package);
    return step;
}

static void settle(struct step *step) {
    step->forced = !step->after.absent && set_is_one(&step->after.versions);
    assert(step->after.absent || !set_is_empty(&step->after.versions));
}

void solution_add(struct solution *s, uint32_t package, uint32_t versions) {
    while (s->packages.n <= package)
        vec_push(&s->packages, (struct history){{0}, 0});
    struct history *h = history(s, package);
    vec_push(&h->steps, (struct step){.after = term_full(s->arena, package, versions), .cause = NO_CAUSE});
    h->used = 1;
}

const struct step *solution_last(const struct solution *s, uint32_t package) {
    const struct history *h = history(s, package);
    return &h->steps.p[h->steps.n - 1];
}

uint32_t solution_level(const struct solution *s) {
    return s->decided.n;
}

void solution_decide(struct solution *s, uint32_t package, uint32_t version) {
    vec_push(&s->decided, package);
    struct step *step = push(s, package, NO_CAUSE);
    struct set one = set_one(s->arena, step->after.versions.n, version);
    step->after.absent = false;
    set_keep(&step->after.versions, &one);
    settle(step);
}

void solution_exclude(struct solution *s, const struct term *t, uint32_t cause) {
    struct step *step = push(s, t->package, cause);
    step->after.absent = step->after.absent && !t->absent;
    set_drop(&step->after.versions, &t->versions);
    settle(step);
}

void solution_return(struct solution *s, uint32_t level) {
    s->decided.n = level;
    while (s->trail.n) {
        struct history *h = history(s, s->trail.p[s->trail.n - 1]);
        if (h->steps.p[h->steps.n - 1].level <= level)
            break;
        h->steps.n--;
        s->trail.n--;
    }
}

const struct step *solution_since(const struct solution *s, const struct term *t) {
    const struct history *h = history(s, t->package);
    uint32_t low = 0, high = h->steps.n - 1; /* true at high; states only get fewer */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (term_subset(&h->steps.p[middle].after, t))
            high = middle;
        else
            low = middle + 1;
    }
    return &h->steps.p[high];
}

void solution_free(struct solution *s) {
    for (uint32_t i = 0; i < s->packages.n; i++)
        vec_free(&s->packages.p[i].steps);
    vec_free(&s->packages);
    vec_free(&s->trail);
    vec_free(&s->decided);
}
