#include "executor/venv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

/* A venv being made. */
struct making {
    const struct environment *env;
    const struct python *python;
    struct arena a;
    char *base;              /* the interpreter it is made from */
    struct str exe;          /* its name, that of the venv's first link */
    bool quoted;             /* this venv module quotes what it puts into the activation scripts */
    bool prompt_parentheses; /* it puts them around the prompt */
};

static bool at_least(const struct python *p, int minor) {
    return p->major > 3 || (p->major == 3 && p->minor >= minor);
}

static char *cfg_path(struct arena *a, const struct environment *env) {
    return path_join(a, env->root, "pyvenv.cfg");
}

bool venv_exists(const struct environment *env) {
    struct arena a = {0};
    bool exists = file_exists(cfg_path(&a, env));
    arena_free(&a);
    return exists;
}

/* What is there already */

/* The value of "version" (venv) or "version_info" (virtualenv, uv), or empty. */
static struct str cfg_version(struct str cfg) {
    struct str line, key;
    while (str_cut(&cfg, '\n', &line)) {
        if (!str_cut(&line, '=', &key) || !line.p)
            continue;
        key = str_trim(key);
        if (str_ieq(key, STR("version")) || str_ieq(key, STR("version_info")))
            return str_trim(line);
    }
    return STR("");
}

static bool same_minor(const struct python *p, struct str version) {
    struct str major, minor;
    uint64_t x, y;
    return str_cut(&version, '.', &major) && str_cut(&version, '.', &minor) && str_u64(major, &x) &&
           str_u64(minor, &y) && x == (uint64_t)p->major && y == (uint64_t)p->minor;
}

static int check_version(struct making *k, struct err *e) {
    struct buf cfg = {0};
    int result = file_read(cfg_path(&k->a, k->env), &cfg, e);
    struct str version = cfg_version(buf_view(&cfg));
    if (result == 0 && version.n && !same_minor(k->python, version))
        result = err_fail(e,
                          "%s is a virtual environment for Python " STR_FMT ", not " STR_FMT
                          "; delete it, or name another with --venv",
                          k->env->root, STR_ARG(str_head(version, 40)), STR_ARG(k->python->version));
    buf_free(&cfg);
    return result;
}

/* *whole: nothing is left to do. The interpreter's link is made last, so a venv that has one is whole. */
static int check_existing(struct making *k, bool *whole, struct err *e) {
    struct stat st;
    if (check_version(k, e) < 0)
        return -1;
    *whole = access(k->env->interpreter, X_OK) == 0;
    if (!*whole && lstat(k->env->interpreter, &st) == 0)
        return err_fail(e, "%s leads to a Python that is no longer there; delete %s and run again",
                        k->env->interpreter, k->env->root);
    return 0;
}

/* Nothing but what a run of execute puts there before the venv. */
static bool is_empty(DIR *d) {
    for (struct dirent *x; (x = readdir(d));)
        if (strcmp(x->d_name, ".") && strcmp(x->d_name, "..") && strcmp(x->d_name, ".envgraph"))
            return false;
    return true;
}

static int check_empty(const char *root, struct err *e) {
    DIR *d = opendir(root);
    if (!d && errno == ENOENT)
        return 0;
    if (!d)
        return err_errno(e, "cannot make the virtual environment %s", root);
    bool empty = is_empty(d);
    closedir(d);
    return empty ? 0
                 : err_fail(e,
                            "%s is not empty and no virtual environment; delete it, or name another with "
                            "--venv (or use --target for a plain folder of modules)",
                            root);
}

/* Folders, pyvenv.cfg */

static int write_missing(const char *path, struct str text, mode_t mode, struct err *e) {
    return file_exists(path) ? 0 : file_write(path, text, mode, e);
}

static int link_missing(const char *target, const char *path, struct err *e) {
    if (symlink(target, path) == 0 || errno == EEXIST)
        return 0;
    return err_errno(e, "cannot make the link %s", path);
}

/* "lib/python3.13t/site-packages" -> "python3.13t". */
static struct str lib_name(const struct python *p) {
    struct str rest = p->venv_paths_lib, name = STR("");
    str_cut(&rest, '/', &name);
    str_cut(&rest, '/', &name);
    return name;
}

