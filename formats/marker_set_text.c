/* From diagrams to markers. A node becomes the "or" of its groups of edges: `these values and what follows`.
   What follows whatever the value is may stand alone, without the values; what that covers is then taken out
   of the groups. Both ways are tried and the shorter is kept. */
#include "formats/marker_set_internal.h"

enum { COMPARISONS_MAX = 4096, DEPTH_MAX = 64 }; /* marker_parse's */
enum { TRIES_MAX = 2000 };

/* Not yet text, because what stands inside of an "and" gets parentheses only if it is an "or". */
struct expr {
    struct marker *m; /* NULL: nothing to ask, it holds */
    uint32_t size;    /* comparisons */
    uint32_t depth;   /* parentheses */
};

struct writer {
    struct marker_space *s;
    struct arena *a;
    struct expr *by_set; /* what is written already */
    uint32_t nsets;
    uint32_t tries;
};

struct segments { /* a node's edges, while others are made */
    const struct edge *edges;
    uint32_t n;
    bool *in; /* these */
};

static uint32_t depth_in(enum marker_kind kind, struct expr x) {
    return x.depth + (kind == MARKER_AND && x.m->kind == MARKER_OR);
}

static struct expr join(struct writer *w, enum marker_kind kind, struct expr x, struct expr y) {
    if (!x.m)
        return y;
    if (!y.m)
        return x;
    struct marker *m = arena_new(w->a, struct marker, 1);
    *m = (struct marker){.kind = kind, .left = x.m, .right = y.m};
    uint32_t left = depth_in(kind, x), right = depth_in(kind, y), size = x.size + y.size;
    return (struct expr){m, size > COMPARISONS_MAX ? COMPARISONS_MAX + 1 : size, left > right ? left : right};
}

static struct expr comparison(struct writer *w, enum marker_var var, enum marker_op op, struct str literal) {
    struct marker *m = arena_new(w->a, struct marker, 1);
    *m = (struct marker){.kind = MARKER_COMPARE, .var = var, .op = op, .literal = literal};
    return (struct expr){m, 1, 0};
}

/* Versions. */

enum bound { BOUND_LOW, BOUND_HIGH };

static bool is_first(struct point p) {
    return p.phase == POINT_A && !p.n;
}

/* p begins a series X.Y (numbers is 2) or X (1). */
static bool begins(struct point p, int numbers) {
    return is_first(p) && !p.release[2] && (numbers == 2 || !p.release[1]);
}

static struct str short_text(struct writer *w, struct point p, int numbers) {
    unsigned long long r[] = {p.release[0], p.release[1]};
    switch (numbers) {
    case 1:
        return str_of(arena_fmt(w->a, "%llu", r[0]));
    case 2:
        return str_of(arena_fmt(w->a, "%llu.%llu", r[0], r[1]));
    default:
        return str_of(point_text(w->a, p));
    }
}

/* `low` and above, or below `high`. A series begins with its pre-releases, which >= leaves out and < too. */
static struct expr bound(struct writer *w, uint32_t axis, struct point p, enum bound side) {
    enum marker_var var = axis_var(axis);
    enum marker_op op = side == BOUND_LOW ? MOP_GE : MOP_LT;
    if (axis == AXIS_PYTHON && begins(p, 2))
        return comparison(w, MARKER_PYTHON_VERSION, op, short_text(w, p, 2));
    if (p.phase == POINT_FINAL) {
        struct str text = short_text(w, p, p.release[2] ? 3 : 2);
        if (side == BOUND_LOW)
            return comparison(w, var, op, text);
        return join(w, MARKER_AND, comparison(w, var, MOP_LE, text), comparison(w, var, MOP_NE, text));
    }
    struct point final = {.release = {p.release[0], p.release[1], p.release[2]}, .phase = POINT_FINAL};
    if (is_first(p) && side == BOUND_HIGH)
        return comparison(w, var, op, short_text(w, final, p.release[2] ? 3 : 2));
    if (is_first(p) && p.release[2]) {
        final.release[2]--;
        return comparison(w, var, MOP_GT, short_text(w, final, final.release[2] ? 3 : 2));
    }
    return comparison(w, var, op, short_text(w, p, 3));
}

/* What ==, with or without a wildcard, says of these versions; empty if nothing does. */
static struct str series(struct writer *w, uint32_t axis, struct point low, struct point high) {
    struct point next = low;
    if (begins(low, 1) && begins(high, 1) && low.release[0] + 1 == high.release[0])
        return str_of(arena_fmt(w->a, STR_FMT ".*", STR_ARG(short_text(w, low, 1))));
    if (begins(low, 2) && begins(high, 2) && low.release[0] == high.release[0] &&
        low.release[1] + 1 == high.release[1])
        return str_of(
            arena_fmt(w->a, STR_FMT "%s", STR_ARG(short_text(w, low, 2)), axis == AXIS_PYTHON ? "" : ".*"));
    next = point_next(low);
    if (!point_cmp(&next, &high))
        return short_text(w, low, 3);
    next = low;
    next.phase = POINT_FINAL;
    struct str release = short_text(w, next, 3);
    next = point_next(next);
    if (is_first(low) && !point_cmp(&next, &high))
        return str_of(arena_fmt(w->a, STR_FMT ".*", STR_ARG(release)));
    return STR("");
}

