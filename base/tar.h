/* tar: one member out of a compressed archive in memory (libarchive: tar with gzip, bzip2, xz; zip). Nothing
   is written to disk here. */
#ifndef BASE_TAR_H
#define BASE_TAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* The first regular member for whose name `match` holds, appended to out; more than `limit` bytes is an
   error, and so is an archive that inflates to over 100,000 members before it. 1: found; 0: there is none;
   -1: error. */
int tar_find(struct str bytes, const char *what, bool (*match)(struct str name), uint64_t limit,
             struct buf *out, struct err *e);

#endif
