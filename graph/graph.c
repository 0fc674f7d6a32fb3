#include "graph/graph.h"

#include <stdlib.h>

#include "base/arena.h"

static uint32_t *ids(uint32_t n) {
    return mem_zero(sizeof(uint32_t) * n);
}

uint32_t graph_node(struct graph *g, double cost) {
    if (g->n == g->cap) {
        g->cap = g->cap ? 2 * g->cap : 64;
        g->cost = mem_grow(g->cost, g->cap * sizeof *g->cost);
    }
    g->cost[g->n] = cost;
    return g->n++;
}

void graph_edge(struct graph *g, uint32_t before, uint32_t after) {
    if (g->nedges == g->capedges) {
        g->capedges = g->capedges ? 2 * g->capedges : 64;
        g->from = mem_grow(g->from, g->capedges * sizeof *g->from);
        g->to = mem_grow(g->to, g->capedges * sizeof *g->to);
    }
    g->from[g->nedges] = before;
    g->to[g->nedges++] = after;
}

static void free_derived(struct graph *g) {
    free(g->first);
    free(g->out);
    free(g->blocked);
    free(g->rest);
    free(g->order);
    g->first = g->out = g->blocked = g->order = NULL;
    g->rest = NULL;
}

/* Edges sorted by where they begin (a counting sort that keeps the order of equals), and how many lead to
   each node. */
static void sort_edges(struct graph *g) {
    g->first = ids(g->n + 1);
    g->out = ids(g->nedges);
    g->blocked = ids(g->n);
    for (uint32_t i = 0; i < g->nedges; i++) {
        g->first[g->from[i] + 1]++;
        g->blocked[g->to[i]]++;
    }
    for (uint32_t i = 0; i < g->n; i++)
        g->first[i + 1] += g->first[i];
    uint32_t *at = ids(g->n);
    for (uint32_t i = 0; i < g->nedges; i++)
        g->out[g->first[g->from[i]] + at[g->from[i]]++] = g->to[i];
    free(at);
}

/* Kahn's algorithm, a level at a time: depth[i] for every node that is on no cycle and behind none, left[i]
   the predecessors that never came. Returns how many nodes it reached. */
static uint32_t find_depths(const struct graph *g, uint32_t *depth, uint32_t *left) {
    uint32_t *queue = ids(g->n), head = 0, tail = 0;
    for (uint32_t i = 0; i < g->n; i++)
        if (!(left[i] = g->blocked[i]))
            queue[tail++] = i;
    while (head < tail) {
        uint32_t node = queue[head++];
        for (uint32_t i = g->first[node]; i < g->first[node + 1]; i++) {
            uint32_t next = g->out[i];
            if (depth[next] < depth[node] + 1)
                depth[next] = depth[node] + 1;
            if (!--left[next])
                queue[tail++] = next;
        }
    }
    free(queue);
    return tail;
}

static void sort_nodes(struct graph *g, const uint32_t *depth) {
    uint32_t *at = ids(g->n + 1);
    for (uint32_t i = 0; i < g->n; i++)
        at[depth[i] + 1]++;
    for (uint32_t i = 0; i < g->n; i++)
        at[i + 1] += at[i];
    g->order = ids(g->n);
    for (uint32_t i = 0; i < g->n; i++)
        g->order[at[depth[i]]++] = i;
    free(at);
}

static void find_rest(struct graph *g) {
    g->rest = mem_zero(sizeof *g->rest * g->n);
    for (uint32_t k = g->n; k--;) {
        uint32_t node = g->order[k];
        for (uint32_t i = g->first[node]; i < g->first[node + 1]; i++)
            if (g->rest[node] < g->rest[g->out[i]])
                g->rest[node] = g->rest[g->out[i]];
        g->rest[node] += g->cost[node];
    }
}

/* Going back from a node that was never reached, over predecessors that were not either, must come round. */
static uint32_t node_on_cycle(const struct graph *g, const uint32_t *left) {
    uint32_t *back = ids(g->n), node = 0;
    for (uint32_t i = 0; i < g->nedges; i++)
        if (left[g->from[i]])
            back[g->to[i]] = g->from[i];
    while (!left[node])
        node++;
    for (uint32_t i = 0; i < g->n; i++)
        node = back[node];
    free(back);
    return node;
}

int graph_seal(struct graph *g, uint32_t *cycle, struct err *e) {
    free_derived(g);
    sort_edges(g);
    uint32_t *depth = ids(g->n), *left = ids(g->n);
    bool acyclic = find_depths(g, depth, left) == g->n;
    if (acyclic) {
        sort_nodes(g, depth);
        find_rest(g);
    } else {
        uint32_t node = node_on_cycle(g, left);
        if (cycle)
            *cycle = node;
        err_fail(e, "the graph has a cycle: node %u has to wait for itself", node);
    }
    free(depth);
    free(left);
    return acyclic ? 0 : -1;
}

uint32_t graph_critical_path(const struct graph *g, uint32_t *out) {
    uint32_t n = 0, node = 0;
    if (!g->n)
        return 0;
    for (uint32_t i = 1; i < g->n; i++)
        if (g->rest[i] > g->rest[node])
            node = i;
    for (;;) {
        out[n++] = node;
        uint32_t begin = g->first[node], end = g->first[node + 1];
        if (begin == end)
            return n;
        node = g->out[begin];
        for (uint32_t i = begin + 1; i < end; i++) {
            uint32_t next = g->out[i];
            if (g->rest[next] > g->rest[node] || (g->rest[next] == g->rest[node] && next < node))
                node = next;
        }
    }
}

void graph_free(struct graph *g) {
    free_derived(g);
    free(g->from);
    free(g->to);
    free(g->cost);
    *g = (struct graph){0};
}
