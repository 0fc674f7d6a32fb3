#include "executor/scripts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"

enum { SHEBANG_MAX = 127 }; /* what every kernel still in use reads of a first line, newline included */

/* A package whose scripts are listed. */
struct scripts {
    const struct linker *l;
    const struct manifest *m;
    struct arena *a;
    VEC(struct script) v;
    struct map names; /* of entry points: their place in v, less first */
    uint32_t first;   /* entry point in v */
};

/* /bin/sh reads the second line as "exec python script arguments", Python reads it and the third as a
   string. */
static int shebang_by_sh(struct buf *out, const char *interpreter, struct err *e) {
    if (strpbrk(interpreter, "\"$`\\") || strstr(interpreter, "'''"))
        return err_fail(e,
                        "no first line of a script can name the interpreter %s: its path is long or has a "
                        "space, and has a quote, $, ` or \\ too; choose another folder for the environment",
                        interpreter);
    const char *quote = strchr(interpreter, ' ') ? "\"" : "";
    buf_fmt(out, "#!/bin/sh\n'''exec' %s%s%s \"$0\" \"$@\"\n' '''\n", quote, interpreter, quote);
    return 0;
}

static int make_shebang(struct buf *out, const char *interpreter, struct err *e) {
    size_t length = strlen("#!") + strlen(interpreter) + strlen("\n");
    if (strchr(interpreter, ' ') || length > SHEBANG_MAX)
        return shebang_by_sh(out, interpreter, e);
    buf_fmt(out, "#!%s\n", interpreter);
    return 0;
}

struct str written_hash(struct arena *a, struct str bytes) {
    uint8_t digest[SHA256_BYTES];
    struct buf hash = {0};
    sha256(bytes.p, bytes.n, digest);
    buf_c(&hash, "sha256=");
    base64url(digest, sizeof digest, &hash);
    struct str result = arena_str(a, buf_view(&hash));
    buf_free(&hash);
    return result;
}

void written_add(struct written_list *out, struct arena *a, struct str path, struct str bytes) {
    if (out->n == out->cap) {
        out->cap = out->cap ? out->cap * 2 : 16;
        out->p = mem_grow(out->p, out->cap * sizeof *out->p);
    }
    struct str size = str_of(arena_fmt(a, "%zu", bytes.n));
    out->p[out->n++] = (struct written){path, written_hash(a, bytes), size};
}

/* Entry points */

static void add_point(struct scripts *s, struct entry_point p, struct str name) {
    p.name = name;
    struct script script = {.path = name, .point = p};
    uint32_t at = s->first + map_id(&s->names, name);
    if (at < s->v.n) /* the later one of a name counts */
        s->v.p[at] = script;
    else
        vec_push(&s->v, script);
}

static const struct entry_point *find_point(const struct manifest *m, struct str name) {
    for (uint32_t i = 0; i < m->nentry_points; i++)
        if (str_eq(m->entry_points[i].name, name))
            return &m->entry_points[i];
    return NULL;
}

/* "pip", "pip3", "pip3.11". */
static bool is_versioned_pip(struct str name) {
    if (!str_starts(name, STR("pip")))
        return false;
    for (size_t i = 3; i < name.n; i++)
        if (!char_digit(name.p[i]) && name.p[i] != '.')
            return false;
    return true;
}

/* A wheel of pip serves every Python, so the versioned names in it are those of the Python that built it:
   installers make them anew. */
static void collect_points(struct scripts *s) {
    const struct manifest *m = s->m;
    const struct python *python = s->l->env->python;
    const struct entry_point *pip = find_point(m, STR("pip"));
    if (pip) {
        add_point(s, *pip, pip->name);
        add_point(s, *pip, str_of(arena_fmt(s->a, "pip%d", python->major)));
        add_point(s, *pip, str_of(arena_fmt(s->a, "pip%d.%d", python->major, python->minor)));
    }
    for (uint32_t i = 0; i < m->nentry_points; i++)
        if (!pip || !is_versioned_pip(m->entry_points[i].name))
            add_point(s, m->entry_points[i], m->entry_points[i].name);
}

