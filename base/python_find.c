#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "base/python_internal.h"
#include "base/vec.h"

struct wanted { /* a version */
    int parts;  /* how many of the numbers are given; 0: any version */
    uint64_t numbers[3];
};

struct search {
    struct store *store;
    struct arena *a;
    struct wanted wanted;
    struct python *out;
    struct buf tried; /* for the message: a line for each place */
};

/* Up to three numbers at the front of *s, which is cut. */
static bool take_version(struct str *s, struct wanted *w) {
    *w = (struct wanted){0};
    while (w->parts < 3) {
        size_t digits = 0;
        while (digits < s->n && char_digit(s->p[digits]))
            digits++;
        if (!str_u64(str_head(*s, digits), &w->numbers[w->parts]))
            return false;
        w->parts++;
        *s = str_from(*s, digits);
        if (s->n < 2 || s->p[0] != '.' || !char_digit(s->p[1]))
            break;
        *s = str_from(*s, 1);
    }
    return true;
}

/* found has all that wanted has; it may have more. */
static bool version_fits(const struct wanted *wanted, const struct wanted *found) {
    for (int i = 0; i < wanted->parts && i < found->parts; i++)
        if (wanted->numbers[i] != found->numbers[i])
            return false;
    return true;
}

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

/* A folder below $variable, else below the home folder; NULL without either. */
static char *folder(struct arena *a, const char *variable, const char *below, const char *home_below) {
    const char *own = environment(variable), *home = environment("HOME");
    if (own)
        return path_absolute(a, path_join(a, own, below));
    return home ? path_join(a, home, home_below) : NULL;
}

/* The version that pyenv's shim would choose where that is plain: one name, in $PYENV_VERSION, a
   .python-version here or above, or pyenv's own. */
static struct str pyenv_choice(struct arena *a, const char *root) {
    struct buf text = {0};
    struct err ignored;
    const char *named = environment("PYENV_VERSION");
    char *dir = path_absolute(a, "."), *file = NULL;
    if (named)
        return str_of(named);
    for (;; dir = path_dir(a, dir)) {
        file = path_join(a, dir, ".python-version");
        if (file_exists(file) || !strcmp(dir, "/"))
            break;
    }
    if (!file_exists(file))
        file = path_join(a, root, "version");
    if (file_read(file, &text, &ignored) < 0)
        text.n = 0;
    struct str choice = arena_str(a, str_trim(buf_view(&text)));
    buf_free(&text);
    return choice;
}

/* What stands behind a shim of pyenv, to be spared a run of bash; anything not plain stays as it is. NULL
   when the version that is chosen has no such program: the shim would only say so, slowly. */
static char *behind_shim(struct arena *a, char *path) {
    char *dir = path_dir(a, path), *root = path_dir(a, dir);
    if (!str_is(path_base(str_of(dir)), "shims") || environment("PYENV_DIR"))
        return path;
    struct str choice = pyenv_choice(a, root);
    for (size_t i = 0; i < choice.n; i++)
        if (!char_alnum(choice.p[i]) && !strchr("._-", choice.p[i]))
            return path;
    char *bin = arena_fmt(a, "%s/versions/" STR_FMT "/bin", root, STR_ARG(choice));
    if (!choice.n || choice.p[0] == '.' || str_is(choice, "system") || !file_is_dir(bin))
        return path;
    char *real = path_join(a, bin, path_base(str_of(path)).p);
    return file_exists(real) ? real : NULL;
}

/* True when the interpreter at path is the one; otherwise *e and tried say why not. */
static bool try_path(struct search *s, const char *path, struct err *e) {
    char *program = proc_which(s->a, path), *real = program ? behind_shim(s->a, program) : NULL;
    if (!real) {
        err_fail(e, program ? "%s stands for a program that the chosen version lacks" : "%s is not a program",
                 path);
    } else if (python_ask(s->store, real, s->a, s->out, e) == 0) {
        struct wanted found;
        struct str version = s->out->version;
        if (take_version(&version, &found) && version_fits(&s->wanted, &found))
            return true;
        err_fail(e, "%s is Python " STR_FMT, real, STR_ARG(s->out->version));
    }
    buf_fmt(&s->tried, "\n    %s", e->text);
    return false;
}

static bool try_name(struct search *s, const char *name, struct err *e) {
    char *path = proc_which(s->a, name);
    if (path)
        return try_path(s, path, e);
    buf_fmt(&s->tried, "\n    %s is not on PATH", name);
    return false;
}

