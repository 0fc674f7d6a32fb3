/* plan: requirements in, env.lock out. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/store.h"
#include "default_index.h"
#include "planner/complete.h"
#include "planner/cutoff.h"
#include "planner/dag.h"
#include "planner/emit.h"
#include "planner/options.h"
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
    bool has_old;
    struct net net;
    struct pool *pool;
    struct indexes *indexes;
    struct metadata_source metadata;
    struct universe universe;
    struct provide provide;
    struct solve_result solved;
    struct lock lock;
    struct timespec started;
};

static void stop(int number) {
    _exit(128 + number);
}

static double seconds_since(struct timespec t) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t.tv_sec) + (double)(now.tv_nsec - t.tv_nsec) / 1e9;
}

/* -o FILE that is there gives preferences; a file that is no lock must not be overwritten unseen. */
static int read_old_lock(struct run *r, struct err *e) {
    const char *path = r->options.output;
    struct buf text = {0};
    if (!path || r->options.format != FORMAT_ENV_LOCK || !file_exists(path))
        return 0;
    int result = file_read(path, &text, e);
    if (result == 0 && text.n) {
        result = lock_read(&r->arena, arena_str(&r->arena, buf_view(&text)), path, &r->old, e);
        r->has_old = result == 0;
        if (result < 0)
            err_prefix(e, "-o %s would overwrite a file that is no env.lock; remove it first", path);
    }
    buf_free(&text);
    return result;
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

/* pip's rule: with one hash given, or --require-hashes, every package of the plan needs one. */
static int check_hashes(struct run *r, struct err *e) {
    bool wanted = r->options.require_hashes;
    for (uint32_t i = 0; i < r->roots.list.n; i++)
        wanted |= r->roots.list.p[i].nhashes > 0;
    for (uint32_t i = 0; wanted && i < r->lock.npackages; i++) {
        const struct lock_package *p = &r->lock.packages[i];
        if (universe_project(&r->universe, p->name)->nhashes == 0)
            return err_fail(e,
                            "hashes are required, but there is none for " STR_FMT "==" STR_FMT
                            ": add that line with --hash to the requirements",
                            STR_ARG(p->name), STR_ARG(p->version));
    }
    return 0;
}

static void note_option(struct run *r, const char *text) {
    r->lock.options[r->lock.noptions++] = str_of(text);
}

/* The options that can change what is chosen: part of the lock, so that it explains itself. */
static void note_options(struct run *r) {
    static const char *const resolutions[] = {NULL, "--resolution lowest", "--resolution lowest-direct"};
    const struct options *o = &r->options;
    struct arena *a = &r->arena;
    r->lock.options = arena_new(a, struct str, 8 + o->only_binary.n + o->no_binary.n);
    if (o->exclude_newer)
        note_option(r, arena_fmt(a, "--exclude-newer %s", o->exclude_newer));
    for (uint32_t i = 0; i < o->no_binary.n; i++)
        note_option(r, arena_fmt(a, "--no-binary %s", o->no_binary.p[i]));
    if (o->no_deps)
        note_option(r, "--no-deps");
    for (uint32_t i = 0; i < o->only_binary.n; i++)
        note_option(r, arena_fmt(a, "--only-binary %s", o->only_binary.p[i]));
    if (o->pre)
        note_option(r, "--pre");
    if (o->prefer_binary)
        note_option(r, "--prefer-binary");
    if (resolutions[o->resolution])
        note_option(r, resolutions[o->resolution]);
}

static int make_lock(struct run *r, struct err *e) {
    struct arena *a = &r->arena;
    r->lock = (struct lock){.version = LOCK_VERSION,
                            .python = r->target.python_full_version,
                            .implementation = r->target.python.markers.implementation_name,
                            .platform = r->target.platform,
                            .inputs = r->roots.inputs.p,
                            .ninputs = r->roots.inputs.n};
    note_options(r);
    dag_make(&r->provide, &r->solved, &r->log, a, &r->lock);
    if (check_hashes(r, e) < 0 || complete_files(&r->lock, &r->store, &r->net, r->indexes, a, e) < 0)
        return -1;
    const char *output = r->options.output;
    emit_relative(&r->lock, path_absolute(a, output ? path_dir(a, output) : "."), a);
    return 0;
}

static int write_lock(struct run *r, struct err *e) {
    struct buf out = {0};
    emit(&r->lock, r->options.format, &out);
    int result = 0;
    if (r->options.output)
        result = file_write(r->options.output, buf_view(&out), 0666, e);
    else if (file_write_all(STDOUT_FILENO, out.p, out.n) < 0)
        result = err_errno(e, "cannot write the lock to standard output");
    buf_free(&out);
    return result;
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

static int plan(struct run *r, struct err *e) {
    if (store_open(&r->store, e) < 0 || target_make(&r->store, &r->options, &r->arena, &r->target, e) < 0)
        return -1;
    if (roots_read(&r->options, &r->target.env, &r->arena, &r->roots, e) < 0 || read_old_lock(r, e) < 0)
        return -1;
    if (open_world(r, e) < 0 || solve_it(r, e) < 0)
        return -1;
    if (make_lock(r, e) < 0 || write_lock(r, e) < 0)
        return -1;
    summarize(r);
    return 0;
}

int main(int argc, char **argv) {
    struct run r = {0};
    struct err e = {0};
    clock_gettime(CLOCK_MONOTONIC, &r.started);
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
    return result < 0 ? (int)e.kind : 0;
}
