#include "executor/engine.h"

#include <stdlib.h>
#include <time.h>

#include "executor/settle.h"
#include "executor/signals.h"

enum { DOWNLOADS = 50, DOWNLOAD_MEMORY = 256 << 20 };

static uint32_t count_downloads(const struct actions *a) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->graph.n; i++)
        n += a->p[i].pool == POOL_NET;
    return n;
}

static int run_workers(struct workers *w, struct actions *actions, const struct engine_options *o,
                       struct events *events, struct engine_outcome *out, struct err *e) {
    uint32_t downloads = count_downloads(actions), most = o->jobs ? (uint32_t)o->jobs : DOWNLOADS;
    struct schedule_limits limits = {
        .net = downloads < most ? downloads : most,
        .memory = DOWNLOAD_MEMORY,
        .keep_going = o->keep_going,
        .tick_ms = o->tick_ms,
    };
    out->threads = o->jobs ? o->jobs : pool_cpus();
    if (workers_open(w, out->threads, (int)limits.net, e))
        return -1;
    limits.work = 2 * (uint32_t)out->threads; /* as many again wait, so that no thread has to */
    struct runner runner = workers_runner(w);
    schedule_run(actions, &limits, &runner, w->back, events, &out->schedule);
    out->requests = w->http ? http_requests(w->http) : 0;
    workers_close(w);
    out->received = w->received;
    return 0;
}

/* libzip turns the time of every member into local time. Without TZ, glibc then looks at /etc/localtime each
   time, under a lock that all threads share. Before the first thread: setenv is not for several. */
static void name_time_zone(void) {
    setenv("TZ", ":/etc/localtime", 0);
    tzset();
}

/* From the first thread to the last. */
static int run_threads(struct workers *w, struct actions *actions, const struct engine_options *o,
                       struct events *events, struct engine_outcome *out, struct err *e) {
    struct queue back;
    struct signals signals;
    name_time_zone();
    queue_init(&back);
    signals_watch(&signals, &back);
    w->back = &back;
    int failed = run_workers(w, actions, o, events, out, e);
    signals_end(&signals);
    queue_free(&back);
    return failed;
}

int engine_run(struct store *store, const struct environment *env, struct package *packages, uint32_t n,
               struct actions *actions, const struct engine_options *o, struct events *events,
               struct engine_outcome *out, struct err *e) {
    *out = (struct engine_outcome){0};
    struct linker linker;
    if (link_open(&linker, env, o->link_mode, store->scratch ? store->scratch : store->root, e))
        return -1;
    struct workers w = {.store = store, .env = env, .linker = &linker, .packages = packages, .npackages = n};
    struct compiler compiler;
    if (o->bytecode) {
        compiler_open(&compiler, env->python, o->bytecode, &w.cancelled);
        w.compiler = &compiler;
    }
    int failed = run_threads(&w, actions, o, events, out, e);
    if (w.compiler) {
        out->bytecode = compiler.counts;
        compiler_close(&compiler);
    }
    if (!failed)
        failed = settle_run(&linker, store, packages, n, events, e);
    link_close(&linker);
    return failed;
}
