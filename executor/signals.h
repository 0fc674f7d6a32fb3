/* signals: SIGINT and SIGTERM as a message. A thread waits for them; nothing runs in a handler. */
#ifndef EXECUTOR_SIGNALS_H
#define EXECUTOR_SIGNALS_H

#include <pthread.h>
#include <signal.h>

#include "executor/schedule.h"

struct signals {
    struct note note; /* goes to the queue at the first signal; at the second, the process ends */
    struct queue *queue;
    sigset_t before; /* the mask of the thread that called signals_watch */
    pthread_t thread;
};

/* Call before any other thread is made: they inherit the mask. */
void signals_watch(struct signals *s, struct queue *queue);
/* The mask is as it was. */
void signals_end(struct signals *s);

#endif
