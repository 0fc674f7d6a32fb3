/* The bytes: a header, the rows, the spans of the texts, then the bytes of the texts and of the rests.
   Numbers are the machine's own but for those in rests, which have 7 bits a byte, lowest first: a rest is a
   run of numbers and bytes without offsets. */
#include "formats/simple_pack.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/vec.h"
#include "formats/filename.h"
#include "formats/name.h"
#include "formats/version.h"

struct simple_span {
    uint32_t at, n;
};

struct header {
    char magic[8];
    uint64_t sum; /* of all that follows */
    uint32_t n, nversions, ntexts, prefix;
};

static const char magic[8] = "egpage2\n";

enum { SUMMED = 16 }; /* where that begins */

enum flags {
    FLAG_METADATA = 1,
    FLAG_METADATA_SHA256 = 2,
    FLAG_HASH = 4,
    FLAG_TAIL = 8 /* the file's name is how its URL ends */
};

static uint64_t mix(uint64_t h, uint64_t word) {
    h = (h ^ word) * 0xff51afd7ed558ccdu;
    return h ^ h >> 32;
}

/* Torn and damaged files, not forgeries. Four lanes: a multiplication need not wait for the one before. */
static uint64_t checksum(struct str s) {
    uint64_t a = s.n, b = 1, c = 2, d = 3, word[4];
    for (; s.n >= sizeof word; s = str_from(s, sizeof word)) {
        memcpy(word, s.p, sizeof word);
        a = mix(a, word[0]);
        b = mix(b, word[1]);
        c = mix(c, word[2]);
        d = mix(d, word[3]);
    }
    for (size_t i = 0; i < s.n; i++)
        a = mix(a, (unsigned char)s.p[i]);
    return mix(mix(mix(a, b), c), d);
}

/* Packing. */

struct packer {
    struct arena arena; /* of the versions */
    struct str project, prefix;
    struct map versions, texts;
    VEC(struct version) parsed; /* by id of versions; without text: none */
    VEC(struct simple_row) rows;
    struct buf rests;
};

static void put_number(struct buf *out, uint64_t v) {
    for (; v >= 0x80; v >>= 7)
        buf_char(out, (char)(v | 0x80));
    buf_char(out, (char)v);
}

static void put_str(struct buf *out, struct str s) {
    put_number(out, s.n);
    buf_str(out, s);
}

static void put_rest(struct packer *k, const struct simple_file *f) {
    struct buf *out = &k->rests;
    struct str url = str_from(f->url, k->prefix.n);
    uint8_t digest[HASH_MAX];
    bool hash = f->hash.n && hex_decode(f->hash, digest, hash_size(f->hash_kind));
    bool tail = str_ends(url, f->filename);
    buf_char(out, (char)((f->metadata == SIMPLE_METADATA ? FLAG_METADATA : 0) |
                         (f->metadata == SIMPLE_METADATA_SHA256 ? FLAG_METADATA_SHA256 : 0) |
                         (hash ? FLAG_HASH : 0) | (tail ? FLAG_TAIL : 0)));
    put_str(out, url);
    if (tail)
        put_number(out, f->filename.n);
    else
        put_str(out, f->filename);
    put_number(out, f->size);
    if (hash) {
        put_number(out, f->hash_kind);
        buf_add(out, digest, hash_size(f->hash_kind));
    }
    if (f->metadata == SIMPLE_METADATA_SHA256)
        buf_add(out, f->metadata_sha256, SHA256_BYTES);
    if (f->yanked)
        put_str(out, f->yanked_reason);
}

static uint32_t version_id(struct packer *k, struct str text) {
    uint32_t id = map_id(&k->versions, text);
    struct version v = {0};
    if (id == k->parsed.n) {
        bool is_version = version_parse(&k->arena, text, &v);
        vec_push(&k->parsed, is_version ? v : (struct version){0});
    }
    return k->parsed.p[id].text.n ? id : MAP_NONE;
}

static void put_file(struct packer *k, const struct simple_file *f) {
    struct filename name = filename_split(f->filename, k->project);
    uint32_t version;
    if (name.kind == FILE_OTHER || !name_same(name.name, k->project) ||
        (version = version_id(k, name.version)) == MAP_NONE)
        return;
    struct simple_row row = {.upload_time = f->upload_time,
                             .version = version,
                             .tags = map_id(&k->texts, name.tags),
                             .python = map_id(&k->texts, f->requires_python),
                             .build = map_id(&k->texts, name.build_tag),
                             .rest = (uint32_t)k->rests.n,
                             .wheel = name.kind == FILE_WHEEL,
                             .yanked = f->yanked};
    vec_push(&k->rows, row);
    put_rest(k, f);
}

static struct str common_prefix(const struct simple_file *files, uint32_t n) {
    struct str prefix = n ? files[0].url : STR("");
    for (uint32_t i = 1; i < n; i++) {
        size_t same = 0;
        while (same < prefix.n && same < files[i].url.n && prefix.p[same] == files[i].url.p[same])
            same++;
        prefix.n = same;
    }
    return prefix;
}

