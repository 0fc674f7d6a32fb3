/* plan: requirements in, env.lock out. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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

static bool is_regular(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static double seconds_since(struct timespec t) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t.tv_sec) + (double)(now.tv_nsec - t.tv_nsec) / 1e9;
}

/* A slip of the keyboard must not cost the user a requirement file. */
static int spare_inputs(struct run *r, struct err *e) {
    struct stat out, in;
    if (!r->options.output || stat(r->options.output, &out) < 0)
        return 0;
    for (uint32_t i = 0; i < r->roots.inputs.n; i++)
        if (stat(r->roots.inputs.p[i].path.p, &in) == 0 && in.st_ino == out.st_ino && in.st_dev == out.st_dev)
            return err_input(e, "-o %s would overwrite the requirement file that is read", r->options.output);
    return 0;
}

/* -o FILE that is there gives preferences; a file that is no lock must not be overwritten unseen. */
static int read_old_lock(struct run *r, struct err *e) {
    const char *path = r->options.output;
    struct buf text = {0};
    if (!path || r->options.format != FORMAT_ENV_LOCK || !is_regular(path))
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

/* What the index did not tell was found out by now. */
static int verify_hashes(struct run *r, struct err *e) {
    for (uint32_t i = 0; i < r->lock.npackages; i++) {
        const struct lock_file *f = &r->lock.packages[i].files[0];
        const struct project *p = universe_project(&r->universe, r->lock.packages[i].name);
        bool given = p->nhashes == 0;
        for (uint32_t h = 0; h < p->nhashes && !given; h++)
            given = str_eq(str_from(p->hashes[h], 7), f->sha256);
        if (!given)
            return err_fail(e, STR_FMT ": its SHA-256 is " STR_FMT ", which no --hash gives",
                            STR_ARG(f->name), STR_ARG(f->sha256));
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
    uint32_t lists = o->only_binary.n + o->no_binary.n + o->extras.n + o->groups.n;
    r->lock.options = arena_new(a, struct str, 9 + lists);
    if (o->all_extras)
        note_option(r, "--all-extras");
    if (o->exclude_newer)
        note_option(r, arena_fmt(a, "--exclude-newer %s", o->exclude_newer));
    for (uint32_t i = 0; i < o->extras.n; i++)
        note_option(r, arena_fmt(a, "--extra %s", o->extras.p[i]));
    for (uint32_t i = 0; i < o->groups.n; i++)
        note_option(r, arena_fmt(a, "--group %s", o->groups.p[i]));
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
    return verify_hashes(r, e);
}

static void settle_urls(struct run *r) {
    struct arena *a = &r->arena;
    const char *output = r->options.output;
    bool relative = r->options.format != FORMAT_REQUIREMENTS; /* pip knows no "name @ relative/path" */
    emit_relative(&r->lock, relative ? path_absolute(a, output ? path_dir(a, output) : ".") : NULL, a);
}

/* Whole or not at all, behind a link as well; but a device or a pipe is written to, not replaced. */
static int write_file(const char *path, struct str data, struct err *e) {
    char *real = realpath(path, NULL);
    struct stat st;
    int fd = -1, result = 0;
    if (is_regular(path) || lstat(path, &st) < 0)
        result = file_write(real ? real : path, data, 0666, e);
    else if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0 ||
             file_write_all(fd, data.p, data.n) < 0 || close(fd) < 0)
        result = err_errno(e, "cannot write %s", path);
    free(real);
    return result;
}

static int write_lock(struct run *r, struct err *e) {
    struct buf out = {0};
    emit(&r->lock, r->options.format, &out);
    int result = 0;
    if (r->options.output)
        result = write_file(r->options.output, buf_view(&out), e);
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
    return ask_is_show(&r->options) && !r->options.output ? 0 : write_lock(r, e);
}

static int make_plan(struct run *r, struct err *e) {
    if (store_open(&r->store, e) < 0 || target_make(&r->store, &r->options, &r->arena, &r->target, e) < 0)
        return -1;
    if (roots_read(&r->options, &r->target.env, &r->arena, &r->roots, e) < 0 || read_old_lock(r, e) < 0)
        return -1;
    if (r->options.check && !r->has_old)
        return err_input(e, "--check: there is no lock in %s; plan -o %s makes it", r->options.output,
                         r->options.output);
    if (spare_inputs(r, e) < 0 || open_world(r, e) < 0 || solve_it(r, e) < 0)
        return -1;
    return make_lock(r, e);
}

static int plan(struct run *r, struct err *e) {
    if (r->options.diff)
        return diff(r, e);
    int given = ask_given(&r->options, &r->arena, &r->lock, e);
    if (given < 0 || (!given && make_plan(r, e) < 0))
        return -1;
    settle_urls(r);
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
