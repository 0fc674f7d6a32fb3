#include "planner/hashes.h"

int hashes_check_given(const struct options *o, const struct roots *roots, struct universe *u,
                       const struct lock *l, struct err *e) {
    bool wanted = o->require_hashes;
    for (uint32_t i = 0; i < roots->list.n; i++)
        wanted |= roots->list.p[i].nhashes > 0;
    for (uint32_t i = 0; wanted && i < l->npackages; i++) {
        const struct lock_package *p = &l->packages[i];
        if (universe_project(u, p->name)->nhashes == 0)
            return err_fail(e,
                            "hashes are required, but there is none for " STR_FMT "==" STR_FMT
                            ": add that line with --hash to the requirements",
                            STR_ARG(p->name), STR_ARG(p->version));
    }
    return 0;
}

int hashes_verify(struct universe *u, const struct lock *l, struct err *e) {
    for (uint32_t i = 0; i < l->npackages; i++) {
        const struct lock_file *f = &l->packages[i].files[0];
        const struct project *p = universe_project(u, l->packages[i].name);
        bool given = p->nhashes == 0;
        for (uint32_t h = 0; h < p->nhashes && !given; h++)
            given = str_eq(str_from(p->hashes[h], 7), f->sha256);
        if (!given)
            return err_fail(e, STR_FMT ": its SHA-256 is " STR_FMT ", which no --hash gives",
                            STR_ARG(f->name), STR_ARG(f->sha256));
    }
    return 0;
}
