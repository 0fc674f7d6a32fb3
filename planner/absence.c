#include "planner/absence.h"

static bool fits(const struct requirement *req, const struct version *v) {
    return !req || specifiers_contain(&req->spec, v);
}

/* The newest version that the requirement allows but that cannot be chosen. */
static const struct excluded *newest_excluded(const struct project *p, const struct requirement *req) {
    for (uint32_t i = p->candidates.nexcluded; i--;)
        if (fits(req, &p->candidates.excluded[i].version))
            return &p->candidates.excluded[i];
    return NULL;
}

static const struct candidate *newest_yanked(const struct project *p, const struct requirement *req) {
    for (uint32_t i = p->candidates.n; i--;)
        if (p->candidates.p[i].yanked && fits(req, &p->candidates.p[i].version))
            return &p->candidates.p[i];
    return NULL;
}

/* The newest version that can be chosen, a final one if there is one. */
static const struct candidate *newest(const struct project *p) {
    const struct candidates *c = &p->candidates;
    for (uint32_t i = c->n; i--;)
        if (!c->p[i].yanked && !c->p[i].version.pre)
            return &c->p[i];
    return c->n ? &c->p[c->n - 1] : NULL;
}

struct str absence_text(struct universe *u, const struct project *p, const struct requirement *req,
                        struct arena *a) {
    if (p->state == PROJECT_UNKNOWN)
        return str_of(arena_fmt(a, "there is no project " STR_FMT " in " STR_FMT, STR_ARG(p->name),
                                STR_ARG(indexes_describe(u->indexes, a))));
    const struct excluded *x = newest_excluded(p, req);
    if (x)
        return str_of(arena_fmt(a, STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(p->name),
                                STR_ARG(x->version.text), STR_ARG(excluded_text(x, a))));
    const struct candidate *y = newest_yanked(p, req);
    if (y)
        return str_of(arena_fmt(a, STR_FMT " " STR_FMT " was yanked%s" STR_FMT, STR_ARG(p->name),
                                STR_ARG(y->version.text), y->yanked_reason.n ? ": " : "",
                                STR_ARG(y->yanked_reason)));
    const struct candidate *n = newest(p);
    if (n)
        return str_of(
            arena_fmt(a, "the newest " STR_FMT " is " STR_FMT, STR_ARG(p->name), STR_ARG(n->version.text)));
    if (p->candidates.nexcluded) {
        x = &p->candidates.excluded[p->candidates.nexcluded - 1];
        return str_of(arena_fmt(a, STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(p->name),
                                STR_ARG(x->version.text), STR_ARG(excluded_text(x, a))));
    }
    return str_of(arena_fmt(a, STR_FMT " has no files", STR_ARG(p->name)));
}
