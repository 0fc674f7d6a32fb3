#include "planner/provide.h"

#include "base/url.h"
#include "formats/name.h"
#include "planner/absence.h"

struct dependencies { /* of one version */
    bool known;
    enum provider_answer answer;
    uint32_t reason;
    struct dependency *p;
    uint32_t n;
};

struct package {
    struct project *project; /* NULL: the root */
    struct str extra;
    bool named;                    /* the project is among the user's own requirements */
    struct dependencies *versions; /* by version; made when the page is there */
};

typedef VEC(struct dependency) dependency_list;

static uint32_t add_package(struct provide *v, struct str key, struct project *project, struct str extra) {
    uint32_t id = map_id(&v->names, key);
    if (id == v->packages.n) {
        struct package *p = arena_new(&v->arena, struct package, 1);
        *p = (struct package){project, arena_str(&v->arena, extra),
                              project && roots_name(v->roots, project->name), NULL};
        vec_push(&v->packages, p);
    }
    return id;
}

static uint32_t package_id(struct provide *v, struct project *project, struct str extra) {
    if (!extra.n)
        return add_package(v, project->name, project, extra);
    char *key = arena_fmt(&v->arena, STR_FMT "[" STR_FMT "]", STR_ARG(project->name), STR_ARG(extra));
    return add_package(v, str_of(key), project, extra);
}

static uint32_t add_stated(struct provide *v, const struct requirement *req, struct project *p,
                           struct str place) {
    vec_push(&v->stated, (struct stated){req, p, place});
    return v->stated.n - 1;
}

static uint32_t add_reason(struct provide *v, struct str text) {
    vec_push(&v->reasons, arena_str(&v->arena, text));
    return v->reasons.n - 1;
}

/* PEP 592: a pin lets a yanked version in; here, a pin among the user's own requirements. */
static bool pinned_by_user(const struct provide *v, const struct project *p, const struct version *version) {
    for (uint32_t i = 0; i < v->roots->list.n; i++) {
        const struct root *r = &v->roots->list.p[i];
        if (!r->active || !str_eq(r->req.name, p->name) || !specifiers_contain(&r->req.spec, version))
            continue;
        for (uint32_t s = 0; s < r->req.spec.n; s++) {
            const struct specifier *one = &r->req.spec.p[s];
            if ((one->op == OP_EQ && !one->wildcard) || one->op == OP_ARBITRARY)
                return true;
        }
    }
    return false;
}

static bool constrained_away(const struct provide *v, const struct project *p,
                             const struct version *version) {
    for (uint32_t i = 0; i < v->roots->list.n; i++) {
        const struct root *r = &v->roots->list.p[i];
        if (r->constraint && r->active && str_eq(r->req.name, p->name) &&
            !specifiers_contain(&r->req.spec, version))
            return true;
    }
    return false;
}

/* The versions that a specifier and the user's constraints allow. The project's page is there. */
static struct set allowed_by(struct provide *v, struct project *p, const struct specifiers *spec) {
    char *key = arena_fmt(&v->arena, STR_FMT " " STR_FMT, STR_ARG(p->name), STR_ARG(spec->text));
    uint32_t id = map_id(&v->set_keys, str_of(key));
    if (id < v->sets.n)
        return v->sets.p[id];
    const struct candidates *c = &p->candidates;
    struct set s = set_none(&v->arena, c->n);
    for (uint32_t i = 0; i < c->n; i++) {
        const struct version *version = &c->p[i].version;
        if (specifiers_contain(spec, version) && (!c->p[i].yanked || pinned_by_user(v, p, version)) &&
            !constrained_away(v, p, version))
            set_add(&s, i);
    }
    vec_push(&v->sets, s);
    return s;
}

static int wait_for_page(struct provide *v, struct project *p, struct err *e) {
    if (universe_page(v->universe, p) != PROJECT_FAILED)
        return 0;
    *e = p->answer.err;
    return -1;
}

/* One requirement as dependencies: on the project, and on each extra that is asked for. */
static int add_requirement(struct provide *v, const struct requirement *r, struct str place,
                           dependency_list *out, struct err *e) {
    struct project *p = universe_project(v->universe, r->name);
    if (wait_for_page(v, p, e) < 0)
        return -1;
    struct dependency d = {.allowed = allowed_by(v, p, &r->spec), .requirement = add_stated(v, r, p, place)};
    d.package = package_id(v, p, STR(""));
    vec_push(out, d);
    for (uint32_t i = 0; i < r->nextras; i++) {
        d.package = package_id(v, p, r->extras[i]);
        vec_push(out, d);
    }
    return 0;
}

