#include "executor/verify.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "executor/status.h"
#include "executor/venv.h"
#include "executor/verify_internal.h"

/* Lines */

/* A file's name may have a newline, or steer the terminal. */
static char *one_line(char *text) {
    for (char *c = text; *c; c++)
        if (*c == '\n')
            *c = '?';
    return status_printable(text);
}

void verify_say(struct verify *v, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    char *line = one_line(arena_vfmt(&v->out->arena, fmt, ap));
    va_end(ap);
    vec_push(&v->lines, str_of(line));
}

struct str verify_shown(const struct verify *v, struct str path) {
    struct str root = str_of(v->env->root);
    bool below = str_starts(path, root) && path.n > root.n && path.p[root.n] == '/';
    return below ? str_from(path, root.n + 1) : path;
}

static const char *fault_text(struct verify *v, const struct expected *x) {
    static const char *const texts[] = {
        [FAULT_NONE] = "",
        [FAULT_MISSING] = "missing",
        [FAULT_ALTERED] = "altered",
        [FAULT_KIND] = "altered, not the file it should be",
        [FAULT_MODE] = "altered, not executable",
        [FAULT_UNREADABLE] = "cannot be read",
    };
    if (x->fault != FAULT_SIZE)
        return texts[x->fault];
    return arena_fmt(&v->arena, "altered, %llu bytes instead of %llu", (unsigned long long)x->found,
                     (unsigned long long)x->size);
}

static void say_fault(struct verify *v, const struct expected *x, const char *where) {
    const struct package *p = &v->packages[x->package];
    verify_say(v, STR_FMT ": %s%s (" STR_FMT " " STR_FMT ")", STR_ARG(verify_shown(v, x->path)),
               fault_text(v, x), where, STR_ARG(p->name), STR_ARG(p->version));
}

/* Files */

static void judge_file(struct verify *v, const struct expected *x) {
    struct verdict_package *p = &v->out->packages[x->package];
    if (!x->checked)
        return;
    v->out->nfiles++;
    v->out->bytes += x->size > 0 ? (uint64_t)x->size : 0;
    if (!x->fault)
        return;
    p->damaged = true;
    p->nfaults++;
    if (str_eq(x->path, verify_canonical(v, v->subjects[x->package].record_path)))
        p->record = arena_str(&v->out->arena, v->subjects[x->package].record);
    say_fault(v, x, "");
}

static void judge_files(struct verify *v) {
    verify_check(&v->files, v->threads);
    for (uint32_t i = 0; i < v->files.v.n; i++)
        judge_file(v, &v->files.v.p[i]);
}

/* What is put back comes from there. */
static void judge_cache(struct verify *v) {
    for (uint32_t i = 0; i < v->n; i++)
        if (v->out->packages[i].damaged && v->subjects[i].tree)
            verify_expect_tree(v, i);
    verify_check(&v->cache, v->threads);
    for (uint32_t i = 0; i < v->cache.v.n; i++) {
        const struct expected *x = &v->cache.v.p[i];
        if (!x->fault)
            continue;
        v->out->packages[x->package].cache_bad = true;
        say_fault(v, x, " in the cache");
    }
}

/* The interpreter itself is not the lock's. */
static void judge_venv(struct verify *v) {
    if (v->env->kind != ENV_VENV)
        return;
    if (!venv_exists(v->env))
        verify_say(v, "%s: no environment is there", v->env->root);
    else if (access(v->env->interpreter, X_OK) < 0)
        verify_say(v, STR_FMT ": missing", STR_ARG(verify_shown(v, str_of(v->env->interpreter))));
}

static int by_text(const void *a, const void *b) {
    return str_qsort(a, b);
}

static void conclude(struct verify *v) {
    struct verdict *out = v->out;
    for (uint32_t i = 0; i < v->n; i++) {
        out->npackages += v->subjects[i].checked;
        out->packages[i].proven = v->subjects[i].checked && !out->packages[i].damaged;
    }
    if (v->lines.n)
        qsort(v->lines.p, v->lines.n, sizeof *v->lines.p, by_text);
    out->n = v->lines.n;
    out->lines = arena_copy(&out->arena, v->lines.p, v->lines.n * sizeof *v->lines.p);
}

static bool is_one_lib(const struct environment *env) {
    struct stat pure, plat;
    return stat(env->dirs[SCHEME_PURELIB], &pure) == 0 && stat(env->dirs[SCHEME_PLATLIB], &plat) == 0 &&
           pure.st_dev == plat.st_dev && pure.st_ino == plat.st_ino;
}

int verify_run(const struct environment *env, const struct store *store, const struct package *packages,
               uint32_t n, bool exact, int threads, struct verdict *out, struct err *e) {
    *out = (struct verdict){0};
    out->packages = arena_new(&out->arena, struct verdict_package, n);
    struct verify v = {.env = env,
                       .store = store,
                       .packages = packages,
                       .n = n,
                       .one_lib = is_one_lib(env),
                       .threads = threads,
                       .linker = {.env = env},
                       .out = out};
    judge_venv(&v);
    verify_expect(&v);
    judge_files(&v);
    judge_cache(&v);
    int result = exact ? verify_stray(&v, e) : 0;
    conclude(&v);
    vec_free(&v.files.v);
    vec_free(&v.cache.v);
    vec_free(&v.lines);
    map_free(&v.paths);
    arena_free(&v.arena);
    return result;
}

void verdict_free(struct verdict *v) {
    arena_free(&v->arena);
}
