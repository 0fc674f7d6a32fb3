#include "executor/manifest.h"

#include "base/file.h"
#include "base/map.h"

/* The file: header, folders, files, entry points, strings. Numbers are the machine's: a cache is not carried
   to a machine of another byte order, and would be refused there by its magic. */
enum { MAGIC = 0x4d474e45, FORMAT = 1 };

struct packed_str {
    uint32_t at, n; /* in the strings; behind each is a NUL */
};

struct packed_header {
    uint32_t magic, format;
    uint64_t checksum; /* of all that follows it */
    uint64_t bytes;
    uint32_t ndirs, nfiles, nentry_points, nstrings;
    struct packed_str name, version, dist_info;
    uint32_t purelib, unused;
};

struct packed_dir {
    struct packed_str path;
    uint32_t scheme;
};

struct packed_file {
    uint64_t size;
    int64_t mtime_ns;
    struct packed_str name, source, hash;
    uint32_t scheme, dir, executable, python_script;
};

struct packed_entry_point {
    struct packed_str name, module, attribute;
    uint32_t gui;
};

/* Tells torn from whole; it need not resist anyone who can write to the cache. */
static uint64_t checksum(struct str s) {
    uint64_t h = s.n, word;
    for (; s.n >= sizeof word; s = str_from(s, sizeof word)) {
        memcpy(&word, s.p, sizeof word);
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
    }
    return h ^ str_hash(s);
}

static struct packed_str put(struct buf *strings, struct str s) {
    struct packed_str at = {(uint32_t)strings->n, (uint32_t)s.n};
    buf_str(strings, s);
    buf_char(strings, 0);
    return at;
}

static void pack_dir(const struct manifest_dir *d, struct buf *out, struct buf *strings) {
    struct packed_dir p = {put(strings, d->path), d->scheme};
    buf_add(out, &p, sizeof p);
}

static void pack_file(const struct manifest_file *f, struct buf *out, struct buf *strings) {
    struct packed_file p = {.size = f->size,
                            .mtime_ns = f->mtime_ns,
                            .name = put(strings, f->name),
                            .source = put(strings, f->source),
                            .hash = put(strings, f->hash),
                            .scheme = f->scheme,
                            .dir = f->dir,
                            .executable = f->executable,
                            .python_script = f->python_script};
    buf_add(out, &p, sizeof p);
}

static void pack_entry_point(const struct entry_point *x, struct buf *out, struct buf *strings) {
    struct packed_entry_point p = {put(strings, x->name), put(strings, x->module), put(strings, x->attribute),
                                   x->gui};
    buf_add(out, &p, sizeof p);
}

void manifest_pack(const struct manifest *m, struct buf *out) {
    struct buf strings = {0};
    size_t start = out->n;
    struct packed_header h = {.magic = MAGIC,
                              .format = FORMAT,
                              .bytes = m->bytes,
                              .ndirs = m->ndirs,
                              .nfiles = m->nfiles,
                              .nentry_points = m->nentry_points,
                              .name = put(&strings, m->name),
                              .version = put(&strings, m->version),
                              .dist_info = put(&strings, m->dist_info),
                              .purelib = m->purelib};
    buf_add(out, &h, sizeof h);
    for (uint32_t i = 0; i < m->nfiles; i++)
        pack_file(&m->files[i], out, &strings);
    for (uint32_t i = 0; i < m->ndirs; i++)
        pack_dir(&m->dirs[i], out, &strings);
    for (uint32_t i = 0; i < m->nentry_points; i++)
        pack_entry_point(&m->entry_points[i], out, &strings);
    buf_str(out, buf_view(&strings));
    h.nstrings = (uint32_t)strings.n;
    memcpy(out->p + start, &h, sizeof h);
    size_t from = start + offsetof(struct packed_header, bytes);
    h.checksum = checksum(str_from(buf_view(out), from));
    memcpy(out->p + start, &h, sizeof h);
    buf_free(&strings);
}

/* What is left to read of a packed manifest. */
struct reader {
    struct str rest;    /* behind the header, up to the strings */
    struct str strings; /* copied to the arena: what is unpacked points there */
    bool bad;
};

static struct str get(struct reader *r, struct packed_str s) {
    if (s.at >= r->strings.n || s.n >= r->strings.n - s.at || r->strings.p[s.at + s.n]) {
        r->bad = true;
        return STR("");
    }
    return (struct str){r->strings.p + s.at, s.n};
}

/* A path of one or more components. */
static struct str get_path(struct reader *r, struct packed_str s) {
    struct str path = get(r, s);
    r->bad |= !path_is_safe(path);
    return path;
}