static int root_dependencies(struct provide *v, dependency_list *out, struct err *e) {
    for (uint32_t i = 0; i < v->roots->list.n; i++) {
        const struct root *r = &v->roots->list.p[i];
        if (r->active && !r->constraint && add_requirement(v, &r->req, r->place, out, e) < 0)
            return -1;
    }
    return 0;
}

/* Whether a requirement of the metadata counts for this package: the project's own, or those that its
 * extra adds. */
static bool counts(struct provide *v, const struct package *p, const struct requirement *r) {
    const struct target *t = v->universe->target;
    if (!p->extra.n)
        return requirement_applies(r, t, NULL, 0);
    return marker_uses_extra(r->marker) && requirement_applies(r, t, &p->extra, 1);
}

/* Metadata may ask for another Python than the index said. */
static bool python_fits(struct provide *v, const struct metadata *m) {
    struct specifiers spec;
    size_t at;
    const char *why;
    return !m->requires_python.n || specifiers_parse(&v->arena, m->requires_python, &spec, &at, &why) < 0 ||
           specifiers_contain(&spec, &v->universe->target->version);
}

/* A direct reference in metadata is followed only where the user names the same one: what a package says
   must not decide where others come from. NULL: no fault. */
static const struct requirement *foreign_url(struct provide *v, const struct package *p,
                                             const struct metadata *m) {
    for (uint32_t i = 0; i < m->nrequires; i++) {
        const struct requirement *r = &m->requires[i];
        if (r->url.n && counts(v, p, r) &&
            !str_eq(universe_project(v->universe, r->name)->direct, url_without_fragment(r->url)))
            return r;
    }
    return NULL;
}

static enum provider_answer unavailable(struct provide *v, uint32_t *reason, struct str text) {
    *reason = add_reason(v, text);
    return PROVIDER_UNAVAILABLE;
}

static enum provider_answer release_dependencies(struct provide *v, const struct package *p, uint32_t version,
                                                 const struct release_info *info, dependency_list *out,
                                                 uint32_t *reason, struct err *e) {
    const struct metadata *m = &info->metadata;
    const struct requirement *foreign = foreign_url(v, p, m);
    if (foreign)
        return unavailable(
            v, reason,
            str_of(arena_fmt(&v->arena,
                             "it depends on " STR_FMT " by URL, which only your own requirements may do",
                             STR_ARG(foreign->name))));
    if (!python_fits(v, m))
        return unavailable(
            v, reason, str_of(arena_fmt(&v->arena, "it needs Python " STR_FMT, STR_ARG(m->requires_python))));
    if (p->extra.n) {
        struct dependency base = {.package = package_id(v, p->project, STR("")),
                                  .allowed = set_one(&v->arena, p->project->candidates.n, version),
                                  .requirement = add_stated(v, NULL, p->project, STR(""))};
        vec_push(out, base);
    }
    if (v->options->no_deps)
        return PROVIDER_OK;
    for (uint32_t i = 0; i < m->nrequires; i++) /* all pages are asked for before the first is waited for */
        if (counts(v, p, &m->requires[i]))
            universe_want(v->universe, &m->requires[i]);
    for (uint32_t i = 0; i < m->nrequires; i++)
        if (counts(v, p, &m->requires[i]) && add_requirement(v, &m->requires[i], STR(""), out, e) < 0)
            return PROVIDER_FAILED;
    return PROVIDER_OK;
}

static enum provider_answer learn(struct provide *v, struct package *p, uint32_t version,
                                  dependency_list *out, uint32_t *reason, struct err *e) {
    if (!p->project)
        return root_dependencies(v, out, e) < 0 ? PROVIDER_FAILED : PROVIDER_OK;
    const struct release_info *info = universe_release(v->universe, p->project, version);
    if (info->state == RELEASE_READY)
        return release_dependencies(v, p, version, info, out, reason, e);
    if (info->state == RELEASE_UNUSABLE)
        return unavailable(v, reason, info->problem);
    err_fail(e, STR_FMT " " STR_FMT ": " STR_FMT, STR_ARG(p->project->name),
             STR_ARG(p->project->candidates.p[version].version.text), STR_ARG(info->problem));
    return PROVIDER_FAILED;
}

