#include <stdlib.h>

#include "base/file.h"
#include "base/url.h"
#include "base/vec.h"
#include "formats/filename.h"
#include "formats/requirement.h"
#include "planner/links.h"
#include "planner/show.h"

enum { MAX_CHAINS = 20 }; /* from one root: their number can grow as 2 to the length */

struct step { /* a package on a chain, and which of its edges is tried next */
    uint32_t package;
    size_t next;
};

struct why {
    const struct lock *lock;
    struct arena *a;
    struct links needs;
    struct str *required; /* per requirement of the lock: the project it names */
    uint32_t target;
    uint32_t *distance; /* edges to the target; UINT32_MAX: none lead there */
    VEC(struct step) chain;
    struct buf *out;
};

/* A bare path or URL names its project in the file's name alone. */
static struct str required_name(struct arena *a, struct str text) {
    struct requirement r;
    size_t at;
    const char *why;
    if (requirement_parse(a, text, true, &r, &at, &why) == 0)
        return r.name;
    struct str file = url_is(text) ? url_filename(a, text) : path_base(text);
    return filename_parse(a, file, STR("")).name;
}

/* Breadth first, against the edges. */
static void measure(struct why *w, const struct links *back) {
    VEC(uint32_t) queue = {0};
    memset(w->distance, 0xff, back->n * sizeof *w->distance);
    w->distance[w->target] = 0;
    vec_push(&queue, w->target);
    for (uint32_t i = 0; i < queue.n; i++) {
        uint32_t package = queue.p[i];
        for (size_t k = back->first[package]; k < back->first[package + 1]; k++)
            if (w->distance[back->to[k]] == UINT32_MAX) {
                w->distance[back->to[k]] = w->distance[package] + 1;
                vec_push(&queue, back->to[k]);
            }
    }
    vec_free(&queue);
}

static void put_requirements(struct why *w, struct str name) {
    uint32_t told = 0;
    for (uint32_t i = 0; i < w->lock->nrequires; i++)
        if (str_eq(w->required[i], name)) {
            buf_c(w->out, told++ ? " and " : "");
            show_text(w->lock->requires[i], w -> out);
        }
    buf_c(w->out, told ? ": " : "(requested): ");
}

static void put_chain(struct why *w) {
    buf_c(w->out, "  ");
    put_requirements(w, w->lock->packages[w->chain.p[0].package].name);
    for (uint32_t i = 0; i < w->chain.n; i++) {
        buf_c(w->out, i ? " -> " : "");
        show_package(&w->lock->packages[w->chain.p[i].package], w->out);
    }
    buf_char(w->out, '\n');
}

static void enter(struct why *w, uint32_t package) {
    struct step s = {package, w->needs.first[package]};
    vec_push(&w->chain, s);
}

/* All ways on which each step comes nearer are the shortest ones. */
static void put_chains(struct why *w, uint32_t root) {
    uint32_t found = 0;
    enter(w, root);
    while (w->chain.n) {
        struct step *s = &w->chain.p[w->chain.n - 1];
        uint32_t here = s->package;
        if (here == w->target && found == MAX_CHAINS) {
            buf_c(w->out, "  ... and more chains of that length\n");
            break;
        }
        if (here == w->target) {
            put_chain(w);
            found++;
        }
        while (s->next < w->needs.first[here + 1] &&
               w->distance[w->needs.to[s->next]] + 1 != w->distance[here])
            s->next++;
        if (here == w->target || s->next == w->needs.first[here + 1])
            w->chain.n--;
        else
            enter(w, w->needs.to[s->next++]);
    }
    w->chain.n = 0;
}

struct start {
    uint32_t distance, package;
};

static int nearest_first(const void *x, const void *y) {
    const struct start *a = x, *b = y;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return a->package < b->package ? -1 : a->package > b->package;
}

static void answer(struct why *w, const struct links *back) {
    struct start *starts = arena_new(w->a, struct start, back->n);
    uint32_t n = 0;
    measure(w, back);
    for (uint32_t i = 0; i < back->n; i++)
        if (w->lock->packages[i].requested && w->distance[i] != UINT32_MAX)
            starts[n++] = (struct start){w->distance[i], i};
    if (n)
        qsort(starts, n, sizeof *starts, nearest_first);
    show_package(&w->lock->packages[w->target], w->out);
    buf_c(w->out, n ? "\n" : ": nothing that was asked for needs it\n");
    for (uint32_t i = 0; i < n; i++)
        put_chains(w, starts[i].package);
}

int show_why(const struct lock *l, struct str name, struct buf *out, struct err *e) {
    struct arena a = {0};
    struct links back;
    uint32_t end;
    struct why w = {.lock = l,
                    .a = &a,
                    .out = out,
                    .distance = arena_new(&a, uint32_t, l->npackages),
                    .required = arena_new(&a, struct str, l->nrequires)};
    if (show_find(l, name, &w.target, &end, e) < 0) {
        arena_free(&a);
        return -1;
    }
    for (uint32_t i = 0; i < l->nrequires; i++)
        w.required[i] = required_name(&a, l->requires[i]);
    links_make(l, false, &a, &w.needs);
    links_make(l, true, &a, &back);
    for (; w.target < end; w.target++)
        answer(&w, &back);
    vec_free(&w.chain);
    arena_free(&a);
    return 0;
}