struct place { /* of a version in the order of all */
    const struct version *version;
    uint32_t id;
};

/* Spellings of one version stand side by side, the first seen first. */
static int by_version(const void *x, const void *y) {
    const struct place *a = x, *b = y;
    int order = version_cmp(a->version, b->version);
    return order ? order : (a->id > b->id) - (a->id < b->id);
}

/* Rests lie in the order of the page, which stays that of a version's files. */
static int by_row(const void *x, const void *y) {
    const struct simple_row *a = x, *b = y;
    return a->version != b->version ? (a->version > b->version) - (a->version < b->version)
                                    : (a->rest > b->rest) - (a->rest < b->rest);
}

static void add_text(struct buf *spans, struct buf *bytes, struct str s) {
    struct simple_span span = {(uint32_t)bytes->n, (uint32_t)s.n};
    buf_add(spans, &span, sizeof span);
    buf_str(bytes, s);
}

/* The texts, versions first and in their order; numbers versions and rows anew to match. */
static uint32_t put_versions(struct packer *k, struct buf *spans, struct buf *bytes) {
    uint32_t n = 0, *now = mem_zero(k->parsed.n * sizeof *now);
    struct place *order = mem_zero(k->parsed.n * sizeof *order);
    for (uint32_t i = 0; i < k->parsed.n; i++)
        if (k->parsed.p[i].text.n)
            order[n++] = (struct place){&k->parsed.p[i], i};
    qsort(order, n, sizeof *order, by_version);
    for (uint32_t i = 0; i < n; i++) {
        now[order[i].id] = i;
        add_text(spans, bytes, k->versions.keys[order[i].id]);
    }
    for (uint32_t i = 0; i < k->rows.n; i++) {
        struct simple_row *row = &k->rows.p[i];
        row->version = now[row->version];
        row->tags += n;
        row->python += n;
        row->build += n;
    }
    if (k->rows.n)
        qsort(k->rows.p, k->rows.n, sizeof *k->rows.p, by_row);
    free(order);
    free(now);
    return n;
}

static void view(struct str packed, const struct header *h, struct simple_pack *out) {
    const char *rows = packed.p + sizeof *h, *spans = rows + h->n * sizeof *out->rows;
    struct str bytes = str_from(packed, (size_t)(spans - packed.p) + h->ntexts * sizeof *out->spans);
    *out = (struct simple_pack){.whole = packed,
                                .rows = (const struct simple_row *)(const void *)rows,
                                .n = h->n,
                                .nversions = h->nversions,
                                .ntexts = h->ntexts,
                                .spans = (const struct simple_span *)(const void *)spans,
                                .prefix = h->prefix,
                                .bytes = bytes};
}

static void assemble(struct packer *k, struct arena *a, struct simple_pack *out) {
    struct buf spans = {0}, bytes = {0}, whole = {0};
    uint32_t prefix = map_id(&k->texts, k->prefix), nversions = put_versions(k, &spans, &bytes);
    for (uint32_t i = 0; i < k->texts.n; i++)
        add_text(&spans, &bytes, k->texts.keys[i]);
    for (uint32_t i = 0; i < k->rows.n; i++)
        k->rows.p[i].rest += (uint32_t)bytes.n;
    struct header h = {.n = k->rows.n,
                       .nversions = nversions,
                       .ntexts = nversions + k->texts.n,
                       .prefix = nversions + prefix};
    memcpy(h.magic, magic, sizeof magic);
    buf_add(&whole, &h, sizeof h);
    buf_add(&whole, k->rows.p, k->rows.n * sizeof *k->rows.p);
    buf_str(&whole, buf_view(&spans));
    buf_str(&whole, buf_view(&bytes));
    buf_str(&whole, buf_view(&k->rests));
    h.sum = checksum(str_from(buf_view(&whole), SUMMED));
    memcpy(whole.p, &h, sizeof h);
    view((struct str){arena_copy(a, whole.p, whole.n), whole.n}, &h, out);
    buf_free(&spans);
    buf_free(&bytes);
    buf_free(&whole);
}

void simple_pack_make(struct arena *a, const struct simple_file *files, uint32_t n, struct str project,
                      struct simple_pack *out) {
    struct packer k = {.project = project, .prefix = common_prefix(files, n)};
    for (uint32_t i = 0; i < n; i++)
        put_file(&k, &files[i]);
    assemble(&k, a, out);
    map_free(&k.versions);
    map_free(&k.texts);
    vec_free(&k.parsed);
    vec_free(&k.rows);
    buf_free(&k.rests);
    arena_free(&k.arena);
}

/* Opening. */

