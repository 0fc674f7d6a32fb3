#include "planner/candidate.h"

#include <stdlib.h>

#include "base/map.h"
#include "formats/filename.h"
#include "formats/specifier.h"

struct verdict { /* on a text, which many files share */
    bool python_judged, python_fits, ranked;
    uint32_t rank;
};

struct gathering {
    struct arena *a;
    const struct candidate_policy *policy;
    const struct simple_pack *page;
    struct verdict *verdicts; /* by text */
    struct candidates *out;
    /* The version whose files are being looked at. */
    struct candidate candidate;
    struct excluded why_not;
    uint32_t rank; /* of its best wheel */
    bool usable_unyanked;
};

static bool python_fits(struct gathering *g, uint32_t text) {
    struct verdict *v = &g->verdicts[text];
    struct str requires_python = simple_pack_text(g->page, text);
    if (!v->python_judged) {
        struct specifiers spec;
        size_t at;
        const char *why; /* what cannot be read does not exclude, as for pip */
        v->python_fits = !requires_python.n ||
                         specifiers_parse(g->a, requires_python, &spec, &at, &why) < 0 ||
                         specifiers_contain(&spec, &g->policy->target->version);
        v->python_judged = true;
    }
    return v->python_fits;
}

static uint32_t rank_of(struct gathering *g, uint32_t tags) {
    struct verdict *v = &g->verdicts[tags];
    if (!v->ranked)
        v->rank = tags_rank(&g->policy->target->tags, simple_pack_text(g->page, tags));
    v->ranked = true;
    return v->rank;
}

static bool hash_allowed(struct gathering *g, const struct simple_row *row) {
    const struct candidate_policy *p = g->policy;
    struct simple_file f;
    if (!p->nhashes)
        return true;
    simple_pack_file(g->page, row, g->a, &f);
    if (!f.hash.n || f.hash_kind != HASH_SHA256) /* its SHA-256 is looked at once it is chosen */
        return true;
    for (uint32_t i = 0; i < p->nhashes; i++)
        if (str_starts(p->hashes[i], STR("sha256:")) && str_ieq(str_from(p->hashes[i], 7), f.hash))
            return true;
    return false;
}

/* Whether one file can be used, and if not, why. */
static enum exclusion judge(struct gathering *g, const struct simple_row *row, uint32_t *rank) {
    const struct candidate_policy *p = g->policy;
    *rank = MAP_NONE;
    if (row->wheel ? !p->allow_wheel : !p->allow_sdist)
        return EXCLUDED_KIND;
    if (p->newest && !row->upload_time)
        return EXCLUDED_UNDATED;
    if (p->newest && row->upload_time > p->newest)
        return EXCLUDED_NEWER;
    if (!hash_allowed(g, row))
        return EXCLUDED_HASH;
    if (!python_fits(g, row->python))
        return EXCLUDED_PYTHON;
    if (row->wheel && (*rank = rank_of(g, row->tags)) == MAP_NONE)
        return EXCLUDED_TAGS;
    return EXCLUDED_NOT;
}

static bool better_wheel(const struct gathering *g, const struct simple_row *row, uint32_t rank) {
    const struct simple_row *best = g->candidate.wheel;
    if (!best || best->yanked != row->yanked)
        return !best || best->yanked;
    if (rank != g->rank)
        return rank < g->rank;
    struct str mine = simple_pack_text(g->page, row->build), its = simple_pack_text(g->page, best->build);
    uint32_t my_number = filename_build_number(mine), its_number = filename_build_number(its);
    return my_number != its_number ? my_number > its_number : str_cmp(mine, its) > 0;
}

static void exclude(struct gathering *g, enum exclusion why, const struct simple_row *row) {
    if (why <= g->why_not.why)
        return;
    g->why_not.why = why;
    g->why_not.detail = why == EXCLUDED_PYTHON ? simple_pack_text(g->page, row->python)
                        : why == EXCLUDED_TAGS ? simple_pack_text(g->page, row->tags)
                                               : STR("");
}

static struct str yanked_reason(struct gathering *g, const struct simple_row *row) {
    struct simple_file f;
    simple_pack_file(g->page, row, g->a, &f);
    return f.yanked_reason;
}

static void gather(struct gathering *g, const struct simple_row *row) {
    struct candidate *c = &g->candidate;
    uint32_t rank;
    enum exclusion why = judge(g, row, &rank);
    if (why != EXCLUDED_NOT) {
        exclude(g, why, row);
        return;
    }
    if (row->yanked)
        c->yanked_reason = yanked_reason(g, row);
    else
        g->usable_unyanked = true;
    if (row->wheel && better_wheel(g, row, rank)) {
        c->wheel = row;
        g->rank = rank;
    } else if (!row->wheel && (!c->sdist || c->sdist->yanked)) {
        c->sdist = row;
    }
}

static void settle(struct gathering *g) {
    if (!g->candidate.version.text.n) /* the first; or a forged page's text that is no version */
        return;
    g->candidate.yanked = !g->usable_unyanked;
    if (g->candidate.wheel || g->candidate.sdist)
        g->out->p[g->out->n++] = g->candidate;
    else
        g->out->excluded[g->out->nexcluded++] = g->why_not;
}

/* Another spelling; if it is one of the same version, its files go on with it. */
static void begin(struct gathering *g, struct str text) {
    struct version v = {0};
    bool is_version = version_parse(g->a, text, &v);
    if (is_version && g->candidate.version.text.n && version_cmp(&g->candidate.version, &v) == 0)
        return;
    settle(g);
    if (!is_version)
        v.text.n = 0;
    g->candidate = (struct candidate){.version = v};
    g->why_not = (struct excluded){.version = v};
    g->usable_unyanked = false;
}

void candidates_make(struct arena *a, const struct simple_pack *page, const struct candidate_policy *policy,
                     struct candidates *out) {
    struct gathering g = {.a = a, .policy = policy, .page = page, .out = out};
    g.verdicts = mem_zero(page->ntexts * sizeof *g.verdicts);
    *out = (struct candidates){.p = arena_new(a, struct candidate, page->nversions),
                               .excluded = arena_new(a, struct excluded, page->nversions)};
    for (uint32_t i = 0; i < page->n; i++) {
        if (!i || page->rows[i].version != page->rows[i - 1].version)
            begin(&g, simple_pack_text(page, page->rows[i].version));
        gather(&g, &page->rows[i]);
    }
    settle(&g);
    free(g.verdicts);
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
    case EXCLUDED_UNDATED:
        return STR("is left out by --exclude-newer, because the index does not say when it was uploaded");
    case EXCLUDED_NEWER:
        return STR("was uploaded after the --exclude-newer date");
    case EXCLUDED_KIND:
        return STR("has no file of a kind that --only-binary and --no-binary allow");
    case EXCLUDED_NOT:
        break;
    }
    return STR("has no file that can be used");
}
