#include "executor/trace.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/map.h"

enum { PHASES_ROW = 0, FIRST_WORKER = 1, FIRST_NETWORK = 1000 }; /* "tid" */

static void add_slices(struct trace *t, const struct event *e) {
    for (uint32_t i = 0; i < e->nspans; i++) {
        const struct span *s = &e->spans[i];
        if (s->step == e->step)
            vec_push(&t->slices,
                     (struct slice){e->node, s->worker, e->kind == EVENT_FAILED, s->began, s->ended});
    }
}

static void tell(void *ctx, const struct scene *scene, const struct event *e) {
    struct trace *t = ctx;
    t->scene = scene;
    if (e->kind == EVENT_FINISHED || e->kind == EVENT_FAILED || e->kind == EVENT_SKIPPED)
        add_slices(t, e);
    uint64_t last = t->samples.n ? t->samples.p[t->samples.n - 1].received : 0;
    if (e->kind == EVENT_TICK && e->received != last)
        vec_push(&t->samples, (struct sample){e->time, e->received});
}

struct listener trace_listener(struct trace *t) {
    return (struct listener){tell, t};
}

/* Rows */

static int by_time(const void *a, const void *b) {
    const struct slice *x = a, *y = b;
    return x->began != y->began ? (x->began < y->began ? -1 : 1) : x->node < y->node ? -1 : x->node > y->node;
}

/* Slices of one row must not overlap, and downloads do: each goes to the first row that is free. Returns how
   many rows the network has. */
static uint32_t spread(struct trace *t) {
    VEC(double) free_from = {0};
    if (t->slices.n)
        qsort(t->slices.p, t->slices.n, sizeof *t->slices.p, by_time);
    for (uint32_t i = 0; i < t->slices.n; i++) {
        struct slice *s = &t->slices.p[i];
        uint32_t row = 0;
        if (s->row >= 0) {
            s->row += FIRST_WORKER;
            continue;
        }
        while (row < free_from.n && free_from.p[row] > s->began)
            row++;
        if (row == free_from.n)
            vec_push(&free_from, 0);
        free_from.p[row] = s->ended;
        s->row = FIRST_NETWORK + (int)row;
    }
    uint32_t rows = free_from.n;
    vec_free(&free_from);
    return rows;
}

/* Writing */

struct writer {
    struct buf out;
    double began; /* the trace's zero */
};

/* Nanoseconds: whole, so that a slice ends exactly where the next one begins. */
static int64_t since(const struct writer *w, double time) {
    return (int64_t)((time - w->began) * 1e9 + 0.5);
}

static void add_time(struct writer *w, const char *key, int64_t ns) {
    ns = ns < 0 ? 0 : ns;
    buf_fmt(&w->out, ",\"%s\":%" PRId64 ".%03d", key, ns / 1000, (int)(ns % 1000)); /* in microseconds */
}

/* The caller closes it. */
static void begin(struct writer *w, char phase, int row) {
    buf_fmt(&w->out, "%s{\"ph\":\"%c\",\"pid\":1,\"tid\":%d", w->out.p[w->out.n - 1] == '[' ? "\n" : ",\n",
            phase, row);
}

static void name_row(struct writer *w, int row, const char *what, int number) {
    begin(w, 'M', row);
    buf_fmt(&w->out, ",\"name\":\"thread_name\",\"args\":{\"name\":\"%s", what);
    if (number)
        buf_fmt(&w->out, " %d", number);
    buf_c(&w->out, "\"}}");
    begin(w, 'M', row);
    buf_fmt(&w->out, ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":%d}}", row);
}

static void add_rows(struct writer *w, const struct trace *t, uint32_t network) {
    int workers = 0;
    for (uint32_t i = 0; i < t->slices.n; i++) {
        int row = t->slices.p[i].row;
        if (row < FIRST_NETWORK && row > workers)
            workers = row;
    }
    name_row(w, PHASES_ROW, "execute", 0);
    for (int i = 1; i <= workers; i++)
        name_row(w, i, "worker", i);
    for (uint32_t i = 0; i < network; i++)
        name_row(w, FIRST_NETWORK + (int)i, "network", (int)i + 1);
}

static void add_phases(struct writer *w, const struct report_times *times) {
    double last = times->began;
    for (int i = 0; i < times->n; i++) {
        begin(w, 'X', PHASES_ROW);
        add_time(w, "ts", since(w, last));
        add_time(w, "dur", since(w, times->end[i]) - since(w, last));
        buf_fmt(&w->out, ",\"cat\":\"phase\",\"name\":\"%s\"}", times->name[i]);
        last = times->end[i];
    }
}

