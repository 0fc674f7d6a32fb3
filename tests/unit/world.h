/* world: an index made of text, as a provider for the solver's tests. The format is told in planner_solve.c.
 */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "planner/provider.h"

struct world_version {
    struct str text, requires, reason; /* reason: unavailable if not empty */
    struct dependency *dependencies;   /* made on the first question */
    uint32_t n;
    bool known, asked;
};

struct world_package {
    struct str name, absence;
    VEC(struct world_version) versions; /* ascending */
    struct str prefer;
};

struct world_requirement {
    struct str text, place;
};

enum world_peek { PEEK_LOADED, PEEK_ALL, PEEK_BATCH };

struct world {
    struct arena arena;
    struct map names;
    VEC(struct world_package) packages; /* 0 is the root */
    VEC(struct world_requirement) requirements;
    enum world_peek peek;
    struct str failing;      /* a package whose metadata cannot be had at all */
    uint32_t loads, fetched; /* blocking questions; versions whose dependencies were read */
};

static int world_compare(struct str x, struct str y) {
    struct str p, q;
    for (;;) {
        uint64_t i = 0, j = 0;
        bool more_x = str_cut(&x, '.', &p), more_y = str_cut(&y, '.', &q);
        if (!more_x && !more_y)
            return 0;
        if (more_x)
            str_u64(p, &i);
        if (more_y)
            str_u64(q, &j);
        if (i != j)
            return i < j ? -1 : 1;
    }
}

static uint32_t world_package(struct world *w, struct str name) {
    uint32_t id = map_id(&w->names, name);
    if (id == w->packages.n)
        vec_push(&w->packages, (struct world_package){.name = w->names.keys[id]});
    return id;
}

static struct world_package *world_named(struct world *w, struct str name) {
    uint32_t id = world_package(w, name); /* may move the array */
    return &w->packages.p[id];
}

static void world_add(struct world *w, struct str name, struct str version, struct str requires,
                      struct str reason) {
    struct world_package *p = world_named(w, name);
    vec_push(&p->versions, (struct world_version){.text = version, .requires = requires, .reason = reason});
    for (uint32_t i = p->versions.n - 1;
         i && world_compare(p->versions.p[i - 1].text, p->versions.p[i].text) > 0; i--) {
        struct world_version swap = p->versions.p[i];
        p->versions.p[i] = p->versions.p[i - 1];
        p->versions.p[i - 1] = swap;
    }
}

static bool world_clause(struct str version, struct str clause) {
    static const char *const ops[] = {">=", "<=", "==", "!=", ">", "<"};
    for (int i = 0; i < 6; i++) {
        if (!str_starts(clause, str_of(ops[i])))
            continue;
        int c = world_compare(version, str_trim(str_from(clause, strlen(ops[i]))));
        bool holds[] = {c >= 0, c <= 0, c == 0, c != 0, c > 0, c < 0};
        return holds[i];
    }
    fprintf(stderr, "bad clause: " STR_FMT "\n", STR_ARG(clause));
    abort();
}

/* "name>=1,<2" or "name" */
static struct dependency world_dependency(struct world *w, struct str text, struct str place) {
    size_t n = 0;
    while (n < text.n && !strchr("<>=!", text.p[n]))
        n++;
    uint32_t package = world_package(w, str_trim(str_head(text, n)));
    const struct world_package *p = &w->packages.p[package];
    struct dependency d = {package, set_none(&w->arena, p->versions.n), w->requirements.n};
    vec_push(&w->requirements, (struct world_requirement){text, place});
    for (uint32_t v = 0; v < p->versions.n; v++) {
        struct str rest = str_from(text, n), clause;
        bool allowed = true;
        while (allowed && n < text.n && str_cut(&rest, ',', &clause))
            allowed = world_clause(p->versions.p[v].text, str_trim(clause));
        if (allowed)
            set_add(&d.allowed, v);
    }
    return d;
}

