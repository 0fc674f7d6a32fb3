#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "graph/graph.h"

static bool goes_before(const struct ready *r, uint32_t x, uint32_t y) {
    const double *rest = r->graph->rest;
    return rest[x] > rest[y] || (rest[x] == rest[y] && x < y);
}

void ready_init(struct ready *r, const struct graph *g) {
    *r = (struct ready){.graph = g, .left = g->n};
    r->blocked = mem_alloc(sizeof *r->blocked * g->n);
    r->heap = mem_alloc(sizeof *r->heap * g->n);
    if (g->n)
        memcpy(r->blocked, g->blocked, sizeof *r->blocked * g->n);
    for (uint32_t i = 0; i < g->n; i++)
        if (!g->blocked[i])
            ready_push(r, i);
}

void ready_push(struct ready *r, uint32_t node) {
    uint32_t i = r->n++;
    while (i && goes_before(r, node, r->heap[(i - 1) / 2])) {
        r->heap[i] = r->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    r->heap[i] = node;
}

bool ready_pop(struct ready *r, uint32_t *node) {
    if (!r->n)
        return false;
    *node = r->heap[0];
    uint32_t last = r->heap[--r->n], i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= r->n)
            break;
        if (child + 1 < r->n && goes_before(r, r->heap[child + 1], r->heap[child]))
            child++;
        if (!goes_before(r, r->heap[child], last))
            break;
        r->heap[i] = r->heap[child];
        i = child;
    }
    r->heap[i] = last;
    return true;
}

void ready_done(struct ready *r, uint32_t node) {
    const struct graph *g = r->graph;
    r->left--;
    for (uint32_t i = g->first[node]; i < g->first[node + 1]; i++)
        if (!--r->blocked[g->out[i]])
            ready_push(r, g->out[i]);
}

void ready_free(struct ready *r) {
    free(r->blocked);
    free(r->heap);
    *r = (struct ready){0};
}
