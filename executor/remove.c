#include "executor/remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "executor/owned.h"

enum { PLACES = SCHEMES + 1 };

/* A package under removal. */
struct removal {
    const struct environment *env;
    const struct installed_package *p;
    bool (*spare)(void *ctx, struct str path);
    void *ctx;
    struct arena a;
    const char *lib;           /* its site-packages */
    char *dist_info;           /* absolute */
    struct str places[PLACES]; /* the root and the schemes' folders, links resolved */
    VEC(struct str) files;     /* absolute, normalized, NUL-terminated, by folder */
    struct map folders;        /* those of the files */
};

static void find_places(struct removal *r) {
    char real[PATH_MAX];
    for (int i = 0; i < PLACES; i++) {
        const char *place = i ? r->env->dirs[i - 1] : r->env->root;
        bool same = i && !strcmp(place, r->env->root); /* a venv's data, a target's modules */
        if (!same && realpath(place, real))
            r->places[i] = arena_str(&r->a, str_of(real));
    }
}

static bool is_place(const struct removal *r, struct str path) {
    for (int i = 0; i < PLACES; i++)
        if (r->places[i].n && str_eq(r->places[i], path))
            return true;
    return false;
}

/* The resolved folder is one of the environment's places or below one. */
static bool is_inside(const struct removal *r, struct str real) {
    for (int i = 0; i < PLACES; i++) {
        struct str place = r->places[i];
        if (place.n && str_starts(real, place) &&
            (real.n == place.n || real.p[place.n] == '/' || str_is(place, "/")))
            return true;
    }
    return false;
}

static struct str folder_of(struct str file) {
    ptrdiff_t slash = str_rfind(file, '/');
    return str_head(file, slash > 0 ? (size_t)slash : 1);
}

static int by_folder(const void *a, const void *b) {
    const struct str *x = a, *y = b;
    int c = str_cmp(folder_of(*x), folder_of(*y));
    return c ? c : str_cmp(*x, *y);
}

static void take(void *ctx, struct str path, const struct record_row *row) {
    (void)row;
    struct removal *r = ctx;
    if (str_eq(path, str_of(r->dist_info)) || (r->spare && r->spare(r->ctx, path)))
        return;
    vec_push(&r->files, arena_str(&r->a, path));
}

static int read_record(struct removal *r, struct err *e) {
    int result = owned_each(r->env, r->p, take, r, e);
    if (r->files.n)
        qsort(r->files.p, r->files.n, sizeof *r->files.p, by_folder);
    return result;
}

/* Bytecode */

/* "a.b.cpython-311.opt-1.pyc" is bytecode of a.b.py; empty if the name is no bytecode. */
static struct str module_of(struct str pyc) {
    if (!str_ends(pyc, STR(".pyc")))
        return STR("");
    struct str s = str_head(pyc, pyc.n - 4);
    ptrdiff_t dot = str_rfind(s, '.');
    if (dot >= 0 && str_starts(str_from(s, (size_t)dot), STR(".opt-")))
        s = str_head(s, (size_t)dot);
    dot = str_rfind(s, '.'); /* before the tag */
    return dot <= 0 ? STR("") : str_head(s, (size_t)dot);
}

/* Never fails: bytecode that stays is only dead weight. */
static void remove_bytecode(int dirfd, const struct map *modules) {
    int fd = openat(dirfd, "__pycache__", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return;
    }
    for (struct dirent *x; (x = readdir(d));) {
        struct str module = module_of(str_of(x->d_name));
        if (module.n && map_find(modules, module) != MAP_NONE)
            unlinkat(fd, x->d_name, 0);
    }
    closedir(d);
    unlinkat(dirfd, "__pycache__", AT_REMOVEDIR);
}

/* Folders */

static int remove_file(int dirfd, struct str file, struct err *e) {
    if (unlinkat(dirfd, path_base(file).p, 0) == 0 || errno == ENOENT || errno == EISDIR)
        return 0;
    return err_errno(e, "cannot remove " STR_FMT, STR_ARG(file));
}

static int remove_files(int dirfd, const struct str *files, uint32_t n, struct err *e) {
    struct map modules = {0};
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < n; i++) {
        struct str name = path_base(files[i]);
        result = remove_file(dirfd, files[i], e);
        if (str_ends(name, STR(".py")))
            map_id(&modules, str_head(name, name.n - 3));
    }
    if (modules.n)
        remove_bytecode(dirfd, &modules);
    map_free(&modules);
    return result;
}

