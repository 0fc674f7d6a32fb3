#include "executor/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

static int open_lock(const struct environment *env, struct err *e) {
    struct arena a = {0};
    const char *dir = path_join(&a, env->root, ".envgraph"), *path = path_join(&a, dir, "lock");
    int failed = file_mkdirs(dir, e), fd = -1;
    if (!failed && (fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)) < 0)
        err_errno(e, "cannot open %s to keep other runs out", path);
    arena_free(&a);
    return fd;
}

/* EWOULDBLOCK aside, what flock says is that there is no locking here: then it is left out. */
static bool is_held(int fd) {
    return flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
}

int guard_enter(const struct environment *env, void (*waiting)(void *ctx), void *ctx, int *fd, bool *waited,
                struct err *e) {
    *waited = false;
    *fd = open_lock(env, e);
    if (*fd < 0)
        return -1;
    const struct timespec pause = {0, 20 * 1000 * 1000};
    for (int i = 0; i < 50; i++) {
        if (!is_held(*fd))
            return 0;
        *waited = true;
        nanosleep(&pause, NULL);
    }
    waiting(ctx);
    while (flock(*fd, LOCK_EX) && errno == EINTR)
        ;
    return 0;
}