static int make_folders(struct making *k, struct err *e) {
    const struct environment *env = k->env;
    char *include = path_join(&k->a, env->root, "include");
    if (at_least(k->python, 11)) /* since sysconfig's scheme "venv" */
        include = path_join(&k->a, include, arena_fmt(&k->a, STR_FMT, STR_ARG(lib_name(k->python))));
    if (file_mkdirs(include, e) < 0 || file_mkdirs(env->dirs[SCHEME_PURELIB], e) < 0 ||
        file_mkdirs(env->dirs[SCHEME_SCRIPTS], e) < 0)
        return -1;
    return k->python->pointer_bits == 64 ? link_missing("lib", path_join(&k->a, env->root, "lib64"), e) : 0;
}

/* "3.13.0" of "3.13.0rc2". */
static struct str release(struct str version) {
    size_t n = 0;
    while (n < version.n && (char_digit(version.p[n]) || version.p[n] == '.'))
        n++;
    return str_head(version, n);
}

static int write_cfg(struct making *k, struct err *e) {
    struct buf cfg = {0};
    char *executable = arena_fmt(&k->a, STR_FMT, STR_ARG(k->python->executable));
    buf_fmt(&cfg, "home = %s\ninclude-system-site-packages = false\nversion = " STR_FMT "\n",
            path_dir(&k->a, k->base), STR_ARG(release(k->python->version)));
    if (at_least(k->python, 11)) {
        char real[PATH_MAX];
        buf_fmt(&cfg, "executable = %s\n", realpath(executable, real) ? real : executable);
        buf_fmt(&cfg, "command = %s -m venv --without-pip %s\n", executable, k->env->root);
    }
    int result = write_missing(cfg_path(&k->a, k->env), buf_view(&cfg), 0666, e);
    buf_free(&cfg);
    return result;
}

static int write_gitignore(struct making *k, struct err *e) {
    struct str text = STR("# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n");
    if (!at_least(k->python, 13))
        return 0;
    return write_missing(path_join(&k->a, k->env->root, ".gitignore"), text, 0666, e);
}

/* Activation scripts */

/* As shlex.quote. */
static void quote_sh(struct str s, struct buf *out) {
    size_t i = 0;
    while (i < s.n && (char_alnum(s.p[i]) || strchr("_@%+=:,./-", s.p[i])))
        i++;
    if (s.n && i == s.n) {
        buf_str(out, s);
        return;
    }
    buf_char(out, '\'');
    for (i = 0; i < s.n; i++)
        s.p[i] == '\'' ? buf_c(out, "'\"'\"'") : buf_char(out, s.p[i]);
    buf_char(out, '\'');
}

static void quote_ps1(struct str s, struct buf *out) {
    buf_char(out, '\'');
    for (size_t i = 0; i < s.n; i++)
        s.p[i] == '\'' ? buf_c(out, "''") : buf_char(out, s.p[i]);
    buf_char(out, '\'');
}

static void replace_all(struct buf *text, struct str from, struct str to) {
    struct buf out = {0};
    struct str rest = buf_view(text);
    for (ptrdiff_t i; (i = str_search(rest, from)) >= 0; rest = str_from(rest, (size_t)i + from.n)) {
        buf_str(&out, str_head(rest, (size_t)i));
        buf_str(&out, to);
    }
    buf_str(&out, rest);
    buf_free(text);
    *text = out;
}

static void fill_in(struct making *k, const char *script, struct buf *text) {
    struct str name = path_base(str_of(k->env->root));
    char *prompt = arena_fmt(&k->a, k->prompt_parentheses ? "(" STR_FMT ") " : STR_FMT, STR_ARG(name));
    char *exe = arena_fmt(&k->a, "%s/" STR_FMT, k->env->dirs[SCHEME_SCRIPTS], STR_ARG(k->exe));
    const struct {
        const char *key;
        struct str value;
    } variables[] = {
        {"__VENV_DIR__", str_of(k->env->root)}, {"__VENV_NAME__", name},
        {"__VENV_PROMPT__", str_of(prompt)},    {"__VENV_BIN_NAME__", STR("bin")},
        {"__VENV_PYTHON__", str_of(exe)},
    };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        struct buf value = {0};
        if (!k->quoted)
            buf_str(&value, variables[i].value);
        else
            (str_ends(str_of(script), STR(".ps1")) ? quote_ps1 : quote_sh)(variables[i].value, &value);
        replace_all(text, str_of(variables[i].key), buf_view(&value));
        buf_free(&value);
    }
}

