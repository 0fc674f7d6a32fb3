#include "base/zip.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/zip_check.h"
#include "base/zip_internal.h"

enum { PIECE = 256 * 1024 };

static struct zip *new_zip(struct str bytes, uint64_t start, const char *what) {
    struct zip *z = mem_zero(sizeof *z);
    z->what = arena_fmt(&z->arena, "%s", what);
    z->bytes = bytes;
    z->start = start;
    return z;
}

/* Hands z over, or frees it. */
static int handed(struct zip *z, int result, struct zip **out) {
    *out = result < 0 ? NULL : z;
    if (result < 0)
        zip_free(z);
    return result;
}

int zip_open_whole(struct str bytes, const char *what, struct zip **out, struct err *e) {
    struct zip *z = new_zip(bytes, 0, what);
    uint64_t need;
    struct str packed;
    int result = zip_directory_read(z, &need, e);
    for (uint32_t i = 0; result == 0 && i < z->n; i++)
        result = zip_packed(z, i, bytes, 0, &packed, e);
    if (result == 0)
        result = zip_check(bytes, z->members, z->n, what, e);
    return handed(z, result, out);
}

int zip_open_tail(struct str tail, uint64_t total, const char *what, struct zip **out, uint64_t *need,
                  struct err *e) {
    *need = 0;
    *out = NULL;
    if (tail.n > total)
        return err_fail(e, "%s: the server sent more bytes than it said there are", what);
    struct zip *z = new_zip(tail, total - tail.n, what);
    return handed(z, zip_directory_read(z, need, e), out);
}

bool zip_needs(const struct zip *z, uint32_t i, uint64_t *from, uint64_t *to) {
    *from = z->places[i].header;
    *to = z->places[i].end;
    return *from < z->start;
}

uint32_t zip_count(const struct zip *z) {
    return z->n;
}

const struct zip_member *zip_member(const struct zip *z, uint32_t i) {
    return &z->members[i];
}

uint32_t zip_find(const struct zip *z, struct str name) {
    return map_find(&z->names, name);
}

static int damaged(const struct zip *z, uint32_t i, const char *why, struct err *e) {
    char shown[ZIP_SHOWN];
    return err_fail(e, "%s is damaged: %s: %s", z->what, zip_shown(z->members[i].name, shown), why);
}

/* Exactly the packed bytes must give exactly the size. */
static bool deflated(struct str packed, void *out, size_t size) {
    size_t used = 0;
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    bool fits = d && libdeflate_deflate_decompress_ex(d, packed.p, packed.n, out, size, &used, NULL) ==
                         LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(d);
    return fits && used == packed.n;
}

static int inflate_from(const struct zip *z, uint32_t i, struct str packed, void *out, struct err *e) {
    const struct zip_member *m = &z->members[i];
    if (m->method == ZIP_DEFLATED && !deflated(packed, out, (size_t)m->size))
        return damaged(z, i, "its bytes do not inflate to its size", e);
    if (m->method == ZIP_STORED && m->size)
        memcpy(out, packed.p, (size_t)m->size);
    if (libdeflate_crc32(0, out, (size_t)m->size) != m->crc)
        return damaged(z, i, "its checksum (CRC-32) is wrong", e);
    return 0;
}

int zip_inflate(const struct zip *z, uint32_t i, void *out, struct err *e) {
    struct str packed;
    if (zip_packed(z, i, z->bytes, z->start, &packed, e) < 0)
        return -1;
    return inflate_from(z, i, packed, out, e);
}

static int read_from(const struct zip *z, uint32_t i, struct str packed, uint64_t limit, struct buf *out,
                     struct err *e) {
    uint64_t size = z->members[i].size;
    if (size > limit)
        return damaged(z, i, "it is larger than such a file may be", e);
    buf_reserve(out, (size_t)size);
    if (inflate_from(z, i, packed, out->p + out->n, e) < 0)
        return -1;
    out->n += (size_t)size;
    out->p[out->n] = 0;
    return 0;
}

