#include "planner/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EVERY_MS = 100 };

struct progress {
    struct universe *universe;
    struct net *net;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t end;
    bool ended;
};

static void show(struct progress *p) {
    struct universe_count n = universe_count(p->universe);
    char bytes[32];
    fprintf(stderr, "\r\033[K[%u/%u] resolving: %llu requests, %s", n.done, n.asked,
            (unsigned long long)net_requests(p->net), log_bytes(bytes, net_received(p->net)));
    fflush(stderr);
}

static void *run(void *progress) {
    struct progress *p = progress;
    pthread_mutex_lock(&p->lock);
    while (!p->ended) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        t.tv_nsec += EVERY_MS * 1000000L;
        t.tv_sec += t.tv_nsec / 1000000000L;
        t.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&p->end, &p->lock, &t);
        if (!p->ended)
            show(p);
    }
    pthread_mutex_unlock(&p->lock);
    fputs("\r\033[K", stderr);
    return NULL;
}

struct progress *progress_start(const struct log *log, struct universe *u, struct net *net) {
    if (!log->tty || log->verbosity < 0)
        return NULL;
    struct progress *p = mem_zero(sizeof *p);
    *p = (struct progress){
        .universe = u, .net = net, .lock = PTHREAD_MUTEX_INITIALIZER, .end = PTHREAD_COND_INITIALIZER};
    if (pthread_create(&p->thread, NULL, run, p)) {
        free(p);
        return NULL;
    }
    return p;
}

void progress_stop(struct progress *p) {
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->ended = true;
    pthread_cond_signal(&p->end);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    free(p);
}
