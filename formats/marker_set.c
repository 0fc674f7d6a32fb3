#include "formats/marker_set_internal.h"

enum { NODES_MAX = 100000, EDGES_MAX = 4000000 };
enum { MEMO_MIN = 1 << 10, MEMO_MAX = 1 << 17 };
static const uint32_t HOLE = UINT32_MAX; /* no set: anything may stand here */

struct marker_space *marker_space_new(bool related) {
    struct marker_space *s = mem_zero(sizeof *s);
    s->related = related;
    map_id(&s->cuts, STR(""));
    struct point none = {.n = 0};
    vec_push(&s->points, none);
    map_id(&s->values, STR("\n")); /* takes the label of "any other"; no marker's string has a newline */
    vec_push(&s->nodes, (struct node){.axis = AXES});
    vec_push(&s->nodes, (struct node){.axis = AXES});
    s->nslots = MEMO_MIN;
    s->slots = mem_zero(s->nslots * sizeof *s->slots);
    s->nmemo = MEMO_MIN;
    s->memo = mem_zero(s->nmemo * sizeof *s->memo);
    return s;
}

void marker_space_free(struct marker_space *s) {
    map_free(&s->cuts);
    map_free(&s->values);
    map_free(&s->test_texts);
    vec_free(&s->points);
    vec_free(&s->tests);
    vec_free(&s->nodes);
    vec_free(&s->edges);
    vec_free(&s->work);
    arena_free(&s->arena);
    free(s->slots);
    free(s->memo);
    free(s);
}

int marker_space_check(const struct marker_space *s, struct err *e) {
    switch (s->full) {
    case SPACE_FULL:
        return err_fail(e,
                        "the environment markers make more than %d different cases; plan for one Python and "
                        "one platform, or for fewer of them",
                        NODES_MAX);
    case SPACE_LONG_TEXT:
        return err_fail(e, "the environment markers combine to one with more than 4096 comparisons; plan for "
                           "one Python and one platform, or for fewer of them");
    case SPACE_FINE:
        break;
    }
    return 0;
}

/* Nodes, each made once. */

static uint32_t mix(uint32_t hash, uint32_t more) {
    hash = (hash ^ more) * 0x9e3779b1u;
    return hash ^ hash >> 15;
}

static uint32_t node_hash(uint32_t axis, uint32_t test, const struct edge *edges, uint32_t n) {
    uint32_t hash = mix(mix(n, axis), test);
    for (uint32_t i = 0; i < n; i++)
        hash = mix(mix(hash, edges[i].at), edges[i].to);
    return hash;
}

static bool node_is(const struct marker_space *s, uint32_t id, const struct node *node,
                    const struct edge *edges) {
    const struct node *other = &s->nodes.p[id];
    return other->axis == node->axis && other->test == node->test && other->n == node->n &&
           !memcmp(&s->edges.p[other->first], edges, node->n * sizeof *edges);
}

static void grow_slots(struct marker_space *s) {
    free(s->slots);
    s->nslots *= 2;
    s->slots = mem_zero(s->nslots * sizeof *s->slots);
    for (uint32_t id = 2; id < s->nodes.n; id++) {
        const struct node *node = &s->nodes.p[id];
        uint32_t i = node_hash(node->axis, node->test, &s->edges.p[node->first], node->n);
        while (s->slots[i & (s->nslots - 1)])
            i++;
        s->slots[i & (s->nslots - 1)] = id;
    }
}

/* The memo grows with the nodes, and starts anew: it is about speed alone. */
static void grow_memo(struct marker_space *s) {
    if (s->nmemo >= MEMO_MAX || s->nodes.n < s->nmemo / 2)
        return;
    free(s->memo);
    s->nmemo *= 2;
    s->memo = mem_zero(s->nmemo * sizeof *s->memo);
}

static uint32_t intern(struct marker_space *s, struct node node, const struct edge *edges) {
    uint32_t i = node_hash(node.axis, node.test, edges, node.n);
    for (; s->slots[i & (s->nslots - 1)]; i++)
        if (node_is(s, s->slots[i & (s->nslots - 1)], &node, edges))
            return s->slots[i & (s->nslots - 1)];
    if (s->nodes.n >= NODES_MAX || s->edges.n + node.n > EDGES_MAX) {
        s->full = SPACE_FULL;
        return MARKER_NEVER;
    }
    s->slots[i & (s->nslots - 1)] = s->nodes.n;
    node.first = s->edges.n;
    for (uint32_t k = 0; k < node.n; k++)
        vec_push(&s->edges, edges[k]);
    vec_push(&s->nodes, node);
    if (s->nodes.n > s->nslots / 2)
        grow_slots(s);
    grow_memo(s);
    return s->nodes.n - 1;
}

