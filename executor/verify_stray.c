#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "executor/verify_internal.h"

static int list_folder(struct verify *v, int at, const char *name, struct buf *path, struct err *e);

/* Bytecode comes and goes with use, .envgraph is the executor's own, and the last two are what virtualenv
   makes an environment with. */
static bool is_passed_over(const char *name) {
    static const char *const names[] = {
        ".", "..", "__pycache__", ".envgraph", "_virtualenv.py", "_virtualenv.pth"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

static bool is_folder(int at, const struct dirent *x) {
    struct stat st;
    if (x->d_type != DT_UNKNOWN)
        return x->d_type == DT_DIR;
    return fstatat(at, x->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int consider(struct verify *v, int at, const struct dirent *x, struct buf *path, struct err *e) {
    if (is_passed_over(x->d_name))
        return 0;
    size_t before = path->n;
    int result = 0;
    buf_fmt(path, "/%s", x->d_name);
    if (is_folder(at, x))
        result = list_folder(v, at, x->d_name, path, e);
    else if (map_find(&v->paths, buf_view(path)) == MAP_NONE)
        verify_say(v, STR_FMT ": foreign, no package of the lock has it",
                   STR_ARG(verify_shown(v, buf_view(path))));
    path->n = before;
    path->p[before] = 0;
    return result;
}

static int list_folder(struct verify *v, int at, const char *name, struct buf *path, struct err *e) {
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d) {
        int number = errno;
        if (fd >= 0)
            close(fd);
        errno = number;
        return number == ENOENT ? 0 : err_errno(e, "cannot read the folder %s", path->p);
    }
    int result = 0;
    for (struct dirent *x; result == 0 && (x = readdir(d));)
        result = consider(v, fd, x, path, e);
    closedir(d);
    return result;
}

int verify_stray(struct verify *v, struct err *e) {
    const char *const libs[] = {v->env->dirs[SCHEME_PURELIB], v->env->dirs[SCHEME_PLATLIB]};
    int result = 0;
    for (int i = 0; result == 0 && i < (v->one_lib ? 1 : 2); i++) {
        struct buf path = {0};
        buf_c(&path, libs[i]);
        result = list_folder(v, AT_FDCWD, libs[i], &path, e);
        buf_free(&path);
    }
    return result;
}
