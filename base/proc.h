/* proc: a child process, its input given, its output collected, its time limited. */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct proc_result {
    int status;      /* exit status; 128 + signal when killed; 124 when its time was up */
    struct buf out;  /* standard output */
    struct buf errs; /* standard error */
};

/* Runs argv[0] (looked up on PATH) with `input` on standard input; at most timeout_s seconds (0: no limit),
   then its process group is killed. -1 only when it could not be started. The result's bufs are the caller's.
 */
int proc_run(const char *const *argv, struct str input, int timeout_s, struct proc_result *out,
             struct err *e);

/* Starts argv[0] (looked up on PATH) with these standard streams, as the head of a process group of its own.
   environment: all of it; NULL: ours. 0, or an errno. */
int proc_spawn(pid_t *pid, const char *const *argv, const char *const *environment, const int fds[3]);
/* Milliseconds on a clock that only goes forward. */
int64_t proc_now_ms(void);

/* Absolute path of a program on PATH, or NULL. */
struct arena;
char *proc_which(struct arena *a, const char *name);

#endif
