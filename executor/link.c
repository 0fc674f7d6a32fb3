#include "executor/link.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"

enum { TEMPORARY_NAME = 64 };
static const char temporary_start[] = ".envgraph-";

/* One package under way. */
struct package {
    struct linker *l;
    const struct manifest *m;
    const char *tree;
    int treefd;
    bool over; /* what is there is replaced */
};

/* A folder of the environment that is open while its files are linked. */
struct folder {
    int fd; /* -1: none */
    enum scheme scheme;
    uint32_t dir;
};

static bool terminate(char *to, size_t size, struct str s) {
    if (s.n >= size)
        return false;
    memcpy(to, s.p, s.n);
    to[s.n] = 0;
    return true;
}

static void temporary_name(struct linker *l, char out[TEMPORARY_NAME]) {
    uint32_t serial = __atomic_fetch_add(&l->serial, 1, __ATOMIC_RELAXED);
    snprintf(out, TEMPORARY_NAME, "%s%ld-%u", temporary_start, (long)getpid(), serial);
}

static struct str folder_path(const struct manifest *m, const struct manifest_file *f) {
    return f->dir == MAP_NONE ? STR("") : m->dirs[f->dir].path;
}

void link_path(const struct linker *l, const struct manifest *m, const struct manifest_file *f,
               struct buf *out) {
    struct str dir = folder_path(m, f);
    buf_fmt(out, "%s/" STR_FMT "%s" STR_FMT, l->env->dirs[f->scheme], STR_ARG(dir), dir.n ? "/" : "",
            STR_ARG(f->name));
}

/* err_errno about an installed path. */
static int fail_at(const struct package *k, const struct manifest_file *f, const char *what, struct err *e) {
    int number = errno;
    struct buf path = {0};
    link_path(k->l, k->m, f, &path);
    errno = number;
    err_errno(e, "%s %s", what, path.p);
    buf_free(&path);
    return -1;
}

/* Opening */

static int open_dir(const char *path, struct err *e) {
    if (file_mkdirs(path, e) < 0)
        return -1;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? err_errno(e, "cannot open the folder %s", path) : fd;
}

/* Made and opened by the first package that has something for it. */
static bool is_rare(int scheme) {
    return scheme == SCHEME_HEADERS || scheme == SCHEME_SCRIPTS;
}

int link_scheme_dir(struct linker *l, enum scheme scheme, struct err *e) {
    if (!is_rare(scheme))
        return l->dirs[scheme];
    pthread_mutex_lock(&l->lock);
    if (l->dirs[scheme] < 0)
        l->dirs[scheme] = open_dir(l->env->dirs[scheme], e);
    int fd = l->dirs[scheme];
    pthread_mutex_unlock(&l->lock);
    return fd;
}

static bool probe_reflink(int from_dir, const char *from, int dirfd, const char *name) {
    int in = openat(from_dir, from, O_RDONLY | O_CLOEXEC);
    int out = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool works = in >= 0 && out >= 0 && ioctl(out, FICLONE, in) == 0;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return works;
}

/* Not in a folder of packages: a run that fails before it links leaves those as they are, dates included. */
static bool probe(struct linker *l, int from_dir, const char *from, enum link_mode mode) {
    char name[TEMPORARY_NAME];
    struct arena a = {0};
    struct err ignored;
    temporary_name(l, name);
    int dirfd = open_dir(path_join(&a, l->env->root, ".envgraph"), &ignored);
    arena_free(&a);
    if (dirfd < 0)
        return false;
    bool works = mode == LINK_REFLINK ? probe_reflink(from_dir, from, dirfd, name)
                                      : linkat(from_dir, from, dirfd, name, 0) == 0;
    unlinkat(dirfd, name, 0);
    close(dirfd);
    return works;
}

/* With a file like those of the cache. A cache that cannot be written (shared, on a read-only mount) may
   belong to someone else, whose files the kernel does not let us link: those are copied. */
