#include "executor/checks.h"

#include "executor/remove.h"

int check_removable(const struct environment *env, const struct diff *diff, struct err *e) {
    for (uint32_t i = 0; i < diff->n; i++)
        for (uint32_t k = 0; !change_keeps(diff->p[i].kind) && k < diff->p[i].nold; k++)
            if (remove_check(env, &diff->p[i].old[k], e))
                return -1;
    return 0;
}

int check_offline(const struct package *packages, uint32_t n, struct err *e) {
    struct buf missing = {0};
    for (uint32_t i = 0; i < n; i++) {
        const struct package *p = &packages[i];
        if (package_installs(p) && !p->cached && !p->local)
            buf_fmt(&missing, "%s" STR_FMT " " STR_FMT, missing.n ? ", " : "", STR_ARG(p->name),
                    STR_ARG(p->version));
    }
    int failed = missing.n ? err_fail(e, STR_FMT ": not in the cache; run once without --offline",
                                      STR_ARG(buf_view(&missing)))
                           : 0;
    buf_free(&missing);
    return failed;
}
