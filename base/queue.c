#include "base/queue.h"

#include <errno.h>
#include <time.h>

void queue_init(struct queue *q) {
    pthread_condattr_t monotonic; /* a timeout must not depend on someone setting the clock */
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&q->some, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&q->lock, NULL);
    q->head = NULL;
    q->tail = &q->head;
}

void queue_push(struct queue *q, struct message *m) {
    m->next = NULL;
    pthread_mutex_lock(&q->lock);
    *q->tail = m;
    q->tail = &m->next;
    pthread_cond_signal(&q->some);
    pthread_mutex_unlock(&q->lock);
}

static struct timespec after(int ms) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000L;
    if (t.tv_nsec >= 1000000000L)
        t.tv_sec++, t.tv_nsec -= 1000000000L;
    return t;
}

/* With the lock held. */
static void wait_for_some(struct queue *q, int timeout_ms) {
    if (timeout_ms < 0) {
        while (!q->head)
            pthread_cond_wait(&q->some, &q->lock);
    } else if (timeout_ms > 0 && !q->head) {
        struct timespec end = after(timeout_ms);
        while (!q->head && pthread_cond_timedwait(&q->some, &q->lock, &end) != ETIMEDOUT)
            ;
    }
}

struct message *queue_pop(struct queue *q, int timeout_ms) {
    pthread_mutex_lock(&q->lock);
    wait_for_some(q, timeout_ms);
    struct message *m = q->head;
    if (m && !(q->head = m->next))
        q->tail = &q->head;
    pthread_mutex_unlock(&q->lock);
    return m;
}

void queue_free(struct queue *q) {
    pthread_cond_destroy(&q->some);
    pthread_mutex_destroy(&q->lock);
}