static struct dependencies *slot(struct provide *v, struct package *p, uint32_t version) {
    if (!p->versions)
        p->versions = arena_new(&v->arena, struct dependencies, p->project ? p->project->candidates.n : 1);
    return &p->versions[version];
}

/* The callbacks. */

static enum provider_answer versions(void *ctx, uint32_t package, uint32_t *n, struct err *e) {
    struct provide *v = ctx;
    struct package *p = v->packages.p[package];
    *n = 1;
    if (!p->project)
        return PROVIDER_OK;
    if (wait_for_page(v, p->project, e) < 0)
        return PROVIDER_FAILED;
    *n = p->project->candidates.n;
    return PROVIDER_OK;
}

static enum provider_answer dependencies(void *ctx, uint32_t package, uint32_t version,
                                         const struct dependency **out, uint32_t *n, uint32_t *reason,
                                         struct err *e) {
    struct provide *v = ctx;
    struct package *p = v->packages.p[package];
    struct dependencies *d = slot(v, p, version);
    if (!d->known) {
        dependency_list list = {0};
        d->answer = learn(v, p, version, &list, &d->reason, e);
        d->p = arena_copy(&v->arena, list.p, list.n * sizeof *list.p);
        d->n = list.n;
        d->known = d->answer != PROVIDER_FAILED;
        vec_free(&list);
    }
    *out = d->p;
    *n = d->n;
    *reason = d->reason;
    return d->answer;
}

static bool peek(void *ctx, uint32_t package, uint32_t version, const struct dependency **out, uint32_t *n) {
    struct provide *v = ctx;
    struct package *p = v->packages.p[package];
    struct dependencies *d = slot(v, p, version);
    if (!d->known || d->answer != PROVIDER_OK)
        return false;
    *out = d->p;
    *n = d->n;
    return true;
}

/* Pre-releases are equals where the user says so, for all (--pre) or in a requirement. */
static bool pre_asked(const struct provide *v, const struct project *p) {
    if (v->options->pre)
        return true;
    for (uint32_t i = 0; i < v->roots->list.n; i++) {
        const struct root *r = &v->roots->list.p[i];
        if (r->active && str_eq(r->req.name, p->name) && specifiers_ask_pre(&r->req.spec))
            return true;
    }
    return false;
}

/* The old lock's pin, unless the user lets go of it. */
static uint32_t preferred(const struct provide *v, const struct project *p, const struct set *allowed) {
    if (!v->old || v->options->upgrade)
        return UINT32_MAX;
    for (uint32_t i = 0; i < v->options->upgrade_packages.n; i++)
        if (name_same(str_of(v->options->upgrade_packages.p[i]), p->name))
            return UINT32_MAX;
    for (uint32_t i = 0; i < v->old->npackages; i++) {
        if (!str_eq(v->old->packages[i].name, p->name))
            continue;
        for (uint32_t c = set_min(allowed); c != UINT32_MAX; c = set_above(allowed, c))
            if (str_eq(p->candidates.p[c].version.text, v->old->packages[i].version))
                return c;
    }
    return UINT32_MAX;
}

static uint32_t choose(void *ctx, uint32_t package, const struct set *allowed) {
    struct provide *v = ctx;
    struct project *p = v->packages.p[package]->project;
    if (!p)
        return 0;
    uint32_t old = preferred(v, p, allowed);
    if (old != UINT32_MAX)
        return old;
    bool low = v->options->resolution == RESOLVE_LOWEST ||
               (v->options->resolution == RESOLVE_LOWEST_DIRECT && v->packages.p[package]->named);
    bool pre = pre_asked(v, p);
    for (uint32_t pass = 0;; pass++) { /* what is wanted; then source distributions; then pre-releases */
        uint32_t i = low ? set_min(allowed) : set_max(allowed);
        for (; i != UINT32_MAX; i = low ? set_above(allowed, i) : set_below(allowed, i)) {
            const struct candidate *c = &p->candidates.p[i];
            if ((pass == 2 || pre || !c->version.pre) && (pass > 0 || !v->options->prefer_binary || c->wheel))
                return i;
        }
    }
}

static void prefetch(void *ctx, uint32_t package, const struct set *allowed) {
    struct provide *v = ctx;
    struct project *p = v->packages.p[package]->project;
    if (p && !set_is_empty(allowed))
        universe_prefetch(v->universe, p, choose(ctx, package, allowed));
}

/* What the user names is decided first, and so stays newest: it is never another package's conflict that
   takes its newest version away while an older one of something nobody named would do. */
