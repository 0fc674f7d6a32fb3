/* zip_maker: archives made on the spot, sound ones and such as no tool would make. */
#ifndef TESTS_UNIT_ZIP_MAKER_H
#define TESTS_UNIT_ZIP_MAKER_H

#include <libdeflate.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/str.h"

struct made { /* all zero: an empty archive */
    struct buf bytes, directory;
    unsigned n;
};

struct made_member {
    const char *name;
    struct str data;
    bool deflate;
    unsigned mode;  /* of Unix; 0: none said */
    unsigned flags; /* general purpose bits */
    /* Lies; 0: the truth. */
    unsigned method;
    uint32_t crc, size, packed, offset;
    const char *local_name;
};

static inline void made_number(struct buf *b, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++, value >>= 8)
        buf_char(b, (char)(value & 0xff));
}

static inline struct buf made_deflate(struct str data) {
    struct buf out = {0};
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    buf_reserve(&out, libdeflate_deflate_compress_bound(c, data.n));
    out.n = libdeflate_deflate_compress(c, data.p, data.n, out.p, out.cap);
    libdeflate_free_compressor(c);
    return out;
}

/* What local and central header have in common. */
static inline void made_common(struct buf *b, const struct made_member *m, size_t packed) {
    made_number(b, 20, 2);
    made_number(b, m->flags, 2);
    made_number(b, m->method ? m->method : m->deflate ? 8 : 0, 2);
    made_number(b, 0x00210000, 4); /* 1 January 1980 */
    made_number(b, m->crc ? m->crc : libdeflate_crc32(0, m->data.p, m->data.n), 4);
    made_number(b, m->packed ? m->packed : packed, 4);
    made_number(b, m->size ? m->size : m->data.n, 4);
}

static inline void made_add(struct made *z, struct made_member m) {
    struct buf packed = {0};
    const char *local = m.local_name ? m.local_name : m.name;
    uint64_t offset = m.offset ? m.offset : z->bytes.n;
    if (m.deflate)
        packed = made_deflate(m.data);
    else
        buf_str(&packed, m.data);
    made_number(&z->bytes, 0x04034b50, 4);
    made_common(&z->bytes, &m, packed.n);
    made_number(&z->bytes, strlen(local), 2);
    made_number(&z->bytes, 0, 2);
    buf_c(&z->bytes, local);
    buf_str(&z->bytes, buf_view(&packed));
    made_number(&z->directory, 0x02014b50, 4);
    made_number(&z->directory, 0x0314, 2); /* by a Unix */
    made_common(&z->directory, &m, packed.n);
    made_number(&z->directory, strlen(m.name), 2);
    made_number(&z->directory, 0, 2 + 2 + 2 + 2); /* extra, comment, disk, internal attributes */
    made_number(&z->directory, (uint64_t)m.mode << 16, 4);
    made_number(&z->directory, offset, 4);
    buf_c(&z->directory, m.name);
    z->n++;
    buf_free(&packed);
}

/* The directory and the end; the archive's bytes stay valid until made_free. */
static inline struct str made_end(struct made *z) {
    size_t offset = z->bytes.n;
    buf_str(&z->bytes, buf_view(&z->directory));
    made_number(&z->bytes, 0x06054b50, 4);
    made_number(&z->bytes, 0, 4);
    made_number(&z->bytes, z->n, 2);
    made_number(&z->bytes, z->n, 2);
    made_number(&z->bytes, z->directory.n, 4);
    made_number(&z->bytes, offset, 4);
    made_number(&z->bytes, 0, 2);
    return buf_view(&z->bytes);
}

static inline void made_free(struct made *z) {
    buf_free(&z->bytes);
    buf_free(&z->directory);
    *z = (struct made){0};
}

/* Bytes that do not deflate to next to nothing, the same every time. */
static inline struct buf made_noise(size_t n) {
    struct buf out = {0};
    uint32_t x = 12345;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        buf_char(&out, (char)('a' + (x >> 24) % 16));
    }
    return out;
}

#endif
