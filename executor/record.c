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
    const struct environment *env;
    const struct manifest *m;
    struct arena *a;
    enum scheme lib;
    VEC(struct record_row) rows;
};

static struct str row_path(struct recording *r, const char *name) {
    return str_of(arena_fmt(r->a, STR_FMT "/%s", STR_ARG(r->m->dist_info), name));
}

/* As pip writes it: keys sorted, "hash" for readers older than "hashes". */
static struct str direct_url(struct arena *a, const struct lock_package *p, const char *source) {
    const struct lock_file *f = &p->files[0];
    struct str from = source ? str_of(source) : f->url; /* where it was opened */
    struct str url = url_is(from) ? url_redact(a, url_without_fragment(from))
                                  : url_of_path(a, path_absolute(a, arena_str(a, from).p));
    struct buf json = {0};
    buf_c(&json, "{\"archive_info\": {");
    if (f->sha256.n)
        buf_fmt(&json, "\"hash\": \"sha256=" STR_FMT "\", \"hashes\": {\"sha256\": \"" STR_FMT "\"}",
                STR_ARG(f->sha256), STR_ARG(f->sha256));
    buf_c(&json, "}, \"url\": ");
    json_quote(&json, url);
    buf_char(&json, '}');
    struct str bytes = arena_str(a, buf_view(&json));
    buf_free(&json);
    return bytes;
}

/* "../../../bin/" for the scripts of a venv, "" for site-packages itself. */
static void scheme_prefixes(struct recording *r, struct str prefixes[SCHEMES]) {
    for (int i = 0; i < SCHEMES; i++) {
        const char *dir = arena_fmt(r->a, "%s/", r->env->dirs[i]);
        prefixes[i] = environment_record_path(r->a, r->env, r->lib, str_of(dir));
    }
}

static void add_linked_rows(struct recording *r) {
    const struct manifest *m = r->m;
    struct str prefixes[SCHEMES];
    scheme_prefixes(r, prefixes);
    for (uint32_t i = 0; i < m->nfiles; i++) {
        const struct manifest_file *f = &m->files[i];
        if (!link_links(m, f))
            continue;
        struct str dir = f->dir == MAP_NONE ? STR("") : m->dirs[f->dir].path;
        const char *path = arena_fmt(r->a, STR_FMT STR_FMT "%s" STR_FMT, STR_ARG(prefixes[f->scheme]),
                                     STR_ARG(dir), dir.n ? "/" : "", STR_ARG(f->name));
        const char *size = arena_fmt(r->a, "%llu", (unsigned long long)f->size);
        vec_push(&r->rows, (struct record_row){str_of(path), f->hash, str_of(size)});
    }
}

static void add_written_rows(struct recording *r, const struct written_list *w) {
    for (uint32_t i = 0; i < w->n; i++)
        vec_push(&r->rows, (struct record_row){w->p[i].path, w->p[i].hash, w->p[i].size});
}

static void add_own_rows(struct recording *r, const struct record_files *files) {
    struct written_list own = {0};
    for (uint32_t i = 0; i < files->n; i++)
        written_add(&own, r->a, row_path(r, files->p[i].name), files->p[i].bytes);
    add_written_rows(r, &own);
    free(own.p);
    vec_push(&r->rows, (struct record_row){row_path(r, "RECORD"), STR(""), STR("")});
}

static int by_path(const void *a, const void *b) {
    const struct record_row *x = a, *y = b;
    return str_cmp(x->path, y->path);
}

static struct str rows_text(struct recording *r) {
    struct buf text = {0};
    qsort(r->rows.p, r->rows.n, sizeof *r->rows.p, by_path);
    for (uint32_t i = 0; i < r->rows.n; i++)
        record_row(&text, r->rows.p[i].path, r->rows.p[i].hash, r->rows.p[i].size);
    struct str bytes = arena_str(r->a, buf_view(&text));
    buf_free(&text);
    return bytes;
}

void record_compose(const struct environment *env, const struct manifest *m, const struct lock_package *p,
                    const char *source, const struct written_list *written, struct arena *a,
                    struct record_files *out) {
    struct recording r = {env, m, a, m->purelib ? SCHEME_PURELIB : SCHEME_PLATLIB, {0}};
    *out = (struct record_files){{{"INSTALLER", STR("envgraph\n")}}, 1};
    if (p->requested)
        out->p[out->n++] = (struct record_file){"REQUESTED", STR("")};
    if (p->direct && p->nfiles)
        out->p[out->n++] = (struct record_file){"direct_url.json", direct_url(a, p, source)};
    add_linked_rows(&r);
    add_written_rows(&r, written);
    add_own_rows(&r, out);
    out->p[out->n++] = (struct record_file){"RECORD", rows_text(&r)};
    vec_free(&r.rows);
}

/* What an earlier installation may have left and would now say what is not so. */
static int drop_others(int dirfd, const char *dir, const struct record_files *files, struct err *e) {
    static const char *const optional[] = {"REQUESTED", "direct_url.json"};
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) {
        bool kept = false;
        for (uint32_t k = 0; k < files->n; k++)
            kept |= !strcmp(files->p[k].name, optional[i]);
        if (!kept && unlinkat(dirfd, optional[i], 0) < 0 && errno != ENOENT)
            return err_errno(e, "cannot remove %s/%s", dir, optional[i]);
    }
    return 0;
}

static int write_files(struct linker *l, int dirfd, const char *dir, const struct record_files *files,
                       struct err *e) {
    struct arena a = {0};
    int result = drop_others(dirfd, dir, files, e);
    for (uint32_t i = 0; result == 0 && i < files->n; i++) {
        const struct record_file *f = &files->p[i];
        bool last = i + 1 == files->n; /* RECORD */
        result = link_write(l, dirfd, f->name, f->bytes, 0666, last, path_join(&a, dir, f->name), e);
    }
    arena_free(&a);
    return result;
}

int record_write(struct linker *l, const struct manifest *m, const struct lock_package *p, const char *source,
                 const struct written_list *written, struct err *e) {
    struct arena a = {0};
    struct record_files files;
    enum scheme lib = m->purelib ? SCHEME_PURELIB : SCHEME_PLATLIB;
    const char *name = arena_str(&a, m->dist_info).p, *dir = path_join(&a, l->env->dirs[lib], name);
    record_compose(l->env, m, p, source, written, &a, &files);
    int dirfd = openat(l->dirs[lib], name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int result =
        dirfd < 0 ? err_errno(e, "cannot open the folder %s", dir) : write_files(l, dirfd, dir, &files, e);
    if (dirfd >= 0)
        close(dirfd);
    arena_free(&a);
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
