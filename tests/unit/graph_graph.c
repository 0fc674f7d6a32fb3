#include "graph/graph.h"

#include "base/arena.h"
#include "tests/unit/test.h"

static uint64_t draw(uint64_t *seed) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void nodes(struct graph *g, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        CHECK_INT(graph_node(g, 1), g->n - 1);
}

static void seal(struct graph *g) {
    struct err e;
    CHECK_INT(graph_seal(g, NULL, &e), 0);
}

TEST(empty) {
    struct graph g = {0};
    struct ready r;
    uint32_t node;
    seal(&g);
    CHECK_INT(graph_critical_path(&g, &node), 0);
    ready_init(&r, &g);
    CHECK(!ready_pop(&r, &node));
    CHECK_INT(r.left, 0);
    ready_free(&r);
    graph_free(&g);
}

TEST(diamond) {
    struct graph g = {0};
    uint32_t path[4], cycle;
    struct err e;
    double cost[] = {1, 5, 2, 1};
    for (int i = 0; i < 4; i++)
        graph_node(&g, cost[i]);
    graph_edge(&g, 0, 2);
    graph_edge(&g, 0, 1);
    graph_edge(&g, 2, 3);
    graph_edge(&g, 1, 3);
    CHECK_INT(graph_seal(&g, &cycle, &e), 0);
    CHECK(g.rest[0] == 7 && g.rest[1] == 6 && g.rest[2] == 3 && g.rest[3] == 1);
    CHECK(g.blocked[0] == 0 && g.blocked[1] == 1 && g.blocked[3] == 2);
    CHECK_INT(graph_critical_path(&g, path), 3);
    CHECK(path[0] == 0 && path[1] == 1 && path[2] == 3);
    for (uint32_t i = 0; i < 4; i++)
        CHECK_INT(g.order[i], i);
    graph_free(&g);
}

/* Two nodes are only equal if they are as deep. */
TEST(order_is_by_depth_then_id) {
    struct graph g = {0};
    nodes(&g, 5);
    graph_edge(&g, 4, 0);
    graph_edge(&g, 4, 3);
    graph_edge(&g, 3, 1);
    seal(&g);
    static const uint32_t want[] = {2, 4, 0, 3, 1};
    for (int i = 0; i < 5; i++)
        CHECK_INT(g.order[i], want[i]);
    graph_free(&g);
}

TEST(more_after_sealing) {
    struct graph g = {0};
    nodes(&g, 2);
    graph_edge(&g, 0, 1);
    seal(&g);
    nodes(&g, 1);
    graph_edge(&g, 1, 2);
    seal(&g);
    CHECK(g.rest[0] == 3 && g.blocked[2] == 1);
    graph_free(&g);
}

TEST(cycles) {
    struct graph g = {0};
    struct err e;
    uint32_t cycle = 99;
    nodes(&g, 6);
    graph_edge(&g, 0, 1); /* before the cycle */
    graph_edge(&g, 1, 2);
    graph_edge(&g, 2, 3);
    graph_edge(&g, 3, 2);
    graph_edge(&g, 3, 4); /* behind it */
    graph_edge(&g, 4, 5);
    CHECK_INT(graph_seal(&g, &cycle, &e), -1);
    CHECK(cycle == 2 || cycle == 3);
    CHECK(str_search(str_of(e.text), STR("cycle")) >= 0);
    CHECK_INT(graph_seal(&g, NULL, &e), -1);
    graph_free(&g);

    nodes(&g, 2);
    graph_edge(&g, 1, 1);
    CHECK_INT(graph_seal(&g, &cycle, &e), -1);
    CHECK_INT(cycle, 1);
    graph_free(&g);
}

/* As ids are given at random, an edge goes by a hidden order. */
static void random_graph(struct graph *g, uint32_t n, uint64_t *seed) {
    uint32_t hidden[64];
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = (uint32_t)(draw(seed) % (i + 1));
        hidden[i] = hidden[k];
        hidden[k] = i;
        graph_node(g, (double)(draw(seed) % 10));
    }
    for (uint32_t edges = (uint32_t)(draw(seed) % (2 * n)); edges--;) {
        uint32_t i = (uint32_t)(draw(seed) % n), j = (uint32_t)(draw(seed) % n);
        if (i < j)
            graph_edge(g, hidden[i], hidden[j]); /* the same edge may come twice */
    }
}

/* The longest path by relaxing every edge n times. */
static double naive_rest(const struct graph *g, uint32_t node) {
    double rest[64];
    for (uint32_t i = 0; i < g->n; i++)
        rest[i] = g->cost[i];
    for (uint32_t round = 0; round < g->n; round++)
        for (uint32_t i = 0; i < g->nedges; i++)
            if (rest[g->from[i]] < g->cost[g->from[i]] + rest[g->to[i]])
                rest[g->from[i]] = g->cost[g->from[i]] + rest[g->to[i]];
    return rest[node];
}

static void check_order(const struct graph *g) {
    uint32_t place[64];
    for (uint32_t i = 0; i < g->n; i++)
        place[i] = UINT32_MAX;
    for (uint32_t i = 0; i < g->n; i++)
        place[g->order[i]] = i;
    for (uint32_t i = 0; i < g->n; i++)
        CHECK(place[i] != UINT32_MAX);
    for (uint32_t i = 0; i < g->nedges; i++)
        CHECK(place[g->from[i]] < place[g->to[i]]);
}