/* A version's edge that goes where the one below goes says nothing; nor does a string's that goes where "any
   other" would go if the string were known. */
static bool is_idle(struct marker_space *s, uint32_t axis, uint32_t base, uint32_t kept, struct edge e) {
    if (axis_is_string(axis))
        return marker_decide(s, s->work.p[base].to, axis, e.at) == e.to;
    return axis_is_version(axis) && s->work.p[kept - 1].to == e.to;
}

uint32_t marker_node(struct marker_space *s, uint32_t axis, uint32_t test, uint32_t base) {
    uint32_t n = s->work.n, kept = base + 1;
    for (uint32_t i = kept; i < n; i++) {
        struct edge e = s->work.p[i];
        if (!is_idle(s, axis, base, kept, e))
            s->work.p[kept++] = e;
    }
    s->work.n = base;
    const struct edge *edges = &s->work.p[base];
    if (kept - base == 1 || (axis == AXIS_TEST && edges[0].to == edges[1].to))
        return edges[0].to;
    if (s->full)
        return MARKER_NEVER;
    return intern(s, (struct node){.axis = axis, .test = test, .n = kept - base}, edges);
}

static struct memo *memo_at(struct marker_space *s, uint32_t op, uint32_t x, uint32_t y) {
    return &s->memo[mix(mix(op, x), y) & (s->nmemo - 1)];
}

static bool memo_find(struct marker_space *s, uint32_t op, uint32_t x, uint32_t y, uint32_t *result) {
    const struct memo *m = memo_at(s, op, x, y);
    *result = m->result;
    return m->op == op && m->x == x && m->y == y;
}

static uint32_t memo_keep(struct marker_space *s, uint32_t op, uint32_t x, uint32_t y, uint32_t result) {
    *memo_at(s, op, x, y) = (struct memo){op, x, y, result};
    return result;
}

/* Walking one or two diagrams over the labels that they name. */

static int label_cmp(const struct marker_space *s, uint32_t axis, uint32_t a, uint32_t b) {
    if (a == b)
        return 0;
    if (axis == AXIS_TEST)
        return a < b ? -1 : 1;
    const struct map *map = axis_is_version(axis) ? &s->cuts : &s->values;
    return str_cmp(map->keys[a], map->keys[b]);
}

static int node_cmp(const struct marker_space *s, uint32_t x, uint32_t y) {
    const struct node *a = &s->nodes.p[x], *b = &s->nodes.p[y];
    if (a->axis != b->axis)
        return a->axis < b->axis ? -1 : 1;
    if (a->test == b->test)
        return 0;
    return str_cmp(s->test_texts.keys[a->test], s->test_texts.keys[b->test]);
}

struct walk {
    struct marker_space *s;
    uint32_t axis, test;
    uint32_t label;  /* what counts now */
    uint32_t set[2]; /* the two, or the same one twice */
    bool here[2];    /* it asks this axis */
    uint32_t at[2];  /* the edge that counts, from the node's first */
};

static struct walk walk_start(struct marker_space *s, uint32_t x, uint32_t y) {
    int c = node_cmp(s, x, y);
    const struct node *top = &s->nodes.p[c <= 0 ? x : y];
    return (struct walk){
        .s = s, .axis = top->axis, .test = top->test, .set = {x, y}, .here = {c <= 0, c >= 0}};
}

static bool walk_next(struct walk *w) {
    uint32_t next[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        const struct node *node = &w->s->nodes.p[w->set[i]];
        if (w->here[i] && w->at[i] + 1 < node->n)
            next[i] = w->s->edges.p[node->first + w->at[i] + 1].at;
    }
    if (!next[0] && !next[1])
        return false;
    int c = !next[0] ? 1 : !next[1] ? -1 : label_cmp(w->s, w->axis, next[0], next[1]);
    w->label = c <= 0 ? next[0] : next[1];
    w->at[0] += c <= 0;
    w->at[1] += c >= 0;
    return true;
}

