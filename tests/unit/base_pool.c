#include "tests/unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/pool.h"

static void count(void *arg) {
    atomic_fetch_add((_Atomic int *)arg, 1);
}

TEST(every_job_runs) {
    _Atomic int ran = 0;
    struct pool *p = pool_new(3);
    for (int i = 0; i < 1000; i++)
        pool_post(p, count, (void *)&ran);
    pool_free(p);
    CHECK_INT(ran, 1000);
    pool_free(pool_new(0)); /* taken as 1; nothing to do */
}

struct list {
    int seen[100], n;
};

struct item {
    struct list *list;
    int number;
};

static void append(void *arg) {
    struct item *i = arg;
    i->list->seen[i->list->n++] = i->number;
}

TEST(one_thread_keeps_the_order) {
    struct list list = {.n = 0};
    struct item items[100];
    struct pool *p = pool_new(1);
    for (int i = 0; i < 100; i++) {
        items[i] = (struct item){&list, i};
        pool_post(p, append, &items[i]);
    }
    pool_free(p);
    CHECK_INT(list.n, 100);
    for (int i = 0; i < list.n; i++)
        CHECK_INT(list.seen[i], i);
}

struct tree {
    struct pool *pool;
    _Atomic int left, ran;
};

/* Posts two more, as long as there are any left. */
static void branch(void *arg) {
    struct tree *t = arg;
    atomic_fetch_add(&t->ran, 1);
    for (int i = 0; i < 2; i++)
        if (atomic_fetch_sub(&t->left, 1) > 0)
            pool_post(t->pool, branch, t);
}

TEST(free_waits_for_jobs_of_jobs) {
    struct tree t = {.left = 500};
    t.pool = pool_new(4);
    pool_post(t.pool, branch, &t);
    pool_free(t.pool);
    CHECK_INT(t.ran, 501);
}

struct gate {
    struct pool *pool;
    sem_t started, open;
    _Atomic int ended, later;
};

static void pass(void *arg) {
    struct gate *g = arg;
    sem_post(&g->started);
    sem_wait(&g->open);
    pool_post(g->pool, count, (void *)&g->later); /* too late, or dropped with the rest */
    atomic_fetch_add(&g->ended, 1);
}

static void *open_gate(void *arg) {
    struct gate *g = arg;
    for (int i = 0; i < 1000; i++) /* let pool_abandon begin */
        sched_yield();
    sem_post(&g->open);
    return NULL;
}

TEST(abandon_drops_what_has_not_started) {
    struct gate g = {.ended = 0};
    pthread_t opener;
    sem_init(&g.started, 0, 0);
    sem_init(&g.open, 0, 0);
    g.pool = pool_new(1);
    pool_post(g.pool, pass, &g);
    sem_wait(&g.started);
    for (int i = 0; i < 1000; i++)
        pool_post(g.pool, pass, &g);
    pthread_create(&opener, NULL, open_gate, &g);
    pool_abandon(g.pool); /* a second one that ran would wait for ever */
    pthread_join(opener, NULL);
    CHECK_INT(g.ended, 1);
    sem_destroy(&g.started);
    sem_destroy(&g.open);
}

TEST(processors) {
    cpu_set_t one, before;
    int all = pool_cpus();
    CHECK(all >= 1);
    sched_getaffinity(0, sizeof before, &before);
    CHECK(all <= CPU_COUNT(&before));
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    sched_setaffinity(0, sizeof one, &one);
    CHECK_INT(pool_cpus(), 1);
    sched_setaffinity(0, sizeof before, &before);
}

TEST_MAIN
