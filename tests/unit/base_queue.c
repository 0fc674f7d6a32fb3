#include "tests/unit/test.h"

#include <pthread.h>

#include "base/queue.h"

enum { THREADS = 4, EACH = 2000 };

struct note {
    struct message message;
    int from, serial;
};

TEST(order) {
    struct queue q;
    struct note notes[3] = {{.serial = 0}, {.serial = 1}, {.serial = 2}};
    queue_init(&q);
    CHECK(!queue_pop(&q, 0));
    for (int round = 0; round < 2; round++) { /* empty again in between */
        for (int i = 0; i < 3; i++)
            queue_push(&q, &notes[i].message);
        for (int i = 0; i < 3; i++) {
            struct note *n = (struct note *)queue_pop(&q, i == 0 ? -1 : 1000);
            CHECK(n == &notes[i]);
        }
        CHECK(!queue_pop(&q, 0));
    }
    CHECK(!queue_pop(&q, 1));
    CHECK(!queue_pop(&q, 1001)); /* over a full second */
    queue_free(&q);
}

struct sender {
    struct queue *queue;
    struct note notes[EACH];
};

static void *send_notes(void *arg) {
    struct sender *s = arg;
    for (int i = 0; i < EACH; i++)
        queue_push(s->queue, &s->notes[i].message);
    return NULL;
}

/* Nothing is lost, and what one thread sends arrives in its order. */
TEST(many_senders) {
    static struct sender senders[THREADS];
    pthread_t threads[THREADS];
    struct queue q;
    int next[THREADS] = {0}, wrong = 0;
    queue_init(&q);
    for (int t = 0; t < THREADS; t++) {
        senders[t].queue = &q;
        for (int i = 0; i < EACH; i++)
            senders[t].notes[i] = (struct note){.from = t, .serial = i};
        pthread_create(&threads[t], NULL, send_notes, &senders[t]);
    }
    for (int i = 0; i < THREADS * EACH; i++) {
        struct note *n = (struct note *)queue_pop(&q, -1);
        wrong += n->serial != next[n->from]++;
    }
    CHECK_INT(wrong, 0);
    CHECK(!queue_pop(&q, 0));
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    queue_free(&q);
}

TEST_MAIN
