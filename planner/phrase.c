#include "planner/phrase.h"

/* More versions and ranges than this are not listed one by one. */
enum { PIECES = 5 };

const char *phrase_between(uint32_t i, uint32_t n) {
    return i + 1 >= n ? "" : i + 2 == n ? " and " : ", ";
}

static void say_name(const struct phrase *p, uint32_t package) {
    buf_str(p->out, p->provider->package_name(p->provider->ctx, package, p->arena));
}

static void say_version(const struct phrase *p, uint32_t package, uint32_t version) {
    buf_str(p->out, p->provider->version_text(p->provider->ctx, package, version, p->arena));
}

/* The last of the versions that follow `first` without a gap. */
static uint32_t range_end(const struct set *s, uint32_t first) {
    while (set_has(s, first + 1))
        first++;
    return first;
}

/* The same for what is told as one piece: two neighbours are told as two versions. */
static uint32_t piece_end(const struct set *s, uint32_t first) {
    uint32_t end = range_end(s, first);
    return end == first + 1 ? first : end;
}

static uint32_t count_pieces(const struct set *s) {
    uint32_t n = 0;
    for (uint32_t v = set_min(s); v != UINT32_MAX; v = set_above(s, piece_end(s, v)))
        n++;
    return n;
}

static void say_pieces(const struct phrase *p, uint32_t package, const struct set *s) {
    uint32_t n = count_pieces(s), i = 0;
    if (n > PIECES) {
        buf_fmt(p->out, "%u versions between ", set_count(s));
        say_version(p, package, set_min(s));
        buf_c(p->out, " and ");
        say_version(p, package, set_max(s));
        return;
    }
    for (uint32_t v = set_min(s), end; v != UINT32_MAX; v = set_above(s, end), i++) {
        end = piece_end(s, v);
        say_version(p, package, v);
        if (end > v) {
            buf_c(p->out, " to ");
            say_version(p, package, end);
        }
        buf_c(p->out, phrase_between(i, n));
    }
}

/* A requirement of the proof that allows exactly these versions: somebody's own words are the best. */
static bool say_as_required(const struct phrase *p, uint32_t package, const struct set *s) {
    for (uint32_t i = 0; i < p->nfacts; i++) {
        const struct incompat *f = p->facts[i];
        if (f->why == WHY_DEPENDS && f->dependency == package && set_equal(&f->allowed, s)) {
            buf_str(p->out, p->provider->requirement_text(p->provider->ctx, f->requirement, p->arena));
            return true;
        }
    }
    return false;
}

/* Some but not all versions. */
static bool say_some(const struct phrase *p, uint32_t package, const struct set *s) {
    uint32_t first = set_min(s), end = range_end(s, first), n = set_count(s);
    if (n > 1 && end == s->n - 1) {
        if (say_as_required(p, package, s))
            return true;
        say_name(p, package);
        buf_c(p->out, ">=");
        say_version(p, package, first);
        return true;
    }
    if (n > 1 && first == 0 && end + 1 == n) {
        if (say_as_required(p, package, s))
            return true;
        say_name(p, package);
        buf_c(p->out, "<");
        say_version(p, package, end + 1);
        return true;
    }
    if (n > 1 && count_pieces(s) > 1 && say_as_required(p, package, s))
        return true;
    say_name(p, package);
    buf_char(p->out, ' ');
    say_pieces(p, package, s);
    return n == 1;
}

static void say_only(const struct phrase *p, uint32_t package) {
    say_name(p, package);
    buf_char(p->out, ' ');
    say_version(p, package, 0);
    buf_c(p->out, " (the only version)");
}

bool phrase_versions(const struct phrase *p, uint32_t package, const struct set *versions) {
    if (set_count(versions) < versions->n)
        return say_some(p, package, versions);
    if (versions->n == 1) {
        say_only(p, package);
    } else {
        buf_c(p->out, "every version of ");
        say_name(p, package);
    }
    return true;
}

bool phrase_package(const struct phrase *p, uint32_t package, const struct set *versions) {
    if (!set_is_empty(versions) && set_count(versions) < versions->n)
        return say_some(p, package, versions);
    say_name(p, package);
    return true;
}

/* Why nothing satisfies a requirement, if nothing does. */
static void say_absence(const struct phrase *p, const struct incompat *fact, const char *before,
                        const char *after) {
    if (!set_is_empty(&fact->allowed))
        return;
    struct str why =
        p->provider->absence_text(p->provider->ctx, fact->dependency, fact->requirement, p->arena);
    buf_c(p->out, before);
    buf_str(p->out, why.n ? why : STR("no version satisfies that"));
    buf_c(p->out, after);
}

