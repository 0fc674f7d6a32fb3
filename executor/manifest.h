/* manifest: what is in an unpacked wheel, flat, so that linking is a straight pass over one mapped file: no
   readdir, no stat, no parsing of RECORD. Stored as wheels/<sha256[0:2]>/<sha256>/manifest beside the tree
   wheels/.../tree/<member path>. */
#ifndef EXECUTOR_MANIFEST_H
#define EXECUTOR_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/store.h"
#include "base/str.h"
#include "executor/environment.h"
#include "formats/wheel.h"

struct manifest_dir { /* every folder that installing the package may have to make, parents before children */
    enum scheme scheme;
    struct str path; /* relative to the scheme's folder: "django/core" */
};

struct manifest_file {
    enum scheme scheme; /* where it goes: root files to purelib or platlib, .data/<key>/ files to <key> */
    uint32_t dir;       /* index of its folder in dirs, or MAP_NONE: the scheme's folder itself */
    struct str name;    /* within that folder */
    struct str source;  /* its path in the tree: the archive's member name */
    struct str hash;    /* "sha256=..." as RECORD spells it */
    uint64_t size;
    int64_t mtime_ns; /* of the file in the tree when it was published: a change through a hard link shows */
    bool executable;
    bool python_script; /* .data/scripts file that begins with "#!python": its first line is rewritten */
};

struct manifest {
    struct str name, version; /* METADATA's, as written */
    struct str dist_info;     /* "Django-4.2.1.dist-info" */
    bool purelib;             /* Root-Is-Purelib */
    struct manifest_dir *dirs;
    uint32_t ndirs;
    struct manifest_file
        *files; /* grouped by folder, in the order of dirs; RECORD, RECORD.jws, RECORD.p7s are not
                   among them, nor an INSTALLER, REQUESTED or direct_url.json the wheel brought */
    uint32_t nfiles;
    struct entry_point *entry_points;
    uint32_t nentry_points;
    uint64_t bytes; /* sum of sizes */
};

/* Position-independent bytes with a checksum, and back. Unpacking checks everything: torn or foreign: error.
 */
void manifest_pack(const struct manifest *m, struct buf *out);
int manifest_unpack(struct arena *a, struct str packed, struct manifest *out, struct err *e);

/* A cached wheel: its manifest and the absolute path of its tree. -1 without an error text when the cache has
   not got it or the entry is torn (that is a miss). Strings are in the arena. */
int manifest_load(const struct store *store, const char *sha256, struct arena *a, struct manifest *out,
                  char **tree);
/* The same for a folder that holds an entry, wherever it is. */
int manifest_open(const char *entry, struct arena *a, struct manifest *out, char **tree);

#endif
