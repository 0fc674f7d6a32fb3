#include "base/url.h"
#include "base/yaml.h"
#include "formats/lock.h"

static void put(struct buf *out, const char *key, struct str value) {
    buf_c(out, key);
    buf_c(out, ": ");
    yaml_scalar(out, value);
    buf_char(out, '\n');
}

static void put_if(struct buf *out, const char *key, struct str value) {
    if (value.n)
        put(out, key, value);
}

/* A block sequence under a key of its own: one line an element, so that differences show one by one. */
static void put_lines(struct buf *out, const char *key, const struct str *p, uint32_t n) {
    if (n)
        buf_fmt(out, "%s:\n", key);
    for (uint32_t i = 0; i < n; i++) {
        buf_c(out, "  - ");
        yaml_scalar(out, p[i]);
        buf_char(out, '\n');
    }
}

static void put_flow(struct buf *out, const char *key, const struct str *p, uint32_t n) {
    buf_fmt(out, "%s: [", key);
    for (uint32_t i = 0; i < n; i++) {
        buf_c(out, i ? ", " : "");
        yaml_flow_scalar(out, p[i]);
    }
    buf_c(out, "]\n");
}

static void put_target(struct buf *out, const struct lock *l) {
    if (!l->python.n && !l->implementation.n && !l->platform.n)
        return;
    buf_c(out, "target:\n");
    put_if(out, "  python", l->python);
    put_if(out, "  implementation", l->implementation);
    put_if(out, "  platform", l->platform);
}

static void put_inputs(struct buf *out, const struct lock *l) {
    if (l->ninputs)
        buf_c(out, "inputs:\n");
    for (uint32_t i = 0; i < l->ninputs; i++) {
        put(out, "  - path", l->inputs[i].path);
        put(out, "    sha256", l->inputs[i].sha256);
    }
}

static void put_file(struct buf *out, const struct lock_file *f) {
    struct arena a = {0};
    put(out, "      - url", url_redact(&a, f->url));
    put(out, "        sha256", f->sha256);
    if (f->size)
        buf_fmt(out, "        size: %llu\n", (unsigned long long)f->size);
    arena_free(&a);
}

static void put_package(struct buf *out, const struct lock_package *p) {
    put(out, "  - name", p->name);
    put(out, "    version", p->version);
    if (p->requested)
        buf_c(out, "    requested: true\n");
    if (p->direct)
        buf_c(out, "    direct: true\n");
    if (p->nextras)
        put_flow(out, "    extras", p->extras, p->nextras);
    put_if(out, "    marker", p->marker);
    put_flow(out, "    depends", p->depends, p->ndepends);
    buf_c(out, "    files:\n");
    for (uint32_t i = 0; i < p->nfiles; i++)
        put_file(out, &p->files[i]);
}

void lock_write(const struct lock *l, struct buf *out) {
    buf_c(
        out,
        "# A locked Python environment, written by plan; `execute env.lock` installs it. See env.lock(5).\n");
    buf_fmt(out, "lock-version: %d\n", LOCK_VERSION);
    put_target(out, l);
    put_inputs(out, l);
    put_lines(out, "requires", l->requires, l->nrequires);
    put_lines(out, "options", l->options, l->noptions);
    buf_c(out, l->npackages ? "packages:\n" : "packages: []\n");
    for (uint32_t i = 0; i < l->npackages; i++)
        put_package(out, &l->packages[i]);
}
