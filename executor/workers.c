#include "executor/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/map.h"
#include "executor/owned.h"
#include "executor/record.h"
#include "executor/remove.h"
#include "executor/unpack.h"

/* Below this, one thread unpacks faster than it could share. */
enum { SHARED_UNPACK = 1 << 20 };

struct task { /* a job with its workers, on its way through the pool */
    struct workers *workers;
    struct job *job;
    double began; /* what this thread, or the network, does for it now */
};

static struct package *package_of(const struct task *t) {
    return &t->workers->packages[t->job->package];
}

/* This thread's part in the step since `began`, up to now. */
static void note_span(struct task *t, uint32_t step, double began) {
    struct span span = {step, pool_self(t->workers->pool), began, events_now()};
    vec_push(&t->job->spans, span);
}

static void finish(struct task *t, const struct err *e) {
    if (e)
        t->job->error = strdup(e->text);
    struct job *job = t->job;
    struct queue *back = t->workers->back;
    free(t);
    queue_push(back, &job->note.message); /* from here on the job is the scheduler's */
}

/* One wheel that several threads unpack. Whoever comes late finds it over and goes: the last one inside ends
   it, and nobody waits for a helper that a busy pool has not started yet. */
struct team {
    struct task *task;
    struct unpack *unpack;
    pthread_mutex_t lock;
    uint32_t inside, helpers; /* helpers: posted and not yet gone */
    bool over;                /* no member is left, or one failed */
    bool failed;
    struct err error;
};

static void end_unpack(struct task *t, struct unpack *u, int failed, double began, struct err *e) {
    struct package *p = package_of(t);
    if (failed)
        unpack_drop(u);
    else
        failed = unpack_finish(u, e);
    body_free(&p->body);
    if (!failed && manifest_load(t->workers->store, p->sha256, &p->arena, &p->manifest, &p->tree))
        failed = err_fail(e, "it was unpacked, and is not in the cache %s; is something else deleting it?",
                          t->workers->store->root);
    if (!failed)
        t->job->ndone++;
    note_span(t, 0, began);
    finish(t, failed ? e : NULL);
}

static bool enter(struct team *team) {
    pthread_mutex_lock(&team->lock);
    bool open = !team->over;
    team->inside += open;
    pthread_mutex_unlock(&team->lock);
    return open;
}

/* True for the one that has to end it. */
static bool leave(struct team *team, int failed, double began, const struct err *e) {
    pthread_mutex_lock(&team->lock);
    if (failed && !team->failed) {
        team->failed = true;
        team->error = *e;
    }
    team->over = true;
    bool last = !--team->inside;
    if (!last)
        note_span(team->task, 0, began);
    pthread_mutex_unlock(&team->lock);
    return last;
}

/* A member of the team, or the one that ended it, lets go of it. */
static void let_go(struct team *team) {
    pthread_mutex_lock(&team->lock);
    bool last = !--team->helpers;
    pthread_mutex_unlock(&team->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&team->lock);
    free(team);
}

static void take_part(struct team *team, double began) {
    struct err e;
    if (enter(team)) {
        int failed = unpack_members(team->unpack, &e);
        if (leave(team, failed, began, &e))
            end_unpack(team->task, team->unpack, team->failed, began, &team->error);
    }
    let_go(team);
}

static void help(void *arg) {
    take_part(arg, events_now());
}

static void unpack_together(struct task *t, struct unpack *u) {
    struct team *team = mem_zero(sizeof *team);
    struct workers *w = t->workers;
    team->task = t;
    team->unpack = u;
    team->helpers = (uint32_t)w->threads;
    pthread_mutex_init(&team->lock, NULL);
    for (int i = 1; i < w->threads; i++)
        pool_post(w->pool, help, team);
    take_part(team, t->began);
}

/* Finishes the task itself, now or on another thread. */
static void unpack_wheel(struct task *t) {
    struct package *p = package_of(t);
    struct unpack *u;
    struct err e;
    const char *name = arena_str(&p->arena, p->file->name).p;
    if (unpack_begin(t->workers->store, p->body.bytes, name, p->name, p->version, p->sha256, &u, &e)) {
        body_free(&p->body);
        note_span(t, 0, t->began);
        finish(t, &e);
    } else if (t->workers->threads > 1 && p->body.bytes.n >= SHARED_UNPACK) {
        unpack_together(t, u);
    } else {
        int failed = unpack_members(u, &e);
        end_unpack(t, u, failed, t->began, &e);
    }
}

static int fetch_from_disk(struct package *p, struct err *e) {
    struct fetch_file file = {p->source, p->sha256, p->file->size};
    return fetch_local(&file, &p->body, e);
}

/* Copies need room; links need none. */
static int check_room(const struct workers *w, struct err *e) {
    if (w->linker->mode != LINK_COPY)
        return 0;
    uint64_t need = 0;
    for (uint32_t i = 0; i < w->npackages; i++)
        if (w->packages[i].tree)
            need += w->packages[i].manifest.bytes + w->packages[i].bytecode.bytes;
    struct statvfs v;
    if (statvfs(w->env->root, &v) || need <= (uint64_t)v.f_bavail * v.f_frsize)
        return 0;
    return err_fail(e, "%s has room for %llu MB, and %llu MB are to be installed; make room", w->env->root,
                    (unsigned long long)v.f_bavail * v.f_frsize / 1000000,
                    (unsigned long long)need / 1000000);
}

