/* plan: requirements in, env.lock out. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/store.h"
#include "default_index.h"
#include "planner/ask.h"
#include "planner/complete.h"
#include "planner/cutoff.h"
#include "planner/dag.h"
#include "planner/hashes.h"
#include "planner/options.h"
#include "planner/output.h"
#include "planner/progress.h"
#include "planner/provide.h"
#include "planner/roots.h"
#include "planner/solve.h"
#include "planner/target.h"
#include "planner/universe.h"

/* Everything that lives for the whole run. */
struct run {
    struct arena arena;
    struct log log;
    struct options options;
    struct store store;
    struct target target;
    struct roots roots;
    struct lock old;
    int has_old;
    struct net net;
    struct pool *pool;
    struct indexes *indexes;
    struct metadata_source metadata;
    struct universe universe;
    struct provide provide;
    struct solve_result solved;
    struct lock lock;
    struct timespec started;
    int status; /* to exit with, if nothing fails */
};

enum { DIFFERENT = 3 };

static void stop(int number) {
    _exit(128 + number);
}

/* Where the caller closed one of the three, the first file or socket to be opened would take its place. */
static void keep_standard_files(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return;
}

static double seconds_since(struct timespec t) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t.tv_sec) + (double)(now.tv_nsec - t.tv_nsec) / 1e9;
}

static int open_world(struct run *r, struct err *e) {
    int64_t newest = 0;
    if (r->options.exclude_newer && cutoff_parse(r->options.exclude_newer, &newest, e) < 0)
        return -1;
    net_init(&r->net, &r->options, &r->arena);
    r->pool = pool_new(pool_cpus());
    if (indexes_open(&r->indexes, &r->store, &r->net, r->pool, &r->options, DEFAULT_INDEX, &r->arena, e) < 0)
        return -1;
    r->metadata = (struct metadata_source){&r->store, &r->net, r->pool, r->indexes, r->options.refresh};
    universe_init(&r->universe, &r->target, &r->options, r->indexes, &r->metadata, newest);
    return universe_roots(&r->universe, &r->roots, e);
}

static int solve_it(struct run *r, struct err *e) {
    provide_init(&r->provide, &r->universe, &r->roots, &r->options, r->has_old ? &r->old : NULL);
    struct provider provider = provide_provider(&r->provide);
    struct progress *progress = progress_start(&r->log, &r->universe, &r->net);
    solve(&provider, &r->arena, &r->solved, e);
    progress_stop(progress);
    if (r->solved.status == SOLVE_NONE) {
        log_error(&r->log, "plan", STR_FMT, STR_ARG(r->solved.why));
        e->text[0] = 0; /* told already */
        e->kind = ERR_FAIL;
    }
    return r->solved.status == SOLVE_OK ? 0 : -1;
}

static int make_lock(struct run *r, struct err *e) {
    struct arena *a = &r->arena;
    r->lock = (struct lock){.version = LOCK_VERSION,
                            .python = r->target.python_full_version,
                            .implementation = r->target.python.markers.implementation_name,
                            .platform = r->target.platform,
                            .inputs = r->roots.inputs.p,
                            .ninputs = r->roots.inputs.n};
    r->lock.options = options_notes(&r->options, a, &r->lock.noptions);
    dag_make(&r->provide, &r->solved, &r->log, a, &r->lock);
    if (hashes_check_given(&r->options, &r->roots, &r->universe, &r->lock, e) < 0 ||
        complete_files(&r->lock, &r->store, &r->net, r->indexes, a, e) < 0)
        return -1;
    return hashes_verify(&r->universe, &r->lock, e);
}

static void summarize(struct run *r) {
    char took[32];
    log_note(&r->log, "planned %u packages for %s " STR_FMT " in %s (%llu requests%s)", r->lock.npackages,
             str_is(r->lock.implementation, "cpython") ? "CPython" : r->lock.implementation.p,
             STR_ARG(r->lock.python), log_seconds(took, seconds_since(r->started)),
             (unsigned long long)net_requests(&r->net), net_requests(&r->net) ? "" : ": all from the cache");
    log_verbose(&r->log, "%u decisions, %u conflicts, %u backjumps, %u incompatibilities",
                r->solved.stats.decisions, r->solved.stats.conflicts, r->solved.stats.backjumps,
                r->solved.stats.incompatibilities);
}

