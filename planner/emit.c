#include "planner/emit.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/url.h"
#include "graph/graph.h"
#include "planner/links.h"
#include "planner/show.h"

void emit_absolute(struct lock *l, const char *dir, struct arena *a) {
    for (uint32_t i = 0; i < l->npackages; i++)
        for (uint32_t k = 0; k < l->packages[i].nfiles; k++) {
            struct str *url = &l->packages[i].files[k].url;
            if (!url_is(*url))
                *url = url_of_path(a, path_absolute(a, path_join(a, dir, arena_str(a, *url).p)));
        }
}

void emit_relative(struct lock *l, const char *dir, struct arena *a) {
    char *prefix = dir ? arena_fmt(a, "%s%s", dir, strcmp(dir, "/") ? "/" : "") : NULL;
    for (uint32_t i = 0; i < l->npackages; i++)
        for (uint32_t k = 0; k < l->packages[i].nfiles; k++) {
            struct str *url = &l->packages[i].files[k].url, path = url_to_path(a, *url);
            if (prefix && path.n && str_starts(path, str_of(prefix)))
                *url = str_from(path, strlen(prefix));
            else
                *url = url_redact(a, *url);
        }
}

static void emit_requirements(const struct lock *l, struct buf *out) {
    for (uint32_t i = 0; i < l->npackages; i++) {
        const struct lock_package *p = &l->packages[i];
        if (p->direct)
            buf_fmt(out, STR_FMT " @ " STR_FMT, STR_ARG(p->name), STR_ARG(p->files[0].url));
        else
            buf_fmt(out, STR_FMT "==" STR_FMT, STR_ARG(p->name), STR_ARG(p->version));
        if (p->marker.n) {
            buf_c(out, " ; ");
            show_text(p->marker, out); /* on one line, whatever white space it has */
        }
        for (uint32_t f = 0; f < p->nfiles; f++)
            buf_fmt(out, " \\\n    --hash=sha256:" STR_FMT, STR_ARG(p->files[f].sha256));
        buf_char(out, '\n');
    }
}

static void label(void *ctx, uint32_t node, struct buf *out) {
    const struct lock *l = ctx;
    buf_fmt(out, STR_FMT " " STR_FMT, STR_ARG(l->packages[node].name), STR_ARG(l->packages[node].version));
}

/* An edge from what is needed to what needs it, as the graph has it: first things first. */
static void emit_dot(const struct lock *l, struct buf *out) {
    struct graph g = {0};
    struct arena a = {0};
    struct links needs;
    links_make(l, false, &a, &needs);
    for (uint32_t i = 0; i < l->npackages; i++)
        graph_node(&g, 1);
    for (uint32_t i = 0; i < l->npackages; i++)
        for (size_t k = needs.first[i]; k < needs.first[i + 1]; k++)
            graph_edge(&g, needs.to[k], i);
    graph_dot(&g, label, (void *)(uintptr_t)l, out);
    graph_free(&g);
    arena_free(&a);
}

/* The moment that reproducible builds agree upon, or -1. */
static int64_t source_date(void) {
    const char *text = getenv("SOURCE_DATE_EPOCH");
    uint64_t seconds;
    return text && str_u64(str_of(text), &seconds) && seconds <= INT64_MAX ? (int64_t)seconds : -1;
}

void emit(const struct lock *l, enum format format, struct buf *out) {
    switch (format) {
    case FORMAT_ENV_LOCK:
        lock_write(l, out);
        return;
    case FORMAT_REQUIREMENTS:
        emit_requirements(l, out);
        return;
    case FORMAT_DOT:
        emit_dot(l, out);
        return;
    case FORMAT_JSON:
        emit_json(l, out);
        return;
    case FORMAT_PYLOCK:
        emit_pylock(l, out);
        return;
    case FORMAT_CYCLONEDX:
        emit_sbom(l, source_date(), out);
        return;
    }
}