/* What the node handled; 0: not known. */
static uint64_t bytes_of(const struct action *a, const struct package *p) {
    if (a->kind == ACTION_FETCH)
        return p->file->size;
    if (a->kind == ACTION_BYTECODE)
        return p->bytecode_tree ? p->bytecode.bytes : 0;
    return a->kind != ACTION_REMOVE && a->kind != ACTION_MARK && p->tree ? p->manifest.bytes : 0;
}

static void add_package(struct writer *w, const struct action *a, const struct package *p) {
    uint64_t bytes = bytes_of(a, p);
    buf_c(&w->out, ",\"package\":");
    json_quote(&w->out, p->name);
    buf_c(&w->out, ",\"version\":");
    json_quote(&w->out, p->version);
    if (bytes)
        buf_fmt(&w->out, ",\"bytes\":%" PRIu64, bytes);
}

static void add_slice(struct writer *w, const struct scene *scene, const struct slice *s) {
    const struct action *a = &scene->actions->p[s->node];
    const struct package *p = a->package == MAP_NONE ? NULL : &scene->packages[a->package];
    struct buf name = {0};
    buf_c(&name, action_name(a->kind));
    if (p)
        buf_fmt(&name, " " STR_FMT, STR_ARG(p->name));
    begin(w, 'X', s->row);
    add_time(w, "ts", since(w, s->began));
    add_time(w, "dur", since(w, s->ended) - since(w, s->began));
    buf_fmt(&w->out, ",\"cat\":\"%s\",\"name\":", action_name(a->kind));
    json_quote(&w->out, buf_view(&name));
    buf_fmt(&w->out, ",\"args\":{\"node\":%u", s->node);
    if (p)
        add_package(w, a, p);
    if (s->failed)
        buf_c(&w->out, ",\"failed\":true");
    buf_c(&w->out, "}}");
    buf_free(&name);
}

/* An arrow binds to the slice that is under way at its time. */
static void add_arrow(struct writer *w, uint32_t id, const struct slice *from, const struct slice *to) {
    int64_t end = since(w, from->ended) - 1, start = since(w, from->began);
    begin(w, 's', from->row);
    add_time(w, "ts", end > start ? end : start);
    buf_fmt(&w->out, ",\"cat\":\"edge\",\"name\":\"then\",\"id\":%u}", id);
    begin(w, 'f', to->row);
    add_time(w, "ts", since(w, to->began));
    buf_fmt(&w->out, ",\"cat\":\"edge\",\"name\":\"then\",\"id\":%u,\"bp\":\"e\"}", id);
}

static void add_arrows(struct writer *w, const struct trace *t) {
    const struct graph *g = &t->scene->actions->graph;
    const struct slice **first = mem_zero((g->n + 1) * sizeof *first);
    const struct slice **last = mem_zero((g->n + 1) * sizeof *last);
    for (uint32_t i = 0; i < t->slices.n; i++) {
        const struct slice *s = &t->slices.p[i];
        if (!first[s->node])
            first[s->node] = s;
        if (!last[s->node] || last[s->node]->ended <= s->ended)
            last[s->node] = s;
    }
    for (uint32_t from = 0; from < g->n; from++)
        for (uint32_t i = g->first[from]; i < g->first[from + 1]; i++)
            if (last[from] && first[g->out[i]])
                add_arrow(w, i, last[from], first[g->out[i]]);
    free(first);
    free(last);
}

static void add_samples(struct writer *w, const struct trace *t) {
    for (uint32_t i = 0; i < t->samples.n; i++) {
        begin(w, 'C', PHASES_ROW);
        add_time(w, "ts", since(w, t->samples.p[i].time));
        buf_fmt(&w->out, ",\"name\":\"received\",\"args\":{\"bytes\":%" PRIu64 "}}",
                t->samples.p[i].received);
    }
}

int trace_write(struct trace *t, const struct report_times *times, const char *path, struct err *e) {
    struct writer w = {.began = times->began};
    uint32_t network = spread(t);
    buf_c(&w.out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
    add_rows(&w, t, network);
    add_phases(&w, times);
    for (uint32_t i = 0; i < t->slices.n; i++)
        add_slice(&w, t->scene, &t->slices.p[i]);
    if (t->scene)
        add_arrows(&w, t);
    add_samples(&w, t);
    buf_c(&w.out, "\n]}\n");
    int result = file_write(path, buf_view(&w.out), 0666, e);
    buf_free(&w.out);
    return result;
}

void trace_close(struct trace *t) {
    vec_free(&t->slices);
    vec_free(&t->samples);
}
