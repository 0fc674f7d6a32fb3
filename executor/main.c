/* execute: makes an environment what the lock says. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/pool.h"
#include "executor/checks.h"
#include "executor/guard.h"
#include "executor/interpreter.h"
#include "executor/json.h"
#include "executor/memory.h"
#include "executor/options.h"
#include "executor/repair.h"
#include "executor/report.h"
#include "executor/status.h"
#include "executor/trace.h"
#include "executor/venv.h"
#include "formats/pylock.h"

struct run {
    struct options o;
    struct log log;
    struct arena arena;
    struct store store;
    bool store_is_open;
    struct buf text; /* the lock's bytes */
    struct lock lock;
    bool lock_is_read;
    struct python python;
    struct environment env;
    char stamp[SHA256_HEX + 1];
    int guard; /* file descriptor; -1: none */
    bool made; /* the venv was not there */
    struct wanted_list wanted;
    struct installed have;
    struct diff diff;
    struct package *packages; /* diff.n */
    struct verdict verdict;   /* of the last inspection, if any */
    struct actions actions;
    const char *bytecode; /* the name of its entries in the cache; NULL: not wanted */
    struct status status;
    struct json_lines json;
    struct trace trace;
    struct events events;
    struct engine_outcome outcome;
    struct report_times times;
};

static int read_bytes(struct run *r, struct err *e) {
    if (!r->o.lock)
        return 0; /* --venv-only */
    return file_read(r->o.lock, &r->text, e) ? (e->kind = ERR_INPUT, -1) : 0;
}

static int read_lock(struct run *r, struct err *e) {
    if (r->lock_is_read || !r->o.lock)
        return 0;
    r->lock_is_read = true;
    bool toml = str_ends(str_of(r->o.lock), STR(".toml")); /* PEP 751: pylock.toml, pylock.NAME.toml */
    return (toml ? pylock_read : lock_read)(&r->arena, buf_view(&r->text), r->o.lock, &r->lock, e);
}

/* "3.11" of the lock's "3.11.7". */
static const char *lock_python(struct run *r) {
    struct str rest = r->lock.python, major = {0}, minor = {0};
    str_cut(&rest, '.', &major);
    if (!major.n || !str_cut(&rest, '.', &minor))
        return NULL;
    return arena_fmt(&r->arena, STR_FMT "." STR_FMT, STR_ARG(major), STR_ARG(minor));
}

/* --python, else what the venv was made from, else what the lock was planned for. The lock is parsed only for
   the last: a run that has nothing to do need not. */
static int find_python(struct run *r, struct err *e) {
    const char *wanted = r->o.python;
    if (!wanted && r->o.kind == ENV_VENV)
        wanted = interpreter_of_venv(&r->arena, r->o.root);
    if (!wanted && read_lock(r, e))
        return -1;
    if (!wanted && r->lock_is_read)
        wanted = lock_python(r);
    return python_find(&r->store, wanted, &r->arena, &r->python, e);
}

static int describe(struct run *r, struct err *e) {
    if (r->o.kind == ENV_SYSTEM && r->python.externally_managed)
        return err_fail(e,
                        STR_FMT
                        " is managed by the operating system (PEP 668), which would not know of what is"
                        " installed there; make a venv instead: execute --venv DIR",
                        STR_ARG(r->python.executable));
    return environment_describe(&r->arena, r->o.kind, r->o.root, &r->python, &r->env, e);
}

/* What a run depends on; the same stamp: nothing to do. */
static void make_stamp(struct run *r) {
    struct buf b = {0};
    buf_fmt(&b, "envgraph " VERSION "\n%d %d\n" STR_FMT "\n" STR_FMT "\n", (int)r->o.kind, (int)r->o.inexact,
            STR_ARG(r->python.base_executable), STR_ARG(r->python.version));
    buf_str(&b, buf_view(&r->text));
    sha256_hex(b.p, b.n, r->stamp);
    buf_free(&b);
}

static bool is_settled(struct run *r) {
    return r->o.lock && str_eq(state_stamp(&r->arena, &r->env), str_of(r->stamp));
}

static int check_lock(struct run *r, struct err *e) {
    if (read_lock(r, e) || wanted_check_python(&r->lock, &r->python, e))
        return -1;
    return wanted_select(&r->arena, &r->lock, &r->python, &r->wanted, e);
}

static void say_waiting(void *ctx) {
    struct run *r = ctx;
    log_note(&r->log, "another execute works on %s; waiting for it", r->env.root);
}

static int lock_environment(struct run *r, bool *waited, struct err *e) {
    return guard_enter(&r->env, say_waiting, r, &r->guard, waited, e);
}

static void make_packages(struct run *r) {
    const char *dir = r->o.lock[0] == '-' && !r->o.lock[1] ? r->o.dir : path_dir(&r->arena, r->o.lock);
    r->packages = packages_make(&r->arena, &r->diff, dir, &r->store, r->bytecode);
}

