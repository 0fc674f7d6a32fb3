#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"

enum {
    OUTPUT_MAX = 64 << 20, /* bytes kept of each stream: what a runaway child says beyond is dropped */
    LOOK_MS = 100,         /* how often to see whether a child is gone whose own children hold its pipes */
    TIMED_OUT = 124
};

extern char **environ;

struct child {
    pid_t pid;
    int pipes[2];     /* reading ends of its standard output and error; -1: at their end */
    bool gone;        /* waited for */
    int status;       /* then: as waitpid said */
    int64_t deadline; /* in ms of the monotonic clock; 0: none */
    bool out_of_time;
};

int64_t proc_now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A file, not a pipe: the child can read it at leisure, and nobody has to feed it or gets SIGPIPE. */
static int open_input(struct str input) {
    if (!input.n)
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd >= 0 && (file_write_all(fd, input.p, input.n) < 0 || lseek(fd, 0, SEEK_SET) < 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The process group is so that it can be killed with its children. Signals that nohup ignores stay so;
   those that a program like ours ignores for its own sake do not. */
int proc_spawn(pid_t *pid, const char *const *argv, const char *const *environment, const int fds[3]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, ours;
    sigemptyset(&none);
    sigemptyset(&ours);
    sigaddset(&ours, SIGPIPE);
    sigaddset(&ours, SIGCHLD);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, fds[i], i);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &ours);
    int error = posix_spawnp(pid, argv[0], &actions, &attr, (char *const *)(uintptr_t)argv,
                             environment ? (char *const *)(uintptr_t)environment : environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static void close_all(int *fds, int n) {
    for (int i = 0; i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
}

static int start(struct child *c, const char *const *argv, struct str input, struct err *e) {
    int out[2] = {-1, -1}, errs[2] = {-1, -1};
    int fds[3] = {open_input(input), -1, -1};
    int error = 0;
    if (fds[0] < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(errs, O_CLOEXEC) < 0)
        error = errno;
    fds[1] = out[1];
    fds[2] = errs[1];
    c->pipes[0] = out[0];
    c->pipes[1] = errs[0];
    if (!error)
        error = proc_spawn(&c->pid, argv, NULL, fds);
    close_all(fds, 3);
    if (!error)
        return 0;
    close_all(c->pipes, 2);
    errno = error;
    return err_errno(e, "cannot run %s", argv[0]);
}

/* flags: of waitpid. When somebody else took the status (SIGCHLD ignored), the child counts as failed. */
static void look(struct child *c, int flags) {
    pid_t got = c->pid;
    while (!c->gone && (got = waitpid(c->pid, &c->status, flags)) < 0 && errno == EINTR)
        ;
    if (got < 0)
        c->status = 1 << 8;
    c->gone = got != 0;
}

static void kill_group(struct child *c) {
    c->out_of_time = true;
    kill(-c->pid, SIGKILL);
}

/* One read of a pipe that has something; at its end it is closed. */
static void take(int *fd, struct buf *out) {
    char piece[64 * 1024];
    ssize_t n = read(*fd, piece, sizeof piece);
    if (n > 0 && out->n < OUTPUT_MAX)
        buf_add(out, piece, (size_t)n);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
        close(*fd);
        *fd = -1;
    }
}

static int wait_ms(const struct child *c) {
    int64_t left = c->deadline ? c->deadline - proc_now_ms() : LOOK_MS;
    return left < 0 ? 0 : left > LOOK_MS ? LOOK_MS : (int)left;
}

/* Reads both pipes until they end, time is up, or the child is gone and nothing more comes: a daemon that it
   left behind may hold them open for ever. */
static void collect(struct child *c, struct proc_result *r) {
    struct buf *into[2] = {&r->out, &r->errs};
    while (c->pipes[0] >= 0 || c->pipes[1] >= 0) {
        struct pollfd p[2] = {{c->pipes[0], POLLIN, 0}, {c->pipes[1], POLLIN, 0}};
        int ready = poll(p, 2, c->gone ? 0 : wait_ms(c));
        for (int i = 0; ready > 0 && i < 2; i++)
            if (p[i].revents)
                take(&c->pipes[i], into[i]);
        if (c->deadline && proc_now_ms() >= c->deadline && !c->out_of_time)
            kill_group(c);
        if (ready == 0 && c->gone)
            return;
        if (ready == 0)
            look(c, WNOHANG);
    }
}

/* The pipes are at their end; usually the child is as well. */
static void finish(struct child *c) {
    for (long ns = 500000; c->deadline && !c->gone && !c->out_of_time;) {
        look(c, WNOHANG);
        if (c->gone)
            break;
        if (proc_now_ms() >= c->deadline)
            kill_group(c);
        struct timespec pause = {0, ns};
        nanosleep(&pause, NULL);
        ns = ns < 20000000 ? ns * 2 : ns;
    }
    look(c, 0);
}

int proc_run(const char *const *argv, struct str input, int timeout_s, struct proc_result *out,
             struct err *e) {
    struct child c = {.deadline = timeout_s ? proc_now_ms() + (int64_t)timeout_s * 1000 : 0};
    *out = (struct proc_result){0};
    if (start(&c, argv, input, e) < 0)
        return -1;
    collect(&c, out);
    finish(&c);
    close_all(c.pipes, 2);
    out->status = c.out_of_time           ? TIMED_OUT
                  : WIFSIGNALED(c.status) ? 128 + WTERMSIG(c.status)
                                          : WEXITSTATUS(c.status);
    return 0;
}

static bool is_program(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *proc_which(struct arena *a, const char *name) {
    if (strchr(name, '/'))
        return is_program(name) ? path_absolute(a, name) : NULL;
    const char *path = getenv("PATH");
    struct str rest = str_of(path ? path : "/usr/local/bin:/usr/bin:/bin"), dir;
    while (name[0] && str_cut(&rest, ':', &dir)) {
        char *whole = path_join(a, dir.n ? arena_str(a, dir).p : "./", name); /* empty: where we are */
        if (is_program(whole))
            return path_absolute(a, whole);
    }
    return NULL;
}
