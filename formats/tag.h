/* tag: platform compatibility tags. PEP 425, 600 (manylinux), 656 (musllinux), 703 (abi "t"). */
#ifndef FORMATS_TAG_H
#define FORMATS_TAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

/* What an interpreter runs on: enough to derive every tag it accepts. */
struct tag_target {
    struct str implementation; /* "cpython", "pypy", ... (sys.implementation.name) */
    int major, minor;
    struct str soabi;    /* EXT_SUFFIX's middle; for PyPy "pypy39-pp73-..." */
    struct str abiflags; /* of 3.7 and older: "m" */
    bool gil_disabled, debug;
    struct str platform; /* "linux-x86_64", "macosx-11.0-arm64", "win-amd64" */
    int glibc_major, glibc_minor, musl_major, musl_minor; /* 0: none */
    int pointer_bits;
};

/* The tags that fit, best first, in the order of packaging.tags.sys_tags(). */
struct tags {
    struct str *p; /* "cp311-cp311-manylinux_2_36_x86_64" */
    uint32_t n;
    struct map rank; /* its ids are the positions */
};

void tags_generate(struct arena *a, const struct tag_target *t, struct tags *out);
void tags_free(struct tags *t);
/* The best (lowest) rank among a wheel's compressed tag set "py2.py3-none-any"; MAP_NONE if none fits. */
uint32_t tags_rank(const struct tags *t, struct str compressed);

#endif