static enum link_mode find_mode(struct linker *l, int from_dir, const char *from, enum link_mode wanted) {
    if (wanted != LINK_HARDLINK && probe(l, from_dir, from, LINK_REFLINK))
        return LINK_REFLINK;
    if (wanted != LINK_REFLINK && probe(l, from_dir, from, LINK_HARDLINK))
        return LINK_HARDLINK;
    return LINK_COPY;
}

/* cache_dir itself may not be there before the first wheel. */
static int open_cache(const char *cache_dir) {
    int fd = open(cache_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    struct arena a = {0};
    fd = open(path_dir(&a, cache_dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    arena_free(&a);
    return fd;
}

static enum link_mode probe_modes(struct linker *l, const char *cache_dir, enum link_mode wanted) {
    enum link_mode found = LINK_COPY;
    int from_dir = open_cache(cache_dir);
    if (from_dir < 0)
        return found;
    char from[TEMPORARY_NAME];
    temporary_name(l, from);
    int fd = openat(from_dir, from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
        if (file_write_all(fd, "x", 1) == 0)
            found = find_mode(l, from_dir, from, wanted);
        close(fd);
        unlinkat(from_dir, from, 0);
    }
    close(from_dir);
    return found;
}

static int choose_mode(struct linker *l, enum link_mode mode, const char *cache_dir, struct err *e) {
    l->automatic = mode == LINK_AUTO;
    l->mode = mode;
    if (mode == LINK_COPY || mode == LINK_SYMLINK)
        return 0;
    l->mode = probe_modes(l, cache_dir, mode);
    if (mode == LINK_AUTO || l->mode == mode)
        return 0;
    return err_fail(e,
                    "--link-mode=%s does not work between the cache %s and %s; use --link-mode=copy, or keep "
                    "both on one file system that can do it",
                    mode == LINK_REFLINK ? "reflink" : "hardlink", cache_dir, l->env->dirs[SCHEME_PURELIB]);
}

/* Temporary files of a run that was killed; none is under way, or it would hold the environment's lock. */
static void sweep(int dirfd) {
    int fd = dirfd < 0 ? -1 : openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *x; d && (x = readdir(d));)
        if (!strncmp(x->d_name, temporary_start, strlen(temporary_start)))
            unlinkat(fd, x->d_name, 0);
    if (d)
        closedir(d);
    else if (fd >= 0)
        close(fd);
}

static void sweep_all(const struct linker *l) {
    int bin = open(l->env->dirs[SCHEME_SCRIPTS], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sweep(bin);
    sweep(l->dirs[SCHEME_PURELIB]);
    if (bin >= 0)
        close(bin);
}

int link_open(struct linker *l, const struct environment *env, enum link_mode mode, const char *cache_dir,
              struct err *e) {
    *l = (struct linker){.env = env};
    pthread_mutex_init(&l->lock, NULL);
    for (int i = 0; i < SCHEMES; i++)
        l->dirs[i] = -1;
    for (int i = 0; i < SCHEMES; i++)
        if (!is_rare(i) && (l->dirs[i] = open_dir(env->dirs[i], e)) < 0)
            goto fail;
    sweep_all(l);
    if (choose_mode(l, mode, cache_dir, e) == 0)
        return 0;
fail:
    link_close(l);
    return -1;
}

void link_close(struct linker *l) {
    for (int i = 0; i < SCHEMES; i++)
        if (l->dirs[i] >= 0)
            close(l->dirs[i]);
    map_free(&l->contested);
    pthread_mutex_destroy(&l->lock);
}

/* One file */

int link_check(const struct manifest_file *f, const struct stat *st, const char *tree, struct err *e) {
    int64_t mtime = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    if (S_ISREG(st->st_mode) && (uint64_t)st->st_size == f->size && mtime == f->mtime_ns)
        return 0;
    struct str entry = str_of(tree);
    ptrdiff_t slash = str_rfind(entry, '/');
    return err_fail(e,
                    "%s/" STR_FMT " in the cache is not as it was unpacked: it was changed, perhaps through "
                    "an environment that shares the file; delete " STR_FMT " and run again",
                    tree, STR_ARG(f->source), STR_ARG(str_head(entry, slash > 0 ? (size_t)slash : entry.n)));
}

/* Whether copying may help where linking failed. */
static bool linking_is_refused(int number) {
    return number == EXDEV || number == EPERM || number == EACCES || number == EOPNOTSUPP ||
           number == EINVAL || number == ENOTTY || number == ENOSYS;
}

static int copy_range(int in, int out, uint64_t *left) {
    while (*left) {
        ssize_t got = copy_file_range(in, NULL, out, NULL, *left, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        *left -= (uint64_t)got;
    }
    return 0;
}

static int copy_bytes(int in, int out, uint64_t left) {
    if (copy_range(in, out, &left) < 0 && !linking_is_refused(errno))
        return -1;
    while (left) { /* not every pair of file systems has copy_file_range */
        ssize_t got = sendfile(out, in, NULL, left);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0) {
            errno = EIO; /* shorter than fstat said */
            return -1;
        }
        left -= (uint64_t)got;
    }
    return 0;
}

static int fill(const struct linker *l, int in, const struct stat *st, int out, bool reflink) {
    bool cloned = reflink && ioctl(out, FICLONE, in) == 0;
    if (!cloned && reflink && !(l->automatic && linking_is_refused(errno)))
        return -1;
    if (!cloned && copy_bytes(in, out, (uint64_t)st->st_size) < 0)
        return -1;
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, st->st_mtim};
    return fchmod(out, st->st_mode & 0777) < 0 || futimens(out, times) < 0 ? -1 : 0;
}

/* 0, 1 if the name is taken, -1. */
static int place_copy(const struct package *k, const struct manifest_file *f, const char *source, int dirfd,
                      const char *name, bool reflink, struct err *e) {
    struct stat st;
    int result = -1, out = -1;
    int in = openat(k->treefd, source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (in < 0 || fstat(in, &st) < 0) {
        err_errno(e, "cannot read %s/%s in the cache", k->tree, source);
    } else if (link_check(f, &st, k->tree, e) == 0) {
        out = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (out < 0 && errno == EEXIST)
            result = 1;
        else if (out < 0 || fill(k->l, in, &st, out, reflink) < 0)
            fail_at(k, f, "cannot write", e);
        else
            result = 0;
    }
    if (out >= 0 && close(out) < 0 && result == 0)
        result = fail_at(k, f, "cannot write", e);
    if (out >= 0 && result < 0)
        unlinkat(dirfd, name, 0);
    if (in >= 0)
        close(in);
    return result;
}

static int check_source(const struct package *k, const struct manifest_file *f, const char *source,
                        struct err *e) {
    struct stat st;
    if (fstatat(k->treefd, source, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return err_errno(e, "cannot read %s/%s in the cache", k->tree, source);
    return link_check(f, &st, k->tree, e);
}

static int place_hardlink(const struct package *k, const struct manifest_file *f, const char *source,
                          int dirfd, const char *name, struct err *e) {
    if (k->l->check && check_source(k, f, source, e) < 0)
        return -1;
    if (linkat(k->treefd, source, dirfd, name, 0) == 0)
        return 0;
    if (errno == EEXIST)
        return 1;
    if (errno == EMLINK || (k->l->automatic && linking_is_refused(errno)))
        return place_copy(k, f, source, dirfd, name, false, e);
    return fail_at(k, f, "cannot link", e);
}

static int place_symlink(const struct package *k, const struct manifest_file *f, const char *source,
                         int dirfd, const char *name, struct err *e) {
    char target[PATH_MAX];
    if ((size_t)snprintf(target, sizeof target, "%s/%s", k->tree, source) >= sizeof target)
        errno = ENAMETOOLONG;
    else if (symlinkat(target, dirfd, name) == 0)
        return 0;
    return errno == EEXIST ? 1 : fail_at(k, f, "cannot link", e);
}

static int place(const struct package *k, const struct manifest_file *f, int dirfd, const char *name,
                 struct err *e) {
    char source[PATH_MAX];
    if (!terminate(source, sizeof source, f->source)) {
        errno = ENAMETOOLONG;
        return fail_at(k, f, "cannot link", e);
    }
    if (k->l->mode == LINK_HARDLINK)
        return place_hardlink(k, f, source, dirfd, name, e);
    if (k->l->mode == LINK_SYMLINK)
        return place_symlink(k, f, source, dirfd, name, e);
    return place_copy(k, f, source, dirfd, name, k->l->mode == LINK_REFLINK, e);
}

/* A package */

static bool is_wrapper_of(struct str file, struct str entry_point) {
    static const char *const endings[] = {"", ".exe", "-script.py", ".pya"};
    if (!str_starts(file, entry_point))
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_ieq(str_from(file, entry_point.n), str_of(endings[i])))
            return true;
    return false;
}

bool link_skips(const struct manifest *m, const struct manifest_file *f) {
    for (uint32_t i = 0; f->scheme == SCHEME_SCRIPTS && i < m->nentry_points; i++)
        if (is_wrapper_of(f->name, m->entry_points[i].name))
            return true;
    return false;
}

bool link_links(const struct manifest *m, const struct manifest_file *f) {
    return !f->python_script && !link_skips(m, f);
}

static int make_dir(const struct package *k, const struct manifest_dir *d, struct err *e) {
    char path[PATH_MAX];
    int at = link_scheme_dir(k->l, d->scheme, e);
    if (at < 0)
        return -1;
    if (!terminate(path, sizeof path, d->path))
        errno = ENAMETOOLONG;
    else if (mkdirat(at, path, 0777) == 0 || errno == EEXIST)
        return 0;
    return err_errno(e, "cannot make the folder %s/" STR_FMT, k->l->env->dirs[d->scheme], STR_ARG(d->path));
}

static void folder_close(struct folder *o) {
    if (o->fd >= 0)
        close(o->fd);
    o->fd = -1;
}

/* The file's folder, open; the one before is closed. The scheme's own folder needs no opening. */
static int folder_open(const struct package *k, const struct manifest_file *f, struct folder *o,
                       struct err *e) {
    int at = link_scheme_dir(k->l, f->scheme, e);
    if (at < 0 || f->dir == MAP_NONE)
        return at;
    if (o->fd >= 0 && o->dir == f->dir)
        return o->fd;
    folder_close(o);
    char path[PATH_MAX];
    if (terminate(path, sizeof path, k->m->dirs[f->dir].path)) {
        o->fd = openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        o->dir = f->dir;
    } else {
        errno = ENAMETOOLONG;
    }
    if (o->fd >= 0)
        return o->fd;
    if (errno == ENOTDIR)
        return err_fail(e, STR_FMT " needs the folder %s/%s, but a file is there; remove it",
                        STR_ARG(k->m->name), k->l->env->dirs[f->scheme], path);
    return err_errno(e, "cannot open the folder %s/" STR_FMT, k->l->env->dirs[f->scheme],
                     STR_ARG(k->m->dirs[f->dir].path));
}

static int link_file(const struct package *k, const struct manifest_file *f, struct folder *o,
                     struct err *e) {
    char name[NAME_MAX + 1];
    int dirfd = folder_open(k, f, o, e);
    if (dirfd < 0)
        return -1;
    if (!terminate(name, sizeof name, f->name)) {
        errno = ENAMETOOLONG;
        return fail_at(k, f, "cannot link", e);
    }
    return place(k, f, dirfd, name, e);
}

static void collide(const struct package *k, const struct manifest_file *f) {
    struct buf path = {0};
    link_path(k->l, k->m, f, &path);
    link_contest(k->l, buf_view(&path));
    buf_free(&path);
}

/* Folders are made when the pass reaches them, so that a folder is fresh in the caches while it fills. */
static int link_files(const struct package *k, struct err *e) {
    const struct manifest *m = k->m;
    struct folder open = {.fd = -1};
    uint32_t made = 0;
    int result = 0;
    for (uint32_t i = 0; result >= 0 && i < m->nfiles; i++) {
        const struct manifest_file *f = &m->files[i];
        for (; result >= 0 && f->dir != MAP_NONE && made <= f->dir; made++)
            result = make_dir(k, &m->dirs[made], e);
        if (result < 0 || !link_links(m, f))
            continue;
        result = link_file(k, f, &open, e);
        if (result > 0 && k->over)
            result = link_replace(k->l, m, k->tree, i, e);
        else if (result > 0)
            collide(k, f);
    }
    for (; result >= 0 && made < m->ndirs; made++)
        result = make_dir(k, &m->dirs[made], e);
    folder_close(&open);
    return result < 0 ? -1 : 0;
}

static int package_open(struct package *k, struct linker *l, const struct manifest *m, const char *tree,
                        struct err *e) {
    *k = (struct package){l, m, tree, open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC), false};
    return k->treefd < 0 ? err_errno(e, "cannot open %s in the cache", tree) : 0;
}

static int link_all(struct linker *l, const struct manifest *m, const char *tree, bool over, struct err *e) {
    struct package k;
    if (package_open(&k, l, m, tree, e) < 0)
        return -1;
    k.over = over;
    int result = link_files(&k, e);
    close(k.treefd);
    return result;
}

int link_package(struct linker *l, const struct manifest *m, const char *tree, struct err *e) {
    return link_all(l, m, tree, false, e);
}

int link_over(struct linker *l, const struct manifest *m, const char *tree, struct err *e) {
    return link_all(l, m, tree, true, e);
}

/* Contested paths */

void link_contest(struct linker *l, struct str path) {
    pthread_mutex_lock(&l->lock);
    map_id(&l->contested, path);
    pthread_mutex_unlock(&l->lock);
}

/* An empty folder in a file's place holds nothing that could be lost. */
static int move_over(int dirfd, const char *temporary, const char *name) {
    if (renameat(dirfd, temporary, dirfd, name) == 0)
        return 0;
    if (errno != EISDIR)
        return -1;
    if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
        return renameat(dirfd, temporary, dirfd, name);
    errno = EISDIR;
    return -1;
}

int link_replace(struct linker *l, const struct manifest *m, const char *tree, uint32_t file, struct err *e) {
    struct package k;
    if (package_open(&k, l, m, tree, e) < 0)
        return -1;
    const struct manifest_file *f = &m->files[file];
    struct folder open = {.fd = -1};
    char temporary[TEMPORARY_NAME], name[NAME_MAX + 1];
    int dirfd = folder_open(&k, f, &open, e), result = -1;
    temporary_name(l, temporary);
    if (dirfd >= 0 && terminate(name, sizeof name, f->name) &&
        (result = place(&k, f, dirfd, temporary, e)) >= 0) {
        if (result > 0 || move_over(dirfd, temporary, name) < 0)
            result = fail_at(
                &k, f, errno == EISDIR ? "a folder is in the place of a file; remove it:" : "cannot replace",
                e);
        unlinkat(dirfd, temporary, 0); /* renaming a link to itself leaves both names */
    }
    folder_close(&open);
    close(k.treefd);
    return result;
}

/* Files of the environment's own */

static int write_new(int dirfd, const char *name, struct str bytes, mode_t mode) {
    int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    int result = file_write_all(fd, bytes.p, bytes.n);
    int number = errno;
    if (close(fd) < 0 && result == 0) {
        number = errno;
        result = -1;
    }
    if (result < 0)
        unlinkat(dirfd, name, 0);
    errno = number;
    return result;
}

int link_write(struct linker *l, int dirfd, const char *name, struct str bytes, mode_t mode, bool replace,
               const char *shown, struct err *e) {
    if (!replace && write_new(dirfd, name, bytes, mode) == 0)
        return 0;
    if (!replace && errno != EEXIST)
        return err_errno(e, "cannot write %s", shown);
    if (!replace)
        link_contest(l, str_of(shown));
    char temporary[TEMPORARY_NAME];
    temporary_name(l, temporary);
    if (write_new(dirfd, temporary, bytes, mode) < 0)
        return err_errno(e, "cannot write %s", shown);
    if (renameat(dirfd, temporary, dirfd, name) == 0)
        return 0;
    err_errno(e, "cannot write %s", shown);
    unlinkat(dirfd, temporary, 0);
    return -1;
}