static void world_read_version(struct world *w, uint32_t package, uint32_t version) {
    struct world_version v = w->packages.p[package].versions.p[version];
    if (v.known)
        return;
    w->fetched++;
    v.known = true;
    VEC(struct dependency) d = {0};
    struct str rest = v.requires, text;
    while (str_cut(&rest, ';', &text)) {
        text = str_trim(text);
        if (!text.n)
            continue;
        struct str place = {"", 0};
        if (package == ROOT_PACKAGE)
            place = str_of(arena_fmt(&w->arena, " (requirements.txt:%u)", d.n + 1));
        struct dependency one = world_dependency(w, text, place);
        vec_push(&d, one);
    }
    v.dependencies = arena_copy(&w->arena, d.p, d.n * sizeof *d.p);
    v.n = d.n;
    vec_free(&d);
    w->packages.p[package].versions.p[version] = v;
}

/* ---- the provider ---- */

static enum provider_answer world_versions(void *ctx, uint32_t package, uint32_t *n, struct err *e) {
    struct world *w = ctx;
    (void)e;
    *n = w->packages.p[package].versions.n;
    return PROVIDER_OK;
}

static uint32_t world_choose(void *ctx, uint32_t package, const struct set *allowed) {
    struct world *w = ctx;
    const struct world_package *p = &w->packages.p[package];
    for (uint32_t v = 0; p->prefer.n && v < p->versions.n; v++)
        if (str_eq(p->versions.p[v].text, p->prefer) && set_has(allowed, v))
            return v;
    return set_max(allowed);
}

static enum provider_answer world_dependencies(void *ctx, uint32_t package, uint32_t version,
                                               const struct dependency **out, uint32_t *n, uint32_t *reason,
                                               struct err *e) {
    struct world *w = ctx;
    struct world_version *v = &w->packages.p[package].versions.p[version];
    if (w->failing.n && str_eq(w->packages.p[package].name, w->failing)) {
        err_fail(e, "the index gave no answer for " STR_FMT, STR_ARG(w->failing));
        return PROVIDER_FAILED;
    }
    if (v->asked) { /* the solver is to remember */
        err_fail(e, "asked twice for " STR_FMT, STR_ARG(w->packages.p[package].name));
        return PROVIDER_FAILED;
    }
    v->asked = true;
    w->loads++;
    if (v->reason.n) {
        *reason = w->requirements.n;
        for (uint32_t i = 0; i < w->requirements.n; i++)
            if (str_eq(w->requirements.p[i].text, v->reason))
                *reason = i;
        if (*reason == w->requirements.n)
            vec_push(&w->requirements, (struct world_requirement){v->reason, {"", 0}});
        return PROVIDER_UNAVAILABLE;
    }
    world_read_version(w, package, version);
    v = &w->packages.p[package].versions.p[version];
    *out = v->dependencies;
    *n = v->n;
    return PROVIDER_OK;
}

static bool world_peek(void *ctx, uint32_t package, uint32_t version, const struct dependency **out,
                       uint32_t *n) {
    struct world *w = ctx;
    struct world_version *v = &w->packages.p[package].versions.p[version];
    if (v->reason.n || (w->peek != PEEK_ALL && !v->known))
        return false;
    world_read_version(w, package, version);
    v = &w->packages.p[package].versions.p[version];
    *out = v->dependencies;
    *n = v->n;
    return true;
}

/* As an index would that loads the newest 64 at once. */
static void world_prefetch(void *ctx, uint32_t package, const struct set *allowed) {
    struct world *w = ctx;
    if (w->peek != PEEK_BATCH)
        return;
    uint32_t v = allowed->n;
    for (int i = 0; i < 64 && (v = set_below(allowed, v)) != UINT32_MAX; i++)
        if (!w->packages.p[package].versions.p[v].reason.n)
            world_read_version(w, package, v);
}