static bool rows_are_sound(const struct simple_pack *p) {
    for (uint32_t i = 0; i < p->n; i++) {
        const struct simple_row *row = &p->rows[i];
        if (row->version >= p->nversions || (i && row->version < row[-1].version) || row->tags >= p->ntexts ||
            row->python >= p->ntexts || row->build >= p->ntexts || row->rest > p->bytes.n)
            return false;
    }
    return true;
}

static bool texts_are_sound(const struct simple_pack *p) {
    for (uint32_t i = 0; i < p->ntexts; i++)
        if (p->spans[i].at > p->bytes.n || p->spans[i].n > p->bytes.n - p->spans[i].at)
            return false;
    return p->prefix < p->ntexts && p->nversions <= p->ntexts;
}

int simple_pack_open(struct str packed, struct simple_pack *out, struct err *e) {
    struct header h;
    *out = (struct simple_pack){0};
    if (packed.n < sizeof h || memcmp(packed.p, magic, sizeof magic) != 0)
        return err_fail(e, "not a cached index page of this version; it can be deleted");
    memcpy(&h, packed.p, sizeof h);
    uint64_t tables = (uint64_t)h.n * sizeof *out->rows + (uint64_t)h.ntexts * sizeof *out->spans;
    if ((uintptr_t)packed.p % SIMPLE_PACK_ALIGN == 0 && h.sum == checksum(str_from(packed, SUMMED)) &&
        tables <= packed.n - sizeof h) {
        view(packed, &h, out);
        if (texts_are_sound(out) && rows_are_sound(out))
            return 0;
        *out = (struct simple_pack){0};
    }
    return err_fail(e, "cached index page is damaged; it can be deleted");
}

struct str simple_pack_text(const struct simple_pack *p, uint32_t text) {
    return str_head(str_from(p->bytes, p->spans[text].at), p->spans[text].n);
}

/* Reading a rest. */

struct cursor {
    struct str left;
    bool bad; /* something led beyond the end; nothing is read from there on */
};

static struct str get_bytes(struct cursor *c, uint64_t n) {
    c->bad = c->bad || n > c->left.n;
    struct str s = str_head(c->left, c->bad ? 0 : (size_t)n);
    c->left = str_from(c->left, s.n);
    return s;
}

static uint64_t get_number(struct cursor *c) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        struct str byte = get_bytes(c, 1);
        if (!byte.n)
            return 0;
        v |= (uint64_t)(byte.p[0] & 0x7f) << shift;
        if (!(byte.p[0] & 0x80))
            return v;
    }
    c->bad = true;
    return 0;
}

static struct str get_str(struct cursor *c) {
    return get_bytes(c, get_number(c));
}

static struct str get_filename(struct cursor *c, struct str url, bool tail) {
    if (!tail)
        return get_str(c);
    uint64_t n = get_number(c);
    c->bad = c->bad || n > url.n;
    return c->bad ? STR("") : str_from(url, url.n - (size_t)n);
}

static void get_hash(struct cursor *c, struct arena *a, struct simple_file *f) {
    uint64_t kind = get_number(c);
    c->bad = c->bad || kind >= HASH_KINDS;
    if (c->bad)
        return;
    f->hash_kind = (enum hash_kind)kind;
    struct str digest = get_bytes(c, hash_size(f->hash_kind));
    char *hex = arena_alloc(a, 2 * digest.n + 1);
    hex_encode((const uint8_t *)digest.p, digest.n, hex);
    f->hash = (struct str){hex, 2 * digest.n};
}

static void get_rest(struct cursor *c, struct str prefix, struct arena *a, struct simple_file *f) {
    struct str flag = get_bytes(c, 1), url = get_str(c);
    unsigned flags = flag.n ? (unsigned char)flag.p[0] : 0;
    f->url = str_of(arena_fmt(a, STR_FMT STR_FMT, STR_ARG(prefix), STR_ARG(url)));
    f->filename = get_filename(c, url, flags & FLAG_TAIL);
    f->size = get_number(c);
    if (flags & FLAG_HASH)
        get_hash(c, a, f);
    f->metadata = flags & FLAG_METADATA ? SIMPLE_METADATA : SIMPLE_NO_METADATA;
    if (flags & FLAG_METADATA_SHA256) {
        f->metadata = SIMPLE_METADATA_SHA256;
        struct str digest = get_bytes(c, SHA256_BYTES);
        memcpy(f->metadata_sha256, digest.p, digest.n);
    }
    if (f->yanked)
        f->yanked_reason = get_str(c);
}

void simple_pack_file(const struct simple_pack *p, const struct simple_row *row, struct arena *a,
                      struct simple_file *out) {
    struct cursor c = {str_from(p->bytes, row->rest), false};
    *out = (struct simple_file){.requires_python = simple_pack_text(p, row->python),
                                .upload_time = row->upload_time,
                                .yanked = row->yanked};
    get_rest(&c, simple_pack_text(p, p->prefix), a, out);
    if (c.bad)
        *out = (struct simple_file){0};
}
