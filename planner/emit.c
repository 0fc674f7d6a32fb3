#include "planner/emit.h"

#include "base/json.h"
#include "base/map.h"
#include "base/url.h"
#include "graph/graph.h"

void emit_relative(struct lock *l, const char *dir, struct arena *a) {
    char *prefix = arena_fmt(a, "%s%s", dir, strcmp(dir, "/") ? "/" : "");
    for (uint32_t i = 0; i < l->npackages; i++) {
        struct lock_file *f = &l->packages[i].files[0];
        struct str path = url_to_path(a, f->url);
        if (path.n && str_starts(path, str_of(prefix)))
            f->url = str_from(path, strlen(prefix));
        else
            f->url = url_redact(a, f->url);
    }
}

static void emit_requirements(const struct lock *l, struct buf *out) {
    for (uint32_t i = 0; i < l->npackages; i++) {
        const struct lock_package *p = &l->packages[i];
        const struct lock_file *f = &p->files[0];
        if (p->direct)
            buf_fmt(out, STR_FMT " @ " STR_FMT " \\\n", STR_ARG(p->name), STR_ARG(f->url));
        else
            buf_fmt(out, STR_FMT "==" STR_FMT " \\\n", STR_ARG(p->name), STR_ARG(p->version));
        buf_fmt(out, "    --hash=sha256:" STR_FMT "\n", STR_ARG(f->sha256));
    }
}

static void label(void *ctx, uint32_t node, struct buf *out) {
    const struct lock *l = ctx;
    buf_fmt(out, STR_FMT " " STR_FMT, STR_ARG(l->packages[node].name), STR_ARG(l->packages[node].version));
}

/* An edge from what is needed to what needs it, as the graph has it: first things first. */
static void emit_dot(const struct lock *l, struct buf *out) {
    struct graph g = {0};
    struct map names = {0};
    for (uint32_t i = 0; i < l->npackages; i++) {
        map_id(&names, l->packages[i].name);
        graph_node(&g, 1);
    }
    for (uint32_t i = 0; i < l->npackages; i++)
        for (uint32_t d = 0; d < l->packages[i].ndepends; d++)
            graph_edge(&g, map_find(&names, l->packages[i].depends[d]), i);
    graph_dot(&g, label, (void *)(uintptr_t)l, out);
    map_free(&names);
    graph_free(&g);
}

static void json_pair(struct buf *out, const char *key, struct str value) {
    json_quote(out, str_of(key));
    buf_c(out, ": ");
    json_quote(out, value);
}

static void json_names(struct buf *out, const char *key, const struct str *p, uint32_t n) {
    buf_fmt(out, ", \"%s\": [", key);
    for (uint32_t i = 0; i < n; i++) {
        buf_c(out, i ? ", " : "");
        json_quote(out, p[i]);
    }
    buf_char(out, ']');
}

static void emit_json(const struct lock *l, struct buf *out) {
    buf_c(out, "{\n  ");
    buf_fmt(out, "\"lock-version\": %d,\n  \"target\": {", l->version);
    json_pair(out, "python", l->python);
    buf_c(out, ", ");
    json_pair(out, "implementation", l->implementation);
    buf_c(out, ", ");
    json_pair(out, "platform", l->platform);
    buf_c(out, "},\n  \"packages\": [");
    for (uint32_t i = 0; i < l->npackages; i++) {
        const struct lock_package *p = &l->packages[i];
        const struct lock_file *f = &p->files[0];
        buf_c(out, i ? ",\n    {" : "\n    {");
        json_pair(out, "name", p->name);
        buf_c(out, ", ");
        json_pair(out, "version", p->version);
        buf_fmt(out, ", \"requested\": %s", p->requested ? "true" : "false");
        json_names(out, "extras", p->extras, p->nextras);
        json_names(out, "depends", p->depends, p->ndepends);
        buf_c(out, ", ");
        json_pair(out, "url", f->url);
        buf_c(out, ", ");
        json_pair(out, "sha256", f->sha256);
        buf_fmt(out, ", \"size\": %llu}", (unsigned long long)f->size);
    }
    buf_c(out, "\n  ]\n}\n");
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
    }
}
