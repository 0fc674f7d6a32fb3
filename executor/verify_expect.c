#include <stdlib.h>

#include "base/file.h"
#include "executor/record.h"
#include "executor/settle.h"
#include "executor/verify_internal.h"

struct str verify_canonical(struct verify *v, struct str path) {
    struct str plat = str_of(v->env->dirs[SCHEME_PLATLIB]);
    if (!v->one_lib || !str_starts(path, plat) || path.n <= plat.n || path.p[plat.n] != '/')
        return path;
    struct str rest = str_from(path, plat.n);
    return str_of(arena_fmt(&v->arena, "%s" STR_FMT, v->env->dirs[SCHEME_PURELIB], STR_ARG(rest)));
}

/* Of several claims the one counts that settle_run would have put there. */
static bool outdoes(const struct verify *v, const struct expected *x, const struct expected *old) {
    if (x->weak || old->weak)
        return old->weak;
    return x->package == old->package || settle_wins(v->packages, v->n, x->package, old->package);
}

static void claim(struct verify *v, struct str path, struct expected x) {
    uint32_t id = map_id(&v->paths, verify_canonical(v, path));
    x.path = v->paths.keys[id];
    if (id == v->files.v.n)
        vec_push(&v->files.v, x);
    else if (outdoes(v, &x, &v->files.v.p[id]))
        v->files.v.p[id] = x;
}

/* By its RECORD */

struct rows {
    struct verify *v;
    struct expected as; /* what they have in common */
};

static void claim_row(void *ctx, struct str path, const struct record_row *row) {
    struct rows *r = ctx;
    struct expected x = r->as;
    uint64_t size;
    x.hash = arena_str(&r->v->arena, row->hash);
    x.size = str_u64(row->size, &size) ? (int64_t)size : -1;
    claim(r->v, path, x);
}

static int claim_record(struct verify *v, uint32_t i, bool checked, bool weak, struct err *e) {
    const struct change *c = v->packages[i].change;
    struct rows rows = {v, {.package = i, .checked = checked, .weak = weak, .any_link = true}};
    for (uint32_t k = 0; k < c->nold; k++)
        if (c->old[k].whole && owned_each(v->env, &c->old[k], claim_row, &rows, e) < 0)
            return -1;
    return 0;
}

/* By its wheel */

static const char *source_path(struct verify *v, uint32_t i, const struct manifest_file *f) {
    return arena_fmt(&v->arena, "%s/" STR_FMT, v->subjects[i].tree, STR_ARG(f->source));
}

static void claim_linked(struct verify *v, uint32_t i, bool checked) {
    const struct manifest *m = &v->subjects[i].manifest;
    struct buf path = {0};
    for (uint32_t k = 0; k < m->nfiles; k++) {
        const struct manifest_file *f = &m->files[k];
        if (!link_links(m, f))
            continue;
        path.n = 0;
        link_path(&v->linker, m, f, &path);
        claim(v, buf_view(&path),
              (struct expected){.hash = f->hash,
                                .size = (int64_t)f->size,
                                .links = source_path(v, i, f),
                                .package = i,
                                .executable = f->executable,
                                .checked = checked});
    }
    buf_free(&path);
}

static void claim_bytes(struct verify *v, uint32_t i, const char *path, struct str bytes, bool executable,
                        bool checked) {
    claim(v, str_of(path),
          (struct expected){.hash = written_hash(&v->arena, bytes),
                            .size = (int64_t)bytes.n,
                            .package = i,
                            .executable = executable,
                            .checked = checked});
}

/* A script is made from a file in the cache: what that says counts only if it is as it was unpacked. */
static int make_script(struct verify *v, uint32_t i, const struct script *s, struct buf *out, struct err *e) {
    const struct subject *subject = &v->subjects[i];
    if (s->file) {
        struct expectations source = {0};
        vec_push(&source.v, (struct expected){.path = str_of(source_path(v, i, s->file)),
                                              .hash = s->file->hash,
                                              .size = (int64_t)s->file->size,
                                              .checked = true});
        verify_check(&source, 1);
        enum fault fault = source.v.p[0].fault;
        vec_free(&source.v);
        if (fault)
            return -1;
    }
    return script_text(&v->linker, s, subject->tree, out, e);
}

/* -1: the cache is damaged, and it cannot be told what they should say. */
static int claim_scripts(struct verify *v, uint32_t i, bool checked, struct written_list *written) {
    const struct manifest *m = &v->subjects[i].manifest;
    enum scheme lib = m->purelib ? SCHEME_PURELIB : SCHEME_PLATLIB;
    struct script_list list;
    struct err ignored;
    int result = 0;
    scripts_list(&v->linker, m, &v->arena, &list);
    for (uint32_t k = 0; result == 0 && k < list.n; k++) {
        struct buf text = {0};
        const char *path = script_path(&v->linker, &list.p[k], &v->arena);
        result = make_script(v, i, &list.p[k], &text, &ignored);
        if (result == 0) {
            claim_bytes(v, i, path, buf_view(&text), true, checked);
            struct str row = environment_record_path(&v->arena, v->env, lib, str_of(path));
            written_add(written, &v->arena, row, buf_view(&text));
        } else {
            claim(v, str_of(path), (struct expected){.package = i, .size = -1});
        }
        buf_free(&text);
    }
    return result;
}