/* What the one or the other is under the label. */
static uint32_t walk_part(struct walk *w, int i) {
    bool named = w->label && axis_is_string(w->axis);
    if (!w->here[i])
        return named ? marker_decide(w->s, w->set[i], w->axis, w->label) : w->set[i];
    const struct edge *edges = &w->s->edges.p[w->s->nodes.p[w->set[i]].first];
    if (named && edges[w->at[i]].at != w->label)
        return marker_decide(w->s, edges[0].to, w->axis, w->label);
    return edges[w->at[i]].to;
}

static bool knows(const struct marker_space *s, uint32_t axis) {
    return s->tested[axis_var(axis)] || (s->related && relation_has_decider(axis));
}

/* The edge of node x for this value. */
static uint32_t follow(struct marker_space *s, uint32_t x, uint32_t value) {
    struct node node = s->nodes.p[x];
    for (uint32_t i = 1; i < node.n; i++)
        if (s->edges.p[node.first + i].at == value)
            return s->edges.p[node.first + i].to;
    return marker_decide(s, s->edges.p[node.first].to, node.axis, value);
}

/* The node x itself asks what is known: where that leads, else HOLE. */
static uint32_t decided(struct marker_space *s, uint32_t x, uint32_t axis, uint32_t value) {
    struct node node = s->nodes.p[x];
    enum marker_var var = node.axis == AXIS_TEST ? s->tests.p[node.test].var : axis_var(node.axis);
    uint32_t known = axis_is_version(node.axis) ? MAP_NONE : relation_decides(s, axis, value, var);
    if (known == MAP_NONE)
        return HOLE;
    if (node.axis != AXIS_TEST)
        return follow(s, x, known);
    struct marker_env env = {0};
    env.values[var] = s->values.keys[known];
    return s->edges.p[node.first + marker_eval(&s->tests.p[node.test], &env)].to;
}

uint32_t marker_decide(struct marker_space *s, uint32_t x, uint32_t axis, uint32_t value) {
    uint32_t result, op = MEMO_DECIDE + axis;
    if (x <= MARKER_ALWAYS || !knows(s, axis))
        return x;
    if (memo_find(s, op, x, value, &result))
        return result;
    uint32_t to = decided(s, x, axis, value);
    if (to != HOLE)
        return memo_keep(s, op, x, value, marker_decide(s, to, axis, value));
    struct node node = s->nodes.p[x];
    uint32_t base = s->work.n;
    for (uint32_t i = 0; i < node.n; i++) {
        struct edge e = s->edges.p[node.first + i];
        e.to = marker_decide(s, e.to, axis, value);
        vec_push(&s->work, e);
    }
    return memo_keep(s, op, x, value, marker_node(s, node.axis, node.test, base));
}

/* Operations. */

uint32_t marker_set_not(struct marker_space *s, uint32_t x) {
    uint32_t result;
    if (x <= MARKER_ALWAYS)
        return !x;
    if (memo_find(s, MEMO_NOT, x, 0, &result))
        return result;
    struct node node = s->nodes.p[x];
    uint32_t base = s->work.n;
    for (uint32_t i = 0; i < node.n; i++) {
        struct edge e = s->edges.p[node.first + i];
        e.to = marker_set_not(s, e.to);
        vec_push(&s->work, e);
    }
    return memo_keep(s, MEMO_NOT, x, 0, marker_node(s, node.axis, node.test, base));
}

/* strong: the set that decides alone (NEVER for and, ALWAYS for or). */
static uint32_t combine(struct marker_space *s, uint32_t op, uint32_t x, uint32_t y) {
    uint32_t strong = op == MEMO_AND ? MARKER_NEVER : MARKER_ALWAYS, result;
    if (x == strong || y == strong || s->full)
        return s->full ? MARKER_NEVER : strong;
    if (x == y || y == !strong)
        return x;
    if (x == !strong)
        return y;
    if (x > y)
        return combine(s, op, y, x);
    if (memo_find(s, op, x, y, &result))
        return result;
    uint32_t base = s->work.n;
    struct walk w = walk_start(s, x, y);
    do {
        uint32_t to = combine(s, op, walk_part(&w, 0), walk_part(&w, 1));
        vec_push(&s->work, (struct edge){w.label, to});
    } while (walk_next(&w));
    return memo_keep(s, op, x, y, marker_node(s, w.axis, w.test, base));
}