static int compare_packages(struct run *r, struct err *e) {
    packages_free(r->packages, r->diff.n);
    if (installed_read(&r->arena, &r->env, &r->have, e))
        return -1;
    diff_make(&r->arena, &r->wanted, &r->have, !r->o.inexact, &r->diff);
    make_packages(r);
    return 0;
}

/* Every file against the lock's wheels. */
static int inspect(struct run *r, struct err *e) {
    double began = events_now();
    int threads = r->o.jobs ? r->o.jobs : pool_cpus();
    verdict_free(&r->verdict);
    if (verify_run(&r->env, &r->store, r->packages, r->diff.n, !r->o.inexact, threads, &r->verdict, e))
        return -1;
    struct listener json = json_listener(&r->json);
    report_verdict(&r->log, &r->verdict, r->o.tool == TOOL_NONE, r->o.json ? &json : NULL,
                   events_now() - began);
    return 0;
}

static int verify(struct run *r, struct err *e) {
    return compare_packages(r, e) || inspect(r, e) ? -1 : r->verdict.n > 0;
}

/* For --repair damage is a change like any other. */
static int compare(struct run *r, struct err *e) {
    if (compare_packages(r, e))
        return -1;
    if (!r->o.repair)
        return 0;
    if (inspect(r, e) || (!r->o.dry_run && repair_cache(&r->store, &r->verdict, r->packages, r->diff.n, e)))
        return -1;
    repair_diff(&r->arena, &r->verdict, &r->have, &r->diff);
    make_packages(r);
    for (uint32_t i = 0; i < r->diff.n; i++) /* -n: it is still there */
        r->packages[i].cached &= !r->verdict.packages[i].cache_bad;
    return 0;
}

/* Looks at everything, touches nothing but the lock file of an environment that is there. */
static int look(struct run *r, struct err *e) {
    bool waited;
    bool used = file_is_dir(path_join(&r->arena, r->env.root, ".envgraph"));
    if (used && !r->o.dry_run && lock_environment(r, &waited, e))
        return -1;
    if (compare(r, e) || check_removable(&r->env, &r->diff, e) ||
        (r->o.offline && check_offline(r->packages, r->diff.n, e)))
        return -1;
    return actions_make(r->packages, r->diff.n, &r->actions, e);
}

/* The venv, and the lock of an environment that no run has seen: of one that is to be made before anything
   else is in it, of a folder that is there only once it is known to be a venv. */
static int prepare(struct run *r, struct err *e) {
    bool waited = false, is_new = !file_exists(r->env.root);
    if (r->guard < 0 && is_new && lock_environment(r, &waited, e))
        return -1;
    r->made = r->env.kind == ENV_VENV && !venv_exists(&r->env);
    if (r->env.kind == ENV_VENV && venv_create(&r->env, e))
        return -1;
    if (r->guard < 0 && lock_environment(r, &waited, e))
        return -1;
    if (!waited)
        return 0;
    actions_free(&r->actions); /* somebody was here meanwhile */
    return compare(r, e) ? -1 : actions_make(r->packages, r->diff.n, &r->actions, e);
}

static void listen(struct run *r) {
    r->events.scene = (struct scene){&r->actions, r->packages, r->diff.n};
    if (r->o.json)
        vec_push(&r->events.listeners, json_listener(&r->json));
    if (r->o.trace)
        vec_push(&r->events.listeners, trace_listener(&r->trace));
    status_open(&r->status, &r->log);
    vec_push(&r->events.listeners, status_listener(&r->status));
}

static int carry_out(struct run *r, struct err *e) {
    listen(r);
    struct engine_options o = {
        .jobs = r->o.jobs,
        .keep_going = r->o.keep_going,
        .tick_ms = r->log.tty && r->log.verbosity >= 0 ? 50 : 500,
        .link_mode = r->o.link_mode,
        .bytecode = r->bytecode,
    };
    int failed = r->actions.graph.n ? engine_run(&r->store, &r->env, r->packages, r->diff.n, &r->actions, &o,
                                                 &r->events, &r->outcome, e)
                                    : 0;
    status_clear(&r->status);
    return failed;
}

static struct memory memory_of(struct run *r) {
    return (struct memory){&r->env, &r->diff, &r->arena};
}

static void say_nothing_to_do(const struct run *r) {
    if (r->made)
        log_note(&r->log, "made %s with Python " STR_FMT, r->env.root, STR_ARG(r->python.version));
    else
        log_note(&r->log, "nothing to do");
}

static int conclude(struct run *r, struct err *e) {
    struct totals t = report_totals(r->packages, r->diff.n, &r->actions, &r->outcome);
    bool complete = !t.failed && !t.skipped && !t.signal;
    struct memory memory = memory_of(r);
    if (memory_after(&memory, r->packages, &r->actions, complete ? r->stamp : "", e))
        return -1;
    t.seconds = events_now() - r->times.began;
    if (complete && !r->actions.graph.n)
        say_nothing_to_do(r);
    else
        events_tell(&r->events,
                    (struct event){.kind = EVENT_END, .node = MAP_NONE, .package = MAP_NONE, .totals = &t});
    return t.signal ? 128 + t.signal : !complete;
}