/* Whether it was asked for is the diff's to say: a mark that is to change is no damage. */
static struct lock_package as_marked(const struct package *p) {
    struct lock_package marked = *p->change->wanted.package;
    if (p->change->kind == CHANGE_MARK)
        marked.requested = p->change->old->requested;
    return marked;
}

static void claim_info(struct verify *v, uint32_t i, bool checked, const struct written_list *written) {
    struct subject *s = &v->subjects[i];
    const struct package *p = &v->packages[i];
    const struct lock_package marked = as_marked(p);
    const char *lib = v->env->dirs[s->manifest.purelib ? SCHEME_PURELIB : SCHEME_PLATLIB];
    const char *name = arena_str(&v->arena, s->manifest.dist_info).p, *dir = path_join(&v->arena, lib, name);
    struct record_files files;
    record_compose(v->env, &s->manifest, &marked, p->source, written, &v->arena, &files);
    for (uint32_t k = 0; k < files.n; k++)
        claim_bytes(v, i, path_join(&v->arena, dir, files.p[k].name), files.p[k].bytes, false, checked);
    s->record = files.p[files.n - 1].bytes;
    s->record_path = str_of(path_join(&v->arena, dir, "RECORD"));
}

static void claim_wheel(struct verify *v, uint32_t i) {
    struct subject *s = &v->subjects[i];
    struct written_list written = {0};
    claim_linked(v, i, s->checked);
    if (claim_scripts(v, i, s->checked, &written) == 0) {
        claim_info(v, i, s->checked, &written);
    } else if (s->checked) {
        v->out->packages[i].damaged = true; /* its tree is looked at, and named */
        struct err ignored;
        claim_record(v, i, false, true, &ignored);
    }
    free(written.p);
}

/* Packages */

static void say_change(struct verify *v, uint32_t i) {
    const struct package *p = &v->packages[i];
    if (p->change->kind != CHANGE_KEEP && !v->subjects[i].checked)
        verify_say(v, STR_FMT " " STR_FMT ": %s", STR_ARG(p->name), STR_ARG(p->version), p->change->reason);
    else if (p->change->kind == CHANGE_MARK)
        verify_say(v, STR_FMT " " STR_FMT ": %s", STR_ARG(p->name), STR_ARG(p->version), p->change->reason);
}

static void say_unproven(struct verify *v, uint32_t i) {
    const struct package *p = &v->packages[i];
    verify_say(v,
               STR_FMT " " STR_FMT
                       ": whether it is the lock's cannot be told: its wheel is not in the cache, "
                       "and its RECORD is not of the last run",
               STR_ARG(p->name), STR_ARG(p->version));
    v->out->packages[i].damaged = true;
}

static void expect_by_record(struct verify *v, uint32_t i) {
    const struct package *p = &v->packages[i];
    struct err why;
    v->subjects[i].by_record = true;
    if (p->change->unproven)
        say_unproven(v, i);
    if (claim_record(v, i, true, false, &why) < 0) {
        verify_say(v, "%s", why.text);
        v->out->packages[i].damaged = true;
    }
}

static void expect_package(struct verify *v, uint32_t i) {
    const struct package *p = &v->packages[i];
    const struct change *c = p->change;
    struct subject *s = &v->subjects[i];
    struct err ignored;
    s->checked = p->file && (change_keeps(c->kind) || c->unproven);
    say_change(v, i);
    if (p->file && manifest_load(v->store, p->sha256, &v->arena, &s->manifest, &s->tree) == 0)
        claim_wheel(v, i);
    else if (s->checked)
        expect_by_record(v, i);
    else if (!p->file && c->kind == CHANGE_KEEP)
        claim_record(v, i, false, false, &ignored);
    if (!s->checked && !(c->kind == CHANGE_KEEP))
        claim_record(v, i, false, true, &ignored); /* what is there of it has its line already */
}

static void list_by_record(struct verify *v) {
    struct buf names = {0};
    for (uint32_t i = 0; i < v->n; i++)
        if (v->subjects[i].by_record)
            buf_fmt(&names, "%s" STR_FMT, names.n ? ", " : "", STR_ARG(v->packages[i].name));
    if (names.n)
        v->out->by_record = arena_str(&v->out->arena, buf_view(&names)).p;
    buf_free(&names);
}

void verify_expect(struct verify *v) {
    v->subjects = arena_new(&v->arena, struct subject, v->n);
    for (uint32_t i = 0; i < v->n; i++)
        expect_package(v, i);
    list_by_record(v);
}

void verify_expect_tree(struct verify *v, uint32_t package) {
    const struct subject *s = &v->subjects[package];
    for (uint32_t k = 0; k < s->manifest.nfiles; k++) {
        const struct manifest_file *f = &s->manifest.files[k];
        vec_push(&v->cache.v, (struct expected){.path = str_of(source_path(v, package, f)),
                                                .hash = f->hash,
                                                .size = (int64_t)f->size,
                                                .package = package,
                                                .executable = f->executable,
                                                .checked = true});
    }
}
