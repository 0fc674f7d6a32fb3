#include "planner/output.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "planner/emit.h"

static bool is_regular(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int output_spare_inputs(const struct options *o, const struct roots *roots, struct err *e) {
    struct stat out, in;
    if (!o->output || stat(o->output, &out) < 0)
        return 0;
    for (uint32_t i = 0; i < roots->inputs.n; i++)
        if (stat(roots->inputs.p[i].path.p, &in) == 0 && in.st_ino == out.st_ino && in.st_dev == out.st_dev)
            return err_input(e, "-o %s would overwrite the requirement file that is read", o->output);
    return 0;
}

int output_read_old(const struct options *o, struct arena *a, struct lock *out, struct err *e) {
    const char *path = o->output;
    struct buf text = {0};
    if (!path || o->format != FORMAT_ENV_LOCK || !is_regular(path))
        return 0;
    int result = file_read(path, &text, e);
    if (result == 0 && text.n) {
        result = lock_read(a, arena_str(a, buf_view(&text)), path, out, e);
        if (result < 0)
            err_prefix(e, "-o %s would overwrite a file that is no env.lock; remove it first", path);
    }
    bool found = text.n > 0;
    buf_free(&text);
    return result < 0 ? -1 : found;
}

void output_settle_urls(const struct options *o, struct arena *a, struct lock *l) {
    const char *output = o->output;
    bool relative = o->format != FORMAT_REQUIREMENTS; /* pip knows no "name @ relative/path" */
    emit_relative(l, relative ? path_absolute(a, output ? path_dir(a, output) : ".") : NULL, a);
}

/* Whole or not at all, behind a link as well; but a device or a pipe is written to, not replaced. */
static int write_file(const char *path, struct str data, struct err *e) {
    char *real = realpath(path, NULL);
    struct stat st;
    int fd = -1, result = 0;
    if (is_regular(path) || lstat(path, &st) < 0)
        result = file_write(real ? real : path, data, 0666, e);
    else if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0 ||
             file_write_all(fd, data.p, data.n) < 0 || close(fd) < 0)
        result = err_errno(e, "cannot write %s", path);
    free(real);
    return result;
}

int output_write(const struct options *o, const struct lock *l, struct err *e) {
    struct buf out = {0};
    emit(l, o->format, &out);
    int result = 0;
    if (o->output)
        result = write_file(o->output, buf_view(&out), e);
    else if (file_write_all(STDOUT_FILENO, out.p, out.n) < 0)
        result = err_errno(e, "cannot write the lock to standard output");
    buf_free(&out);
    return result;
}