uint32_t marker_set_and(struct marker_space *s, uint32_t x, uint32_t y) {
    return combine(s, MEMO_AND, x, y);
}

uint32_t marker_set_or(struct marker_space *s, uint32_t x, uint32_t y) {
    return combine(s, MEMO_OR, x, y);
}

bool marker_set_disjoint(struct marker_space *s, uint32_t x, uint32_t y) {
    return combine(s, MEMO_AND, x, y) == MARKER_NEVER && !s->full;
}

bool marker_set_implies(struct marker_space *s, uint32_t x, uint32_t y) {
    return marker_set_disjoint(s, x, marker_set_not(s, y));
}

/* Simplifying (Coudert and Madre's `restrict`, for edges of many values): where `known` is empty an edge may
   lead anywhere, and it leads where its neighbour does. */

/* All that `known` says of what comes below its node. */
static uint32_t below(struct marker_space *s, uint32_t known) {
    struct node node = s->nodes.p[known];
    uint32_t any = MARKER_NEVER;
    for (uint32_t i = 0; i < node.n; i++)
        any = marker_set_or(s, any, s->edges.p[node.first + i].to);
    return any;
}

/* x does not ask what `known` asks first, nor does any of the answers decide something in x. */
static bool is_above(struct marker_space *s, uint32_t known, uint32_t x) {
    if (node_cmp(s, known, x) >= 0)
        return false;
    struct node node = s->nodes.p[known];
    for (uint32_t i = 1; axis_is_string(node.axis) && i < node.n; i++)
        if (marker_decide(s, x, node.axis, s->edges.p[node.first + i].at) != x)
            return false;
    return true;
}

static void fill_holes(struct edge *edges, uint32_t n) {
    for (uint32_t i = 1; i < n; i++)
        if (edges[i].to == HOLE)
            edges[i].to = edges[i - 1].to;
    for (uint32_t i = n - 1; i-- > 0;)
        if (edges[i].to == HOLE)
            edges[i].to = edges[i + 1].to;
}

/* "Any other" is NEVER if some string's is, so that the text names strings with == rather than with !=. */
static void fill_string_holes(struct marker_space *s, uint32_t base) {
    struct edge *edges = &s->work.p[base];
    uint32_t n = s->work.n - base, kept = 1, other = edges[0].to;
    for (uint32_t i = 1; i < n; i++) {
        if (edges[i].to == HOLE)
            continue;
        if (edges[0].to == HOLE && (other == HOLE || edges[i].to == MARKER_NEVER))
            other = edges[i].to;
        edges[kept++] = edges[i];
    }
    edges[0].to = other;
    s->work.n = base + kept;
}

static uint32_t simplify(struct marker_space *s, uint32_t x, uint32_t known) {
    uint32_t result;
    uint32_t both = marker_set_and(s, x, known);
    if (both == known || both == MARKER_NEVER)
        return both == known ? MARKER_ALWAYS : MARKER_NEVER;
    if (known == MARKER_ALWAYS || s->full)
        return x;
    if (memo_find(s, MEMO_GIVEN, x, known, &result))
        return result;
    if (is_above(s, known, x))
        return memo_keep(s, MEMO_GIVEN, x, known, simplify(s, x, below(s, known)));
    uint32_t base = s->work.n;
    struct walk w = walk_start(s, x, known);
    do {
        uint32_t inside = walk_part(&w, 1);
        uint32_t to = inside == MARKER_NEVER ? HOLE : simplify(s, walk_part(&w, 0), inside);
        vec_push(&s->work, (struct edge){w.label, to});
    } while (walk_next(&w));
    if (axis_is_string(w.axis))
        fill_string_holes(s, base);
    else
        fill_holes(&s->work.p[base], s->work.n - base);
    return memo_keep(s, MEMO_GIVEN, x, known, marker_node(s, w.axis, w.test, base));
}

uint32_t marker_set_given(struct marker_space *s, uint32_t x, uint32_t known) {
    uint32_t simple = simplify(s, x, known);
    if (known == MARKER_NEVER || s->full)
        return MARKER_NEVER;
    return marker_set_size(s, simple) <= marker_set_size(s, x) ? simple : x;
}

