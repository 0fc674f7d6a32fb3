#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"

struct job {
    struct job *next;
    void (*run)(void *arg);
    void *arg;
};

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t changed;   /* a job came, the last one ended, or the end */
    struct job *head, **tail; /* jobs that have not started */
    int running;              /* jobs under way */
    bool closing;             /* threads end when nothing is left to do */
    bool abandoned;           /* nothing more is started */
    int nthreads;
    pthread_t threads[];
};

/* With the lock held: the next job, or NULL when there will be none. A job under way may still post some. */
static struct job *next_job(struct pool *p) {
    while (!p->head && !(p->closing && !p->running))
        pthread_cond_wait(&p->changed, &p->lock);
    struct job *j = p->head;
    if (j && !(p->head = j->next))
        p->tail = &p->head;
    return j;
}

static void *work(void *arg) {
    struct pool *p = arg;
    pthread_mutex_lock(&p->lock);
    for (struct job *j; (j = next_job(p));) {
        p->running++;
        pthread_mutex_unlock(&p->lock);
        j->run(j->arg);
        free(j);
        pthread_mutex_lock(&p->lock);
        if (--p->running == 0 && p->closing && !p->head)
            pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pool *pool_new(int threads) {
    if (threads < 1)
        threads = 1;
    struct pool *p = mem_zero(sizeof *p + (size_t)threads * sizeof p->threads[0]);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    p->tail = &p->head;
    while (p->nthreads < threads && !pthread_create(&p->threads[p->nthreads], NULL, work, p))
        p->nthreads++;
    if (!p->nthreads) { /* fewer threads than asked for will do, none will not */
        fputs("cannot start a thread: too many processes (ulimit -u)\n", stderr);
        abort();
    }
    return p;
}

void pool_post(struct pool *p, void (*run)(void *arg), void *arg) {
    struct job *j = mem_alloc(sizeof *j);
    *j = (struct job){NULL, run, arg};
    pthread_mutex_lock(&p->lock);
    if (p->abandoned) {
        free(j);
    } else {
        *p->tail = j;
        p->tail = &j->next;
        pthread_cond_signal(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
}

int pool_self(const struct pool *p) {
    for (int i = 0; i < p->nthreads; i++)
        if (pthread_equal(p->threads[i], pthread_self()))
            return i;
    return -1;
}

static void drop_jobs(struct pool *p) {
    for (struct job *j; (j = p->head);) {
        p->head = j->next;
        free(j);
    }
    p->tail = &p->head;
}

static void end(struct pool *p, bool abandon) {
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    p->abandoned = abandon;
    if (abandon)
        drop_jobs(p);
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->nthreads; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

void pool_free(struct pool *p) {
    end(p, false);
}

void pool_abandon(struct pool *p) {
    end(p, true);
}

/* Reads a short text file whole; false if it is not there. out is NUL-terminated. */
static bool read_small(const char *path, char *out, size_t n) {
    struct buf b = {0};
    struct err e;
    bool good = file_read(path, &b, &e) == 0 && b.n < n;
    if (good)
        memcpy(out, b.p, b.n + 1);
    buf_free(&b);
    return good;
}

/* CPUs that "quota period" (microseconds) pay for, rounded up; 0: no limit. */
static long cpus_of(long long quota, long long period) {
    return quota > 0 && period > 0 ? (long)((quota + period - 1) / period) : 0;
}

/* The limit of one cgroup folder: cpu.max (version 2) or cpu.cfs_quota_us (version 1); 0: none. */
static long cgroup_limit(const char *folder) {
    char path[600], text[64], period_text[64];
    long long quota, period;
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (read_small(path, text, sizeof text))
        return sscanf(text, "%lld %lld", &quota, &period) == 2 ? cpus_of(quota, period) : 0; /* or "max" */
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!read_small(path, text, sizeof text))
        return 0;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    if (!read_small(path, period_text, sizeof period_text))
        return 0;
    return cpus_of(atoll(text), atoll(period_text));
}

/* The least limit of a cgroup and those above it. In a container the group's own path may not be there, only
   the root, which then is the container's. */
static long least_limit(const char *root, struct str group, long least) {
    char folder[512];
    for (;;) {
        while (group.n && group.p[group.n - 1] == '/')
            group.n--;
        snprintf(folder, sizeof folder, "%s" STR_FMT, root, STR_ARG(group));
        long limit = cgroup_limit(folder);
        if (limit && limit < least)
            least = limit;
        if (!group.n)
            return least;
        group.n = (size_t)(str_rfind(group, '/') + 1);
    }
}

/* Lines of /proc/self/cgroup: "0::/group" (version 2), "4:cpu,cpuacct:/group" (version 1). */
static long quota_cpus(long least) {
    struct buf groups = {0};
    struct err e;
    struct str rest, line, id, controllers, name;
    if (file_read("/proc/self/cgroup", &groups, &e) < 0)
        return least;
    for (rest = buf_view(&groups); str_cut(&rest, '\n', &line);) {
        if (!str_cut(&line, ':', &id) || !str_cut(&line, ':', &controllers))
            continue;
        if (!controllers.n)
            least = least_limit("/sys/fs/cgroup", line, least);
        while (str_cut(&controllers, ',', &name))
            if (str_is(name, "cpu"))
                least = least_limit("/sys/fs/cgroup/cpu", line, least);
    }
    buf_free(&groups);
    return least;
}

int pool_cpus(void) {
    cpu_set_t set;
    long n = sched_getaffinity(0, sizeof set, &set) ? sysconf(_SC_NPROCESSORS_ONLN) : CPU_COUNT(&set);
    n = quota_cpus(n);
    return n < 1 ? 1 : (int)n;
}
