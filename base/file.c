#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int read_fd(int fd, struct buf *out) {
    for (;;) {
        buf_reserve(out, 64 * 1024);
        ssize_t got = read(fd, out->p + out->n, out->cap - out->n - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            out->p[out->n] = 0;
            return (int)got;
        }
        out->n += (size_t)got;
    }
}

int file_read(const char *path, struct buf *out, struct err *e) {
    bool standard = !strcmp(path, "-");
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, "cannot open %s", path);
    int got = read_fd(fd, out);
    if (got < 0)
        err_errno(e, "cannot read %s", standard ? "standard input" : path);
    if (!standard)
        close(fd);
    return got;
}

int file_map(const char *path, struct str *out, struct err *e) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, "cannot open %s", path);
    struct stat st;
    if (fstat(fd, &st) < 0) {
        close(fd);
        return err_errno(e, "cannot stat %s", path);
    }
    *out = (struct str){"", (size_t)st.st_size};
    if (st.st_size > 0) {
        void *p = mmap(NULL, out->n, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED) {
            close(fd);
            return err_errno(e, "cannot map %s", path);
        }
        out->p = p;
    }
    close(fd);
    return 0;
}

void file_unmap(struct str map) {
    if (map.n)
        munmap((void *)(uintptr_t)map.p, map.n);
}

int file_write_all(int fd, const void *p, size_t n) {
    for (const char *c = p; n;) {
        ssize_t put = write(fd, c, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        c += put;
        n -= (size_t)put;
    }
    return 0;
}

int file_write(const char *path, struct str data, mode_t mode, struct err *e) {
    struct arena a = {0};
    char *tmp = arena_fmt(&a, "%s.%ld.tmp", path, (long)getpid());
    int result = 0;
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST && unlink(tmp) == 0) /* left by a process of this number that was killed */
        fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        result = err_errno(e, "cannot write %s", path);
    } else if (file_write_all(fd, data.p, data.n) < 0 || close(fd) < 0 || rename(tmp, path) < 0) {
        result = err_errno(e, "cannot write %s", path);
        unlink(tmp);
    }
    arena_free(&a);
    return result;
}

int file_mkdirs(const char *path, struct err *e) {
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    if (errno == ENOENT) {
        struct arena a = {0};
        char *up = path_dir(&a, path);
        int made = strcmp(up, path) ? file_mkdirs(up, e) : err_errno(e, "cannot make the folder %s", path);
        arena_free(&a);
        if (made < 0)
            return -1;
        if (mkdir(path, 0777) == 0 || errno == EEXIST)
            return 0;
    }
    return err_errno(e, "cannot make the folder %s", path);
}

static int remove_children(int fd, const char *path, struct err *e) {
    DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return err_errno(e, "cannot read the folder %s", path);
    }
    int result = 0;
    for (struct dirent *x; result == 0 && (x = readdir(d));)
        if (strcmp(x->d_name, ".") && strcmp(x->d_name, ".."))
            result = file_remove_tree(dirfd(d), x->d_name, e);
    closedir(d);
    return result;
}

int file_remove_tree(int at, const char *path, struct err *e) {
    if (unlinkat(at, path, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return err_errno(e, "cannot remove %s", path);
    int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, "cannot remove %s", path);
    if (remove_children(fd, path, e) < 0)
        return -1;
    return unlinkat(at, path, AT_REMOVEDIR) == 0 ? 0 : err_errno(e, "cannot remove %s", path);
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool file_is_dir(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *path_join(struct arena *a, const char *dir, const char *name) {
    if (name[0] == '/' || !dir[0] || !strcmp(dir, "."))
        return arena_fmt(a, "%s", name);
    size_t n = strlen(dir);
    return arena_fmt(a, "%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

char *path_absolute(struct arena *a, const char *path) {
    struct buf out = {0};
    char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
    struct str whole = str_of(cwd ? arena_fmt(a, "%s/%s", cwd, path) : path), part;
    free(cwd);
    buf_c(&out, "");
    while (str_cut(&whole, '/', &part)) {
        if (!part.n || str_is(part, "."))
            continue;
        if (!str_is(part, "..")) {
            buf_char(&out, '/');
            buf_str(&out, part);
            continue;
        }
        ptrdiff_t up = str_rfind(buf_view(&out), '/');
        out.n = up < 0 ? 0 : (size_t)up;
    }
    if (!out.n)
        buf_char(&out, '/');
    char *result = (char *)(uintptr_t)arena_str(a, buf_view(&out)).p;
    buf_free(&out);
    return result;
}

char *path_dir(struct arena *a, const char *path) {
    struct str s = str_of(path);
    while (s.n > 1 && s.p[s.n - 1] == '/')
        s.n--;
    ptrdiff_t i = str_rfind(s, '/');
    if (i < 0)
        return arena_fmt(a, ".");
    return arena_fmt(a, STR_FMT, STR_ARG(str_head(s, i ? (size_t)i : 1)));
}

struct str path_base(struct str path) {
    return str_from(path, (size_t)(str_rfind(path, '/') + 1));
}

bool path_is_safe(struct str path) {
    if (!path.n || (path.n > 1 && char_alpha(path.p[0]) && path.p[1] == ':'))
        return false;
    for (size_t i = 0; i < path.n; i++)
        if ((unsigned char)path.p[i] < 0x20 || path.p[i] == 0x7f || path.p[i] == '\\')
            return false;
    struct str part;
    while (str_cut(&path, '/', &part))
        if (!part.n || str_is(part, ".") || str_is(part, ".."))
            return false;
    return true;
}
