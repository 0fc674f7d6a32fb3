#include "executor/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"

static const double redraw_s = 0.05, log_line_s = 2.0;

void status_open(struct status *s, const struct log *log) {
    *s = (struct status){.log = log, .began = events_now()};
    s->drawn = s->began;
    s->pause = log_line_s;
}

void status_clear(struct status *s) {
    if (s->on_screen)
        file_write_all(STDERR_FILENO, "\r\033[K", 4);
    s->on_screen = false;
}

void status_close(struct status *s) {
    status_clear(s);
    vec_free(&s->running);
}

static size_t terminal_width(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* " 12.3 MB 8.1 MB/s eta 2 s", as far as there is something to say. */
static void add_numbers(const struct status *s, double now, struct buf *out) {
    char text[32];
    if (!s->received)
        return;
    buf_fmt(out, " %s", log_bytes(text, s->received));
    double seconds = now - s->net_began;
    if (seconds < 0.2 || s->received >= s->expected)
        return;
    double rate = (double)s->received / seconds;
    buf_fmt(out, " %s/s", log_bytes(text, (unsigned long long)rate));
    buf_fmt(out, " eta %.0f s", (double)(s->expected - s->received) / rate + 0.5);
}

/* " downloading a, b, unpacking c": by kind, in the order in which they started, no more than three of each.
 */
static void add_running(const struct status *s, const struct scene *scene, struct buf *out) {
    for (int kind = 0; kind < ACTIONS; kind++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < s->running.n && n < 3; i++) {
            const struct action *a = &scene->actions->p[s->running.p[i]];
            if ((int)a->kind != kind || a->package == MAP_NONE)
                continue;
            buf_c(out, out->n ? ", " : " ");
            if (!n++)
                buf_fmt(out, "%s ", action_doing(a->kind));
            buf_str(out, scene->packages[a->package].name);
        }
    }
}

static void draw(struct status *s, const struct scene *scene, double now) {
    struct buf line = {0}, running = {0}, numbers = {0};
    add_running(s, scene, &running);
    add_numbers(s, now, &numbers);
    buf_fmt(&line, "\r[%u/%u]", s->done, s->total);
    size_t width = terminal_width() - 1, taken = line.n - 1 + numbers.n;
    size_t room = width > taken ? width - taken : 0;
    if (running.n > room && room > 4) {
        buf_str(&line, str_head(buf_view(&running), room - 3));
        buf_c(&line, "...");
    } else if (running.n <= room) {
        buf_str(&line, buf_view(&running));
    }
    buf_str(&line, buf_view(&numbers));
    line.n = line.n - 1 > width ? width + 1 : line.n;
    buf_c(&line, "\033[K");
    file_write_all(STDERR_FILENO, line.p, line.n);
    s->on_screen = true;
    buf_free(&line);
    buf_free(&running);
    buf_free(&numbers);
}

static void write_line(const struct status *s, const struct scene *scene, double now) {
    struct buf running = {0}, numbers = {0};
    add_running(s, scene, &running);
    add_numbers(s, now, &numbers);
    log_note(s->log, "[%u/%u]" STR_FMT STR_FMT, s->done, s->total, STR_ARG(buf_view(&running)),
             STR_ARG(buf_view(&numbers)));
    buf_free(&running);
    buf_free(&numbers);
}

static void tick(struct status *s, const struct scene *scene, const struct event *e) {
    if (e->received && !s->received)
        s->net_began = e->time;
    s->received = e->received;
    if (s->log->verbosity < 0)
        return;
    if (s->log->tty && e->time - s->drawn >= redraw_s) {
        draw(s, scene, e->time);
        s->drawn = e->time;
    } else if (!s->log->tty && e->time - s->drawn >= s->pause) {
        write_line(s, scene, e->time);
        s->drawn = e->time;
        s->pause = s->pause < 20 ? s->pause * 1.5 : 30;
    }
}

static void stopped_running(struct status *s, uint32_t node) {
    for (uint32_t i = 0; i < s->running.n; i++) {
        if (s->running.p[i] != node)
            continue;
        s->running.n--;
        memmove(s->running.p + i, s->running.p + i + 1, (s->running.n - i) * sizeof *s->running.p);
        return;
    }
}