/* Upwards while they are empty, up to but without the schemes' folders and those whose turn is to come. */
static void remove_empty(const struct removal *r, char *real) {
    while (!is_place(r, str_of(real)) && rmdir(real) == 0) {
        char *slash = strrchr(real, '/');
        if (!slash || slash == real)
            return;
        *slash = 0;
        if (map_find(&r->folders, str_of(real)) != MAP_NONE)
            return;
    }
}

/* A folder of the environment may be a link that leads out of it: what is behind it is not ours, whatever
   RECORD says. So the kernel is asked where the open folder is. */
static bool real_path(int fd, const char *path, char real[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, real, PATH_MAX);
    if (n <= 0 || n >= PATH_MAX)
        return realpath(path, real);
    real[n] = 0;
    return true;
}

static int clear_folder(struct removal *r, const struct str *files, uint32_t n, struct err *e) {
    char real[PATH_MAX];
    const char *folder = arena_fmt(&r->a, STR_FMT, STR_ARG(folder_of(files[0])));
    int dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
    if (dirfd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(e, "cannot open the folder %s", folder);
    bool ours = real_path(dirfd, folder, real) && is_inside(r, str_of(real));
    if (ours)
        result = remove_files(dirfd, files, n, e);
    close(dirfd);
    if (ours)
        remove_empty(r, real);
    return result;
}

static bool is_in_dist_info(const struct removal *r, struct str folder) {
    struct str dist_info = str_of(r->dist_info);
    return str_starts(folder, dist_info) && (folder.n == dist_info.n || folder.p[dist_info.n] == '/');
}

/* Subfolders stand behind the folder they are in, so backwards. */
static int clear_folders(struct removal *r, struct err *e) {
    for (uint32_t i = 0; i < r->files.n; i++)
        if (!i || !str_eq(folder_of(r->files.p[i]), folder_of(r->files.p[i - 1])))
            map_id(&r->folders, folder_of(r->files.p[i]));
    for (uint32_t end = r->files.n, start; end; end = start) {
        struct str folder = folder_of(r->files.p[end - 1]);
        for (start = end - 1; start && str_eq(folder_of(r->files.p[start - 1]), folder);)
            start--;
        if (!is_in_dist_info(r, folder) && clear_folder(r, &r->files.p[start], end - start, e) < 0)
            return -1;
    }
    return 0;
}

/* Without INSTALLER first: a dist-info without it counts as half-installed, should this be interrupted. */
static int remove_dist_info(struct removal *r, struct err *e) {
    unlink(path_join(&r->a, r->dist_info, "INSTALLER"));
    return file_remove_tree(AT_FDCWD, r->dist_info, e);
}

/* No INSTALLER, or our own in it, or nothing: a run was killed while it wrote it. */
static bool is_ours(struct removal *r) {
    struct buf text = {0};
    struct err ignored;
    char *path = path_join(&r->a, r->dist_info, "INSTALLER");
    bool ours = !file_exists(path);
    if (!ours && file_read(path, &text, &ignored) == 0) {
        struct str said = str_trim(buf_view(&text));
        ours = !said.n || str_is(said, "envgraph");
    }
    buf_free(&text);
    return ours;
}

static int refuse(const struct removal *r, const char *why, struct err *e) {
    return err_fail(e, STR_FMT " in %s %s; remove it with the tool that installed it, or delete %s",
                    STR_ARG(r->p->name), r->lib, why, r->dist_info);
}

static void begin(struct removal *r) {
    r->lib = r->env->dirs[r->p->scheme];
    r->dist_info = path_join(&r->a, r->lib, arena_fmt(&r->a, STR_FMT, STR_ARG(r->p->dist_info)));
}

static int check(struct removal *r, struct err *e) {
    if (r->p->egg_info)
        return refuse(r, "was installed without a list of its files (egg-info or egg-link)", e);
    return r->p->whole || is_ours(r) ? 0 : refuse(r, "has no RECORD, the list of its files", e);
}

int remove_check(const struct environment *env, const struct installed_package *p, struct err *e) {
    struct removal r = {.env = env, .p = p};
    begin(&r);
    int result = check(&r, e);
    arena_free(&r.a);
    return result;
}

int remove_package(const struct environment *env, const struct installed_package *p,
                   bool (*spare)(void *ctx, struct str path), void *ctx, struct err *e) {
    struct removal r = {.env = env, .p = p, .spare = spare, .ctx = ctx};
    begin(&r);
    find_places(&r);
    int result = check(&r, e);
    if (result == 0 && p->whole && (result = read_record(&r, e)) == 0)
        result = clear_folders(&r, e);
    if (result == 0)
        result = remove_dist_info(&r, e);
    vec_free(&r.files);
    map_free(&r.folders);
    arena_free(&r.a);
    return result;
}