/* Before anything is touched. */
static int preflight(struct workers *w, struct err *e) {
    return check_room(w, e) || owned_shared(w->env, w->packages, w->npackages, &w->shared, e) ? -1 : 0;
}

static bool spare(void *ctx, struct str path) {
    const struct workers *w = ctx;
    if (map_find(&w->shared, path) == MAP_NONE)
        return false;
    link_contest(w->linker, path);
    return true;
}

static int remove_old(struct workers *w, const struct package *p, struct err *e) {
    for (uint32_t i = 0; i < p->change->nold; i++)
        if (remove_package(w->env, &p->change->old[i], spare, w, e))
            return -1;
    return 0;
}

/* Python can do without: a package without its bytecode works, only starts more slowly. So it never fails. */
static void warn(struct job *job, const struct package *p, const struct err *e) {
    struct buf text = {0};
    buf_fmt(&text, STR_FMT " is installed without bytecode, at least in part: %s", STR_ARG(p->name), e->text);
    free(job->warning);
    job->warning = text.p;
}

static void compile_package(struct workers *w, struct job *job, struct package *p) {
    struct err e;
    if (bytecode_compile(w->compiler, w->store, p->sha256, &p->manifest, p->tree, &p->arena, &p->bytecode,
                         &p->bytecode_tree, &e) == 0)
        return;
    p->bytecode_tree = NULL;
    if (!atomic_load(&w->cancelled))
        warn(job, p, &e);
}

static int link_files(struct workers *w, struct job *job, struct package *p, struct err *e) {
    struct err problem;
    if (link_package(w->linker, &p->manifest, p->tree, e) < 0)
        return -1;
    p->linked = true;
    if (p->bytecode_tree && link_over(w->linker, &p->bytecode, p->bytecode_tree, &problem) < 0)
        warn(job, p, &problem);
    return 0;
}

static int run_step(struct workers *w, struct job *job, enum action_kind kind, struct err *e) {
    struct package *p = job->package == MAP_NONE ? NULL : &w->packages[job->package];
    switch (kind) {
    case ACTION_FETCH:
        return fetch_from_disk(p, e);
    case ACTION_PREFLIGHT:
        return preflight(w, e);
    case ACTION_REMOVE:
        return remove_old(w, p, e);
    case ACTION_LINK:
        return link_files(w, job, p, e);
    case ACTION_SCRIPTS:
        return scripts_write(w->linker, &p->manifest, p->tree, &p->arena, &p->written, e);
    case ACTION_RECORD:
        return record_write(w->linker, &p->manifest, p->change->wanted.package, p->source, &p->written, e);
    case ACTION_MARK:
        return record_requested(w->env, p->change->old, p->change->wanted.package->requested, e);
    case ACTION_CLEAR:
        return 0;
    case ACTION_BYTECODE:
        compile_package(w, job, p);
        return 0;
    default:
        return err_fail(e, "%s is not supported yet", action_name(kind));
    }
}

static void run_task(void *arg) {
    struct task *t = arg;
    struct job *job = t->job;
    t->began = events_now();
    if (job->steps[0] == ACTION_UNPACK) {
        unpack_wheel(t);
        return;
    }
    struct err e;
    int failed = 0;
    while (!failed && job->ndone < job->nsteps) {
        double began = job->spans.n ? job->spans.p[job->spans.n - 1].ended : t->began;
        failed = run_step(t->workers, job, job->steps[job->ndone], &e);
        note_span(t, job->ndone, began);
        job->ndone += !failed;
    }
    finish(t, failed ? &e : NULL);
}

static void downloaded(void *ctx, struct body *body, const struct err *error) {
    struct task *t = ctx;
    package_of(t)->body = *body;
    *body = (struct body){0};
    t->job->ndone += !error;
    vec_push(&t->job->spans, (struct span){0, -1, t->began, events_now()});
    t->job->cancelled = error && atomic_load(&t->workers->cancelled);
    finish(t, error);
}

static void start(void *ctx, struct job *job) {
    struct workers *w = ctx;
    struct task *t = mem_alloc(sizeof *t);
    *t = (struct task){w, job, events_now()};
    if (job->steps[0] != ACTION_FETCH || package_of(t)->local) {
        pool_post(w->pool, run_task, t);
        return;
    }
    struct package *p = package_of(t);
    struct fetch_file file = {p->source, p->sha256, p->file->size};
    fetch_start(w->http, w->store, &file, job->priority, downloaded, t);
}

static uint64_t received(void *ctx) {
    struct workers *w = ctx;
    return w->http ? http_received(w->http) : w->received;
}

static void cancel(void *ctx) {
    struct workers *w = ctx;
    w->received = received(w);
    atomic_store(&w->cancelled, true);
    http_free(w->http);
    w->http = NULL;
}

int workers_open(struct workers *w, int threads, int downloads, struct err *e) {
    w->threads = threads;
    if (downloads) {
        struct http_options o = {
            .user_agent = "envgraph/" VERSION, .retries = -1, .netrc = true, .streams = downloads};
        w->http = http_new(&o, e);
        if (!w->http)
            return -1;
    }
    w->pool = pool_new(threads);
    return 0;
}

void workers_close(struct workers *w) {
    if (w->pool)
        pool_free(w->pool);
    w->pool = NULL;
    map_free(&w->shared);
    cancel(w);
}

struct runner workers_runner(struct workers *w) {
    return (struct runner){.start = start, .cancel = cancel, .received = received, .ctx = w};
}
