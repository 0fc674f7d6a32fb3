/* zip: reading wheels. libzip reads and checks the directory (strictly), libdeflate inflates a member at
   once, zlib streams the very large ones. Everything in an archive is hostile until checked here. */
#ifndef BASE_ZIP_H
#define BASE_ZIP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct zip_member {
    struct str name; /* as stored, NUL-terminated; the caller checks it with path_is_safe */
    uint64_t size;   /* inflated */
    uint64_t packed; /* in the archive */
    uint32_t crc;
    uint16_t method; /* 0 stored, 8 deflated */
    bool executable; /* a regular file with any x bit, by its Unix attributes */
    bool directory;  /* name ends in '/' */
    bool symlink;    /* Unix attributes say so */
};

struct zip;

/* An archive whose bytes are all in memory (borrowed until zip_free). Strict: local headers, sizes and
   offsets must agree with the central directory, nothing may overlap, stand twice, be encrypted or packed by
   another method than 0 or 8. `what` names it in errors. (Not zip_open and zip_close: libzip has those.) */
int zip_open_whole(struct str bytes, const char *what, struct zip **out, struct err *e);

/* An archive of which only the last tail.n of `total` bytes are there (a range request's answer; borrowed
   until zip_free). If the central directory begins before the tail, returns -1 with *need set to the offset
   from which bytes are needed (and e says so); otherwise *need is 0 on errors. */
int zip_open_tail(struct str tail, uint64_t total, const char *what, struct zip **out, uint64_t *need,
                  struct err *e);
/* True if the member's bytes are not all in the tail; then [*from, *to) is the span of the archive to ask
   for, to be given to zip_read_span. */
bool zip_needs(const struct zip *z, uint32_t i, uint64_t *from, uint64_t *to);
/* As zip_read, from the bytes of that span. */
int zip_read_span(const struct zip *z, uint32_t i, struct str span, uint64_t limit, struct buf *out,
                  struct err *e);

uint32_t zip_count(const struct zip *z);
const struct zip_member *zip_member(const struct zip *z, uint32_t i);
/* Index of a name, or MAP_NONE. */
uint32_t zip_find(const struct zip *z, struct str name);

/* The member's bytes into out (room for size bytes), checked against size and CRC. Safe to call from several
   threads for one archive that was opened whole. A member that is not in the tail is an error: zip_needs. */
int zip_inflate(const struct zip *z, uint32_t i, void *out, struct err *e);
/* The same, in pieces, with bounded memory: for members too large for one buffer. Non-zero from the sink
   stops, and has filled e. */
int zip_stream(const struct zip *z, uint32_t i, int (*sink)(void *ctx, const void *p, size_t n), void *ctx,
               struct err *e);
/* The member's bytes appended to out; refuses more than limit bytes. */
int zip_read(const struct zip *z, uint32_t i, uint64_t limit, struct buf *out, struct err *e);
void zip_free(struct zip *z); /* NULL is no error */

#endif