static struct str get_component(struct reader *r, struct packed_str s) {
    struct str name = get_path(r, s);
    r->bad |= str_find(name, '/') >= 0;
    return name;
}

static void take(struct reader *r, void *out, size_t n) {
    memcpy(out, r->rest.p, n);
    r->rest = str_from(r->rest, n);
}

static void get_file(struct reader *r, const struct packed_header *h, struct manifest_file *out) {
    struct packed_file p;
    take(r, &p, sizeof p);
    r->bad |= p.scheme >= SCHEMES || (p.dir >= h->ndirs && p.dir != MAP_NONE);
    *out = (struct manifest_file){.scheme = (enum scheme)p.scheme,
                                  .dir = p.dir,
                                  .name = get_component(r, p.name),
                                  .source = get_path(r, p.source),
                                  .hash = get(r, p.hash),
                                  .size = p.size,
                                  .mtime_ns = p.mtime_ns,
                                  .executable = p.executable != 0,
                                  .python_script = p.python_script != 0};
}

static void get_dir(struct reader *r, struct manifest_dir *out) {
    struct packed_dir p;
    take(r, &p, sizeof p);
    r->bad |= p.scheme >= SCHEMES;
    *out = (struct manifest_dir){(enum scheme)p.scheme, get_path(r, p.path)};
}

static void get_entry_point(struct reader *r, struct entry_point *out) {
    struct packed_entry_point p;
    take(r, &p, sizeof p);
    *out = (struct entry_point){get_component(r, p.name), get(r, p.module), get(r, p.attribute), p.gui != 0};
}

/* The parts are there in full before anything is allocated for them. */
static bool sizes_fit(const struct packed_header *h, size_t n) {
    return (uint64_t)h->nfiles * sizeof(struct packed_file) + (uint64_t)h->ndirs * sizeof(struct packed_dir) +
               (uint64_t)h->nentry_points * sizeof(struct packed_entry_point) + h->nstrings ==
           n;
}

int manifest_unpack(struct arena *a, struct str packed, struct manifest *out, struct err *e) {
    struct packed_header h;
    size_t from = offsetof(struct packed_header, bytes);
    if (packed.n < sizeof h)
        return err_fail(e, "the manifest is cut short");
    memcpy(&h, packed.p, sizeof h);
    if (h.magic != MAGIC || h.format != FORMAT || h.checksum != checksum(str_from(packed, from)) ||
        !sizes_fit(&h, packed.n - sizeof h))
        return err_fail(e, "the manifest is damaged, or of another version");
    struct reader r = {str_head(str_from(packed, sizeof h), packed.n - sizeof h - h.nstrings),
                       arena_str(a, str_from(packed, packed.n - h.nstrings)), false};
    *out = (struct manifest){.name = get(&r, h.name),
                             .version = get(&r, h.version),
                             .dist_info = get_component(&r, h.dist_info),
                             .purelib = h.purelib != 0,
                             .dirs = arena_new(a, struct manifest_dir, h.ndirs),
                             .ndirs = h.ndirs,
                             .files = arena_new(a, struct manifest_file, h.nfiles),
                             .nfiles = h.nfiles,
                             .entry_points = arena_new(a, struct entry_point, h.nentry_points),
                             .nentry_points = h.nentry_points,
                             .bytes = h.bytes};
    for (uint32_t i = 0; i < h.nfiles; i++)
        get_file(&r, &h, &out->files[i]);
    for (uint32_t i = 0; i < h.ndirs; i++)
        get_dir(&r, &out->dirs[i]);
    for (uint32_t i = 0; i < h.nentry_points; i++)
        get_entry_point(&r, &out->entry_points[i]);
    return r.bad ? err_fail(e, "the manifest is damaged") : 0;
}

int manifest_open(const char *entry, struct arena *a, struct manifest *out, char **tree) {
    struct err ignored;
    struct str packed;
    if (file_map(path_join(a, entry, "manifest"), &packed, &ignored) < 0)
        return -1;
    int result = manifest_unpack(a, packed, out, &ignored);
    file_unmap(packed);
    char *found = path_join(a, entry, "tree");
    if (result < 0 || !file_is_dir(found)) /* the cache may be deleted at any moment, in part as well */
        return -1;
    *tree = found;
    return 0;
}

int manifest_load(const struct store *store, const char *sha256, struct arena *a, struct manifest *out,
                  char **tree) {
    char *entry = store_find(store, a, arena_fmt(a, "wheels/%.2s/%s", sha256, sha256));
    return entry ? manifest_open(entry, a, out, tree) : -1;
}
