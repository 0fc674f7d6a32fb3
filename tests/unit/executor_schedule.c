#include "tests/unit/test.h"

#include <unistd.h>

#include "base/map.h"
#include "base/pool.h"
#include "executor/schedule.h"

/* The runner is a fake: it finishes jobs at once, or when the test's queue is looked at, or on threads. */
struct world {
    struct actions actions;
    struct queue back;
    struct events events;
    struct schedule_outcome outcome;
    struct schedule_limits limits;
    struct pool *pool; /* threads, or NULL: at once */
    uint32_t fail[8];  /* packages whose jobs fail, at fail_step */
    uint32_t nfail, fail_step;
    enum action_kind fail_kind;
    uint32_t under_way, most; /* NET jobs held back */
    struct job *held[64];
    uint32_t nheld;
    bool hold_net, cancelled;
    uint64_t memory, most_memory;
    struct buf log; /* what was started, in order */
    struct buf told;
    struct note signal;
    uint32_t signal_after; /* jobs */
};

static uint32_t node(struct world *w, enum action_kind kind, enum action_pool pool, uint32_t package,
                     double cost) {
    uint32_t id = graph_node(&w->actions.graph, cost);
    w->actions.p = mem_grow(w->actions.p, (id + 1) * sizeof *w->actions.p);
    w->actions.p[id] = (struct action){.kind = kind, .pool = pool, .package = package, .because = MAP_NONE};
    return id;
}

/* fetch -> unpack -> link -> record, as actions_make does it. */
static void package(struct world *w, uint32_t i, double cost, uint64_t memory) {
    uint32_t f = node(w, ACTION_FETCH, POOL_NET, i, cost), u = node(w, ACTION_UNPACK, POOL_CPU, i, 0.1);
    uint32_t l = node(w, ACTION_LINK, POOL_DISK, i, 0.1), r = node(w, ACTION_RECORD, POOL_DISK, i, 0.1);
    w->actions.p[f].memory = w->actions.p[u].memory = memory;
    graph_edge(&w->actions.graph, f, u);
    graph_edge(&w->actions.graph, u, l);
    graph_edge(&w->actions.graph, l, r);
}

static bool fails(const struct world *w, const struct job *job) {
    for (uint32_t i = 0; i < w->nfail; i++)
        if (w->fail[i] == job->package && job->steps[0] == w->fail_kind)
            return true;
    return false;
}

struct errand {
    struct world *w;
    struct job *job;
};

static void finish(struct world *w, struct job *job) {
    job->ndone = job->nsteps;
    if (fails(w, job)) {
        job->ndone = w->fail_step;
        job->error = strdup("on purpose");
    }
    queue_push(&w->back, &job->note.message);
}

static void run_errand(void *arg) {
    struct errand *errand = arg;
    finish(errand->w, errand->job);
    free(errand);
}

static void start(void *ctx, struct job *job) {
    struct world *w = ctx;
    if (w->signal_after && !--w->signal_after)
        queue_push(&w->back, &w->signal.message);
    buf_fmt(&w->log, "%s%u ", action_name(job->steps[0]), job->package);
    if (job->steps[0] == ACTION_FETCH && w->hold_net) {
        w->held[w->nheld++] = job;
        w->most = w->nheld > w->most ? w->nheld : w->most;
    } else if (w->pool) {
        struct errand *errand = mem_alloc(sizeof *errand);
        *errand = (struct errand){w, job};
        pool_post(w->pool, run_errand, errand);
    } else {
        finish(w, job);
    }
}

static void cancel(void *ctx) {
    struct world *w = ctx;
    w->cancelled = true;
    for (uint32_t i = 0; i < w->nheld; i++) {
        w->held[i]->cancelled = true;
        w->held[i]->error = strdup("cancelled");
        queue_push(&w->back, &w->held[i]->note.message);
    }
    w->nheld = 0;
}

/* Called once a round: lets one held download come in. */
static uint64_t received(void *ctx) {
    struct world *w = ctx;
    if (w->nheld)
        finish(w, w->held[--w->nheld]);
    return 0;
}

