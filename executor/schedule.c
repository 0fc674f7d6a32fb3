#include "executor/schedule.h"

#include <stdlib.h>

#include "base/map.h"

struct schedule {
    struct actions *actions;
    const struct schedule_limits *limits;
    const struct runner *runner;
    struct queue *back;
    struct events *events;
    struct schedule_outcome *out;
    struct ready ready;        /* of the graph */
    struct ready pools[POOLS]; /* ready nodes by pool: only their heaps are used */
    struct job *jobs;          /* by node of the first step */
    uint32_t running_net, running_work;
    uint64_t memory; /* admitted */
    bool stopping;   /* start nothing more */
};

/* The one place where a node's state changes. */
static void move_with(struct schedule *s, uint32_t node, enum action_state to, struct event event) {
    static const unsigned char from[ACTION_STATES] = {
        [ACTION_READY] = 1 << ACTION_WANT,
        [ACTION_RUNNING] = 1 << ACTION_READY,
        [ACTION_DONE] = 1 << ACTION_RUNNING,
        [ACTION_FAILED] = 1 << ACTION_RUNNING,
        [ACTION_SKIPPED] = 1 << ACTION_WANT | 1 << ACTION_READY | 1 << ACTION_RUNNING,
    };
    struct action *a = &s->actions->p[node];
    if (!(from[to] >> a->state & 1))
        abort(); /* a fault of ours: the graph would lie from here on */
    a->state = to;
    event.node = node;
    event.package = a->package;
    switch (to) {
    case ACTION_RUNNING:
        event.kind = EVENT_STARTED;
        break;
    case ACTION_DONE:
        s->out->done++;
        event.kind = EVENT_FINISHED;
        break;
    case ACTION_FAILED:
        s->out->failed++;
        event.kind = EVENT_FAILED;
        break;
    case ACTION_SKIPPED:
        s->out->skipped++;
        event.kind = EVENT_SKIPPED;
        break;
    default:
        return;
    }
    events_tell(s->events, event);
}

static void move(struct schedule *s, uint32_t node, enum action_state to) {
    move_with(s, node, to, (struct event){0});
}

static struct event event_of_step(const struct job *job, uint32_t step, const char *text) {
    return (struct event){.text = text, .spans = job->spans.p, .nspans = job->spans.n, .step = step};
}

static bool is_final(enum action_state state) {
    return state == ACTION_DONE || state == ACTION_FAILED || state == ACTION_SKIPPED;
}

/* Everything behind a node that failed. */
static void skip_behind(struct schedule *s, uint32_t failed) {
    const struct graph *g = &s->actions->graph;
    VEC(uint32_t) stack = {0};
    vec_push(&stack, failed);
    while (stack.n) {
        uint32_t node = stack.p[--stack.n];
        for (uint32_t i = g->first[node]; i < g->first[node + 1]; i++) {
            struct action *a = &s->actions->p[g->out[i]];
            if (is_final(a->state))
                continue;
            a->because = failed;
            move(s, g->out[i], ACTION_SKIPPED);
            vec_push(&stack, g->out[i]);
        }
    }
    vec_free(&stack);
}

/* Newly ready nodes go to the heap of their pool. */
static void sort_ready(struct schedule *s) {
    for (uint32_t node; ready_pop(&s->ready, &node);) {
        move(s, node, ACTION_READY);
        ready_push(&s->pools[s->actions->p[node].pool], node);
    }
}

/* The node that can go to the worker together with this one, or MAP_NONE: the only one behind it, with
   nothing else before it, of the same package and pool. */
static uint32_t companion(const struct schedule *s, uint32_t node) {
    const struct graph *g = &s->actions->graph;
    if (g->first[node + 1] - g->first[node] != 1)
        return MAP_NONE;
    uint32_t next = g->out[g->first[node]];
    const struct action *a = &s->actions->p[node], *b = &s->actions->p[next];
    bool together = g->blocked[next] == 1 && a->package == b->package && a->pool == b->pool;
    return together ? next : MAP_NONE;
}

static void count_running(struct schedule *s, enum action_pool pool, uint32_t by) {
    uint32_t *running = pool == POOL_NET ? &s->running_net : &s->running_work;
    *running += by;
}

static void start(struct schedule *s, uint32_t node) {
    const struct action *a = &s->actions->p[node];
    struct job *job = &s->jobs[node];
    double rest = s->actions->graph.rest[node] * 1e3;
    *job = (struct job){.package = a->package, .node = node, .priority = rest < 1e9 ? (int)rest : 1000000000};
    for (uint32_t n = node; n != MAP_NONE && job->nsteps < JOB_STEPS; n = companion(s, n))
        job->steps[job->nsteps++] = s->actions->p[n].kind;
    move(s, node, ACTION_RUNNING);
    count_running(s, a->pool, 1);
    if (a->kind == ACTION_FETCH)
        s->memory += a->memory;
    s->out->jobs++;
    s->runner->start(s->runner->ctx, job);
}

static bool fits(const struct schedule *s, enum action_pool pool, uint32_t node) {
    if (pool != POOL_NET)
        return true;
    return !s->memory || s->memory + s->actions->p[node].memory <= s->limits->memory;
}

