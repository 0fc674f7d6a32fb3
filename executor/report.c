#include "executor/report.h"

#include <stdio.h>

#include "base/map.h"

void report_dry_run(const struct package *packages, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const struct package *p = &packages[i];
        if (p->change->kind == CHANGE_KEEP)
            continue;
        printf("%s " STR_FMT " " STR_FMT, change_name(p->change->kind), STR_ARG(p->name),
               STR_ARG(p->version));
        if (package_installs(p))
            printf(" (%s)", p->cached  ? "from the cache"
                            : p->local ? "from a local file"
                                       : "to be downloaded");
        putchar('\n');
    }
}

void report_explain(const struct log *log, const struct package *packages, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const struct change *c = packages[i].change;
        if (c->kind != CHANGE_KEEP || log->verbosity > 0)
            fprintf(stderr, "explain: %s " STR_FMT " " STR_FMT ": %s\n", change_name(c->kind),
                    STR_ARG(c->name), STR_ARG(packages[i].version), c->reason);
    }
}

void report_phase(struct report_times *t, const char *name) {
    if (t->n == REPORT_PHASES)
        return;
    t->name[t->n] = name;
    t->end[t->n++] = events_now();
}

void report_stats(const struct report_times *t, const struct actions *actions,
                  const struct engine_outcome *o) {
    char text[32];
    double last = t->began;
    for (int i = 0; i < t->n; i++) {
        fprintf(stderr, "stats: %-10s %s\n", t->name[i], log_seconds(text, t->end[i] - last));
        last = t->end[i];
    }
    fprintf(stderr, "stats: %-10s %s\n", "total", log_seconds(text, last - t->began));
    if (!o->schedule.jobs)
        return;
    fprintf(stderr, "stats: %u nodes, %u edges, %u jobs on %d threads\n", actions->graph.n,
            actions->graph.nedges, o->schedule.jobs, o->threads);
    fprintf(stderr, "stats: %llu requests, %s\n", (unsigned long long)o->requests,
            log_bytes(text, o->received));
    if (o->bytecode.processes)
        fprintf(stderr, "stats: bytecode of %u files, %u are not valid Python, by %u processes\n",
                o->bytecode.files, o->bytecode.bad, o->bytecode.processes);
}

static void count_installed(const struct package *p, struct totals *t) {
    if (p->change->kind == CHANGE_REPLACE)
        t->replaced++;
    else
        t->installed++;
    if (p->cached)
        t->cached++;
    else if (p->local)
        t->local++;
    else
        t->downloaded++;
}

struct totals report_totals(const struct package *packages, uint32_t n, const struct actions *actions,
                            const struct engine_outcome *o) {
    struct totals t = {
        .failed = o->schedule.failed,
        .skipped = o->schedule.skipped,
        .received = o->received,
        .signal = o->schedule.signal,
    };
    for (uint32_t i = 0; i < actions->graph.n; i++) {
        const struct action *a = &actions->p[i];
        if (a->state != ACTION_DONE || a->package == MAP_NONE)
            continue;
        const struct package *p = &packages[a->package];
        if (a->kind == ACTION_RECORD)
            count_installed(p, &t);
        else if (a->kind == ACTION_REMOVE && p->change->kind == CHANGE_REMOVE)
            t.removed++;
    }
    for (uint32_t i = 0; i < n; i++)
        t.kept += change_keeps(packages[i].change->kind);
    return t;
}

void report_verdict(const struct log *log, const struct verdict *v, bool lines, const struct listener *json,
                    double seconds) {
    char bytes[32], took[32];
    for (uint32_t i = 0; i < v->n && lines; i++)
        if (json)
            json->tell(json->ctx, &(struct scene){0},
                       &(struct event){EVENT_NOTE, events_now(), MAP_NONE, MAP_NONE, .text = v->lines[i].p});
        else
            puts(v->lines[i].p);
    fflush(stdout);
    if (v->by_record)
        log_note(log, "held against its own RECORD, as the cache has not got the wheel: %s", v->by_record);
    log_bytes(bytes, v->bytes);
    log_seconds(took, seconds);
    if (v->n)
        log_note(log, "%u difference%s; %u files of %u packages (%s) in %s", v->n, v->n == 1 ? "" : "s",
                 v->nfiles, v->npackages, bytes, took);
    else
        log_note(log, "all as the lock says: %u files of %u packages (%s) in %s", v->nfiles, v->npackages,
                 bytes, took);
}