/* The environment is as the lock says? Only a second look knows. */
static int verify_repaired(struct run *r, int code, struct err *e) {
    if (code || !r->o.repair)
        return code;
    return r->actions.graph.n ? verify(r, e) : r->verdict.n > 0;
}

static int make_bare_venv(struct run *r, struct err *e) {
    r->made = !venv_exists(&r->env);
    if (r->o.dry_run) {
        puts(r->made ? "make the environment" : "nothing to do");
        return 0;
    }
    if (venv_create(&r->env, e))
        return -1;
    say_nothing_to_do(r);
    return 0;
}

static int dry_run(struct run *r) {
    if (r->o.tool == TOOL_GRAPH) {
        struct buf out = {0};
        actions_dot(&r->actions, r->packages, &out);
        fwrite(out.p, 1, out.n, stdout);
        buf_free(&out);
    } else if (!r->actions.graph.n) {
        printf("nothing to do\n");
    } else {
        report_dry_run(r->packages, r->diff.n);
    }
    return 0;
}

/* Returns the exit code, or -1 with an error. */
static int execute(struct run *r, struct err *e) {
    if (read_bytes(r, e) || store_open(&r->store, e))
        return -1;
    r->store_is_open = true;
    if (find_python(r, e) || describe(r, e))
        return -1;
    if (r->o.bytecode)
        r->bytecode = bytecode_name(&r->arena, &r->python);
    make_stamp(r);
    report_phase(&r->times, "interpreter");
    if (r->o.venv_only)
        return read_lock(r, e) || (r->o.lock && wanted_check_python(&r->lock, &r->python, e))
                   ? -1
                   : make_bare_venv(r, e);
    if (!r->o.dry_run && !r->o.verify && !r->o.repair && is_settled(r)) {
        say_nothing_to_do(r);
        return 0;
    }
    if (check_lock(r, e))
        return -1;
    report_phase(&r->times, "lock");
    if (r->o.verify)
        return verify(r, e);
    if (look(r, e))
        return -1;
    report_phase(&r->times, "compare");
    if (r->o.explain)
        report_explain(&r->log, r->packages, r->diff.n);
    if (r->o.dry_run)
        return dry_run(r);
    struct memory memory = memory_of(r);
    if (prepare(r, e) || memory_before(&memory, e) ||
        (r->o.repair && repair_records(&r->env, &r->verdict, &r->diff, e)))
        return -1;
    report_phase(&r->times, "prepare");
    if (carry_out(r, e)) {
        struct err ignored; /* paths that packages share may be in either's hands: the next run looks anew */
        memory_forget(&memory, &ignored);
        return -1;
    }
    report_phase(&r->times, "run");
    int code = conclude(r, e);
    return verify_repaired(r, code, e);
}

static void give_back(struct run *r) {
    status_close(&r->status);
    trace_close(&r->trace);
    vec_free(&r->events.listeners);
    actions_free(&r->actions);
    packages_free(r->packages, r->diff.n);
    verdict_free(&r->verdict);
    if (r->guard >= 0)
        close(r->guard);
    if (r->store_is_open)
        store_close(&r->store);
    buf_free(&r->text);
    arena_free(&r->arena);
}

/* The options that are answered without a run. */
static bool answer(const struct options *o) {
    if (o->help)
        fputs(options_usage, stdout);
    else if (o->version)
        puts("execute (envgraph) " VERSION);
    else if (o->debug_list)
        puts("explain  why each package changes\nstats    where the time went");
    else if (o->tool == TOOL_LIST)
        puts("graph  the run's actions for graphviz");
    else
        return false;
    return true;
}

int main(int argc, char **argv) {
    struct run r = {.guard = -1, .times = {.began = events_now()}};
    struct err e;
    int failed = options_parse(&r.arena, argc, argv, &r.o, &e);
    r.log = log_open(r.o.verbosity);
    json_open(&r.json, stdout);
    int code = failed ? -1 : answer(&r.o) ? 0 : execute(&r, &e);
    if (code < 0)
        log_error(&r.log, "execute", "%s", status_printable(e.text));
    if (!failed && r.o.trace && r.times.n && !r.o.dry_run && code >= 0 &&
        trace_write(&r.trace, &r.times, r.o.trace, &e)) {
        log_error(&r.log, "execute", "%s", e.text);
        code = code ? code : 1;
    }
    if (!failed && r.o.stats && code >= 0)
        report_stats(&r.times, &r.actions, &r.outcome);
    give_back(&r);
    if (fflush(stdout) || ferror(stdout)) {
        log_error(&r.log, "execute", "cannot write to standard output");
        return 1;
    }
    return code < 0 ? (int)e.kind : code;
}
