#include "planner/candidate.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "formats/filename.h"
#include "formats/name.h"
#include "formats/specifier.h"

/* One version while its files are gathered. */
struct release {
    struct candidate candidate;
    struct excluded excluded;
    uint32_t rank; /* of its best wheel */
    struct filename wheel_name;
    bool usable_unyanked;
};

struct gathering {
    struct arena *a;
    const struct candidate_policy *policy;
    struct str project;
    struct map texts; /* version spelling -> index of spelled */
    VEC(uint32_t) spelled;
    struct map keys; /* version key -> index of releases */
    VEC(struct release) releases;
    struct map
        pythons; /* Requires-Python text -> index of python_fits: few differ among thousands of files */
    VEC(bool) python_fits;
    struct map tags; /* tag set text -> index of ranks */
    VEC(uint32_t) ranks;
};

#define NO_VERSION UINT32_MAX

/* The release of a version as spelled in a file name; NO_VERSION if that is no version. */
static uint32_t release_of(struct gathering *g, struct str text) {
    uint32_t id = map_id(&g->texts, text);
    if (id < g->spelled.n)
        return g->spelled.p[id];
    struct version v;
    uint32_t at = NO_VERSION;
    if (version_parse(g->a, text, &v)) {
        at = map_id(&g->keys, v.key);
        if (at == g->releases.n) {
            struct release fresh = {.candidate.version = v, .excluded.version = v, .rank = MAP_NONE};
            vec_push(&g->releases, fresh);
        }
    }
    vec_push(&g->spelled, at);
    return at;
}

static bool python_fits(struct gathering *g, struct str requires_python) {
    if (!requires_python.n)
        return true;
    uint32_t id = map_id(&g->pythons, requires_python);
    if (id == g->python_fits.n) {
        struct specifiers spec;
        size_t at;
        const char *why; /* what cannot be read does not exclude, as for pip */
        bool fits = specifiers_parse(g->a, requires_python, &spec, &at, &why) < 0 ||
                    specifiers_contain(&spec, &g->policy->target->version);
        vec_push(&g->python_fits, fits);
    }
    return g->python_fits.p[id];
}

static uint32_t rank_of(struct gathering *g, struct str tags) {
    uint32_t id = map_id(&g->tags, tags);
    if (id == g->ranks.n)
        vec_push(&g->ranks, tags_rank(&g->policy->target->tags, tags));
    return g->ranks.p[id];
}

static bool hash_allowed(const struct candidate_policy *p, const struct simple_file *f) {
    for (uint32_t i = 0; i < p->nhashes; i++) {
        struct str rest = p->hashes[i], kind;
        if (str_cut(&rest, ':', &kind) && str_eq(kind, str_of(hash_name(f->hash_kind))) &&
            str_ieq(rest, f->hash))
            return true;
    }
    return p->nhashes == 0;
}

/* Whether one file can be used, and if not, why. */
static enum exclusion judge(struct gathering *g, const struct simple_file *f, const struct filename *name,
                            uint32_t *rank) {
    const struct candidate_policy *p = g->policy;
    *rank = MAP_NONE;
    if (name->kind == FILE_WHEEL ? !p->allow_wheel : !p->allow_sdist)
        return EXCLUDED_KIND;
    if (p->newest && (!f->upload_time || f->upload_time > p->newest))
        return EXCLUDED_NEWER;
    if (!hash_allowed(p, f))
        return EXCLUDED_HASH;
    if (!python_fits(g, f->requires_python))
        return EXCLUDED_PYTHON;
    if (name->kind == FILE_WHEEL && (*rank = rank_of(g, name->tags)) == MAP_NONE)
        return EXCLUDED_TAGS;
    return EXCLUDED_NOT;
}