/* The segments from..to - 1 as one series, or nothing. */
static struct expr as_series(struct writer *w, uint32_t axis, const struct segments *g, uint32_t from,
                             uint32_t to, enum marker_op op) {
    if (!from || to >= g->n)
        return (struct expr){0};
    struct point low = w->s->points.p[g->edges[from].at], high = w->s->points.p[g->edges[to].at];
    struct str text = series(w, axis, low, high);
    if (!text.n)
        return (struct expr){0};
    bool short_name = axis == AXIS_PYTHON && begins(low, 2) && begins(high, 2);
    return comparison(w, short_name ? MARKER_PYTHON_VERSION : axis_var(axis), op, text);
}

static uint32_t run_end(const struct segments *g, uint32_t from) {
    uint32_t to = from;
    while (to < g->n && g->in[to] == g->in[from])
        to++;
    return to;
}

/* Below this cut there are only platform_releases that are no versions. A bound or != leaves those out
   anyway, so that only where there is neither the cut needs words. */
static bool is_least(struct writer *w, uint32_t axis, const struct segments *g, uint32_t from) {
    struct point least = {.phase = POINT_A};
    return axis == AXIS_PLATFORM_RELEASE && !point_cmp(&w->s->points.p[g->edges[from].at], &least);
}

/* The versions from..to - 1 without the holes between them, which are series. */
static struct expr between(struct writer *w, uint32_t axis, const struct segments *g, uint32_t from,
                           uint32_t to) {
    const struct point *points = w->s->points.p;
    struct expr all = as_series(w, axis, g, from, to, MOP_EQ);
    bool has_low = from && !is_least(w, axis, g, from), has_high = to < g->n && !all.m;
    if (has_low && !all.m)
        all = bound(w, axis, points[g->edges[from].at], BOUND_LOW);
    if (has_high)
        all = join(w, MARKER_AND, all, bound(w, axis, points[g->edges[to].at], BOUND_HIGH));
    for (uint32_t i = from; i < to; i = run_end(g, i))
        if (!g->in[i])
            all = join(w, MARKER_AND, all, as_series(w, axis, g, i, run_end(g, i), MOP_NE));
    return all.m || !from ? all : bound(w, axis, points[g->edges[from].at], BOUND_LOW);
}

static struct expr versions(struct writer *w, uint32_t axis, const struct segments *g) {
    struct expr any = {0};
    if (axis == AXIS_PLATFORM_RELEASE && g->in[0]) {
        any = comparison(w, MARKER_PLATFORM_RELEASE, MOP_NE, STR(NO_VERSION));
        any.m->swapped = true;
    }
    for (uint32_t i = is_least(w, axis, g, 1), to; i < g->n; i = to) {
        to = run_end(g, i);
        if (!g->in[i])
            continue;
        while (to < g->n && run_end(g, to) < g->n && as_series(w, axis, g, to, run_end(g, to), MOP_NE).m)
            to = run_end(g, run_end(g, to));
        any = join(w, MARKER_OR, any, between(w, axis, g, i, to));
    }
    return any;
}

/* Strings, and questions. */

static struct expr strings(struct writer *w, uint32_t axis, const struct segments *g) {
    struct expr all = {0};
    bool others = g->in[0];
    for (uint32_t i = 1; i < g->n; i++)
        if (g->in[i] != others)
            all = join(
                w, others ? MARKER_AND : MARKER_OR, all,
                comparison(w, axis_var(axis), others ? MOP_NE : MOP_EQ, w->s->values.keys[g->edges[i].at]));
    return all;
}

static struct expr question(struct writer *w, uint32_t test, bool yes) {
    const struct marker *m = &w->s->tests.p[test];
    enum marker_op op = yes ? m->op : m->op == MOP_EQ ? MOP_NE : MOP_NOT_IN;
    struct expr e = comparison(w, m->var, op, m->literal);
    e.m->swapped = m->swapped;
    return e;
}

static struct expr values_in(struct writer *w, const struct node *node, const struct segments *g) {
    bool all = true;
    for (uint32_t i = 0; i < g->n; i++)
        all = all && g->in[i];
    if (all)
        return (struct expr){0};
    if (axis_is_version(node->axis))
        return versions(w, node->axis, g);
    return axis_is_string(node->axis) ? strings(w, node->axis, g) : question(w, node->test, g->in[1]);
}

/* Diagrams. */

static struct expr write(struct writer *w, uint32_t x);

/* The set is below segment i whatever the value: then its text may stand there too. */
static bool covers(struct writer *w, const struct node *node, struct edge e, uint32_t set) {
    if (e.at && axis_is_string(node->axis))
        set = marker_decide(w->s, set, node->axis, e.at);
    return marker_set_implies(w->s, set, e.to);
}

