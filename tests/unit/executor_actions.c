#include "tests/unit/test.h"

#include "base/map.h"
#include "executor/actions.h"

/* A run of up to eight packages, described in one word each: "kind[:where]". */
struct fixture {
    struct change changes[8];
    struct lock_file files[8];
    struct package packages[8];
    char names[8][2];
    uint32_t n;
    struct actions actions;
};

static void add(struct fixture *f, enum change_kind kind, bool cached, bool local, uint64_t size) {
    uint32_t i = f->n++;
    f->names[i][0] = (char)('a' + i);
    f->files[i].size = size;
    f->changes[i] = (struct change){.kind = kind, .name = str_of(f->names[i])};
    f->packages[i] = (struct package){.change = &f->changes[i],
                                      .name = str_of(f->names[i]),
                                      .file = &f->files[i],
                                      .cached = cached,
                                      .local = local};
}

static void make(struct fixture *f) {
    struct err e;
    CHECK_INT(actions_make(f->packages, f->n, &f->actions, &e), 0);
}

static uint32_t node_of(const struct fixture *f, enum action_kind kind, uint32_t package) {
    for (uint32_t i = 0; i < f->actions.graph.n; i++)
        if (f->actions.p[i].kind == kind && f->actions.p[i].package == package)
            return i;
    return MAP_NONE;
}

/* Is there a path from a to b? */
static bool before(const struct graph *g, uint32_t a, uint32_t b) {
    if (a == b)
        return true;
    for (uint32_t i = g->first[a]; i < g->first[a + 1]; i++)
        if (before(g, g->out[i], b))
            return true;
    return false;
}

static bool ordered(const struct fixture *f, enum action_kind x, uint32_t px, enum action_kind y,
                    uint32_t py) {
    uint32_t a = node_of(f, x, px), b = node_of(f, y, py);
    return a != MAP_NONE && b != MAP_NONE && before(&f->actions.graph, a, b);
}

TEST(nothing_to_do_has_no_nodes) {
    struct fixture f = {0};
    add(&f, CHANGE_KEEP, false, false, 1000);
    make(&f);
    CHECK_INT(f.actions.graph.n, 0);
    actions_free(&f.actions);
}

TEST(a_download_goes_through_all_steps) {
    struct fixture f = {0};
    add(&f, CHANGE_INSTALL, false, false, 1000);
    make(&f);
    CHECK_INT(f.actions.graph.n, 5);
    CHECK_INT(f.actions.graph.nedges, 4);
    CHECK(ordered(&f, ACTION_FETCH, 0, ACTION_UNPACK, 0) && ordered(&f, ACTION_UNPACK, 0, ACTION_LINK, 0));
    CHECK(ordered(&f, ACTION_LINK, 0, ACTION_SCRIPTS, 0) && ordered(&f, ACTION_SCRIPTS, 0, ACTION_RECORD, 0));
    const struct action *fetch = &f.actions.p[node_of(&f, ACTION_FETCH, 0)];
    CHECK_INT(fetch->pool, POOL_NET);
    CHECK_INT(fetch->bytes, 1000);
    CHECK_INT(fetch->memory, 1000);
    CHECK_INT(f.actions.p[node_of(&f, ACTION_UNPACK, 0)].memory, 1000);
    actions_free(&f.actions);
}

TEST(what_the_cache_has_is_only_linked) {
    struct fixture f = {0};
    add(&f, CHANGE_INSTALL, true, false, 1000);
    make(&f);
    CHECK_INT(f.actions.graph.n, 2);
    CHECK(ordered(&f, ACTION_LINK, 0, ACTION_RECORD, 0));
    actions_free(&f.actions);
}

TEST(scripts_that_the_manifest_knows_get_a_node) {
    struct fixture f = {0};
    struct manifest_file file = {.python_script = true};
    add(&f, CHANGE_INSTALL, true, false, 1000);
    add(&f, CHANGE_INSTALL, true, false, 1000);
    f.packages[0].manifest.nentry_points = 1;
    f.packages[1].manifest.files = &file;
    f.packages[1].manifest.nfiles = 1;
    make(&f);
    CHECK(node_of(&f, ACTION_SCRIPTS, 0) != MAP_NONE);
    CHECK(node_of(&f, ACTION_SCRIPTS, 1) != MAP_NONE);
    actions_free(&f.actions);
}

TEST(local_files_and_large_ones_take_no_memory) {
    struct fixture f = {0};
    add(&f, CHANGE_INSTALL, false, true, 1000);
    add(&f, CHANGE_INSTALL, false, false, (uint64_t)100 << 20);
    add(&f, CHANGE_INSTALL, false, false, 0); /* not known: the most it may take */
    make(&f);
    CHECK_INT(f.actions.p[node_of(&f, ACTION_FETCH, 0)].pool, POOL_DISK);
    CHECK_INT(f.actions.p[node_of(&f, ACTION_FETCH, 0)].memory, 0);
    CHECK_INT(f.actions.p[node_of(&f, ACTION_FETCH, 1)].memory, 0);
    CHECK_INT(f.actions.p[node_of(&f, ACTION_FETCH, 2)].memory, FETCH_IN_MEMORY);
    actions_free(&f.actions);
}

TEST(into_an_empty_environment_nobody_waits_for_others) {
    struct fixture f = {0};
    add(&f, CHANGE_INSTALL, false, false, 1000);
    add(&f, CHANGE_INSTALL, false, false, 2000);
    make(&f);
    CHECK_INT(node_of(&f, ACTION_PREFLIGHT, MAP_NONE), MAP_NONE);
    CHECK(!ordered(&f, ACTION_UNPACK, 0, ACTION_LINK, 1) && !ordered(&f, ACTION_UNPACK, 1, ACTION_LINK, 0));
    /* The larger one has the longer way to go. */
    CHECK(f.actions.graph.rest[node_of(&f, ACTION_FETCH, 1)] >
          f.actions.graph.rest[node_of(&f, ACTION_FETCH, 0)]);
    actions_free(&f.actions);
}

TEST(nothing_goes_before_all_is_unpacked_and_nothing_comes_before_all_is_gone) {
    struct fixture f = {0};
    add(&f, CHANGE_INSTALL, false, false, 1000);
    add(&f, CHANGE_REPLACE, true, false, 1000);
    add(&f, CHANGE_REMOVE, false, false, 0);
    add(&f, CHANGE_KEEP, false, false, 0);
    make(&f);
    CHECK(ordered(&f, ACTION_UNPACK, 0, ACTION_PREFLIGHT, MAP_NONE));
    for (uint32_t gone = 1; gone <= 2; gone++) {
        CHECK(ordered(&f, ACTION_PREFLIGHT, MAP_NONE, ACTION_REMOVE, gone));
        for (uint32_t come = 0; come <= 1; come++)
            CHECK(ordered(&f, ACTION_REMOVE, gone, ACTION_LINK, come));
    }
    CHECK_INT(node_of(&f, ACTION_LINK, 2), MAP_NONE);
    CHECK_INT(node_of(&f, ACTION_REMOVE, 3), MAP_NONE);
    actions_free(&f.actions);
}

TEST(the_graph_can_be_drawn) {
    struct fixture f = {0};
    struct buf out = {0};
    add(&f, CHANGE_REPLACE, true, false, 1000);
    make(&f);
    actions_dot(&f.actions, f.packages, &out);
    CHECK(strstr(out.p, "remove a") && strstr(out.p, "link a") && strstr(out.p, "preflight"));
    buf_free(&out);
    actions_free(&f.actions);
}

TEST_MAIN
