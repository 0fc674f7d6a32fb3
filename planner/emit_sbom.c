#include "planner/emit.h"

#include <time.h>

#include "base/hash.h"
#include "base/url.h"
#include "planner/json_writer.h"
#include "planner/links.h"

static const char *const root = "environment"; /* the bom-ref of what all components are parts of */

/* Everything but RFC 3986's unreserved characters. */
static void put_percent(struct buf *out, struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (char_alnum(s.p[i]) || strchr("-._~", s.p[i]))
            buf_char(out, s.p[i]);
        else
            buf_fmt(out, "%%%02X", (unsigned char)s.p[i]);
}

/* Package URL (ECMA-427), type pypi. */
static struct str purl(struct arena *a, const struct lock_package *p) {
    struct buf text = {0};
    buf_fmt(&text, "pkg:pypi/" STR_FMT "@", STR_ARG(p->name));
    put_percent(&text, p->version);
    if (p->direct && str_starts(p->files[0].url, STR("http"))) { /* a local path says nothing elsewhere */
        buf_c(&text, "?download_url=");
        put_percent(&text, p->files[0].url);
    }
    struct str s = arena_str(a, buf_view(&text));
    buf_free(&text);
    return s;
}

/* One for each package: in a universal lock the same version may stand twice, under different markers. */
static struct str *references(const struct lock *l, struct arena *a) {
    struct str *refs = arena_new(a, struct str, l->npackages);
    uint32_t same = 0;
    for (uint32_t i = 0; i < l->npackages; i++) {
        const struct lock_package *p = &l->packages[i];
        bool again = i && str_eq(p->name, p[-1].name) && str_eq(p->version, p[-1].version);
        same = again ? same + 1 : 0;
        refs[i] = purl(a, p);
        if (same)
            refs[i] = str_of(arena_fmt(a, STR_FMT "#%u", STR_ARG(refs[i]), same + 1));
    }
    return refs;
}

/* The digest of the lock as a UUID of version 8 (RFC 9562): the same lock, the same serial number. */
static void put_serial(struct json_writer *w, const struct lock *l) {
    struct buf lock = {0};
    struct arena a = {0};
    uint8_t d[SHA256_BYTES];
    char hex[2 * 16 + 1];
    lock_write(l, &lock);
    sha256(lock.p, lock.n, d);
    d[6] = (uint8_t)(0x80 | (d[6] & 0x0f));
    d[8] = (uint8_t)(0x80 | (d[8] & 0x3f));
    hex_encode(d, 16, hex);
    json_text(w, "serialNumber",
              str_of(arena_fmt(&a, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                               hex + 20)));
    buf_free(&lock);
    arena_free(&a);
}

static void put_time(struct json_writer *w, int64_t seconds) {
    char text[40];
    time_t t = (time_t)seconds;
    struct tm tm;
    if (seconds >= 0 && gmtime_r(&t, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
        json_text(w, "timestamp", str_of(text));
}

static void put_property(struct json_writer *w, const char *name, struct str value) {
    if (!value.n)
        return;
    json_open(w, NULL, '{');
    json_text(w, "name", str_of(name));
    json_text(w, "value", value);
    json_close(w, '}');
}

static void put_metadata(struct json_writer *w, const struct lock *l, int64_t epoch) {
    json_open(w, "metadata", '{');
    put_time(w, epoch);
    json_open(w, "tools", '{');
    json_open(w, "components", '[');
    json_open(w, NULL, '{');
    json_text(w, "type", STR("application"));
    json_text(w, "name", STR("envgraph"));
    json_text(w, "version", STR(VERSION));
    json_close(w, '}');
    json_close(w, ']');
    json_close(w, '}');
    json_open(w, "component", '{');
    json_text(w, "type", STR("application"));
    json_text(w, "bom-ref", str_of(root));
    json_text(w, "name", str_of(root));
    json_close(w, '}');
    json_open(w, "properties", '[');
    put_property(w, "envgraph:python", l->python);
    put_property(w, "envgraph:implementation", l->implementation);
    put_property(w, "envgraph:platform", l->platform);
    json_close(w, ']');
    json_close(w, '}');
}

static void put_hash(struct json_writer *w, const struct lock_file *f) {
    json_open(w, "hashes", '[');
    json_open(w, NULL, '{');
    json_text(w, "alg", STR("SHA-256"));
    json_text(w, "content", f->sha256);
    json_close(w, '}');
    json_close(w, ']');
}

static void put_component(struct json_writer *w, const struct lock_package *p, struct str ref,
                          struct arena *a) {
    json_open(w, NULL, '{');
    json_text(w, "type", STR("library"));
    json_text(w, "bom-ref", ref);
    json_text(w, "name", p->name);
    json_text(w, "version", p->version);
    if (p->nfiles == 1) /* which of several files gets installed is not known here */
        put_hash(w, &p->files[0]);
    json_text(w, "purl", purl(a, p));
    json_open(w, "externalReferences", '[');
    for (uint32_t i = 0; i < p->nfiles; i++) {
        json_open(w, NULL, '{');
        json_text(w, "type", STR("distribution"));
        json_text(w, "url", p->files[i].url);
        put_hash(w, &p->files[i]);
        json_close(w, '}');
    }
    json_close(w, ']');
    if (p->marker.n) {
        json_open(w, "properties", '[');
        put_property(w, "envgraph:marker", p->marker);
        json_close(w, ']');
    }
    json_close(w, '}');
}

static void put_dependency(struct json_writer *w, struct str ref, const struct str *on, uint32_t n) {
    json_open(w, NULL, '{');
    json_text(w, "ref", ref);
    json_texts(w, "dependsOn", on, n);
    json_close(w, '}');
}

static void put_dependencies(struct json_writer *w, const struct lock *l, const struct str *refs,
                             struct arena *a) {
    struct links needs;
    struct str *on = arena_new(a, struct str, l->npackages);
    uint32_t n = 0;
    links_make(l, false, a, &needs);
    json_open(w, "dependencies", '[');
    for (uint32_t i = 0; i < l->npackages; i++)
        if (l->packages[i].requested)
            on[n++] = refs[i];
    put_dependency(w, str_of(root), on, n);
    for (uint32_t i = 0; i < l->npackages; i++) {
        n = 0;
        for (size_t k = needs.first[i]; k < needs.first[i + 1]; k++)
            on[n++] = refs[needs.to[k]];
        put_dependency(w, refs[i], on, n);
    }
    json_close(w, ']');
}

void emit_sbom(const struct lock *l, int64_t epoch, struct buf *out) {
    struct arena a = {0};
    struct json_writer w = {.out = out};
    struct str *refs = references(l, &a);
    json_open(&w, NULL, '{');
    json_text(&w, "$schema", STR("http://cyclonedx.org/schema/bom-1.6.schema.json"));
    json_text(&w, "bomFormat", STR("CycloneDX"));
    json_text(&w, "specVersion", STR("1.6"));
    put_serial(&w, l);
    json_number(&w, "version", 1);
    put_metadata(&w, l, epoch);
    json_open(&w, "components", '[');
    for (uint32_t i = 0; i < l->npackages; i++)
        put_component(&w, &l->packages[i], refs[i], &a);
    json_close(&w, ']');
    put_dependencies(&w, l, refs, &a);
    json_close(&w, '}');
    arena_free(&a);
}
