/* coproc: a child process that lives on and answers questions, one after the other. Both ways a message is
   its length, four bytes with the lowest first, and so many bytes; the child reads them from standard input
   and writes them to standard output. What it says on standard error is dropped. */
#ifndef BASE_COPROC_H
#define BASE_COPROC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

struct coproc {
    pid_t pid; /* 0: there is none */
    int fd;    /* both of its streams */
};

/* argv[0] is looked up on PATH; environment is all that the child has of it. */
int coproc_start(struct coproc *c, const char *const *argv, const char *const *environment, struct err *e);
/* The answer is appended. After timeout_s seconds, or at once when *stop becomes true (it may be NULL), or if
   the child ends or says what is no message, it is an error and the child is killed with all its children: it
   then has to be started again. */
int coproc_ask(struct coproc *c, struct str question, int timeout_s, const atomic_bool *stop,
               struct buf *answer, struct err *e);
/* Ends its input; if it does not end within a second, it is killed. Nothing to do when there is none. */
void coproc_end(struct coproc *c);

#endif
