/* executor_fake: temporary folders, a Python that is none, and wheels that were never zipped: for the unit
   tests of the executor. */
#ifndef TESTS_UNIT_EXECUTOR_FAKE_H
#define TESTS_UNIT_EXECUTOR_FAKE_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "executor/manifest.h"
#include "tests/unit/test.h"

static struct arena fake_arena; /* everything of a test program; nothing of it is large */
static struct err fake_err;

#define FAKE_OK(call)                                                                                        \
    do {                                                                                                     \
        if ((call) < 0) {                                                                                    \
            printf("%s:%d: %s: %s\n", __FILE__, __LINE__, #call, fake_err.text);                             \
            test_failed_now = true;                                                                          \
        }                                                                                                    \
    } while (0)
#define FAKE_ERROR(call, part)                                                                               \
    do {                                                                                                     \
        CHECK((call) < 0);                                                                                   \
        if (!strstr(fake_err.text, part)) {                                                                  \
            printf("%s:%d: \"%s\" lacks \"%s\"\n", __FILE__, __LINE__, fake_err.text, part);                 \
            test_failed_now = true;                                                                          \
        }                                                                                                    \
    } while (0)

/* A fresh folder; with links resolved, so that paths compare. */
static inline char *fake_dir(void) {
    const char *tmp = getenv("TMPDIR");
    char *dir = arena_fmt(&fake_arena, "%s/envgraph-test-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    if (!mkdtemp(dir)) {
        perror(dir);
        exit(1);
    }
    char *real = realpath(dir, NULL), *copy = arena_fmt(&fake_arena, "%s", real);
    free(real);
    return copy;
}

static inline char *fake_join(const char *dir, const char *name) {
    return path_join(&fake_arena, dir, name);
}

static inline void fake_remove(const char *dir) {
    FAKE_OK(file_remove_tree(AT_FDCWD, dir, &fake_err));
}

/* Writes a file and the folders above it. */
static inline char *fake_write(const char *dir, const char *name, const char *text) {
    char *path = fake_join(dir, name);
    FAKE_OK(file_mkdirs(path_dir(&fake_arena, path), &fake_err));
    FAKE_OK(file_write(path, str_of(text), 0644, &fake_err));
    return path;
}

/* Its bytes; "(missing)" if it is not there. */
static inline struct str fake_read(const char *dir, const char *name) {
    struct buf b = {0};
    struct err e;
    struct str s = STR("(missing)");
    if (file_read(fake_join(dir, name), &b, &e) == 0)
        s = arena_str(&fake_arena, buf_view(&b));
    buf_free(&b);
    return s;
}

static inline int fake_mode(const char *dir, const char *name) {
    struct stat st;
    return lstat(fake_join(dir, name), &st) < 0 ? -1 : (int)(st.st_mode & 07777);
}

static inline uint64_t fake_inode(const char *dir, const char *name) {
    struct stat st;
    return lstat(fake_join(dir, name), &st) < 0 ? 0 : st.st_ino;
}

static inline struct python fake_python(void) {
    return (struct python){
        .executable = STR("/opt/py/bin/python3"),
        .base_executable = STR("/opt/py/bin/python3"),
        .prefix = STR("/opt/py"),
        .base_prefix = STR("/opt/py"),
        .version = STR("3.11.7"),
        .major = 3,
        .minor = 11,
        .paths = {.stdlib = STR("/opt/py/lib/python3.11"),
                  .purelib = STR("/opt/py/lib/python3.11/site-packages"),
                  .platlib = STR("/opt/py/lib/python3.11/site-packages"),
                  .scripts = STR("/opt/py/bin"),
                  .data = STR("/opt/py"),
                  .include = STR("/opt/py/include/python3.11")},
        .venv_paths_lib = STR("lib/python3.11/site-packages"),
        .pointer_bits = 64,
    };
}

/* A wheel in the cache: its tree and its manifest. */
struct fake_wheel {
    struct manifest m; /* after fake_wheel_done */
    char *tree;
    VEC(struct manifest_dir) dirs;
    VEC(struct manifest_file) files;
    VEC(struct entry_point) points;
};

static inline void fake_wheel_begin(struct fake_wheel *w, const char *cache, const char *name) {
    *w = (struct fake_wheel){.tree = arena_fmt(&fake_arena, "%s/%s/tree", cache, name)};
    w->m.name = arena_str(&fake_arena, str_of(name));
    w->m.version = STR("1.0");
    w->m.dist_info = str_of(arena_fmt(&fake_arena, "%s-1.0.dist-info", name));
    w->m.purelib = true;
    FAKE_OK(file_mkdirs(w->tree, &fake_err));
}

/* The index of a folder, made with those above it if it is new; MAP_NONE for "". */
static inline uint32_t fake_wheel_dir(struct fake_wheel *w, enum scheme scheme, struct str path) {
    if (!path.n)
        return MAP_NONE;
    for (uint32_t i = 0; i < w->dirs.n; i++)
        if (w->dirs.p[i].scheme == scheme && str_eq(w->dirs.p[i].path, path))
            return i;
    ptrdiff_t slash = str_rfind(path, '/');
    fake_wheel_dir(w, scheme, str_head(path, slash < 0 ? 0 : (size_t)slash));
    vec_push(&w->dirs, (struct manifest_dir){scheme, arena_str(&fake_arena, path)});
    return w->dirs.n - 1;
}

static inline struct manifest_file *fake_wheel_file(struct fake_wheel *w, enum scheme scheme,
                                                    const char *path, const char *text) {
    static const char *const below[SCHEMES] = {"", "", "x.data/scripts/", "x.data/data/", "x.data/headers/"};
    char *source = arena_fmt(&fake_arena, "%s%s", below[scheme], path);
    char *written = fake_write(w->tree, source, text);
    struct stat st;
    uint8_t digest[SHA256_BYTES];
    struct buf hash = {0};
    if (stat(written, &st) < 0)
        exit(1);
    sha256(text, strlen(text), digest);
    buf_c(&hash, "sha256=");
    base64url(digest, sizeof digest, &hash);
    struct str s = str_of(arena_fmt(&fake_arena, "%s", path));
    ptrdiff_t slash = str_rfind(s, '/');
    vec_push(&w->files, (struct manifest_file){
                            .scheme = scheme,
                            .dir = fake_wheel_dir(w, scheme, str_head(s, slash < 0 ? 0 : (size_t)slash)),
                            .name = path_base(s),
                            .source = str_of(source),
                            .hash = arena_str(&fake_arena, buf_view(&hash)),
                            .size = (uint64_t)st.st_size,
                            .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
                            .python_script = scheme == SCHEME_SCRIPTS && !strncmp(text, "#!python", 8)});
    buf_free(&hash);
    return &w->files.p[w->files.n - 1];
}

static inline void fake_wheel_point(struct fake_wheel *w, const char *name, const char *module,
                                    const char *attribute) {
    vec_push(&w->points, (struct entry_point){str_of(name), str_of(module), str_of(attribute), false});
}

/* Gives the wheel its dist-info and ties up the manifest. */
static inline void fake_wheel_done(struct fake_wheel *w) {
    fake_wheel_file(w, SCHEME_PURELIB, arena_fmt(&fake_arena, STR_FMT "/METADATA", STR_ARG(w->m.dist_info)),
                    "Metadata-Version: 2.1\n");
    w->m.dirs = w->dirs.p, w->m.ndirs = w->dirs.n;
    w->m.files = w->files.p, w->m.nfiles = w->files.n;
    w->m.entry_points = w->points.p, w->m.nentry_points = w->points.n;
}

static inline void fake_wheel_free(struct fake_wheel *w) {
    vec_free(&w->dirs);
    vec_free(&w->files);
    vec_free(&w->points);
}

#endif
