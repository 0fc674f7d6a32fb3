#include "planner/emit.h"

#include "base/json.h"
#include "base/url.h"
#include "formats/version.h"
#include "planner/links.h"

/* A TOML basic string is a JSON string in which DEL is escaped too. */
static void put_text(struct buf *out, struct str s) {
    struct buf quoted = {0};
    json_quote(&quoted, s);
    for (size_t i = 0; i < quoted.n; i++)
        if (quoted.p[i] == 0x7f)
            buf_c(out, "\\u007f");
        else
            buf_char(out, quoted.p[i]);
    buf_free(&quoted);
}

static void put(struct buf *out, const char *key, struct str value) {
    buf_fmt(out, "%s = ", key);
    put_text(out, value);
}

static void put_line(struct buf *out, const char *key, struct str value) {
    put(out, key, value);
    buf_char(out, '\n');
}

static bool is_universal(const struct lock *l) {
    for (uint32_t i = 0; i < l->npackages; i++)
        if (l->packages[i].marker.n)
            return true;
    return false;
}

/* What sys_platform says where wheels with this platform tag run; the markers know nothing finer. */
static const char *sys_platform(struct str tag) {
    static const char *const systems[][2] = {{"manylinux", "linux"},
                                             {"musllinux", "linux"},
                                             {"linux", "linux"},
                                             {"macosx", "darwin"},
                                             {"win", "win32"}};
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        if (str_starts(tag, str_of(systems[i][0])))
            return systems[i][1];
    return NULL;
}

/* platform_machine stands at the end of Linux's and macOS's tags. Left out where it can differ from the
   tag's: 32 bits on a machine of 64, universal binaries. */
static struct str machine(struct str tag) {
    static const char *const machines[] = {"x86_64", "aarch64", "arm64", "ppc64le", "s390x", "riscv64"};
    for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
        if (str_ends(tag, str_of(machines[i])) && !str_starts(tag, STR("win")))
            return str_of(machines[i]);
    return STR("");
}

/* Left out as well: what cannot stand in a marker's string. */
static void put_condition(struct buf *marker, const char *variable, struct str value) {
    for (size_t i = 0; i < value.n; i++)
        if (!char_alnum(value.p[i]) && !strchr("._-", value.p[i]))
            return;
    if (value.n)
        buf_fmt(marker, "%s%s == \"" STR_FMT "\"", marker->n ? " and " : "", variable, STR_ARG(value));
}

/* Where the lock holds: the files were chosen, the markers decided for one kind of environment. */
static void put_environment(struct buf *out, const struct lock *l) {
    struct buf marker = {0};
    put_condition(&marker, "implementation_name", l->implementation);
    put_condition(&marker, "sys_platform", str_of(sys_platform(l->platform)));
    put_condition(&marker, "platform_machine", machine(l->platform));
    if (marker.n) {
        buf_c(out, "environments = [");
        put_text(out, buf_view(&marker));
        buf_c(out, "]\n");
    }
    buf_free(&marker);
}

static void put_python(struct buf *out, const struct lock *l) {
    struct arena a = {0};
    struct version v;
    uint64_t n[2];
    if (version_parse(&a, l->python, &v) && version_release(&v, n, 2) >= 2)
        buf_fmt(out, "requires-python = \"==%llu.%llu.*\"\n", (unsigned long long)n[0],
                (unsigned long long)n[1]);
    arena_free(&a);
}

/* What stands behind name in the table of a file. */
static void put_file(struct buf *out, const struct lock_file *f) {
    put(out, url_is(f->url) ? "url" : "path", f->url);
    if (f->size && f->size <= INT64_MAX) /* TOML has no greater ones */
        buf_fmt(out, ", size = %llu", (unsigned long long)f->size);
    buf_fmt(out, ", hashes = { sha256 = \"" STR_FMT "\" } }", STR_ARG(f->sha256));
}

static void put_named_file(struct buf *out, const struct lock_file *f) {
    buf_c(out, "{ ");
    put(out, "name", f->name);
    buf_c(out, ", ");
    put_file(out, f);
}

static void put_wheels(struct buf *out, const struct lock_package *p) {
    bool any = false;
    for (uint32_t i = 0; i < p->nfiles; i++)
        if (p->files[i].kind == LOCK_WHEEL) {
            buf_c(out, any ? ",\n    " : "wheels = [\n    ");
            put_named_file(out, &p->files[i]);
            any = true;
        }
    buf_c(out, any ? ",\n]\n" : "");
}

/* "sdist" is for the names that PEP 625 has; what came by URL, and other archives, are an "archive". */
static bool is_sdist(const struct lock_file *f) {
    return f->kind == LOCK_SDIST && (str_ends(f->name, STR(".tar.gz")) || str_ends(f->name, STR(".zip")));
}

static void put_files(struct buf *out, const struct lock_package *p) {
    const struct lock_file *first = &p->files[0];
    if (p->direct || (first->kind == LOCK_SDIST && !is_sdist(first))) {
        buf_c(out, "archive = { ");
        put_file(out, first);
        buf_char(out, '\n');
        return;
    }
    put_wheels(out, p);
    for (uint32_t i = 0; i < p->nfiles; i++)
        if (is_sdist(&p->files[i])) {
            buf_c(out, "sdist = ");
            put_named_file(out, &p->files[i]);
            buf_char(out, '\n');
            break; /* the format has room for one */
        }
}

/* An edge says as much as tells the package from the others of its name. */
static void put_dependencies(struct buf *out, const struct lock *l, const struct lock_package *p) {
    bool any = false;
    for (uint32_t d = 0; d < p->ndepends; d++) {
        uint32_t end, first = links_find(l, p->depends[d], &end);
        for (uint32_t i = first; i < end; i++) {
            const struct lock_package *q = &l->packages[i];
            buf_c(out, any ? ", { " : "dependencies = [{ ");
            put(out, "name", q->name);
            if (end - first > 1) {
                buf_c(out, ", ");
                put(out, "version", q->version);
                buf_c(out, ", ");
                put(out, "marker", q->marker);
            }
            buf_c(out, " }");
            any = true;
        }
    }
    buf_c(out, any ? "]\n" : "");
}

static void put_package(struct buf *out, const struct lock *l, const struct lock_package *p) {
    buf_c(out, "\n[[packages]]\n");
    put_line(out, "name", p->name);
    put_line(out, "version", p->version);
    if (p->marker.n)
        put_line(out, "marker", p->marker);
    put_dependencies(out, l, p);
    put_files(out, p);
}

void emit_pylock(const struct lock *l, struct buf *out) {
    buf_c(out, "lock-version = \"1.0\"\n");
    if (!is_universal(l)) {
        put_environment(out, l);
        put_python(out, l);
    }
    buf_c(out, "created-by = \"envgraph\"\n");
    if (!l->npackages)
        buf_c(out, "packages = []\n");
    for (uint32_t i = 0; i < l->npackages; i++)
        put_package(out, l, &l->packages[i]);
}
