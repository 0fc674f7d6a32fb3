#include "executor/signals.h"

#include <stdio.h>
#include <stdlib.h>

/* What tells the thread that its time is over; nobody else sends it. */
#define SIGNAL_END SIGUSR1

static sigset_t watched(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

static void die(int signal_number) {
    signal(signal_number, SIG_DFL);
    sigset_t set = watched();
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(signal_number);
}

static void *wait_for_signals(void *arg) {
    struct signals *s = arg;
    sigset_t set = watched();
    sigaddset(&set, SIGNAL_END);
    for (int n; !sigwait(&set, &n) && n != SIGNAL_END;) {
        if (s->note.signal)
            die(n);
        s->note.signal = n;
        queue_push(s->queue, &s->note.message);
    }
    return NULL;
}

void signals_watch(struct signals *s, struct queue *queue) {
    *s = (struct signals){.note = {.kind = NOTE_SIGNAL}, .queue = queue};
    sigset_t set = watched();
    sigaddset(&set, SIGNAL_END);
    pthread_sigmask(SIG_BLOCK, &set, &s->before);
    if (pthread_create(&s->thread, NULL, wait_for_signals, s)) {
        fputs("error: cannot start a thread\n", stderr);
        exit(1);
    }
}

void signals_end(struct signals *s) {
    pthread_kill(s->thread, SIGNAL_END);
    pthread_join(s->thread, NULL);
    pthread_sigmask(SIG_SETMASK, &s->before, NULL);
}