static int write_script(struct making *k, const char *source, const char *name, mode_t mode, struct err *e) {
    struct buf text = {0};
    char *path = path_join(&k->a, k->env->dirs[SCHEME_SCRIPTS], name);
    int result = file_read(source, &text, e);
    if (result == 0) {
        fill_in(k, name, &text);
        result = file_write(path, buf_view(&text), mode, e);
    }
    if (result == 0 && chmod(path, mode) < 0) /* the source's mode, whatever the umask */
        result = err_errno(e, "cannot set the mode of %s", path);
    buf_free(&text);
    return result;
}

static int write_scripts_of(struct making *k, const char *dir, struct err *e) {
    DIR *d = opendir(dir);
    int result = 0;
    if (!d) /* distributions leave parts of the library out: then there is nothing to activate */
        return errno == ENOENT ? 0 : err_errno(e, "cannot read the folder %s", dir);
    for (struct dirent *x; result == 0 && (x = readdir(d));) {
        struct stat st;
        if (fstatat(dirfd(d), x->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
            result = write_script(k, path_join(&k->a, dir, x->d_name), x->d_name, st.st_mode & 07777, e);
    }
    closedir(d);
    return result;
}

/* Quoting came with security fixes of several releases, and distributions carried it back, so the module's
   own text tells better than a version. */
static void read_habits(struct making *k, const char *module) {
    struct buf text = {0};
    struct err ignored;
    char *path = path_join(&k->a, module, "__init__.py");
    if (file_read(path, &text, &ignored) == 0) {
        k->quoted = str_search(buf_view(&text), STR("quote_ps1")) >= 0;
        k->prompt_parentheses = str_search(buf_view(&text), STR("'(%s) ' % prompt")) >= 0;
    }
    buf_free(&text);
}

static int write_scripts(struct making *k, struct err *e) {
    char *stdlib = arena_fmt(&k->a, STR_FMT, STR_ARG(k->python->paths.stdlib));
    char *module = path_join(&k->a, stdlib, "venv");
    read_habits(k, module);
    if (write_scripts_of(k, path_join(&k->a, module, "scripts/common"), e) < 0)
        return -1;
    return write_scripts_of(k, path_join(&k->a, module, "scripts/posix"), e);
}

/* Interpreter */

static int link_beside(struct making *k, const char *name, struct err *e) {
    char *exe = arena_fmt(&k->a, STR_FMT, STR_ARG(k->exe));
    if (!strcmp(exe, name))
        return 0;
    return link_missing(exe, path_join(&k->a, k->env->dirs[SCHEME_SCRIPTS], name), e);
}

static int link_interpreter(struct making *k, struct err *e) {
    const struct python *p = k->python;
    char *exe = arena_fmt(&k->a, STR_FMT, STR_ARG(k->exe));
    char *minor = arena_fmt(&k->a, "python%d.%d", p->major, p->minor);
    if (strcmp(exe, "python") &&
        link_missing(k->base, path_join(&k->a, k->env->dirs[SCHEME_SCRIPTS], exe), e) < 0)
        return -1;
    if (link_beside(k, "python3", e) < 0 || (at_least(p, 9) && link_beside(k, minor, e) < 0))
        return -1;
    if (p->major == 3 && p->minor == 14 && link_beside(k, "\xf0\x9d\x9c\x8bthon", e) < 0)
        return -1; /* the pi of 3.14, which its own venv makes too */
    return link_missing(strcmp(exe, "python") ? exe : k->base, k->env->interpreter, e);
}

static int make(struct making *k, struct err *e) {
    if (file_mkdirs(k->env->root, e) < 0 || write_cfg(k, e) < 0 || make_folders(k, e) < 0 ||
        write_gitignore(k, e) < 0 || write_scripts(k, e) < 0)
        return -1;
    return link_interpreter(k, e);
}

static int create(struct making *k, struct err *e) {
    bool whole = false;
    if (strchr(k->env->root, ':'))
        return err_input(e,
                         "a virtual environment cannot be in %s: ':' separates the folders of PATH; name "
                         "another with --venv",
                         k->env->root);
    int result = venv_exists(k->env) ? check_existing(k, &whole, e) : check_empty(k->env->root, e);
    return result < 0 || whole ? result : make(k, e);
}

int venv_create(const struct environment *env, struct err *e) {
    struct making k = {.env = env, .python = env->python, .prompt_parentheses = !at_least(env->python, 13)};
    struct str base = env->python->base_executable.n ? env->python->base_executable : env->python->executable;
    k.base = path_absolute(&k.a, arena_fmt(&k.a, STR_FMT, STR_ARG(base)));
    k.exe = path_base(str_of(k.base));
    int result = create(&k, e);
    arena_free(&k.a);
    return result;
}
