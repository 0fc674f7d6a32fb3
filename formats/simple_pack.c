/* The packed page: a magic number, a checksum of the rest, the project's name, a table of the strings that
   many files share, then the files one behind the other. Numbers are of variable length (7 bits a byte,
   lowest first), strings a number and their bytes: there is nothing to align, and no offset that could lead
   astray. */
#include "base/map.h"
#include "base/vec.h"
#include "formats/simple.h"

enum { HEADER = 16 };
static const char magic[8] = "egpage1\n";

enum flags {
    FLAG_YANKED = 1,
    FLAG_METADATA = 2,
    FLAG_METADATA_SHA256 = 4,
    FLAG_HASH = 8,
    FLAG_TAIL = 16 /* the file's name is how its URL ends */
};

/* Torn and damaged files, not forgeries: a word at a time, each mixed over the whole. */
static uint64_t checksum(struct str s) {
    uint64_t h = s.n * 0x9e3779b97f4a7c15u, word;
    for (; s.n >= sizeof word; s = str_from(s, sizeof word)) {
        memcpy(&word, s.p, sizeof word);
        h = (h ^ word) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

static void put_number(struct buf *out, uint64_t v) {
    for (; v >= 0x80; v >>= 7)
        buf_char(out, (char)(v | 0x80));
    buf_char(out, (char)v);
}

static void put_str(struct buf *out, struct str s) {
    put_number(out, s.n);
    buf_str(out, s);
}

static void put_file(struct buf *out, const struct simple_file *f, struct map *shared) {
    bool tail = f->filename.n && str_ends(f->url, f->filename);
    unsigned flags = (f->yanked ? FLAG_YANKED : 0) | (f->metadata == SIMPLE_METADATA ? FLAG_METADATA : 0) |
                     (f->metadata == SIMPLE_METADATA_SHA256 ? FLAG_METADATA_SHA256 : 0) |
                     (f->hash.n ? FLAG_HASH : 0) | (tail ? FLAG_TAIL : 0);
    buf_char(out, (char)flags);
    put_str(out, f->url);
    if (tail)
        put_number(out, f->filename.n);
    else
        put_str(out, f->filename);
    put_number(out, map_id(shared, f->requires_python));
    put_number(out, f->size);
    /* zigzag: a time before 1970 stays short too */
    put_number(out, (uint64_t)f->upload_time << 1 ^ (uint64_t)(f->upload_time >> 63));
    if (f->hash.n) {
        put_number(out, f->hash_kind);
        put_str(out, f->hash);
    }
    if (f->yanked)
        put_number(out, map_id(shared, f->yanked_reason));
    if (f->metadata == SIMPLE_METADATA_SHA256)
        buf_add(out, f->metadata_sha256, SHA256_BYTES);
}

void simple_pack(const struct simple_page *page, struct buf *out) {
    struct map shared = {0};
    struct buf files = {0};
    for (uint32_t i = 0; i < page->n; i++)
        put_file(&files, &page->files[i], &shared);
    size_t start = out->n;
    buf_add(out, magic, sizeof magic);
    buf_add(out, "\0\0\0\0\0\0\0", sizeof(uint64_t));
    put_str(out, page->name);
    put_number(out, shared.n);
    for (uint32_t i = 0; i < shared.n; i++)
        put_str(out, shared.keys[i]);
    put_number(out, page->n);
    buf_str(out, buf_view(&files));
    uint64_t sum = checksum(str_from(buf_view(out), start + HEADER));
    memcpy(out->p + start + sizeof magic, &sum, sizeof sum);
    buf_free(&files);
    map_free(&shared);
}

struct cursor {
    const char *p, *end;
    bool bad; /* something led beyond the end or the table; nothing is read from there on */
};

static uint64_t get_number(struct cursor *c) {
    uint64_t v = 0;
    for (unsigned shift = 0; c->p < c->end && shift < 64; shift += 7) {
        unsigned char byte = (unsigned char)*c->p++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return v;
    }
    c->bad = true;
    c->p = c->end;
    return 0;
}

static struct str get_bytes(struct cursor *c, uint64_t n) {
    if (n > (size_t)(c->end - c->p)) {
        c->bad = true;
        c->p = c->end;
        return (struct str){"", 0};
    }
    c->p += n;
    return (struct str){c->p - n, (size_t)n};
}

static struct str get_str(struct cursor *c) {
    return get_bytes(c, get_number(c));
}

/* A count of things that take at least a byte each: never more than bytes are left. */
static uint32_t get_count(struct cursor *c) {
    uint64_t n = get_number(c);
    if (n > (size_t)(c->end - c->p) || n >= UINT32_MAX) {
        c->bad = true;
        return 0;
    }
    return (uint32_t)n;
}

struct table {
    const struct str *p;
    uint32_t n;
};

static struct str get_shared(struct cursor *c, struct table t) {
    uint64_t id = get_number(c);
    if (id < t.n)
        return t.p[id];
    c->bad = true;
    return (struct str){"", 0};
}

static struct str get_filename(struct cursor *c, struct str url, bool tail) {
    if (!tail)
        return get_str(c);
    uint64_t n = get_number(c);
    if (n <= url.n)
        return str_from(url, url.n - (size_t)n);
    c->bad = true;
    return (struct str){"", 0};
}

static void get_hash(struct cursor *c, struct simple_file *f) {
    uint64_t kind = get_number(c);
    c->bad = c->bad || kind >= HASH_KINDS;
    f->hash_kind = kind < HASH_KINDS ? (enum hash_kind)kind : HASH_SHA256;
    f->hash = get_str(c);
}

static void get_file(struct cursor *c, struct table t, struct simple_file *f) {
    struct str flag = get_bytes(c, 1);
    unsigned flags = flag.n ? (unsigned char)flag.p[0] : 0;
    f->url = get_str(c);
    f->filename = get_filename(c, f->url, flags & FLAG_TAIL);
    f->requires_python = get_shared(c, t);
    f->size = get_number(c);
    uint64_t zigzag = get_number(c);
    f->upload_time = (int64_t)(zigzag >> 1 ^ (0 - (zigzag & 1)));
    if (flags & FLAG_HASH)
        get_hash(c, f);
    f->yanked = flags & FLAG_YANKED;
    if (f->yanked)
        f->yanked_reason = get_shared(c, t);
    f->metadata = flags & FLAG_METADATA ? SIMPLE_METADATA : SIMPLE_NO_METADATA;
    if (flags & FLAG_METADATA_SHA256) {
        f->metadata = SIMPLE_METADATA_SHA256;
        struct str digest = get_bytes(c, SHA256_BYTES);
        memcpy(f->metadata_sha256, digest.p, digest.n);
    }
}

static int damaged(struct err *e) {
    return err_fail(e, "cached index page is damaged; it can be deleted");
}

int simple_unpack(struct arena *a, struct str packed, struct simple_page *out, struct err *e) {
    *out = (struct simple_page){0};
    if (packed.n < HEADER || memcmp(packed.p, magic, sizeof magic) != 0)
        return err_fail(e, "not a cached index page of this version; it can be deleted");
    uint64_t sum;
    memcpy(&sum, packed.p + sizeof magic, sizeof sum);
    struct str rest = str_from(packed, HEADER);
    if (sum != checksum(rest))
        return damaged(e);
    struct cursor c = {rest.p, rest.p + rest.n, false};
    out->name = get_str(&c);
    uint32_t nshared = get_count(&c);
    struct str *shared = arena_new(a, struct str, nshared);
    for (uint32_t i = 0; i < nshared; i++)
        shared[i] = get_str(&c);
    out->n = get_count(&c);
    out->files = arena_new(a, struct simple_file, out->n);
    for (uint32_t i = 0; i < out->n && !c.bad; i++)
        get_file(&c, (struct table){shared, nshared}, &out->files[i]);
    return c.bad || c.p != c.end ? damaged(e) : 0;
}
