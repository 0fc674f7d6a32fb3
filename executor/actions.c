#include "executor/actions.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"

const char *action_name(enum action_kind kind) {
    static const char *const names[] = {"fetch", "build", "unpack",  "bytecode", "preflight", "remove",
                                        "clear", "link",  "scripts", "record",   "mark"};
    return names[kind];
}

const char *action_doing(enum action_kind kind) {
    static const char *const names[] = {"fetching",        "building",  "unpacking", "compiling",
                                        "checking",        "removing",  "clearing",  "linking",
                                        "writing scripts", "recording", "marking"};
    return names[kind];
}

/* Guesses, in seconds; only their order of magnitude counts: the longest remaining path goes first. */
static const double round_trip = 0.03, net_rate = 20e6, hash_rate = 1e9, unpack_rate = 80e6, file_s = 15e-6,
                    unpacked_file = 4e3 /* packed bytes per file */,
                    compile_rate = 400e3 /* packed bytes of sources; wheels with binaries take less */;

struct maker {
    struct graph *graph;
    VEC(struct action) actions;
    uint32_t preflight, clear; /* MAP_NONE: nothing goes */
};

static uint32_t add(struct maker *m, struct action action, double cost) {
    vec_push(&m->actions, action);
    return graph_node(m->graph, cost);
}

static uint32_t add_after(struct maker *m, uint32_t before, struct action action, double cost) {
    uint32_t node = add(m, action, cost);
    if (before != MAP_NONE)
        graph_edge(m->graph, before, node);
    return node;
}

static uint32_t add_fetch(struct maker *m, const struct package *p, uint32_t i) {
    double size = (double)p->file->size;
    struct action fetch = {.kind = ACTION_FETCH, .package = i};
    if (p->local) {
        fetch.pool = POOL_DISK;
        return add(m, fetch, size / hash_rate);
    }
    fetch.pool = POOL_NET;
    fetch.bytes = p->file->size;
    fetch.memory = fetch_memory(p->file->size);
    return add(m, fetch, round_trip + size / net_rate);
}

/* The package's bytes in the cache: its last node, or MAP_NONE if they are there. */
static uint32_t add_unpacked(struct maker *m, const struct package *p, uint32_t i) {
    if (p->cached)
        return MAP_NONE;
    uint32_t fetch = add_fetch(m, p, i);
    struct action unpack = {.kind = ACTION_UNPACK, .pool = POOL_CPU, .package = i};
    unpack.memory = m->actions.p[fetch].memory;
    return add_after(m, fetch, unpack, 1e-3 + (double)p->file->size / unpack_rate);
}

/* All that is done before the environment is touched: its last node, or MAP_NONE. */
static uint32_t add_cached(struct maker *m, const struct package *p, uint32_t i) {
    uint32_t node = add_unpacked(m, p, i);
    if (p->compiles) {
        /* Behind every unpack that could run: those free memory, so that downloads go on. */
        struct action bytecode = {.kind = ACTION_BYTECODE, .pool = POOL_BUILD, .package = i};
        node = add_after(m, node, bytecode, 1e-2 + (double)p->file->size / compile_rate);
    }
    if (node != MAP_NONE && m->preflight != MAP_NONE)
        graph_edge(m->graph, node, m->preflight);
    return node;
}

static bool has_scripts(const struct package *p) {
    if (!p->cached || p->manifest.nentry_points)
        return true; /* not unpacked yet: there may be some */
    for (uint32_t i = 0; i < p->manifest.nfiles; i++)
        if (p->manifest.files[i].python_script)
            return true;
    return false;
}

static void add_install(struct maker *m, const struct package *p, uint32_t i) {
    uint32_t node = add_cached(m, p, i);
    double files = p->cached ? p->manifest.nfiles : (double)p->file->size / unpacked_file;
    struct action link = {.kind = ACTION_LINK, .pool = POOL_DISK, .package = i};
    /* Behind clear, and so behind every unpack, this package's among them. */
    node = add_after(m, m->clear != MAP_NONE ? m->clear : node, link, 1e-4 + files * file_s);
    if (has_scripts(p))
        node = add_after(m, node, (struct action){ACTION_SCRIPTS, .pool = POOL_DISK, .package = i}, 1e-4);
    add_after(m, node, (struct action){ACTION_RECORD, .pool = POOL_DISK, .package = i}, 1e-4);
}

static void add_remove(struct maker *m, const struct package *p, uint32_t i) {
    struct action remove = {.kind = ACTION_REMOVE, .pool = POOL_DISK, .package = i};
    uint32_t node = add_after(m, m->preflight, remove, 2e-3 * p->change->nold);
    graph_edge(m->graph, node, m->clear);
}

static bool anything_goes(const struct package *packages, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (packages[i].change->kind == CHANGE_REPLACE || packages[i].change->kind == CHANGE_REMOVE)
            return true;
    return false;
}

int actions_make(const struct package *packages, uint32_t n, struct actions *out, struct err *e) {
    *out = (struct actions){0};
    struct maker m = {.graph = &out->graph, .preflight = MAP_NONE, .clear = MAP_NONE};
    if (anything_goes(packages, n)) {
        m.preflight = add(&m, (struct action){ACTION_PREFLIGHT, .pool = POOL_DISK, .package = MAP_NONE}, 0);
        m.clear = add(&m, (struct action){ACTION_CLEAR, .pool = POOL_DISK, .package = MAP_NONE}, 0);
        graph_edge(m.graph, m.preflight, m.clear);
    }
    for (uint32_t i = 0; i < n; i++) {
        enum change_kind kind = packages[i].change->kind;
        if (kind == CHANGE_REPLACE || kind == CHANGE_REMOVE)
            add_remove(&m, &packages[i], i);
        if (package_installs(&packages[i]))
            add_install(&m, &packages[i], i);
        if (kind == CHANGE_MARK)
            add_after(&m, m.clear, (struct action){ACTION_MARK, .pool = POOL_DISK, .package = i}, 1e-4);
    }
    for (uint32_t i = 0; i < m.actions.n; i++)
        m.actions.p[i].because = MAP_NONE;
    out->p = m.actions.p;
    return graph_seal(&out->graph, NULL, e);
}

void actions_free(struct actions *a) {
    graph_free(&a->graph);
    free(a->p);
    *a = (struct actions){0};
}

struct label_context {
    const struct actions *actions;
    const struct package *packages;
};

static void label(void *ctx, uint32_t node, struct buf *out) {
    const struct label_context *c = ctx;
    const struct action *action = &c->actions->p[node];
    buf_c(out, action_name(action->kind));
    if (action->package != MAP_NONE)
        buf_fmt(out, " " STR_FMT, STR_ARG(c->packages[action->package].name));
}

void actions_dot(const struct actions *a, const struct package *packages, struct buf *out) {
    struct label_context c = {a, packages};
    graph_dot(&a->graph, label, &c, out);
}