static void tell(void *ctx, const struct scene *scene, const struct event *event) {
    struct world *w = ctx;
    static const char letters[] = "PSfFKpn.E";
    (void)scene;
    if (event->kind == EVENT_FAILED)
        buf_fmt(&w->told, "F%u:%s ", event->node, event->text);
    else if (event->kind != EVENT_TICK)
        buf_fmt(&w->told, "%c%d ", letters[event->kind], event->node == MAP_NONE ? -1 : (int)event->node);
}

static void open_world(struct world *w) {
    *w = (struct world){.limits = {.net = 4, .work = 2, .memory = 100, .keep_going = 1, .tick_ms = 1},
                        .fail_kind = ACTION_FETCH,
                        .signal = {.kind = NOTE_SIGNAL, .signal = 2}};
    queue_init(&w->back);
    vec_push(&w->events.listeners, (struct listener){tell, w});
}

static void run(struct world *w) {
    struct err e;
    struct runner runner = {start, cancel, received, w};
    CHECK_INT(graph_seal(&w->actions.graph, NULL, &e), 0);
    schedule_run(&w->actions, &w->limits, &runner, &w->back, &w->events, &w->outcome);
    for (uint32_t i = 0; i < w->actions.graph.n; i++)
        CHECK(w->actions.p[i].state >= ACTION_DONE);
    CHECK_INT(w->outcome.done + w->outcome.failed + w->outcome.skipped, w->actions.graph.n);
}

static void close_world(struct world *w) {
    actions_free(&w->actions);
    vec_free(&w->events.listeners);
    queue_free(&w->back);
    buf_free(&w->log);
    buf_free(&w->told);
}

TEST(an_empty_graph_is_done) {
    struct world w;
    open_world(&w);
    run(&w);
    CHECK_INT(w.outcome.jobs, 0);
    close_world(&w);
}

TEST(steps_of_one_package_and_pool_go_as_one_job) {
    struct world w;
    open_world(&w);
    package(&w, 0, 1, 0);
    run(&w);
    CHECK_STR(buf_view(&w.log), "fetch0 unpack0 link0 ");
    CHECK_STR(buf_view(&w.told), "P-1 S0 f0 S1 f1 S2 f2 S3 f3 p3 ");
    CHECK_INT(w.outcome.jobs, 3);
    CHECK_INT(w.outcome.done, 4);
    close_world(&w);
}

TEST(the_longest_path_goes_first) {
    struct world w;
    open_world(&w);
    w.limits.net = 1;
    package(&w, 0, 1, 0);
    package(&w, 1, 3, 0);
    package(&w, 2, 2, 0);
    run(&w);
    ptrdiff_t first = str_search(buf_view(&w.log), STR("fetch1"));
    ptrdiff_t second = str_search(buf_view(&w.log), STR("fetch2"));
    ptrdiff_t third = str_search(buf_view(&w.log), STR("fetch0"));
    CHECK(first == 0 && first < second && second < third);
    close_world(&w);
}

TEST(downloads_are_limited) {
    struct world w;
    open_world(&w);
    w.hold_net = true;
    w.limits.net = 3;
    for (uint32_t i = 0; i < 10; i++)
        package(&w, i, 1, 0);
    run(&w);
    CHECK_INT(w.most, 3);
    CHECK_INT(w.outcome.done, 40);
    close_world(&w);
}

TEST(memory_is_limited_but_a_large_one_comes_alone) {
    struct world w;
    open_world(&w);
    w.hold_net = true;
    w.limits.net = 50;
    for (uint32_t i = 0; i < 10; i++)
        package(&w, i, 1, 40); /* two at once in 100 */
    run(&w);
    CHECK_INT(w.most, 2);
    CHECK_INT(w.outcome.done, 40);
    close_world(&w);
    open_world(&w);
    package(&w, 0, 1, 4000);
    run(&w);
    CHECK_INT(w.outcome.done, 4);
    close_world(&w);
}