static void say_requirement(const struct phrase *p, const struct incompat *fact) {
    buf_str(p->out, p->provider->requirement_text(p->provider->ctx, fact->requirement, p->arena));
}

void phrase_requirement(const struct phrase *p, const struct incompat *fact) {
    say_requirement(p, fact);
    buf_str(p->out, p->provider->requirement_place(p->provider->ctx, fact->requirement, p->arena));
    say_absence(p, fact, ", but ", "");
}

static const struct set *versions_of(const struct incompat *fact) {
    return &incompat_term(fact, fact->depender)->versions;
}

bool phrase_continues(const struct incompat *fact, const struct incompat *next) {
    return fact->why == WHY_DEPENDS && next->why == WHY_DEPENDS && fact->depender == next->depender &&
           set_equal(versions_of(fact), versions_of(next));
}

void phrase_further(const struct phrase *p, const struct incompat *fact) {
    say_requirement(p, fact);
    say_absence(p, fact, " (", ")");
}

void phrase_fact(const struct phrase *p, const struct incompat *fact) {
    bool one = phrase_versions(p, fact->depender, versions_of(fact));
    if (fact->why == WHY_UNAVAILABLE) {
        struct str why = p->provider->reason_text(p->provider->ctx, fact->reason, p->arena);
        buf_c(p->out, " cannot be used");
        if (why.n)
            buf_fmt(p->out, " (" STR_FMT ")", STR_ARG(why));
        return;
    }
    buf_c(p->out, one ? " depends on " : " depend on ");
    phrase_further(p, fact);
}

void phrase_facts(const struct phrase *p, const struct incompat *const *facts, uint32_t n) {
    uint32_t depender = facts[0]->depender, dependency = facts[0]->dependency;
    struct set versions = *versions_of(facts[0]), allowed = facts[0]->allowed;
    bool own = true;
    for (uint32_t i = 0; i < n; i++) {
        versions = set_or(p->arena, &versions, versions_of(facts[i]));
        allowed = set_or(p->arena, &allowed, &facts[i]->allowed);
        own = own && set_is_one(&facts[i]->allowed);
    }
    if (own && set_count(&versions) < versions.n)
        buf_c(p->out, "each of ");
    if (own && set_count(&versions) == versions.n) {
        buf_c(p->out, "each version of ");
        say_name(p, depender);
    } else {
        own |= phrase_versions(p, depender, &versions);
    }
    buf_c(p->out, own ? " depends on " : " depend on ");
    buf_c(p->out, set_count(&allowed) == n ? "its own version of " : "some of ");
    phrase_package(p, dependency, &allowed);
}

/* Positive terms: what would be installed. */
static uint32_t say_positive(const struct phrase *p, const struct incompat *c, bool *one) {
    uint32_t n = 0, i = 0;
    for (uint32_t k = 0; k < c->n; k++)
        n += !c->terms[k].absent && c->terms[k].package != ROOT_PACKAGE;
    for (uint32_t k = 0; k < c->n; k++) {
        const struct term *t = &c->terms[k];
        if (t->absent || t->package == ROOT_PACKAGE)
            continue;
        *one = phrase_package(p, t->package, &t->versions);
        buf_c(p->out, phrase_between(i++, n));
    }
    return n;
}

/* Negative terms: one of these would have to be. */
static void say_negative(const struct phrase *p, const struct incompat *c) {
    bool first = true;
    for (uint32_t k = 0; k < c->n; k++) {
        const struct term *t = &c->terms[k];
        if (!t->absent)
            continue;
        struct set wanted = set_not(p->arena, &t->versions);
        buf_c(p->out, first ? "" : " or ");
        phrase_package(p, t->package, &wanted);
        first = false;
    }
}

void phrase_conclusion(const struct phrase *p, const struct incompat *learned) {
    bool one = true, negative = false;
    for (uint32_t k = 0; k < learned->n; k++)
        negative |= learned->terms[k].absent;
    uint32_t n = say_positive(p, learned, &one);
    if (!negative) {
        buf_c(p->out, n > 1 ? " cannot be installed together" : " cannot be installed");
        return;
    }
    buf_c(p->out, n > 1 ? " together need " : n == 0 ? "there has to be " : one ? " needs " : " need ");
    say_negative(p, learned);
}
