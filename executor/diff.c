#include "executor/diff.h"

#include "formats/version.h"

static const char unknown_wheel[] = "which wheel it came from is not known";

const char *change_name(enum change_kind kind) {
    static const char *const names[] = {"keep", "install", "replace", "remove", "mark"};
    return names[kind];
}

static bool same_version(struct arena *a, struct str x, struct str y) {
    struct version vx, vy;
    return str_eq(x, y) || (version_parse(a, x, &vx) && version_parse(a, y, &vy) && !version_cmp(&vx, &vy));
}

/* Why what is there will not do; NULL if it will. */
static const char *unfit(struct arena *a, const struct wanted *w, const struct installed_package *old,
                         uint32_t nold) {
    if (nold > 1)
        return arena_fmt(a, "it is there %u times", nold);
    if (old->egg_info)
        return "an egg-info of it is there";
    if (!old->whole)
        return "an earlier run did not finish it: it has no RECORD";
    if (!same_version(a, old->version, w->package->version))
        return arena_fmt(a, "version " STR_FMT " is there, the lock says " STR_FMT, STR_ARG(old->version),
                         STR_ARG(w->package->version));
    if (!old->sha256.n)
        return unknown_wheel;
    if (!str_eq(old->sha256, w->file->sha256))
        return "it came from another wheel of this version";
    return NULL;
}

static void judge(struct arena *a, struct change *c) {
    if (!c->nold) {
        c->kind = CHANGE_INSTALL;
        c->reason = "it is not there";
        return;
    }
    c->reason = unfit(a, &c->wanted, c->old, c->nold);
    c->kind = c->reason ? CHANGE_REPLACE : CHANGE_KEEP;
    c->unproven = c->reason == unknown_wheel;
    if (c->reason)
        return;
    bool requested = c->wanted.package->requested;
    c->reason = "it is as the lock says";
    if (requested == c->old->requested)
        return;
    c->kind = CHANGE_MARK;
    c->reason =
        requested ? "the lock says now that it was asked for" : "nothing asks for it by name any more";
}

/* How many entries from i on have one name. */
static uint32_t run_length(const struct installed *have, uint32_t i) {
    uint32_t n = 1;
    while (i + n < have->n && str_eq(have->p[i + n].name, have->p[i].name))
        n++;
    return n;
}

static struct change stranger(const struct installed *have, uint32_t i, bool exact) {
    bool seed = have->p[i].seed;
    return (struct change){
        .kind = exact && !seed ? CHANGE_REMOVE : CHANGE_KEEP,
        .name = have->p[i].name,
        .old = &have->p[i],
        .nold = run_length(have, i),
        .reason = !exact ? "the lock does not name it; --inexact keeps it"
                  : seed ? "the lock does not name it; it came with the environment"
                         : "the lock does not name it",
    };
}

void diff_make(struct arena *a, const struct wanted_list *wanted, const struct installed *have, bool exact,
               struct diff *out) {
    *out = (struct diff){.p = arena_new(a, struct change, wanted->n + have->n)};
    for (uint32_t w = 0, h = 0; w < wanted->n || h < have->n;) {
        struct change *c = &out->p[out->n++];
        int order = w == wanted->n ? 1
                    : h == have->n ? -1
                                   : str_cmp(wanted->p[w].package->name, have->p[h].name);
        if (order > 0) {
            *c = stranger(have, h, exact);
        } else {
            *c = (struct change){.name = wanted->p[w].package->name, .wanted = wanted->p[w]};
            if (order == 0) {
                c->old = &have->p[h];
                c->nold = run_length(have, h);
            }
            judge(a, c);
            w++;
        }
        h += c->nold;
        out->count[c->kind]++;
    }
}
