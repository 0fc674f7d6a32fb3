/* queue: messages from many threads to one, in order. */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <pthread.h>
#include <stddef.h>

/* Put this first in a message; the queue links messages through it and never allocates or frees. */
struct message {
    struct message *next;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t some;
    struct message *head, **tail;
};

void queue_init(struct queue *q);
void queue_push(struct queue *q, struct message *m);
/* The oldest message; waits up to timeout_ms (-1: for ever, 0: not at all). NULL when time is up. */
struct message *queue_pop(struct queue *q, int timeout_ms);
void queue_free(struct queue *q);

#endif