static uint32_t priority(void *ctx, uint32_t package) {
    struct provide *v = ctx;
    const struct package *p = v->packages.p[package];
    return p->project && !p->named;
}

static struct str package_name(void *ctx, uint32_t package, struct arena *a) {
    struct provide *v = ctx;
    return arena_str(a, v->names.keys[package]);
}

static struct str version_text(void *ctx, uint32_t package, uint32_t version, struct arena *a) {
    struct provide *v = ctx;
    struct project *p = v->packages.p[package]->project;
    return arena_str(a, p ? p->candidates.p[version].version.text : STR(""));
}

/* The user's constraints on a project: "; constrained to a<2 at limits.txt:1". */
static void add_constraints(const struct provide *v, const struct project *p, const char *before,
                            struct buf *out) {
    for (uint32_t i = 0; i < v->roots->list.n; i++) {
        const struct root *r = &v->roots->list.p[i];
        if (!r->constraint || !r->active || !str_eq(r->req.name, p->name))
            continue;
        buf_fmt(out, "%sconstrained to " STR_FMT " at " STR_FMT, before, STR_ARG(r->req.text),
                STR_ARG(r->place));
        before = "; ";
    }
}

static struct str requirement_text(void *ctx, uint32_t requirement, struct arena *a) {
    struct provide *v = ctx;
    const struct stated *s = &v->stated.p[requirement];
    struct buf out = {0};
    buf_str(&out, s->req ? s->req->given_name : s->project->name);
    for (uint32_t i = 0; s->req && i < s->req->nextras; i++)
        buf_fmt(&out, "%c" STR_FMT "%s", i ? ',' : '[', STR_ARG(s->req->extras[i]),
                i + 1 == s->req->nextras ? "]" : "");
    if (s->req)
        buf_str(&out, s->req->spec.text);
    if (s->req && !s->place.n) /* where there is a place, they stand with it */
        add_constraints(v, s->project, ", ", &out);
    struct str text = arena_str(a, buf_view(&out));
    buf_free(&out);
    return text;
}

static struct str requirement_place(void *ctx, uint32_t requirement, struct arena *a) {
    struct provide *v = ctx;
    const struct stated *s = &v->stated.p[requirement];
    struct buf out = {0};
    buf_str(&out, s->place);
    if (s->req)
        add_constraints(v, s->project, out.n ? "; " : "", &out);
    struct str place = str_of(out.n ? arena_fmt(a, " (" STR_FMT ")", STR_ARG(buf_view(&out))) : "");
    buf_free(&out);
    return place;
}

static struct str reason_text(void *ctx, uint32_t reason, struct arena *a) {
    struct provide *v = ctx;
    return arena_str(a, v->reasons.p[reason]);
}

static struct str absence(void *ctx, uint32_t package, uint32_t requirement, struct arena *a) {
    struct provide *v = ctx;
    struct project *p = v->packages.p[package]->project;
    const struct requirement *req = v->stated.p[requirement].req;
    for (uint32_t i = 0; p && req && i < p->candidates.n; i++)
        if (specifiers_contain(&req->spec, &p->candidates.p[i].version) &&
            constrained_away(v, p, &p->candidates.p[i].version))
            return STR("that leaves none of its versions");
    return p ? absence_text(v->universe, p, req, a) : STR("");
}

void provide_init(struct provide *v, struct universe *u, const struct roots *roots, const struct options *o,
                  const struct lock *old) {
    *v = (struct provide){.universe = u, .roots = roots, .options = o, .old = old};
    add_package(v, STR(""), NULL, STR("")); /* ROOT_PACKAGE */
}

struct provider provide_provider(struct provide *v) {
    return (struct provider){.ctx = v,
                             .versions = versions,
                             .choose = choose,
                             .dependencies = dependencies,
                             .peek = peek,
                             .prefetch = prefetch,
                             .priority = priority,
                             .package_name = package_name,
                             .version_text = version_text,
                             .requirement_text = requirement_text,
                             .requirement_place = requirement_place,
                             .reason_text = reason_text,
                             .absence_text = absence};
}

struct project *provide_project(const struct provide *v, uint32_t package, struct str *extra) {
    *extra = v->packages.p[package]->extra;
    return v->packages.p[package]->project;
}

void provide_free(struct provide *v) {
    map_free(&v->names);
    map_free(&v->set_keys);
    vec_free(&v->packages);
    vec_free(&v->stated);
    vec_free(&v->reasons);
    vec_free(&v->sets);
    arena_free(&v->arena);
}