static void planned(struct status *s, const struct scene *scene) {
    s->total = scene->actions->graph.n;
    for (uint32_t i = 0; i < s->total; i++)
        s->expected += scene->actions->p[i].bytes;
}

static void finished(struct status *s, const struct scene *scene, const struct event *e) {
    s->done++;
    stopped_running(s, e->node);
    const struct action *a = &scene->actions->p[e->node];
    if (s->log->verbosity < 1 || a->package == MAP_NONE)
        return;
    status_clear(s);
    const struct package *p = &scene->packages[a->package];
    log_verbose(s->log, "[%u/%u] %s " STR_FMT " " STR_FMT, s->done, s->total, action_name(a->kind),
                STR_ARG(p->name), STR_ARG(p->version));
}

char *status_printable(char *text) {
    for (char *c = text; *c; c++)
        if (((unsigned char)*c < 0x20 && *c != '\n') || *c == 0x7f)
            *c = '?';
    return text;
}

static char *copy_printable(const char *text) {
    char *copy = mem_alloc(strlen(text) + 1);
    return status_printable(strcpy(copy, text));
}

static void failed(struct status *s, const struct scene *scene, const struct event *e) {
    status_clear(s);
    stopped_running(s, e->node);
    char *text = copy_printable(e->text);
    if (e->package == MAP_NONE)
        log_error(s->log, "execute", "%s", text);
    else
        log_error(s->log, "execute", STR_FMT ": %s", STR_ARG(scene->packages[e->package].name), text);
    free(text);
}

static void note(struct status *s, const struct event *e) {
    status_clear(s);
    char *text = copy_printable(e->text);
    if (s->log->verbosity >= 0)
        log_warn(s->log, "%s", text);
    free(text);
}

static const char *plural(uint32_t n) {
    return n == 1 ? "" : "s";
}

static void add_part(struct buf *out, const char *fmt, uint32_t n) {
    if (!n)
        return;
    if (out->n)
        buf_c(out, ", ");
    buf_fmt(out, fmt, n);
}

/* "5 from the cache, 7 downloaded (12.3 MB)" */
static void add_sources(const struct totals *t, struct buf *out) {
    struct buf parts = {0};
    char text[32];
    add_part(&parts, "%u from the cache", t->cached);
    add_part(&parts, "%u from local files", t->local);
    add_part(&parts, "%u downloaded", t->downloaded);
    if (t->downloaded)
        buf_fmt(&parts, " (%s)", log_bytes(text, t->received));
    if (parts.n)
        buf_fmt(out, ": " STR_FMT, STR_ARG(buf_view(&parts)));
    buf_free(&parts);
}

static void ended(struct status *s, const struct totals *t) {
    status_clear(s);
    struct buf out = {0};
    char text[32];
    uint32_t n = t->installed + t->replaced;
    buf_fmt(&out, "installed %u package%s", n, plural(n));
    if (t->replaced)
        buf_fmt(&out, " (%u replaced)", t->replaced);
    add_sources(t, &out);
    if (t->removed)
        buf_fmt(&out, "; removed %u", t->removed);
    if (t->kept)
        buf_fmt(&out, "; kept %u", t->kept);
    buf_fmt(&out, "; %s", log_seconds(text, t->seconds));
    if (t->signal)
        buf_c(&out, "; interrupted, run it again to go on");
    else if (t->failed)
        buf_fmt(&out, "; %u job%s failed, %u not started", t->failed, plural(t->failed), t->skipped);
    log_note(s->log, STR_FMT, STR_ARG(buf_view(&out)));
    buf_free(&out);
}

static void tell(void *ctx, const struct scene *scene, const struct event *e) {
    struct status *s = ctx;
    switch (e->kind) {
    case EVENT_PLANNED:
        planned(s, scene);
        break;
    case EVENT_STARTED:
        vec_push(&s->running, e->node);
        break;
    case EVENT_FINISHED:
        finished(s, scene, e);
        break;
    case EVENT_FAILED:
        failed(s, scene, e);
        break;
    case EVENT_SKIPPED:
        stopped_running(s, e->node);
        break;
    case EVENT_NOTE:
        note(s, e);
        break;
    case EVENT_TICK:
        tick(s, scene, e);
        break;
    case EVENT_END:
        ended(s, e->totals);
        break;
    case EVENT_PACKAGE:
        break;
    }
}

struct listener status_listener(struct status *s) {
    return (struct listener){tell, s};
}
