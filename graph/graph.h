/* graph: a directed acyclic graph of nodes with dense ids. Knows neither packages nor actions. An edge from a
   to b says: a before b. */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* All zero is an empty graph. */
struct graph {
    uint32_t n; /* nodes */
    uint32_t nedges;
    uint32_t *from, *to; /* edges as added */
    uint32_t cap, capedges;
    double *cost; /* per node, seconds (an estimate) */
    /* Made by graph_seal. */
    uint32_t *first; /* n + 1: out[first[i]] .. out[first[i + 1] - 1] are the nodes behind i */
    uint32_t *out;
    uint32_t *blocked; /* per node: edges that lead to it */
    double *rest;      /* per node: cost of the longest path that begins with it, its own cost included */
    uint32_t *order;   /* topological: by depth (edges on the longest way there), then by id */
};

uint32_t graph_node(struct graph *g, double cost); /* its id */
void graph_edge(struct graph *g, uint32_t before, uint32_t after);
/* Builds what is derived. A cycle is an error; *cycle (if not NULL) is a node on it. O(nodes + edges). */
int graph_seal(struct graph *g, uint32_t *cycle, struct err *e);
/* The nodes of the longest path into out (room for n); returns how many. */
uint32_t graph_critical_path(const struct graph *g, uint32_t *out);
void graph_free(struct graph *g);

/* The ready set of a run: nodes whose predecessors are all done, the longest remaining path first (then
 * lowest id). */
struct ready {
    const struct graph *graph;
    uint32_t *blocked; /* per node: predecessors not yet done */
    uint32_t *heap;
    uint32_t n;    /* nodes that are ready */
    uint32_t left; /* nodes not done */
};

void ready_init(struct ready *r, const struct graph *g); /* every node without predecessor is ready */
/* A heap of ready nodes for which `wanted` holds is what a pool needs: keep one `struct ready` and ask by
 * kind. */
bool ready_pop(struct ready *r, uint32_t *node);
/* Puts a popped node back. */
void ready_push(struct ready *r, uint32_t node);
/* Marks a popped node done; its successors may become ready. */
void ready_done(struct ready *r, uint32_t node);
void ready_free(struct ready *r);

/* Graphviz text. label appends a node's label. */
void graph_dot(const struct graph *g, void (*label)(void *ctx, uint32_t node, struct buf *out), void *ctx,
               struct buf *out);

#endif
