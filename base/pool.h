/* pool: worker threads that run jobs in the order in which they were posted. A job is a function and its
   argument; results go where the job puts them (a queue, a locked table). */
#ifndef BASE_POOL_H
#define BASE_POOL_H

struct pool;

/* threads: 1 or more. */
struct pool *pool_new(int threads);
void pool_post(struct pool *p, void (*run)(void *arg), void *arg);
/* The number of the pool's thread that asks, from 0; -1 for any other. */
int pool_self(const struct pool *p);
/* Waits until every posted job (and those they posted) has run, ends the threads, frees. */
void pool_free(struct pool *p);
/* Drops the jobs that have not started, waits for those that run, ends the threads, frees. */
void pool_abandon(struct pool *p);

/* Processors this process may use, cgroup quota included; at least 1. */
int pool_cpus(void);

#endif
