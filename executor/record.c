#include "executor/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/map.h"
#include "base/url.h"
#include "base/vec.h"

/* A dist-info folder being finished. */
struct recording {
    struct linker *l;
    const struct manifest *m;
    const char *source;
    struct arena a;
    enum scheme lib;
    int dirfd; /* the dist-info */
    char *dir; /* its path */
    struct written_list made;
    VEC(struct record_row) rows;
};

static int open_dist_info(struct recording *r, struct err *e) {
    char *name = arena_fmt(&r->a, STR_FMT, STR_ARG(r->m->dist_info));
    r->dir = path_join(&r->a, r->l->env->dirs[r->lib], name);
    r->dirfd = openat(r->l->dirs[r->lib], name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return r->dirfd < 0 ? err_errno(e, "cannot open the folder %s", r->dir) : 0;
}

static struct str row_path(struct recording *r, const char *name) {
    return str_of(arena_fmt(&r->a, STR_FMT "/%s", STR_ARG(r->m->dist_info), name));
}

static int write_file(struct recording *r, const char *name, struct str bytes, struct err *e) {
    if (link_write(r->l, r->dirfd, name, bytes, 0666, false, path_join(&r->a, r->dir, name), e) < 0)
        return -1;
    written_add(&r->made, &r->a, row_path(r, name), bytes);
    return 0;
}

/* One that an earlier installation may have left and that would now say what is not so. */
static int drop_file(struct recording *r, const char *name, struct err *e) {
    if (unlinkat(r->dirfd, name, 0) == 0 || errno == ENOENT)
        return 0;
    return err_errno(e, "cannot remove %s/%s", r->dir, name);
}

/* As pip writes it: keys sorted, "hash" for readers older than "hashes". */
static int write_direct_url(struct recording *r, const struct lock_package *p, struct err *e) {
    const struct lock_file *f = &p->files[0];
    struct str url = url_is(str_of(r->source)) ? url_redact(&r->a, url_without_fragment(str_of(r->source)))
                                               : url_of_path(&r->a, path_absolute(&r->a, r->source));
    struct buf json = {0};
    buf_c(&json, "{\"archive_info\": {");
    if (f->sha256.n)
        buf_fmt(&json, "\"hash\": \"sha256=" STR_FMT "\", \"hashes\": {\"sha256\": \"" STR_FMT "\"}",
                STR_ARG(f->sha256), STR_ARG(f->sha256));
    buf_c(&json, "}, \"url\": ");
    json_quote(&json, url);
    buf_char(&json, '}');
    int result = write_file(r, "direct_url.json", buf_view(&json), e);
    buf_free(&json);
    return result;
}

static int write_marks(struct recording *r, const struct lock_package *p, struct err *e) {
    if (write_file(r, "INSTALLER", STR("envgraph\n"), e) < 0)
        return -1;
    if ((p->requested ? write_file(r, "REQUESTED", STR(""), e) : drop_file(r, "REQUESTED", e)) < 0)
        return -1;
    return p->direct && p->nfiles ? write_direct_url(r, p, e) : drop_file(r, "direct_url.json", e);
}

/* "../../../bin/" for the scripts of a venv, "" for site-packages itself. */
static void scheme_prefixes(struct recording *r, struct str prefixes[SCHEMES]) {
    for (int i = 0; i < SCHEMES; i++) {
        const char *dir = arena_fmt(&r->a, "%s/", r->l->env->dirs[i]);
        prefixes[i] = environment_record_path(&r->a, r->l->env, r->lib, str_of(dir));
    }
}

static void add_linked_rows(struct recording *r) {
    const struct manifest *m = r->m;
    struct str prefixes[SCHEMES];
    scheme_prefixes(r, prefixes);
    for (uint32_t i = 0; i < m->nfiles; i++) {
        const struct manifest_file *f = &m->files[i];
        if (f->python_script || link_skips(m, f))
            continue;
        struct str dir = f->dir == MAP_NONE ? STR("") : m->dirs[f->dir].path;
        const char *path = arena_fmt(&r->a, STR_FMT STR_FMT "%s" STR_FMT, STR_ARG(prefixes[f->scheme]),
                                     STR_ARG(dir), dir.n ? "/" : "", STR_ARG(f->name));
        const char *size = arena_fmt(&r->a, "%llu", (unsigned long long)f->size);
        vec_push(&r->rows, (struct record_row){str_of(path), f->hash, str_of(size)});
    }
}

static void add_written_rows(struct recording *r, const struct written_list *w) {
    for (uint32_t i = 0; i < w->n; i++)
        vec_push(&r->rows, (struct record_row){w->p[i].path, w->p[i].hash, w->p[i].size});
}

static int by_path(const void *a, const void *b) {
    const struct record_row *x = a, *y = b;
    return str_cmp(x->path, y->path);
}

static int write_record(struct recording *r, const struct written_list *written, struct err *e) {
    add_linked_rows(r);
    add_written_rows(r, written);
    add_written_rows(r, &r->made);
    vec_push(&r->rows, (struct record_row){row_path(r, "RECORD"), STR(""), STR("")});
    qsort(r->rows.p, r->rows.n, sizeof *r->rows.p, by_path);
    struct buf text = {0};
    for (uint32_t i = 0; i < r->rows.n; i++)
        record_row(&text, r->rows.p[i].path, r->rows.p[i].hash, r->rows.p[i].size);
    char *shown = path_join(&r->a, r->dir, "RECORD");
    int result = link_write(r->l, r->dirfd, "RECORD", buf_view(&text), 0666, true, shown, e);
    buf_free(&text);
    return result;
}

int record_write(struct linker *l, const struct manifest *m, const struct lock_package *p, const char *source,
                 const struct written_list *written, struct err *e) {
    struct recording r = {.l = l, .m = m, .source = source, .dirfd = -1};
    r.lib = m->purelib ? SCHEME_PURELIB : SCHEME_PLATLIB;
    int result = open_dist_info(&r, e);
    if (result == 0)
        result = write_marks(&r, p, e);
    if (result == 0)
        result = write_record(&r, written, e);
    if (r.dirfd >= 0)
        close(r.dirfd);
    free(r.made.p);
    vec_free(&r.rows);
    arena_free(&r.a);
    return result;
}

/* A package that stays */

/* RECORD's text with the row of REQUESTED, or without; the other rows keep their order. */
static void change_row(struct arena *a, const struct record *record, struct str path, bool requested,
                       struct buf *out) {
    bool placed = !requested;
    for (uint32_t i = 0; i < record->n; i++) {
        const struct record_row *row = &record->p[i];
        if (str_eq(row->path, path))
            continue;
        if (!placed && str_cmp(row->path, path) > 0) {
            record_row(out, path, written_hash(a, STR("")), STR("0"));
            placed = true;
        }
        record_row(out, row->path, row->hash, row->size);
    }
    if (!placed)
        record_row(out, path, written_hash(a, STR("")), STR("0"));
}

static int change_file(const char *path, bool requested, struct err *e) {
    if (requested)
        return file_write(path, STR(""), 0666, e);
    return unlink(path) == 0 || errno == ENOENT ? 0 : err_errno(e, "cannot remove %s", path);
}

int record_requested(const struct environment *env, const struct installed_package *p, bool requested,
                     struct err *e) {
    struct arena a = {0};
    struct buf old = {0}, text = {0};
    struct record record;
    const char *dist_info = arena_str(&a, p->dist_info).p;
    const char *dir = path_join(&a, env->dirs[p->scheme], dist_info), *path = path_join(&a, dir, "RECORD");
    int result = file_read(path, &old, e);
    if (result == 0)
        result = record_parse(&a, buf_view(&old), path, &record, e);
    if (result == 0) {
        change_row(&a, &record, str_of(path_join(&a, dist_info, "REQUESTED")), requested, &text);
        result = change_file(path_join(&a, dir, "REQUESTED"), requested, e);
    }
    if (result == 0)
        result = file_write(path, buf_view(&text), 0666, e);
    buf_free(&old);
    buf_free(&text);
    arena_free(&a);
    return result;
}