static bool better_wheel(const struct release *r, uint32_t rank, const struct filename *name,
                         const struct simple_file *f) {
    const struct candidate *c = &r->candidate;
    if (!c->wheel || c->wheel->yanked != f->yanked)
        return !c->wheel || c->wheel->yanked;
    if (rank != r->rank)
        return rank < r->rank;
    if (name->build_number != r->wheel_name.build_number)
        return name->build_number > r->wheel_name.build_number;
    return str_cmp(name->build_tag, r->wheel_name.build_tag) > 0;
}

static void exclude(struct release *r, enum exclusion why, const struct simple_file *f,
                    const struct filename *name) {
    if (why <= r->excluded.why)
        return;
    r->excluded.why = why;
    r->excluded.detail = why == EXCLUDED_PYTHON ? f->requires_python
                         : why == EXCLUDED_TAGS ? name->tags
                                                : STR("");
}

static void gather(struct gathering *g, const struct simple_file *f) {
    struct filename name = filename_split(f->filename, g->project);
    if (name.kind == FILE_OTHER || !name_same(name.name, g->project))
        return;
    uint32_t at = release_of(g, name.version), rank;
    if (at == NO_VERSION)
        return;
    struct release *r = &g->releases.p[at];
    enum exclusion why = judge(g, f, &name, &rank);
    if (why != EXCLUDED_NOT) {
        exclude(r, why, f, &name);
        return;
    }
    struct candidate *c = &r->candidate;
    if (!f->yanked)
        r->usable_unyanked = true;
    else
        c->yanked_reason = f->yanked_reason;
    if (name.kind == FILE_WHEEL && better_wheel(r, rank, &name, f)) {
        c->wheel = f;
        r->rank = rank;
        r->wheel_name = name;
    } else if (name.kind == FILE_SDIST && (!c->sdist || c->sdist->yanked)) {
        c->sdist = f;
    }
}

static int by_version(const void *x, const void *y) {
    return version_cmp(&((const struct release *)x)->candidate.version,
                       &((const struct release *)y)->candidate.version);
}

static void settle(struct gathering *g, struct candidates *out) {
    struct release *p = g->releases.p;
    if (g->releases.n)
        qsort(p, g->releases.n, sizeof *p, by_version);
    out->p = arena_new(g->a, struct candidate, g->releases.n);
    out->excluded = arena_new(g->a, struct excluded, g->releases.n);
    out->n = out->nexcluded = 0;
    for (uint32_t i = 0; i < g->releases.n; i++) {
        if (p[i].candidate.wheel || p[i].candidate.sdist) {
            p[i].candidate.yanked = !p[i].usable_unyanked;
            out->p[out->n++] = p[i].candidate;
        } else {
            out->excluded[out->nexcluded++] = p[i].excluded;
        }
    }
}

void candidates_make(struct arena *a, const struct simple_page *page, struct str project,
                     const struct candidate_policy *policy, struct candidates *out) {
    struct gathering g = {.a = a, .policy = policy, .project = project};
    for (uint32_t i = 0; i < page->n; i++)
        gather(&g, &page->files[i]);
    settle(&g, out);
    map_free(&g.texts);
    map_free(&g.keys);
    map_free(&g.pythons);
    map_free(&g.tags);
    vec_free(&g.spelled);
    vec_free(&g.releases);
    vec_free(&g.python_fits);
    vec_free(&g.ranks);
}

struct str excluded_text(const struct excluded *x, struct arena *a) {
    switch (x->why) {
    case EXCLUDED_PYTHON:
        return str_of(arena_fmt(a, "needs Python " STR_FMT, STR_ARG(x->detail)));
    case EXCLUDED_TAGS:
        return str_of(
            arena_fmt(a, "has no wheel for this platform (it has one for " STR_FMT ")", STR_ARG(x->detail)));
    case EXCLUDED_HASH:
        return STR("has no file with one of the hashes that were given");
    case EXCLUDED_NEWER:
        return STR("was uploaded after the --exclude-newer date");
    case EXCLUDED_KIND:
        return STR("has no file of a kind that --only-binary and --no-binary allow");
    case EXCLUDED_NOT:
        break;
    }
    return STR("has no file that can be used");
}
