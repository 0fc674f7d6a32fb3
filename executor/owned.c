#include "executor/owned.h"

#include <string.h>

#include "base/file.h"

/* What needs no normalizing: nearly all rows. */
static bool is_plain(struct str row) {
    return row.p[0] != '/' && row.p[0] != '.' && str_search(row, STR("/.")) < 0 &&
           str_search(row, STR("//")) < 0;
}

static void tell_row(const struct environment *env, const char *lib, const struct record_row *whole,
                     struct buf *path, void (*tell)(void *ctx, struct str path, const struct record_row *row),
                     void *ctx) {
    struct str row = whole->path;
    struct arena a = {0};
    path->n = 0;
    if (!row.n || row.p[row.n - 1] == '/' || memchr(row.p, 0, row.n))
        return;
    if (is_plain(row))
        buf_fmt(path, "%s/" STR_FMT, lib, STR_ARG(row));
    else
        buf_c(path, path_absolute(&a, path_join(&a, lib, arena_fmt(&a, STR_FMT, STR_ARG(row)))));
    if (environment_holds(env, buf_view(path)))
        tell(ctx, buf_view(path), whole);
    arena_free(&a);
}

int owned_each(const struct environment *env, const struct installed_package *p,
               void (*tell)(void *ctx, struct str path, const struct record_row *row), void *ctx,
               struct err *e) {
    struct arena a = {0};
    struct buf text = {0}, path = {0};
    struct record record;
    const char *lib = env->dirs[p->scheme];
    const char *where = path_join(&a, lib, arena_fmt(&a, STR_FMT "/RECORD", STR_ARG(p->dist_info)));
    int result = file_read(where, &text, e);
    if (result == 0)
        result = record_parse(&a, buf_view(&text), where, &record, e);
    if (result < 0)
        err_prefix(e, "cannot tell which files are those of " STR_FMT, STR_ARG(p->name));
    for (uint32_t i = 0; result == 0 && i < record.n; i++)
        tell_row(env, lib, &record.p[i], &path, tell, ctx);
    buf_free(&text);
    buf_free(&path);
    arena_free(&a);
    return result;
}

struct sharing {
    struct map going;
    struct map *shared;
};

static void goes(void *ctx, struct str path, const struct record_row *row) {
    (void)row;
    struct sharing *s = ctx;
    map_id(&s->going, path);
}

static void stays(void *ctx, struct str path, const struct record_row *row) {
    (void)row;
    struct sharing *s = ctx;
    if (map_find(&s->going, path) != MAP_NONE)
        map_id(s->shared, path);
}

static int each_old(const struct environment *env, const struct package *p,
                    void (*tell)(void *ctx, struct str path, const struct record_row *row), struct sharing *s,
                    struct err *e) {
    for (uint32_t i = 0; i < p->change->nold; i++)
        if (p->change->old[i].whole && owned_each(env, &p->change->old[i], tell, s, e) < 0)
            return -1;
    return 0;
}

int owned_shared(const struct environment *env, const struct package *packages, uint32_t n,
                 struct map *shared, struct err *e) {
    struct sharing s = {.shared = shared};
    struct err ignored;
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < n; i++)
        if (!change_keeps(packages[i].change->kind))
            result = each_old(env, &packages[i], goes, &s, e);
    for (uint32_t i = 0; result == 0 && s.going.n && i < n; i++)
        if (change_keeps(packages[i].change->kind))
            each_old(env, &packages[i], stays, &s, &ignored);
    map_free(&s.going);
    return result;
}