static uint32_t world_priority(void *ctx, uint32_t package) {
    const struct world *w = ctx;
    const struct world_version *root = &w->packages.p[ROOT_PACKAGE].versions.p[0];
    for (uint32_t i = 0; i < root->n; i++)
        if (root->dependencies[i].package == package)
            return 1;
    return 2;
}

static struct str world_package_name(void *ctx, uint32_t package, struct arena *a) {
    (void)a;
    return ((struct world *)ctx)->packages.p[package].name;
}

static struct str world_version_text(void *ctx, uint32_t package, uint32_t version, struct arena *a) {
    (void)a;
    return ((struct world *)ctx)->packages.p[package].versions.p[version].text;
}

static struct str world_requirement_text(void *ctx, uint32_t requirement, struct arena *a) {
    (void)a;
    return ((struct world *)ctx)->requirements.p[requirement].text;
}

static struct str world_requirement_place(void *ctx, uint32_t requirement, struct arena *a) {
    (void)a;
    return ((struct world *)ctx)->requirements.p[requirement].place;
}

static struct str world_absence(void *ctx, uint32_t package, uint32_t requirement, struct arena *a) {
    struct world *w = ctx;
    const struct world_package *p = &w->packages.p[package];
    (void)requirement;
    if (p->absence.n)
        return p->absence;
    if (!p->versions.n)
        return str_of(arena_fmt(a, "there is no project of that name"));
    struct str newest = p->versions.p[p->versions.n - 1].text;
    return str_of(arena_fmt(a, "the newest is " STR_FMT, STR_ARG(newest)));
}

static struct provider world_provider(struct world *w) {
    return (struct provider){.ctx = w,
                             .versions = world_versions,
                             .choose = world_choose,
                             .dependencies = world_dependencies,
                             .peek = world_peek,
                             .prefetch = world_prefetch,
                             .priority = world_priority,
                             .package_name = world_package_name,
                             .version_text = world_version_text,
                             .requirement_text = world_requirement_text,
                             .requirement_place = world_requirement_place,
                             .reason_text = world_requirement_text,
                             .absence_text = world_absence};
}

static void world_init(struct world *w) {
    *w = (struct world){0};
    world_package(w, STR("the requirements"));
}

static void world_free(struct world *w) {
    for (uint32_t i = 0; i < w->packages.n; i++)
        vec_free(&w->packages.p[i].versions);
    vec_free(&w->packages);
    vec_free(&w->requirements);
    map_free(&w->names);
    arena_free(&w->arena);
}

/* One line of the index: "root: ...", "name version: ...", "name version unavailable: why", "absent name:
   why", "prefer name version", "peek all", "failing name". False if it is none of these. */
static bool world_line(struct world *w, struct str line) {
    struct str head, first, second = {"", 0}, third = {"", 0}, rest = line, words;
    bool colon = str_find(line, ':') >= 0;
    str_cut(&rest, ':', &head);
    words = str_trim(head);
    str_cut(&words, ' ', &first);
    if (words.p)
        str_cut(&words, ' ', &second);
    if (words.p)
        third = words;
    rest = rest.p ? str_trim(rest) : (struct str){"", 0};
    if (str_is(first, "root") && colon)
        world_add(w, STR("the requirements"), STR("0"), rest, STR(""));
    else if (str_is(first, "absent") && colon)
        world_named(w, second)->absence = rest;
    else if (str_is(first, "prefer"))
        world_named(w, second)->prefer = third;
    else if (str_is(first, "peek"))
        w->peek = str_is(second, "all") ? PEEK_ALL : PEEK_BATCH;
    else if (str_is(first, "failing"))
        w->failing = second;
    else if (second.n && str_is(third, "unavailable"))
        world_add(w, first, second, STR(""), rest);
    else if (second.n && !third.n)
        world_add(w, first, second, rest, STR(""));
    else
        return false;
    return true;
}

#endif
