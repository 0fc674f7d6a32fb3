#include "planner/links.h"

uint32_t links_find(const struct lock *l, struct str name, uint32_t *end) {
    uint32_t low = 0, high = l->npackages;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (str_cmp(l->packages[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*end = low; *end < l->npackages && str_eq(l->packages[*end].name, name);)
        ++*end;
    return low;
}

/* Calls for each edge, those of one package together, both ends ascending. */
static void each_edge(const struct lock *l, bool backwards, void (*visit)(struct links *, uint32_t, uint32_t),
                      struct links *k) {
    for (uint32_t i = 0; i < l->npackages; i++)
        for (uint32_t d = 0; d < l->packages[i].ndepends; d++) {
            uint32_t end, j = links_find(l, l->packages[i].depends[d], &end);
            for (; j < end; j++)
                visit(k, backwards ? j : i, backwards ? i : j);
        }
}

static void count(struct links *k, uint32_t from, uint32_t to) {
    (void)to;
    k->first[from + 1]++;
}

/* first[] runs ahead while edges are put in; it is set back afterwards. */
static void put(struct links *k, uint32_t from, uint32_t to) {
    k->to[k->first[from]++] = to;
}

void links_make(const struct lock *l, bool backwards, struct arena *a, struct links *out) {
    *out = (struct links){.n = l->npackages, .first = arena_new(a, size_t, (size_t)l->npackages + 1)};
    each_edge(l, backwards, count, out);
    for (uint32_t i = 0; i < out->n; i++)
        out->first[i + 1] += out->first[i];
    out->to = arena_new(a, uint32_t, out->first[out->n]);
    each_edge(l, backwards, put, out);
    memmove(out->first + 1, out->first, out->n * sizeof *out->first);
    out->first[0] = 0;
}
