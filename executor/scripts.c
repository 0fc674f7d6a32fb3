#include "executor/scripts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"

enum { SHEBANG_MAX = 127 }; /* what every kernel still in use reads of a first line, newline included */

/* A package whose scripts are under way. */
struct scripts {
    struct linker *l;
    const struct manifest *m;
    struct arena *a;
    enum scheme lib;
    struct buf shebang;
    VEC(struct entry_point) points;
    struct map names; /* of points */
    struct written_list *out;
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

static struct str base64_row(struct arena *a, struct str bytes) {
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
    out->p[out->n++] = (struct written){path, base64_row(a, bytes), size};
}

/* dir: relative to the scripts' folder, or empty. */
static int write_script(struct scripts *s, struct str dir, struct str name, struct str bytes, struct err *e) {
    struct linker *l = s->l;
    char *path = arena_fmt(s->a, STR_FMT "%s" STR_FMT, STR_ARG(dir), dir.n ? "/" : "", STR_ARG(name));
    char *shown = path_join(s->a, l->env->dirs[SCHEME_SCRIPTS], path);
    if (link_write(l, l->dirs[SCHEME_SCRIPTS], path, bytes, 0777, false, shown, e) < 0)
        return -1;
    written_add(s->out, s->a, environment_record_path(s->a, l->env, s->lib, str_of(shown)), bytes);
    return 0;
}

/* Entry points */

static void add_point(struct scripts *s, struct entry_point p, struct str name) {
    p.name = name;
    uint32_t id = map_id(&s->names, name);
    if (id < s->points.n) /* the later one of a name counts */
        s->points.p[id] = p;
    else
        vec_push(&s->points, p);
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

static int write_points(struct scripts *s, struct err *e) {
    int result = 0;
    collect_points(s);
    for (uint32_t i = 0; result == 0 && i < s->points.n; i++) {
        struct buf text = {0};
        buf_str(&text, buf_view(&s->shebang));
        point_text(s->l->env->python, &s->points.p[i], &text);
        result = write_script(s, STR(""), s->points.p[i].name, buf_view(&text), e);
        buf_free(&text);
    }
    return result;
}

/* "#!python" scripts */

static int read_source(const struct manifest_file *f, const char *tree, const char *path, struct buf *out,
                       struct err *e) {
    struct stat st;
    if (lstat(path, &st) < 0)
        return err_errno(e, "cannot read %s in the cache", path);
    return link_check(f, &st, tree, e) < 0 ? -1 : file_read(path, out, e);
}

static int write_rewritten(struct scripts *s, const struct manifest_file *f, const char *tree,
                           struct err *e) {
    struct buf source = {0}, text = {0};
    char *path = arena_fmt(s->a, "%s/" STR_FMT, tree, STR_ARG(f->source));
    int result = read_source(f, tree, path, &source, e);
    if (result == 0) {
        ptrdiff_t newline = str_find(buf_view(&source), '\n');
        buf_str(&text, buf_view(&s->shebang));
        buf_str(&text, str_from(buf_view(&source), newline < 0 ? source.n : (size_t)newline + 1));
        struct str dir = f->dir == MAP_NONE ? STR("") : s->m->dirs[f->dir].path;
        result = write_script(s, dir, f->name, buf_view(&text), e);
    }
    buf_free(&source);
    buf_free(&text);
    return result;
}

int scripts_write(struct linker *l, const struct manifest *m, const char *tree, struct arena *a,
                  struct written_list *out, struct err *e) {
    struct scripts s = {.l = l, .m = m, .a = a, .out = out};
    s.lib = m->purelib ? SCHEME_PURELIB : SCHEME_PLATLIB;
    int result = make_shebang(&s.shebang, l->env->interpreter, e);
    for (uint32_t i = 0; result == 0 && i < m->nfiles; i++)
        if (m->files[i].python_script && !link_skips(m, &m->files[i]))
            result = write_rewritten(&s, &m->files[i], tree, e);
    if (result == 0)
        result = write_points(&s, e);
    buf_free(&s.shebang);
    vec_free(&s.points);
    map_free(&s.names);
    return result;
}