struct managed { /* an interpreter's folder below pyenv's or uv's */
    struct wanted version;
    char *path;
};

static int newest_first(const void *a, const void *b) {
    const struct managed *x = a, *y = b;
    for (int i = 0; i < 3; i++)
        if (x->version.numbers[i] != y->version.numbers[i])
            return x->version.numbers[i] < y->version.numbers[i] ? 1 : -1;
    return strcmp(x->path, y->path);
}

/* Tries the folders <dir>/<prefix>X.Y.Z[-...] that fit, the newest version first. */
static bool try_managed(struct search *s, const char *dir, struct str prefix, const char *program,
                        struct err *e) {
    VEC(struct managed) found = {0};
    DIR *d = dir ? opendir(dir) : NULL;
    for (struct dirent *x; d && (x = readdir(d));) {
        struct str name = str_of(x->d_name), rest = str_from(name, prefix.n);
        struct managed m;
        if (str_starts(name, prefix) && take_version(&rest, &m.version) && (!rest.n || rest.p[0] == '-') &&
            version_fits(&s->wanted, &m.version)) {
            m.path = arena_fmt(s->a, "%s/%s/%s", dir, x->d_name, program);
            vec_push(&found, m);
        }
    }
    if (d)
        closedir(d);
    bool ok = false;
    if (found.n)
        qsort(found.p, found.n, sizeof *found.p, newest_first);
    for (uint32_t i = 0; !ok && i < found.n; i++)
        ok = file_exists(found.p[i].path) && try_path(s, found.p[i].path, e);
    vec_free(&found);
    return ok;
}

static bool try_all_managed(struct search *s, struct err *e) {
    char *pyenv = folder(s->a, "PYENV_ROOT", "versions", ".pyenv/versions");
    char *uv = environment("UV_PYTHON_INSTALL_DIR")
                   ? folder(s->a, "UV_PYTHON_INSTALL_DIR", ".", "")
                   : folder(s->a, "XDG_DATA_HOME", "uv/python", ".local/share/uv/python");
    return try_managed(s, pyenv, STR(""), "bin/python", e) ||
           try_managed(s, uv, STR("cpython-"), "bin/python3", e);
}

static bool try_version(struct search *s, struct err *e) {
    const struct wanted *w = &s->wanted;
    const char *names[3] = {"python", arena_fmt(s->a, "python%d", (int)w->numbers[0]),
                            arena_fmt(s->a, "python%d.%d", (int)w->numbers[0], (int)w->numbers[1])};
    static const char *const folders[] = {"/usr/local/bin", "/usr/bin"};
    int first = w->parts > 1 ? 2 : 1;
    for (int i = first; i >= 0; i--)
        if (try_name(s, names[i], e))
            return true;
    if (try_all_managed(s, e))
        return true;
    for (int i = 0; i < 2; i++) {
        char *path = path_join(s->a, folders[i], names[first]);
        if (file_exists(path) && try_path(s, path, e))
            return true;
    }
    return false;
}

static bool try_default(struct search *s, struct err *e) {
    const char *venv = environment("VIRTUAL_ENV");
    return (venv && try_path(s, path_join(s->a, venv, "bin/python"), e)) || try_name(s, "python3", e) ||
           try_name(s, "python", e);
}

/* A path was named: it or nothing. A folder stands for the environment that it is. */
static bool try_named(struct search *s, const char *wanted, struct err *e) {
    char *path = path_absolute(s->a, wanted);
    return try_path(s, file_is_dir(path) ? path_join(s->a, path, "bin/python") : path, e);
}

int python_find(struct store *store, const char *wanted, struct arena *a, struct python *out, struct err *e) {
    struct search s = {.store = store, .a = a, .out = out};
    struct str rest = str_of(wanted);
    bool path = wanted && strchr(wanted, '/');
    bool found, version = wanted && take_version(&rest, &s.wanted) && !rest.n;
    if (!version)
        s.wanted.parts = 0;
    if (path)
        found = try_named(&s, wanted, e);
    else if (version)
        found = try_version(&s, e);
    else
        found = wanted ? try_name(&s, wanted, e) : try_default(&s, e);
    if (!found && !path)
        err_fail(e, "no Python%s%s was found; name one with --python PATH. Tried:%s", wanted ? " " : "",
                 wanted ? wanted : "", s.tried.p ? s.tried.p : "");
    buf_free(&s.tried);
    return found ? 0 : -1;
}