static bool is_extra(const struct marker_space *s, const struct node *node) {
    return node->axis == AXIS_TEST && s->tests.p[node->test].var >= MARKER_EXTRA;
}

/* done: by set, what came out, or HOLE. */
static uint32_t fix_extras(struct marker_space *s, uint32_t x, const struct marker_env *env, uint32_t *done) {
    if (x <= MARKER_ALWAYS || done[x] != HOLE)
        return x <= MARKER_ALWAYS ? x : done[x];
    struct node node = s->nodes.p[x];
    if (is_extra(s, &node)) {
        bool holds = marker_eval(&s->tests.p[node.test], env);
        return done[x] = fix_extras(s, s->edges.p[node.first + holds].to, env, done);
    }
    uint32_t base = s->work.n;
    for (uint32_t i = 0; i < node.n; i++) {
        struct edge e = s->edges.p[node.first + i];
        e.to = fix_extras(s, e.to, env, done);
        vec_push(&s->work, e);
    }
    return done[x] = marker_node(s, node.axis, node.test, base);
}

uint32_t marker_set_with_extras(struct marker_space *s, uint32_t x, const struct marker_env *env) {
    uint32_t *done = mem_alloc((x + 1) * sizeof *done); /* what is below a node is older: has a smaller id */
    memset(done, 0xff, (x + 1) * sizeof *done);
    uint32_t result = fix_extras(s, x, env, done);
    free(done);
    return result;
}

/* Questions. */

static uint32_t count(const struct marker_space *s, uint32_t x, bool *seen) {
    if (seen[x])
        return 0;
    seen[x] = true;
    uint32_t n = 1;
    const struct node *node = &s->nodes.p[x];
    for (uint32_t i = 0; i < node->n; i++)
        n += count(s, s->edges.p[node->first + i].to, seen);
    return n;
}

uint32_t marker_set_size(const struct marker_space *s, uint32_t x) {
    if (x <= MARKER_ALWAYS)
        return 0;
    bool *seen = mem_zero(x + 2);
    seen[MARKER_NEVER] = seen[MARKER_ALWAYS] = true;
    uint32_t n = count(s, x, seen);
    free(seen);
    return n;
}

static uint32_t version_edge(const struct marker_space *s, const struct node *node, struct str value) {
    char space[VERSION_SPACE(256)];
    struct version v;
    uint32_t i = 0;
    if (value.n > 256 || !version_parse_in(space, value, &v))
        return 0;
    while (i + 1 < node->n && str_cmp(s->cuts.keys[s->edges.p[node->first + i + 1].at], v.key) <= 0)
        i++;
    return i;
}

static uint32_t string_edge(const struct marker_space *s, const struct node *node, struct str value) {
    for (uint32_t i = 1; i < node->n; i++)
        if (str_eq(s->values.keys[s->edges.p[node->first + i].at], value))
            return i;
    return 0;
}

bool marker_set_has(const struct marker_space *s, uint32_t x, const struct marker_env *env) {
    while (x > MARKER_ALWAYS) {
        const struct node *node = &s->nodes.p[x];
        uint32_t i;
        if (node->axis == AXIS_TEST)
            i = marker_eval(&s->tests.p[node->test], env);
        else if (axis_is_version(node->axis))
            i = version_edge(s, node, env->values[axis_var(node->axis)]);
        else
            i = string_edge(s, node, env->values[axis_var(node->axis)]);
        x = s->edges.p[node->first + i].to;
    }
    return x == MARKER_ALWAYS;
}

bool marker_set_python(const struct marker_space *s, uint32_t x, struct str *low, struct str *high) {
    *low = *high = STR("");
    const struct node *node = &s->nodes.p[x];
    if (node->axis != AXIS_PYTHON)
        return x != MARKER_NEVER;
    const struct edge *edges = &s->edges.p[node->first];
    uint32_t from = 0, to = node->n;
    while (edges[from].to == MARKER_NEVER)
        from++;
    while (edges[to - 1].to == MARKER_NEVER)
        to--;
    *low = s->cuts.keys[edges[from].at];
    if (to < node->n)
        *high = s->cuts.keys[edges[to].at];
    return true;
}
