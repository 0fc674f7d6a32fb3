/* zip_internal: what the files of zip share: zip_directory.c reads where the members are, zip.c inflates. */
#ifndef BASE_ZIP_INTERNAL_H
#define BASE_ZIP_INTERNAL_H

#include "base/map.h"
#include "base/zip.h"

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8, ZIP_LOCAL_HEADER = 30, ZIP_SHOWN = 128 };

struct zip_place { /* of a member; offsets in the archive */
    uint64_t header;
    uint64_t end; /* where the next member's header, or the central directory, begins */
};

struct zip {
    struct arena arena;
    const char *what;
    struct str bytes; /* the archive from offset `start` on */
    uint64_t start;
    uint64_t directory; /* offset of the central directory */
    struct zip_member *members;
    struct zip_place *places;
    uint32_t n;
    struct map names; /* ids are the members' numbers */
};

/* Fills z but for arena, what, bytes and start from the central directory. *need as for zip_open_tail. */
int zip_directory_read(struct zip *z, uint64_t *need, struct err *e);

/* The member's packed bytes. span: bytes of the archive from offset `from` on, which hold its header. */
int zip_packed(const struct zip *z, uint32_t i, struct str span, uint64_t from, struct str *out,
               struct err *e);

/* A name for a message: no control characters, cut if long. Returns out. */
const char *zip_shown(struct str name, char out[ZIP_SHOWN]);

#endif