TEST(a_failure_skips_what_is_behind_and_stops_the_rest) {
    struct world w;
    open_world(&w);
    w.limits.net = 1;
    w.fail[w.nfail++] = 0;
    package(&w, 0, 2, 0);
    package(&w, 1, 1, 0);
    run(&w);
    CHECK_STR(buf_view(&w.log), "fetch0 ");
    CHECK(w.cancelled);
    CHECK_INT(w.outcome.failed, 1);
    CHECK_INT(w.outcome.skipped, 7);
    CHECK_INT(w.actions.p[3].because, 0);
    CHECK_INT(w.actions.p[4].because, MAP_NONE);
    CHECK(strstr(w.told.p, "F0:on purpose "));
    close_world(&w);
}

TEST(keep_going) {
    struct world w;
    open_world(&w);
    w.limits.keep_going = 0;
    w.fail[w.nfail++] = 0;
    w.fail[w.nfail++] = 2;
    for (uint32_t i = 0; i < 4; i++)
        package(&w, i, 1, 60);
    run(&w);
    CHECK_INT(w.outcome.failed, 2);
    CHECK_INT(w.outcome.skipped, 6);
    CHECK_INT(w.outcome.done, 8);
    CHECK(!w.cancelled);
    close_world(&w);
}

TEST(a_job_may_fail_in_the_middle) {
    struct world w;
    open_world(&w);
    w.fail[w.nfail++] = 0;
    w.fail_kind = ACTION_LINK;
    w.fail_step = 1; /* link was done, record was not */
    package(&w, 0, 1, 0);
    run(&w);
    CHECK_INT(w.actions.p[2].state, ACTION_DONE);
    CHECK_INT(w.actions.p[3].state, ACTION_FAILED);
    CHECK(strstr(w.told.p, "S3 F3:on purpose "));
    CHECK(!strstr(w.told.p, "p3"));
    close_world(&w);
}

TEST(a_barrier_waits_for_all) {
    struct world w;
    open_world(&w);
    uint32_t before[6], barrier;
    for (uint32_t i = 0; i < 6; i++)
        before[i] = node(&w, ACTION_UNPACK, POOL_CPU, i, 1);
    barrier = node(&w, ACTION_PREFLIGHT, POOL_DISK, MAP_NONE, 0);
    for (uint32_t i = 0; i < 6; i++) {
        graph_edge(&w.actions.graph, before[i], barrier);
        graph_edge(&w.actions.graph, barrier, node(&w, ACTION_REMOVE, POOL_DISK, i, 1));
    }
    run(&w);
    CHECK(str_search(buf_view(&w.log), STR("unpack5 preflight")) > 0 ||
          str_search(buf_view(&w.log), STR(" preflight4294967295 remove0")) > 0);
    CHECK_INT(w.outcome.done, 13);
    close_world(&w);
}

TEST(a_signal_stops) {
    struct world w;
    open_world(&w);
    w.hold_net = true;
    w.limits.net = 2;
    w.signal_after = 2;
    for (uint32_t i = 0; i < 5; i++)
        package(&w, i, 1, 0);
    run(&w);
    CHECK_INT(w.outcome.signal, 2);
    CHECK(w.cancelled);
    CHECK_INT(w.outcome.failed, 0);
    CHECK(w.outcome.skipped > 0);
    close_world(&w);
}

/* For the thread sanitizer, and for the orders that only threads make. */
TEST(threads) {
    struct world w;
    open_world(&w);
    w.pool = pool_new(4);
    w.limits.work = 8;
    w.limits.keep_going = 0;
    w.fail[w.nfail++] = 7;
    for (uint32_t i = 0; i < 200; i++)
        package(&w, i, 1 + i % 5, i % 50);
    run(&w);
    CHECK_INT(w.outcome.failed, 1);
    CHECK_INT(w.outcome.done, 796);
    pool_free(w.pool);
    close_world(&w);
}

TEST_MAIN