static void start_from(struct schedule *s, enum action_pool pool) {
    const uint32_t *running = pool == POOL_NET ? &s->running_net : &s->running_work;
    uint32_t limit = pool == POOL_NET ? s->limits->net : s->limits->work;
    for (uint32_t node; *running < limit && ready_pop(&s->pools[pool], &node);) {
        if (!fits(s, pool, node)) {
            ready_push(&s->pools[pool], node);
            return;
        }
        start(s, node);
    }
}

/* Downloads first: they cost no thread. Then what frees memory. */
static void start_all(struct schedule *s) {
    static const enum action_pool order[] = {POOL_NET, POOL_CPU, POOL_BUILD, POOL_DISK};
    for (size_t i = 0; i < sizeof order / sizeof *order && !s->stopping; i++)
        start_from(s, order[i]);
}

static void stop(struct schedule *s) {
    if (s->stopping)
        return;
    s->stopping = true;
    s->runner->cancel(s->runner->ctx); /* nothing would use what still arrives */
}

static void finish_step(struct schedule *s, uint32_t node, const struct job *job, uint32_t step) {
    const struct action *a = &s->actions->p[node];
    move_with(s, node, ACTION_DONE, event_of_step(job, step, NULL));
    ready_done(&s->ready, node);
    if (a->kind == ACTION_UNPACK)
        s->memory -= a->memory;
    if (a->kind == ACTION_RECORD)
        events_tell(s->events, (struct event){.kind = EVENT_PACKAGE, .node = node, .package = a->package});
}

static void fail_step(struct schedule *s, uint32_t node, const struct job *job, uint32_t step) {
    s->memory -= s->actions->p[node].memory;
    if (job->cancelled) {
        move_with(s, node, ACTION_SKIPPED, event_of_step(job, step, NULL));
        return;
    }
    move_with(s, node, ACTION_FAILED, event_of_step(job, step, job->error ? job->error : "it failed"));
    skip_behind(s, node);
    if (s->limits->keep_going && s->out->failed >= (uint32_t)s->limits->keep_going)
        stop(s);
}

static void tell_warning(struct schedule *s, const struct job *job) {
    if (job->warning)
        events_tell(s->events,
                    (struct event){
                        .kind = EVENT_NOTE, .node = MAP_NONE, .package = job->package, .text = job->warning});
}

static void take_job(struct schedule *s, struct job *job) {
    uint32_t node = job->node;
    sort_ready(s); /* from here on, what becomes ready is this job's next step */
    count_running(s, s->actions->p[node].pool, -1U);
    for (uint32_t i = 0; i < job->nsteps; i++) {
        uint32_t next = companion(s, node);
        if (i) {
            uint32_t popped;
            ready_pop(&s->ready, &popped);
            move(s, node, ACTION_READY);
            move(s, node, ACTION_RUNNING);
        }
        if (i >= job->ndone) {
            fail_step(s, node, job, i);
            break;
        }
        finish_step(s, node, job, i);
        node = next;
    }
    tell_warning(s, job);
    free(job->error);
    free(job->warning);
    job->error = job->warning = NULL;
    vec_free(&job->spans);
}

static void take(struct schedule *s, struct message *m) {
    struct note *note = (struct note *)m;
    if (note->kind == NOTE_SIGNAL) {
        s->out->signal = note->signal;
        stop(s);
        return;
    }
    take_job(s, (struct job *)note);
}

static void skip_rest(struct schedule *s) {
    for (uint32_t i = 0; i < s->actions->graph.n; i++)
        if (!is_final(s->actions->p[i].state))
            move(s, i, ACTION_SKIPPED);
}

static void tick(struct schedule *s) {
    events_tell(s->events, (struct event){.kind = EVENT_TICK,
                                          .node = MAP_NONE,
                                          .package = MAP_NONE,
                                          .received = s->runner->received(s->runner->ctx)});
}

static void loop(struct schedule *s) {
    for (;;) {
        sort_ready(s);
        start_all(s);
        if (!s->running_net && !s->running_work)
            return;
        for (struct message *m = queue_pop(s->back, s->limits->tick_ms); m; m = queue_pop(s->back, 0))
            take(s, m);
        tick(s);
    }
}

void schedule_run(struct actions *actions, const struct schedule_limits *limits, const struct runner *runner,
                  struct queue *back, struct events *events, struct schedule_outcome *out) {
    *out = (struct schedule_outcome){0};
    struct schedule s = {
        .actions = actions, .limits = limits, .runner = runner, .back = back, .events = events, .out = out};
    s.jobs = mem_zero((actions->graph.n + 1) * sizeof *s.jobs);
    ready_init(&s.ready, &actions->graph);
    for (int i = 0; i < POOLS; i++) {
        uint32_t node;
        for (ready_init(&s.pools[i], &actions->graph); ready_pop(&s.pools[i], &node);)
            ;
    }
    events_tell(events, (struct event){.kind = EVENT_PLANNED, .node = MAP_NONE, .package = MAP_NONE});
    loop(&s);
    skip_rest(&s);
    ready_free(&s.ready);
    for (int i = 0; i < POOLS; i++)
        ready_free(&s.pools[i]);
    free(s.jobs);
}