static void check_path(const struct graph *g) {
    uint32_t path[64], n = graph_critical_path(g, path);
    double cost = 0, longest = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool edge = i == 0;
        cost += g->cost[path[i]];
        for (uint32_t k = 0; k < g->nedges && !edge; k++)
            edge = g->from[k] == path[i - 1] && g->to[k] == path[i];
        CHECK(edge);
    }
    for (uint32_t i = 0; i < g->n; i++)
        longest = g->rest[i] > longest ? g->rest[i] : longest;
    CHECK(cost == longest);
}

/* Is the node not done, and all that comes before it? */
static bool naive_ready(const struct graph *g, const bool *done, uint32_t node) {
    for (uint32_t i = 0; i < g->nedges; i++)
        if (g->to[i] == node && !done[g->from[i]])
            return false;
    return !done[node];
}

/* Runs the graph with up to three nodes in work, and asks each time for the best. */
static void check_run(const struct graph *g, uint64_t *seed) {
    struct ready r;
    bool done[64] = {false}, working[64] = {false};
    uint32_t work[3], nwork = 0, node;
    ready_init(&r, g);
    while (r.left) {
        if (nwork < 3 && draw(seed) % 3 && ready_pop(&r, &node)) {
            CHECK(naive_ready(g, done, node) && !working[node]);
            for (uint32_t i = 0; i < g->n; i++)
                if (naive_ready(g, done, i) && !working[i])
                    CHECK(g->rest[i] < g->rest[node] || (g->rest[i] == g->rest[node] && i >= node));
            working[node] = true;
            work[nwork++] = node;
        } else if (nwork) {
            uint32_t k = (uint32_t)(draw(seed) % nwork);
            node = work[k];
            work[k] = work[--nwork];
            working[node] = false;
            if (draw(seed) % 5 == 0) { /* given back, not done */
                ready_push(&r, node);
                continue;
            }
            done[node] = true;
            ready_done(&r, node);
        } else {
            CHECK(r.n > 0);
            if (!r.n)
                break;
        }
    }
    for (uint32_t i = 0; i < g->n; i++)
        CHECK(done[i]);
    ready_free(&r);
}

TEST(random_graphs) {
    uint64_t seed = 7;
    for (int round = 0; round < 500; round++) {
        struct graph g = {0};
        random_graph(&g, 1 + (uint32_t)(draw(&seed) % 30), &seed);
        seal(&g);
        for (uint32_t i = 0; i < g.n; i++)
            CHECK(g.rest[i] == naive_rest(&g, i));
        check_order(&g);
        check_path(&g);
        check_run(&g, &seed);
        graph_free(&g);
    }
}

/* A random graph with one edge turned round to close a path: the node told lies on a cycle. */
static bool reaches(const struct graph *g, uint32_t from, uint32_t to) {
    bool seen[64] = {false};
    for (uint32_t round = 0; round <= g->n; round++)
        for (uint32_t i = 0; i < g->nedges; i++)
            if (g->from[i] == from || seen[g->from[i]])
                seen[g->to[i]] = true;
    return seen[to];
}

TEST(random_cycles) {
    uint64_t seed = 11;
    int cycles = 0;
    for (int round = 0; round < 300; round++) {
        struct graph g = {0};
        struct err e;
        uint32_t cycle = 0, n = 2 + (uint32_t)(draw(&seed) % 20);
        random_graph(&g, n, &seed);
        uint32_t from = (uint32_t)(draw(&seed) % n), to = (uint32_t)(draw(&seed) % n);
        graph_edge(&g, from, to);
        bool closes = from == to || reaches(&g, to, from);
        CHECK_INT(graph_seal(&g, &cycle, &e), closes ? -1 : 0);
        if (closes)
            CHECK(reaches(&g, cycle, cycle));
        cycles += closes;
        graph_free(&g);
    }
    CHECK(cycles > 30 && cycles < 270);
}

/* Deep and wide ones: no recursion, and no step that looks at every node again. */
TEST(hundred_thousand_nodes) {
    enum { N = 100000 };
    struct graph chain = {0}, star = {0};
    struct ready r;
    uint32_t node, ran = 0, *path = mem_alloc(N * sizeof *path);
    nodes(&chain, N);
    nodes(&star, N);
    for (uint32_t i = N - 1; i; i--) {
        graph_edge(&chain, i, i - 1);
        graph_edge(&star, 0, i);
    }
    seal(&chain);
    seal(&star);
    CHECK(chain.rest[N - 1] == N && star.rest[0] == 2);
    CHECK_INT(graph_critical_path(&chain, path), N);
    CHECK_INT(path[0], N - 1);
    CHECK_INT(graph_critical_path(&star, path), 2);
    CHECK_INT(path[1], 1);
    ready_init(&r, &star);
    CHECK_INT(r.n, 1);
    while (ready_pop(&r, &node)) {
        CHECK(node == ran);
        ran++;
        ready_done(&r, node);
    }
    CHECK(ran == N && r.left == 0);
    ready_free(&r);
    free(path);
    graph_free(&chain);
    graph_free(&star);
}

static void label(void *ctx, uint32_t node, struct buf *out) {
    const char *const *labels = ctx;
    buf_c(out, labels[node]);
}

TEST(dot) {
    struct graph g = {0};
    struct buf out = {0};
    const char *labels[] = {"fetch \"a\"", "back\\slash\nline\x1b[1m"};
    nodes(&g, 2);
    graph_edge(&g, 0, 1);
    graph_dot(&g, label, labels, &out);
    CHECK_STR(buf_view(&out), "digraph {\n    rankdir=LR;\n    node [shape=box];\n"
                              "    n0 [label=\"fetch \\\"a\\\"\"];\n"
                              "    n1 [label=\"back\\\\slash\\nline [1m\"];\n"
                              "    n0 -> n1;\n}\n");
    buf_free(&out);
    graph_free(&g);
}

TEST_MAIN
