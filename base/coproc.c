#include "base/coproc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/proc.h"

enum {
    LOOK_MS = 50,          /* how often to look at the clock and at stop */
    GRACE_MS = 1000,       /* to end by itself */
    ANSWER_MAX = 64 << 20, /* bytes; more is no answer */
};

/* One question under way. */
struct talk {
    struct coproc *c;
    int64_t deadline; /* proc_now_ms */
    int timeout_s;
    const atomic_bool *stop;
};

static void forget(struct coproc *c) {
    close(c->fd);
    *c = (struct coproc){.fd = -1};
}

static void kill_all(struct coproc *c) {
    kill(-c->pid, SIGKILL);
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    forget(c);
}

int coproc_start(struct coproc *c, const char *const *argv, const char *const *environment, struct err *e) {
    int pair[2], nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    *c = (struct coproc){.fd = -1};
    /* A socket, not two pipes: writing to a child that is gone is an error then, not a SIGPIPE. */
    if (nowhere < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        err_errno(e, "cannot run %s", argv[0]);
        if (nowhere >= 0)
            close(nowhere);
        return -1;
    }
    int error = proc_spawn(&c->pid, argv, environment, (int[3]){pair[1], pair[1], nowhere});
    close(nowhere);
    close(pair[1]);
    c->fd = pair[0];
    if (!error)
        return 0;
    forget(c);
    errno = error;
    return err_errno(e, "cannot run %s", argv[0]);
}

/* Waits until the child can take or give something. */
static int await(const struct talk *t, short what, struct err *e) {
    for (;;) {
        struct pollfd p = {t->c->fd, what, 0};
        if (poll(&p, 1, LOOK_MS) > 0)
            return 0;
        if (t->stop && atomic_load(t->stop))
            return err_fail(e, "it was stopped");
        if (proc_now_ms() >= t->deadline)
            return err_fail(e, "no answer after %d s; it was killed", t->timeout_s);
    }
}

static bool try_again(int number) {
    return number == EINTR || number == EAGAIN || number == EWOULDBLOCK;
}

static int say(const struct talk *t, const void *bytes, size_t n, struct err *e) {
    for (const char *p = bytes; n;) {
        ssize_t sent = send(t->c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && !try_again(errno))
            return err_fail(e, "it ended before it was asked");
        if (sent < 0 && await(t, POLLOUT, e) < 0)
            return -1;
        p += sent > 0 ? sent : 0;
        n -= sent > 0 ? (size_t)sent : 0;
    }
    return 0;
}

static int hear(const struct talk *t, void *bytes, size_t n, struct err *e) {
    for (char *p = bytes; n;) {
        if (await(t, POLLIN, e) < 0)
            return -1;
        ssize_t got = recv(t->c->fd, p, n, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && !try_again(errno)))
            return err_fail(e, "it ended without an answer");
        p += got > 0 ? got : 0;
        n -= got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int exchange(const struct talk *t, struct str question, struct buf *answer, struct err *e) {
    unsigned char head[4];
    for (int i = 0; i < 4; i++)
        head[i] = (unsigned char)(question.n >> 8 * i & 0xff);
    if (question.n > UINT32_MAX)
        return err_fail(e, "the question is too long");
    if (say(t, head, sizeof head, e) < 0 || say(t, question.p, question.n, e) < 0 ||
        hear(t, head, sizeof head, e) < 0)
        return -1;
    size_t n = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
    if (n > ANSWER_MAX)
        return err_fail(e, "it said what is no answer");
    buf_reserve(answer, n);
    if (hear(t, answer->p + answer->n, n, e) < 0)
        return -1;
    answer->n += n;
    answer->p[answer->n] = 0;
    return 0;
}

int coproc_ask(struct coproc *c, struct str question, int timeout_s, const atomic_bool *stop,
               struct buf *answer, struct err *e) {
    struct talk t = {c, proc_now_ms() + (int64_t)timeout_s * 1000, timeout_s, stop};
    if (exchange(&t, question, answer, e) == 0)
        return 0;
    kill_all(c);
    return -1;
}

void coproc_end(struct coproc *c) {
    if (!c->pid)
        return;
    shutdown(c->fd, SHUT_WR);
    for (int64_t end = proc_now_ms() + GRACE_MS; proc_now_ms() < end;) {
        pid_t got = waitpid(c->pid, NULL, WNOHANG);
        if (got == c->pid || (got < 0 && errno == ECHILD)) {
            forget(c);
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    kill_all(c);
}
