/* The central directory of an archive, as APPNOTE.TXT 4.3 and 4.4 lay it out, zip64 included. Every offset
   and length is checked against the bytes at hand before it is used. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/zip_internal.h"

enum {
    SIGNATURE_LOCAL = 0x04034b50,
    SIGNATURE_CENTRAL = 0x02014b50,
    SIGNATURE_END = 0x06054b50,
    SIGNATURE_END64 = 0x06064b50,
    SIGNATURE_LOCATOR64 = 0x07064b50,
    CENTRAL_BYTES = 46,
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR64_BYTES = 20,
    COMMENT_MAX = 0xffff,
    FLAGS_REFUSED = 0x2061, /* encrypted, patched, strongly encrypted, directory encrypted */
    MEMBERS_MAX = 1 << 20,
    DIRECTORY_MAX = 256 << 20,
    RATIO_MAX = 1032, /* the most that deflate can make of a byte */
};

struct ending { /* what the end of central directory record says */
    uint64_t entries, size, offset;
    uint64_t at; /* where the record (the zip64 one if there is one) begins */
};

static uint16_t le16(const char *p) {
    const unsigned char *u = (const unsigned char *)p;
    return (uint16_t)(u[0] | u[1] << 8);
}

static uint32_t le32(const char *p) {
    return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static uint64_t le64(const char *p) {
    return le32(p) | (uint64_t)le32(p + 4) << 32;
}

const char *zip_shown(struct str name, char out[ZIP_SHOWN]) {
    size_t n = name.n < ZIP_SHOWN - 1 ? name.n : ZIP_SHOWN - 1;
    for (size_t i = 0; i < n; i++)
        out[i] = (char)((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f ? '?' : name.p[i]);
    out[n] = 0;
    return out;
}

static uint64_t total(const struct zip *z) {
    return z->start + z->bytes.n;
}

/* The byte at an offset of the archive that is known to be at hand. */
static const char *at(const struct zip *z, uint64_t offset) {
    return z->bytes.p + (offset - z->start);
}

static int broken(const struct zip *z, const char *why, struct err *e) {
    return err_fail(e, "%s is not a sound zip archive: %s", z->what, why);
}

/* The record must be the last thing in the file: bytes behind it are how one archive reads as two. */
static int find_end(const struct zip *z, uint64_t *out, struct err *e) {
    uint64_t first = total(z) > END_BYTES + COMMENT_MAX ? total(z) - END_BYTES - COMMENT_MAX : 0;
    if (first < z->start)
        first = z->start;
    if (z->bytes.n < END_BYTES)
        return broken(z, "it is too short; is the download complete?", e);
    for (uint64_t i = total(z) - END_BYTES + 1; i-- > first;) {
        if (le32(at(z, i)) != SIGNATURE_END)
            continue;
        if (i + END_BYTES + le16(at(z, i) + 20) != total(z))
            return broken(z, "bytes follow its end record", e);
        *out = i;
        return 0;
    }
    return broken(z, "it has no end record; is the download complete?", e);
}

static bool agrees(uint64_t narrow, uint64_t limit, uint64_t wide) {
    return narrow == limit || narrow == wide;
}

/* Some readers take the zip64 record when there is one, some only when the old one is full: so the two must
   say the same. */
static int read_end64(const struct zip *z, struct ending *end, uint64_t *need, struct err *e) {
    uint64_t locator = end->at - LOCATOR64_BYTES, record = le64(at(z, locator) + 8);
    if (record > locator || locator - record < END64_BYTES)
        return broken(z, "its zip64 end record is not where it should be", e);
    if (record < z->start) {
        *need = record;
        return broken(z, "its zip64 end record is not in the part at hand", e);
    }
    const char *p = at(z, record);
    if (le32(p) != SIGNATURE_END64 || le64(p + 4) != locator - record - 12 || le32(p + 16) || le32(p + 20) ||
        le64(p + 24) != le64(p + 32))
        return broken(z, "its zip64 end record is malformed", e);
    struct ending wide = {le64(p + 32), le64(p + 40), le64(p + 48), record};
    if (!agrees(end->entries, 0xffff, wide.entries) || !agrees(end->size, UINT32_MAX, wide.size) ||
        !agrees(end->offset, UINT32_MAX, wide.offset))
        return broken(z, "its two end records differ", e);
    *end = wide;
    return 0;
}

static int read_end(const struct zip *z, struct ending *end, uint64_t *need, struct err *e) {
    if (find_end(z, &end->at, e) < 0)
        return -1;
    const char *p = at(z, end->at);
    if (le16(p + 4) || le16(p + 6) || le16(p + 8) != le16(p + 10))
        return broken(z, "it is one part of several", e);
    end->entries = le16(p + 10);
    end->size = le32(p + 12);
    end->offset = le32(p + 16);
    bool wide = end->at - z->start >= LOCATOR64_BYTES &&
                le32(at(z, end->at - LOCATOR64_BYTES)) == SIGNATURE_LOCATOR64;
    if (wide && read_end64(z, end, need, e) < 0)
        return -1;
    if (end->offset > end->at || end->size != end->at - end->offset)
        return broken(z, "its directory is not where its end record says", e);
    if (end->entries > end->size / CENTRAL_BYTES)
        return broken(z, "its directory is shorter than its number of members", e);
    if (end->entries > MEMBERS_MAX || end->size > DIRECTORY_MAX)
        return broken(z, "it has too many members", e);
    if (end->offset < z->start) {
        *need = end->offset;
        return broken(z, "its directory is not in the part at hand", e);
    }
    return 0;
}

static bool take64(struct str *field, uint64_t *value) {
    if (*value != UINT32_MAX)
        return true;
    if (field->n < 8)
        return false;
    *value = le64(field->p);
    *field = str_from(*field, 8);
    return true;
}

/* The zip64 extra field (4.5.3) has the values for which 32 bits were too few, in this order. */
static bool read_extra(struct str extra, struct zip_member *m, uint64_t *offset) {
    struct str wide = {"", 0};
    while (extra.n >= 4) {
        size_t n = le16(extra.p + 2);
        if (n > extra.n - 4)
            return false;
        if (le16(extra.p) == 1)
            wide = str_head(str_from(extra, 4), n);
        extra = str_from(extra, 4 + n);
    }
    bool full = m->size == UINT32_MAX || m->packed == UINT32_MAX || *offset == UINT32_MAX;
    return !full || !wide.n ||
           (take64(&wide, &m->size) && take64(&wide, &m->packed) && take64(&wide, offset));
}

static const char *member_fault(const struct zip_member *m, uint16_t flags) {
    if (!m->name.n || memchr(m->name.p, 0, m->name.n))
        return "its name is empty or has a NUL byte";
    if (flags & FLAGS_REFUSED)
        return "it is encrypted";
    if (m->method != ZIP_STORED && m->method != ZIP_DEFLATED)
        return "its compression method is not known here; it must be stored or deflated";
    if (m->directory && m->size)
        return "it is a folder with contents";
    if (m->method == ZIP_STORED ? m->size != m->packed : m->size / RATIO_MAX > m->packed)
        return "its size cannot be what it says";
    return NULL;
}

static int member_broken(const struct zip *z, struct str name, const char *why, struct err *e) {
    char shown[ZIP_SHOWN];
    return err_fail(e, "%s is not a sound zip archive: %s: %s", z->what, zip_shown(name, shown), why);
}

/* One central header at the front of *rest, which is cut. */
static int read_member(struct zip *z, struct str *rest, struct err *e) {
    const char *p = rest->p;
    if (rest->n < CENTRAL_BYTES || le32(p) != SIGNATURE_CENTRAL)
        return broken(z, "its directory is malformed", e);
    size_t name = le16(p + 28), extra = le16(p + 30), whole = CENTRAL_BYTES + name + extra + le16(p + 32);
    if (whole > rest->n)
        return broken(z, "its directory is malformed", e);
    uint32_t mode = le32(p + 38) >> 16;
    struct zip_member m = {.name = {p + CENTRAL_BYTES, name},
                           .size = le32(p + 24),
                           .packed = le32(p + 20),
                           .crc = le32(p + 16),
                           .method = le16(p + 10),
                           .executable = S_ISREG(mode) && (mode & 0111),
                           .directory = name && p[CENTRAL_BYTES + name - 1] == '/',
                           .symlink = S_ISLNK(mode)};
    uint64_t header = le32(p + 42);
    if (!read_extra((struct str){p + CENTRAL_BYTES + name, extra}, &m, &header))
        return member_broken(z, m.name, "its extra field is malformed", e);
    const char *fault = member_fault(&m, le16(p + 8));
    if (fault)
        return member_broken(z, m.name, fault, e);
    if (header > z->directory || z->directory - header < ZIP_LOCAL_HEADER + name ||
        z->directory - header - ZIP_LOCAL_HEADER - name < m.packed)
        return member_broken(z, m.name, "it lies outside the archive", e);
    if (map_id(&z->names, m.name) != z->n)
        return member_broken(z, m.name, "it is there twice", e);
    m.name = z->names.keys[z->n];
    z->places[z->n].header = header;
    z->members[z->n++] = m;
    *rest = str_from(*rest, whole);
    return 0;
}

static int by_header(const void *a, const void *b) {
    uint64_t x = (*(struct zip_place *const *)a)->header, y = (*(struct zip_place *const *)b)->header;
    return x < y ? -1 : x > y;
}

/* Members may stand in any order; each may use the bytes up to the next one's header, and none another's. */
static int find_ends(struct zip *z, struct err *e) {
    struct zip_place **order = mem_alloc(z->n * sizeof *order);
    for (uint32_t i = 0; i < z->n; i++)
        order[i] = &z->places[i];
    qsort(order, z->n, sizeof *order, by_header);
    for (uint32_t i = 0; i < z->n; i++)
        order[i]->end = i + 1 < z->n ? order[i + 1]->header : z->directory;
    free(order);
    for (uint32_t i = 0; i < z->n; i++)
        if (z->places[i].end - z->places[i].header <
            ZIP_LOCAL_HEADER + z->members[i].name.n + z->members[i].packed)
            return member_broken(z, z->members[i].name, "it overlaps another member", e);
    return 0;
}

int zip_directory_read(struct zip *z, uint64_t *need, struct err *e) {
    struct ending end = {0};
    *need = 0;
    if (read_end(z, &end, need, e) < 0)
        return -1;
    z->directory = end.offset;
    z->members = arena_new(&z->arena, struct zip_member, end.entries);
    z->places = arena_new(&z->arena, struct zip_place, end.entries);
    struct str rest = {at(z, end.offset), (size_t)end.size};
    while (z->n < end.entries)
        if (read_member(z, &rest, e) < 0)
            return -1;
    if (rest.n)
        return broken(z, "its directory is longer than its number of members", e);
    return find_ends(z, e);
}

int zip_packed(const struct zip *z, uint32_t i, struct str span, uint64_t from, struct str *out,
               struct err *e) {
    const struct zip_member *m = &z->members[i];
    const struct zip_place *place = &z->places[i];
    if (place->header < from || place->end - from > span.n)
        return member_broken(z, m->name, "its bytes are not in the part at hand", e);
    const char *p = span.p + (place->header - from);
    if (le32(p) != SIGNATURE_LOCAL || le16(p + 6) & FLAGS_REFUSED || le16(p + 8) != m->method ||
        !str_eq(m->name, (struct str){p + ZIP_LOCAL_HEADER, le16(p + 26)}))
        return member_broken(z, m->name, "its header differs from the directory", e);
    uint64_t front = ZIP_LOCAL_HEADER + m->name.n + le16(p + 28);
    if (place->end - place->header < front + m->packed)
        return member_broken(z, m->name, "it overlaps another member", e);
    *out = (struct str){p + front, (size_t)m->packed};
    return 0;
}
