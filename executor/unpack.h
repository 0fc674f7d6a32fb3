/* unpack: a wheel's bytes into the cache: checked, inflated by one worker or several, published by rename.
   The binary distribution format; everything in it is hostile until checked here. */
#ifndef EXECUTOR_UNPACK_H
#define EXECUTOR_UNPACK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/store.h"
#include "base/str.h"

struct unpack;

/* Opens the archive (bytes borrowed until unpack_finish or unpack_drop), whose SHA-256 was found right
   before, and looks at everything but the contents: every path is safe, none twice, no symlink, no member
   that is the parent of another, exactly one .dist-info and that of this name and version, METADATA and WHEEL
   there and of this name and version, entry points sound, room on the disk. filename: of the wheel; sha256:
   64 hex digits. Makes the folders of the tree in tmp. */
int unpack_begin(struct store *store, struct str bytes, const char *filename, struct str name,
                 struct str version, const char *sha256, struct unpack **out, struct err *e);
/* Inflates members until none is left; to be called by one or more threads at once. Writes each with its
   final mode, hashing as it writes; a hash in RECORD (SHA-256, 384 or 512) that differs is an error. After an
   error in one thread the others stop, with the same error. */
int unpack_members(struct unpack *u, struct err *e);
/* After every unpack_members has returned 0: writes the manifest, publishes; frees in any case. A file that
   RECORD has no row for is installed and recorded, a row without a file is dropped: pip is as lenient. */
int unpack_finish(struct unpack *u, struct err *e);
/* Gives up: removes what was written, frees. */
void unpack_drop(struct unpack *u);

#endif