/* The values whose edges are marked; of the others if `kind` is "and". */
static struct expr values_marked(struct writer *w, const struct node *node, struct segments *g,
                                 enum marker_kind kind) {
    for (uint32_t i = 0; i < g->n; i++)
        g->in[i] = g->in[i] == (kind == MARKER_OR);
    return values_in(w, node, g);
}

/* At least the values behind which the set stands, at most those behind which it may: what is shorter. */
static struct expr values_of(struct writer *w, const struct node *node, struct segments *g, uint32_t set,
                             enum marker_kind kind) {
    for (uint32_t i = 0; i < g->n; i++)
        g->in[i] = g->edges[i].to == set;
    struct expr least = values_marked(w, node, g, kind);
    for (uint32_t i = 0; i < g->n; i++)
        g->in[i] = covers(w, node, g->edges[i], set);
    struct expr most = values_marked(w, node, g, kind);
    return least.size < most.size ? least : most;
}

static bool is_repeated(const struct segments *g, uint32_t at) {
    for (uint32_t i = 0; i < at; i++)
        if (g->edges[i].to == g->edges[at].to)
            return true;
    return false;
}

/* The "or" of the groups: `values and what follows`. What is in `done` is written elsewhere. For the kind
   "and" the node and `done` are those of the complement, and so is what is written: the "and" of `other
   values, or what does not follow`. */
static struct expr groups(struct writer *w, const struct node *node, struct segments *g, uint32_t done,
                          enum marker_kind kind) {
    struct marker_space *s = w->s;
    enum marker_kind inner = kind == MARKER_OR ? MARKER_AND : MARKER_OR;
    uint32_t left = marker_set_not(s, done);
    struct expr all = {0};
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t set = g->edges[i].to;
        if (is_repeated(g, i) || marker_set_implies(s, set, done))
            continue;
        struct expr values = values_of(w, node, g, set, kind);
        uint32_t rest = done == MARKER_NEVER ? set : marker_set_given(s, set, left);
        struct expr follows = write(w, kind == MARKER_OR ? rest : marker_set_not(s, rest));
        all = join(w, kind, all, join(w, inner, values, follows));
    }
    return all;
}

/* Holds whatever the value is. */
static uint32_t common(struct writer *w, const struct node *node, const struct segments *g) {
    uint32_t set = g->edges[0].to;
    for (uint32_t i = 1; i < g->n; i++)
        if (!covers(w, node, g->edges[i], set))
            set = marker_set_and(w->s, set, g->edges[i].to);
    return set;
}

static struct expr shorter(struct expr x, struct expr y) {
    return y.size < x.size ? y : x;
}

static struct expr write_as(struct writer *w, uint32_t x, enum marker_kind kind) {
    uint32_t set = kind == MARKER_OR ? x : marker_set_not(w->s, x);
    struct node node = w->s->nodes.p[set];
    struct segments g = {.n = node.n, .in = arena_new(w->a, bool, node.n)};
    g.edges = arena_copy(w->a, &w->s->edges.p[node.first], node.n * sizeof *g.edges);
    struct expr plain = groups(w, &node, &g, MARKER_NEVER, kind);
    uint32_t shared = common(w, &node, &g);
    if (shared == MARKER_NEVER || ++w->tries > TRIES_MAX)
        return plain;
    struct expr apart = groups(w, &node, &g, shared, kind);
    uint32_t alone = kind == MARKER_OR ? shared : marker_set_not(w->s, shared);
    return shorter(plain, join(w, kind, apart, write(w, alone)));
}

static struct expr write_node(struct writer *w, uint32_t x) {
    struct expr any = write_as(w, x, MARKER_OR);
    return any.size < 3 ? any : shorter(any, write_as(w, x, MARKER_AND));
}

static struct expr write(struct writer *w, uint32_t x) {
    if (x <= MARKER_ALWAYS || w->s->full)
        return (struct expr){0};
    if (x >= w->nsets) {
        uint32_t n = x + x / 2 + 64;
        struct expr *more = arena_new(w->a, struct expr, n);
        if (w->nsets)
            memcpy(more, w->by_set, w->nsets * sizeof *more);
        w->by_set = more;
        w->nsets = n;
    }
    if (!w->by_set[x].m) {
        struct expr e = write_node(w, x);
        w->by_set[x] = e;
    }
    return w->by_set[x];
}

void marker_set_format(struct marker_space *s, uint32_t x, struct buf *out) {
    struct arena scratch = {0};
    struct writer w = {.s = s, .a = &scratch};
    struct expr e = write(&w, x);
    if (e.size > COMPARISONS_MAX || e.depth > DEPTH_MAX)
        s->full = s->full ? s->full : SPACE_LONG_TEXT;
    if (x == MARKER_NEVER || s->full)
        buf_c(out, "python_version < \"0\"");
    else
        marker_format(e.m, out);
    arena_free(&scratch);
}