/* What pip writes; before Python 3.9, what the last pip for it writes: str.removesuffix is not there. */
static void point_text(const struct python *python, const struct entry_point *p, struct buf *out) {
    ptrdiff_t dot = str_find(p->attribute, '.');
    struct str import = dot < 0 ? p->attribute : str_head(p->attribute, (size_t)dot);
    bool old = python->major < 3 || (python->major == 3 && python->minor < 9);
    if (old)
        buf_c(out, "# -*- coding: utf-8 -*-\nimport re\n");
    buf_fmt(out, "import sys\nfrom " STR_FMT " import " STR_FMT "\n", STR_ARG(p->module), STR_ARG(import));
    buf_c(out, "if __name__ == '__main__':\n    sys.argv[0] = ");
    buf_c(out, old ? "re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n"
                   : "sys.argv[0].removesuffix('.exe')\n");
    buf_fmt(out, "    sys.exit(" STR_FMT "())\n", STR_ARG(p->attribute));
}

/* "#!python" scripts */

static int read_source(const struct manifest_file *f, const char *tree, const char *path, struct buf *out,
                       struct err *e) {
    struct stat st;
    if (lstat(path, &st) < 0)
        return err_errno(e, "cannot read %s in the cache", path);
    return link_check(f, &st, tree, e) < 0 ? -1 : file_read(path, out, e);
}

static int rewrite(const struct script *script, const char *tree, struct buf *out, struct err *e) {
    struct buf source = {0};
    struct arena a = {0};
    char *path = arena_fmt(&a, "%s/" STR_FMT, tree, STR_ARG(script->file->source));
    int result = read_source(script->file, tree, path, &source, e);
    if (result == 0) {
        ptrdiff_t newline = str_find(buf_view(&source), '\n');
        buf_str(out, str_from(buf_view(&source), newline < 0 ? source.n : (size_t)newline + 1));
    }
    buf_free(&source);
    arena_free(&a);
    return result;
}

/* All of them */

void scripts_list(const struct linker *l, const struct manifest *m, struct arena *a,
                  struct script_list *out) {
    struct scripts s = {.l = l, .m = m, .a = a};
    for (uint32_t i = 0; i < m->nfiles; i++) {
        const struct manifest_file *f = &m->files[i];
        if (!f->python_script || link_skips(m, f))
            continue;
        struct str dir = f->dir == MAP_NONE ? STR("") : m->dirs[f->dir].path;
        const char *path =
            arena_fmt(a, STR_FMT "%s" STR_FMT, STR_ARG(dir), dir.n ? "/" : "", STR_ARG(f->name));
        vec_push(&s.v, (struct script){.path = str_of(path), .file = f});
    }
    s.first = s.v.n;
    collect_points(&s);
    *out = (struct script_list){arena_new(a, struct script, s.v.n), s.v.n};
    if (s.v.n)
        memcpy(out->p, s.v.p, s.v.n * sizeof *s.v.p);
    vec_free(&s.v);
    map_free(&s.names);
}

char *script_path(const struct linker *l, const struct script *script, struct arena *a) {
    return path_join(a, l->env->dirs[SCHEME_SCRIPTS], arena_fmt(a, STR_FMT, STR_ARG(script->path)));
}

int script_text(const struct linker *l, const struct script *script, const char *tree, struct buf *out,
                struct err *e) {
    if (make_shebang(out, l->env->interpreter, e) < 0)
        return -1;
    if (script->file)
        return rewrite(script, tree, out, e);
    point_text(l->env->python, &script->point, out);
    return 0;
}

int script_write(struct linker *l, const struct script *script, struct str text, bool replace,
                 struct err *e) {
    struct arena a = {0};
    int dirfd = link_scheme_dir(l, SCHEME_SCRIPTS, e);
    const char *name = arena_str(&a, script->path).p;
    int result =
        dirfd < 0 ? -1 : link_write(l, dirfd, name, text, 0777, replace, script_path(l, script, &a), e);
    arena_free(&a);
    return result;
}

int scripts_write(struct linker *l, const struct manifest *m, const char *tree, struct arena *a,
                  struct written_list *out, struct err *e) {
    enum scheme lib = m->purelib ? SCHEME_PURELIB : SCHEME_PLATLIB;
    struct script_list list;
    int result = 0;
    scripts_list(l, m, a, &list);
    for (uint32_t i = 0; result == 0 && i < list.n; i++) {
        struct buf text = {0};
        result = script_text(l, &list.p[i], tree, &text, e);
        if (result == 0)
            result = script_write(l, &list.p[i], buf_view(&text), false, e);
        struct str path = str_of(script_path(l, &list.p[i], a));
        if (result == 0)
            written_add(out, a, environment_record_path(a, l->env, lib, path), buf_view(&text));
        buf_free(&text);
    }
    return result;
}