int zip_read(const struct zip *z, uint32_t i, uint64_t limit, struct buf *out, struct err *e) {
    struct str packed;
    if (zip_packed(z, i, z->bytes, z->start, &packed, e) < 0)
        return -1;
    return read_from(z, i, packed, limit, out, e);
}

int zip_read_span(const struct zip *z, uint32_t i, struct str span, uint64_t limit, struct buf *out,
                  struct err *e) {
    struct str packed;
    if (zip_packed(z, i, span, z->places[i].header, &packed, e) < 0)
        return -1;
    return read_from(z, i, packed, limit, out, e);
}

struct stream { /* what was told to the sink so far */
    int (*sink)(void *ctx, const void *p, size_t n);
    void *ctx;
    uint64_t size;
    uint32_t crc;
};

static int tell(struct stream *s, const void *p, size_t n) {
    s->size += n;
    s->crc = libdeflate_crc32(s->crc, p, n);
    return s->sink(s->ctx, p, n) ? -1 : 0;
}

static int stream_stored(struct str packed, struct stream *s) {
    for (size_t at = 0; at < packed.n; at += PIECE) {
        struct str piece = str_head(str_from(packed, at), PIECE);
        if (tell(s, piece.p, piece.n) < 0)
            return -1;
    }
    return 0;
}

/* zlib counts its input in 32 bits: it gets the packed bytes by pieces too. */
static int stream_pieces(const struct zip *z, uint32_t i, struct str packed, z_stream *zs, unsigned char *out,
                         struct stream *s, struct err *e) {
    for (int state = Z_OK; state != Z_STREAM_END;) {
        if (!zs->avail_in && packed.n) {
            struct str piece = str_head(packed, PIECE);
            zs->next_in = (unsigned char *)(uintptr_t)piece.p;
            zs->avail_in = (unsigned)piece.n;
            packed = str_from(packed, piece.n);
        }
        zs->next_out = out;
        zs->avail_out = PIECE;
        state = inflate(zs, Z_NO_FLUSH);
        size_t n = PIECE - zs->avail_out;
        if ((state != Z_OK && state != Z_STREAM_END) || n > z->members[i].size - s->size)
            return damaged(z, i, "its bytes do not inflate to its size", e);
        if (n && tell(s, out, n) < 0)
            return -1;
    }
    return packed.n || zs->avail_in ? damaged(z, i, "bytes follow its end", e) : 0;
}

static int stream_deflated(const struct zip *z, uint32_t i, struct str packed, struct stream *s,
                           struct err *e) {
    z_stream zs = {0};
    if (inflateInit2(&zs, -MAX_WBITS) != Z_OK)
        return damaged(z, i, "zlib cannot start", e);
    unsigned char *out = mem_alloc(PIECE);
    int result = stream_pieces(z, i, packed, &zs, out, s, e);
    free(out);
    inflateEnd(&zs);
    return result;
}

int zip_stream(const struct zip *z, uint32_t i, int (*sink)(void *ctx, const void *p, size_t n), void *ctx,
               struct err *e) {
    const struct zip_member *m = &z->members[i];
    struct stream s = {.sink = sink, .ctx = ctx};
    struct str packed;
    if (zip_packed(z, i, z->bytes, z->start, &packed, e) < 0 ||
        (m->method == ZIP_STORED ? stream_stored(packed, &s) : stream_deflated(z, i, packed, &s, e)) < 0)
        return -1;
    if (s.size != m->size)
        return damaged(z, i, "its bytes do not inflate to its size", e);
    return s.crc == m->crc ? 0 : damaged(z, i, "its checksum (CRC-32) is wrong", e);
}

void zip_free(struct zip *z) {
    if (!z)
        return;
    map_free(&z->names);
    arena_free(&z->arena);
    free(z);
}
