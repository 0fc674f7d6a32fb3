#include "executor/environment.h"

#include "base/file.h"

static char *copy(struct arena *a, struct str s) {
    return arena_fmt(a, STR_FMT, STR_ARG(s));
}

/* The last component of sysconfig's include folder is the one a scheme puts below a prefix: "python3.11",
   "python3.7m". */
static char *include_name(struct arena *a, const struct python *p) {
    struct str name = path_base(p->paths.include);
    if (!name.n)
        return arena_fmt(a, "python%d.%d", p->major, p->minor);
    return arena_fmt(a, STR_FMT, STR_ARG(name));
}

/* Some distributions keep compiled modules in lib64 (sys.platlibdir). */
static char *platlib_below(struct arena *a, const char *root, const struct python *p) {
    struct str lib = p->venv_paths_lib;
    if (str_search(p->paths.platlib, STR("/lib64/python")) < 0 || !str_starts(lib, STR("lib/")))
        return path_join(a, root, copy(a, lib));
    return path_join(a, root, arena_fmt(a, "lib64" STR_FMT, STR_ARG(str_from(lib, 3))));
}

static char *site_headers(struct arena *a, const char *root, const struct python *p) {
    return path_join(a, root, arena_fmt(a, "include/site/python%d.%d", p->major, p->minor));
}

static void describe_venv(struct arena *a, const struct python *p, struct environment *out) {
    char *lib = path_join(a, out->root, copy(a, p->venv_paths_lib));
    out->dirs[SCHEME_PURELIB] = out->dirs[SCHEME_PLATLIB] = lib;
    out->dirs[SCHEME_SCRIPTS] = path_join(a, out->root, "bin");
    out->dirs[SCHEME_DATA] = out->root;
    out->dirs[SCHEME_HEADERS] = site_headers(a, out->root, p);
    out->interpreter = path_join(a, out->root, "bin/python");
}

/* A flat folder of modules, as pip's --target leaves it. */
static void describe_target(struct arena *a, struct environment *out) {
    out->dirs[SCHEME_PURELIB] = out->dirs[SCHEME_PLATLIB] = out->dirs[SCHEME_DATA] = out->root;
    out->dirs[SCHEME_SCRIPTS] = path_join(a, out->root, "bin");
    out->dirs[SCHEME_HEADERS] = path_join(a, out->root, "include/python");
}

/* sysconfig's posix_prefix, also where a distribution prefers another scheme for its own prefix. */
static void describe_prefix(struct arena *a, const struct python *p, struct environment *out) {
    out->dirs[SCHEME_PURELIB] = path_join(a, out->root, copy(a, p->venv_paths_lib));
    out->dirs[SCHEME_PLATLIB] = platlib_below(a, out->root, p);
    out->dirs[SCHEME_SCRIPTS] = path_join(a, out->root, "bin");
    out->dirs[SCHEME_DATA] = out->root;
    out->dirs[SCHEME_HEADERS] = path_join(a, out->root, arena_fmt(a, "include/%s", include_name(a, p)));
}

static void describe_system(struct arena *a, const struct python *p, struct environment *out) {
    out->root = copy(a, p->paths.data);
    out->dirs[SCHEME_PURELIB] = copy(a, p->paths.purelib);
    out->dirs[SCHEME_PLATLIB] = copy(a, p->paths.platlib);
    out->dirs[SCHEME_SCRIPTS] = copy(a, p->paths.scripts);
    out->dirs[SCHEME_DATA] = out->root;
    bool venv = !str_eq(p->prefix, p->base_prefix);
    out->dirs[SCHEME_HEADERS] = venv ? site_headers(a, out->root, p) : copy(a, p->paths.include);
}

/* A newline in a path would break the first line of every script, pyvenv.cfg and RECORD. */
static int check_root(const char *root, struct err *e) {
    for (const char *c = root; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return err_input(e,
                             "the environment's path has a control character in it; choose another folder");
    return 0;
}

int environment_describe(struct arena *a, enum environment_kind kind, const char *dir,
                         const struct python *python, struct environment *out, struct err *e) {
    *out = (struct environment){.kind = kind, .python = python};
    out->interpreter = copy(a, python->executable);
    if (kind == ENV_SYSTEM) {
        describe_system(a, python, out);
        return check_root(out->root, e);
    }
    if (!dir || !dir[0])
        return err_input(e, "the environment's folder has no name");
    out->root = path_absolute(a, dir);
    if (kind == ENV_VENV)
        describe_venv(a, python, out);
    else if (kind == ENV_TARGET)
        describe_target(a, out);
    else
        describe_prefix(a, python, out);
    return check_root(out->root, e);
}

bool environment_holds(const struct environment *env, struct str path) {
    struct str places[SCHEMES + 1] = {str_of(env->root)};
    for (int i = 0; i < SCHEMES; i++)
        places[i + 1] = str_of(env->dirs[i]);
    for (int i = 0; i <= SCHEMES; i++) {
        struct str place = places[i];
        if (str_is(place, "/") || (str_starts(path, place) && path.n > place.n && path.p[place.n] == '/'))
            return true;
    }
    return false;
}

struct str environment_record_path(struct arena *a, const struct environment *env, enum scheme lib,
                                   struct str path) {
    struct str from = str_of(env->dirs[lib]);
    if (!environment_holds(env, path))
        return arena_str(a, path);
    size_t common = 0; /* bytes of both that are the same whole components */
    for (size_t i = 0; i <= from.n && i <= path.n; i++) {
        bool from_ends = i == from.n || from.p[i] == '/', path_ends = i == path.n || path.p[i] == '/';
        if (from_ends && path_ends)
            common = i;
        if (i == from.n || i == path.n || from.p[i] != path.p[i])
            break;
    }
    struct buf out = {0};
    for (size_t i = common; i < from.n; i++)
        if (from.p[i] == '/')
            buf_c(&out, "../");
    buf_str(&out, str_from(path, common < path.n ? common + 1 : common));
    struct str result = arena_str(a, buf_view(&out));
    buf_free(&out);
    return result;
}
