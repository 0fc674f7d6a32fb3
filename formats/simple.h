/* simple: a project's page in a package index. PEP 503 (HTML), 592 (yanked), 629 (version), 658/714 (metadata
   files), 691 (JSON), 700 (size, upload-time). */
#ifndef FORMATS_SIMPLE_H
#define FORMATS_SIMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

#define SIMPLE_ACCEPT                                                                                        \
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"

enum simple_metadata { SIMPLE_NO_METADATA, SIMPLE_METADATA, SIMPLE_METADATA_SHA256 };

struct simple_file {
    struct str filename;
    struct str url;             /* absolute, without fragment */
    struct str requires_python; /* entities decoded; empty: none said */
    struct str hash;            /* hexadecimal, lower case; empty: none said */
    enum hash_kind
        hash_kind;       /* the best of those said: sha256 first, then sha512, 384, 224, blake2b, sha1, md5 */
    uint64_t size;       /* 0: not said */
    int64_t upload_time; /* seconds since 1970 UTC; 0: not said */
    bool yanked;
    struct str yanked_reason;
    enum simple_metadata metadata;
    uint8_t metadata_sha256[SHA256_BYTES];
};

struct simple_page {
    struct str name; /* as the page says (JSON), or empty */
    struct simple_file *files;
    uint32_t n;
};

/* type: the media type of the answer. A JSON api-version or HTML repository-version with a major other than 1
   is an error (PEP 629, 691). url: of the page, for relative links. Everything is in the arena. */
int simple_parse(struct arena *a, struct str body, struct str type, struct str url, struct simple_page *out,
                 struct err *e);

#endif