static void close_run(struct run *r) {
    net_close(&r->net);
    if (r->pool)
        pool_free(r->pool);
    provide_free(&r->provide);
    universe_free(&r->universe);
    indexes_close(r->indexes);
    roots_free(&r->roots);
    target_free(&r->target);
    store_close(&r->store);
    options_free(&r->options);
    arena_free(&r->arena);
}

/* An answer goes to standard output. result is what the question came to: 1 if locks differ, -1 if it failed.
 */
static int say(struct run *r, int result, struct buf *answer, struct err *e) {
    if (result >= 0 && file_write_all(STDOUT_FILENO, answer->p, answer->n) < 0)
        result = err_errno(e, "cannot write to standard output");
    if (result > 0)
        r->status = DIFFERENT;
    buf_free(answer);
    return result < 0 ? -1 : 0;
}

static int diff(struct run *r, struct err *e) {
    struct buf answer = {0};
    int result = ask_diff(&r->options, &r->arena, &answer, e);
    return say(r, result, &answer, e);
}

static int check(struct run *r, struct err *e) {
    struct buf answer = {0};
    const char *path = r->options.output;
    int result = ask_check(&r->old, &r->lock, &r->arena, &answer, e);
    if (result >= 0)
        log_note(&r->log,
                 result ? "%s is not what the inputs ask for; plan -o %s renews it"
                        : "%s is what the inputs ask for",
                 path, path);
    return say(r, result, &answer, e);
}

static int show(struct run *r, struct err *e) {
    struct buf answer = {0};
    int result = ask_show(&r->options, &r->lock, &answer, e);
    return say(r, result, &answer, e);
}

/* A question leaves standard output no room for the lock; one that goes to a file is written all the same. */
static int answer(struct run *r, struct err *e) {
    if (r->options.check)
        return check(r, e);
    if (ask_is_show(&r->options) && show(r, e) < 0)
        return -1;
    return ask_is_show(&r->options) && !r->options.output ? 0 : output_write(&r->options, &r->lock, e);
}

static int make_plan(struct run *r, struct err *e) {
    if (store_open(&r->store, e) < 0 || target_make(&r->store, &r->options, &r->arena, &r->target, e) < 0)
        return -1;
    if (roots_read(&r->options, &r->target.env, &r->arena, &r->roots, e) < 0 ||
        (r->has_old = output_read_old(&r->options, &r->arena, &r->old, e)) < 0)
        return -1;
    if (r->options.check && !r->has_old)
        return err_input(e, "--check: there is no lock in %s; plan -o %s makes it", r->options.output,
                         r->options.output);
    if (output_spare_inputs(&r->options, &r->roots, e) < 0 || open_world(r, e) < 0 || solve_it(r, e) < 0)
        return -1;
    return make_lock(r, e);
}

static int plan(struct run *r, struct err *e) {
    if (r->options.diff)
        return diff(r, e);
    int given = ask_given(&r->options, &r->arena, &r->lock, e);
    if (given < 0 || (!given && make_plan(r, e) < 0))
        return -1;
    output_settle_urls(&r->options, &r->arena, &r->lock);
    if (answer(r, e) < 0)
        return -1;
    if (!given)
        summarize(r);
    return 0;
}

int main(int argc, char **argv) {
    struct run r = {0};
    struct err e = {0};
    clock_gettime(CLOCK_MONOTONIC, &r.started);
    keep_standard_files();
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    int result = options_read(&r.arena, argc, argv, &r.options, &e);
    r.log = log_open(r.options.verbosity);
    if (result == 0 && (r.options.help || r.options.version))
        fputs(r.options.help ? options_usage : "plan (envgraph) " VERSION "\n", stdout);
    else if (result == 0)
        result = plan(&r, &e);
    if (result < 0 && e.text[0])
        log_error(&r.log, "plan", "%s", e.text);
    close_run(&r);
    return result < 0 ? (int)e.kind : r.status;
}
