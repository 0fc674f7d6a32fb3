#include "planner/dag.h"

#include <stdlib.h>

struct pinned { /* a project of the answer */
    struct project *project;
    uint32_t candidate;
    VEC(struct str) extras;
    struct lock_package package;
};

struct making {
    struct provide *v;
    const struct log *log;
    struct arena *a;
    struct map names; /* project -> index of pinned */
    VEC(struct pinned) pinned;
};

static void gather(struct making *m, const struct solve_result *solved) {
    for (uint32_t i = 0; i < solved->n; i++) {
        struct str extra;
        struct project *p = provide_project(m->v, solved->pins[i].package, &extra);
        uint32_t at = map_id(&m->names, p->name);
        if (at == m->pinned.n)
            vec_push(&m->pinned, (struct pinned){.project = p, .candidate = solved->pins[i].version});
        if (extra.n)
            vec_push(&m->pinned.p[at].extras, extra);
    }
}

static struct str *sorted_copy(struct arena *a, struct str *p, uint32_t *n) {
    uint32_t kept = 0;
    if (*n)
        qsort(p, *n, sizeof *p, str_qsort);
    for (uint32_t i = 0; i < *n; i++)
        if (!i || !str_eq(p[i], p[kept - 1]))
            p[kept++] = p[i];
    *n = kept;
    return arena_copy(a, p, kept * sizeof *p);
}

static void add_edges(struct making *m, struct pinned *p) {
    VEC(struct str) names = {0};
    struct universe *u = m->v->universe;
    const struct metadata *md = &p->project->releases[p->candidate].metadata;
    for (uint32_t i = 0; i < md->nrequires && !u->options->no_deps; i++) {
        const struct requirement *r = &md->requires[i];
        if (map_find(&m->names, r->name) != MAP_NONE && !str_eq(r->name, p->project->name) &&
            requirement_applies(r, u->target, p->extras.p, p->extras.n))
            vec_push(&names, r->name);
    }
    p->package.ndepends = names.n;
    p->package.depends = sorted_copy(m->a, names.p, &p->package.ndepends);
    vec_free(&names);
}

static void add_file(struct making *m, struct pinned *p) {
    const struct candidate *c = &p->project->candidates.p[p->candidate];
    const struct simple_file *f = candidate_file(p->project, c, m->a);
    const struct release_info *info = &p->project->releases[p->candidate];
    struct lock_file *file = arena_new(m->a, struct lock_file, 1);
    file->kind = c->wheel ? LOCK_WHEEL : LOCK_SDIST;
    file->name = f->filename;
    file->url = f->url;
    file->size = f->size ? f->size : info->size;
    if (f->hash_kind == HASH_SHA256 && f->hash.n)
        file->sha256 = f->hash;
    else if (info->sha256[0])
        file->sha256 = arena_str(m->a, str_of(info->sha256));
    p->package.files = file;
    p->package.nfiles = 1;
}

static bool has_extra(const struct metadata *m, struct str extra) {
    for (uint32_t i = 0; i < m->nextras; i++)
        if (str_eq(m->provides_extra[i], extra))
            return true;
    return false;
}

/* A version newer than the chosen one may have lost only because its metadata is not to be had. */
static void tell_newer(struct making *m, const struct pinned *p) {
    const struct candidate *chosen = &p->project->candidates.p[p->candidate];
    for (uint32_t i = p->project->candidates.n; i-- > p->candidate + 1;) {
        struct str problem = universe_problem(m->v->universe, p->project, i);
        if (!problem.n)
            continue;
        log_warn(m->log, STR_FMT " " STR_FMT " is newer than " STR_FMT " but cannot be used: " STR_FMT,
                 STR_ARG(p->project->name), STR_ARG(p->project->candidates.p[i].version.text),
                 STR_ARG(chosen->version.text), STR_ARG(problem));
        return;
    }
}

static void tell_oddities(struct making *m, const struct pinned *p) {
    const struct candidate *c = &p->project->candidates.p[p->candidate];
    struct str name = p->project->name, version = c->version.text;
    if (c->yanked)
        log_warn(m->log, STR_FMT " " STR_FMT " was yanked%s" STR_FMT, STR_ARG(name), STR_ARG(version),
                 c->yanked_reason.n ? ": " : "", STR_ARG(c->yanked_reason));
    for (uint32_t i = 0; i < p->extras.n; i++)
        if (!has_extra(&p->project->releases[p->candidate].metadata, p->extras.p[i]))
            log_warn(m->log, STR_FMT " " STR_FMT " has no extra \"" STR_FMT "\"", STR_ARG(name),
                     STR_ARG(version), STR_ARG(p->extras.p[i]));
    tell_newer(m, p);
}

static int by_name(const void *x, const void *y) {
    return str_cmp(((const struct lock_package *)x)->name, ((const struct lock_package *)y)->name);
}

static void add_requires(struct making *m, struct lock *out) {
    VEC(struct str) texts = {0};
    for (uint32_t i = 0; i < m->v->roots->list.n; i++)
        if (!m->v->roots->list.p[i].constraint)
            vec_push(&texts, m->v->roots->list.p[i].req.text);
    out->nrequires = texts.n;
    out->requires = sorted_copy(m->a, texts.p, &out->nrequires);
    vec_free(&texts);
}

void dag_make(struct provide *v, const struct solve_result *solved, const struct log *log, struct arena *a,
              struct lock *out) {
    struct making m = {.v = v, .log = log, .a = a};
    gather(&m, solved);
    out->packages = arena_new(a, struct lock_package, m.pinned.n);
    out->npackages = m.pinned.n;
    for (uint32_t i = 0; i < m.pinned.n; i++) {
        struct pinned *p = &m.pinned.p[i];
        p->package = (struct lock_package){.name = p->project->name,
                                           .version = p->project->candidates.p[p->candidate].version.text,
                                           .requested = roots_name(v->roots, p->project->name),
                                           .direct = p->project->direct.n > 0,
                                           .nextras = p->extras.n};
        p->package.extras = sorted_copy(a, p->extras.p, &p->package.nextras);
        add_edges(&m, p);
        add_file(&m, p);
        tell_oddities(&m, p);
        out->packages[i] = p->package;
        vec_free(&p->extras);
    }
    if (out->npackages)
        qsort(out->packages, out->npackages, sizeof *out->packages, by_name);
    add_requires(&m, out);
    map_free(&m.names);
    vec_free(&m.pinned);
}
