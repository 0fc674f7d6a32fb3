#include "executor/json.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/map.h"

static const double bytes_every_s = 0.5;

static const char *kind_name(enum event_kind kind) {
    static const char *const names[] = {"planned", "started", "finished", "failed", "skipped",
                                        "package", "note",    "bytes",    "end"};
    return names[kind];
}

static void add_text(struct buf *out, const char *key, struct str value) {
    buf_fmt(out, ",\"%s\":", key);
    json_quote(out, value);
}

static void add_number(struct buf *out, const char *key, uint64_t value) {
    buf_fmt(out, ",\"%s\":%" PRIu64, key, value);
}

static void add_node(struct buf *out, const struct scene *scene, uint32_t node) {
    const struct action *a = &scene->actions->p[node];
    add_number(out, "node", node);
    add_text(out, "action", str_of(action_name(a->kind)));
    if (a->state == ACTION_SKIPPED && a->because != MAP_NONE)
        add_number(out, "because", a->because);
}

static void add_totals(struct buf *out, const struct totals *t) {
    add_number(out, "installed", t->installed);
    add_number(out, "replaced", t->replaced);
    add_number(out, "removed", t->removed);
    add_number(out, "kept", t->kept);
    add_number(out, "cached", t->cached);
    add_number(out, "downloaded", t->downloaded);
    add_number(out, "local", t->local);
    add_number(out, "failed", t->failed);
    add_number(out, "skipped", t->skipped);
    add_number(out, "bytes", t->received);
    if (t->signal)
        add_number(out, "signal", (uint64_t)t->signal);
    buf_fmt(out, ",\"seconds\":%.6f", t->seconds);
}

static void tell(void *ctx, const struct scene *scene, const struct event *e) {
    struct json_lines *j = ctx;
    if (e->kind == EVENT_TICK) {
        if (!e->received || e->time - j->told < bytes_every_s)
            return;
        j->told = e->time;
    }
    struct buf line = {0};
    buf_fmt(&line, "{\"event\":\"%s\",\"time\":%.6f", kind_name(e->kind), e->time - j->began);
    if (e->node != MAP_NONE)
        add_node(&line, scene, e->node);
    if (e->package != MAP_NONE) {
        add_text(&line, "package", scene->packages[e->package].name);
        add_text(&line, "version", scene->packages[e->package].version);
    }
    if (e->text)
        add_text(&line, "text", str_of(e->text));
    if (e->kind == EVENT_PLANNED)
        add_number(&line, "nodes", scene->actions->graph.n);
    if (e->kind == EVENT_TICK)
        add_number(&line, "received", e->received);
    if (e->totals)
        add_totals(&line, e->totals);
    buf_c(&line, "}\n");
    fwrite(line.p, 1, line.n, j->out);
    buf_free(&line);
}

void json_open(struct json_lines *j, FILE *out) {
    *j = (struct json_lines){.out = out, .began = events_now()};
}

struct listener json_listener(struct json_lines *j) {
    return (struct listener){tell, j};
}
