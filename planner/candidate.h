/* candidate: a project's files as versions that could be chosen for the target. What can never be chosen
   (another Python, no file for this platform, excluded by an option) does not reach the solver; why, is kept
   for explanations. PEP 425 (best wheel), 440 (order), 592 (yanked), Requires-Python. */
#ifndef PLANNER_CANDIDATE_H
#define PLANNER_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "formats/simple_pack.h"
#include "formats/version.h"
#include "planner/target.h"

/* Why a version cannot be chosen; the later, the nearer it came. */
enum exclusion {
    EXCLUDED_NOT,
    EXCLUDED_KIND,
    EXCLUDED_UNDATED,
    EXCLUDED_NEWER,
    EXCLUDED_HASH,
    EXCLUDED_TAGS,
    EXCLUDED_PYTHON
};

struct candidate {
    struct version version;
    const struct simple_row *wheel; /* the best that fits, or NULL */
    const struct simple_row *sdist; /* or NULL */
    bool yanked;                    /* every usable file is */
    struct str yanked_reason;
};

struct excluded {
    struct version version;
    enum exclusion why;
    struct str detail; /* PYTHON: its Requires-Python; TAGS: the tags of one of its wheels; else empty */
};

struct candidates {
    struct candidate *p; /* ascending */
    uint32_t n;
    struct excluded *excluded; /* ascending */
    uint32_t nexcluded;
};

struct candidate_policy {
    const struct target *target;
    bool allow_wheel, allow_sdist;
    int64_t newest;           /* upload time, seconds since 1970; 0: no limit */
    const struct str *hashes; /* "sha256:hex": no files with another SHA-256; none: all */
    uint32_t nhashes;
};

/* page stays with the caller and must outlive the candidates. */
void candidates_make(struct arena *a, const struct simple_pack *page, const struct candidate_policy *policy,
                     struct candidates *out);

/* Why an excluded version is: "needs Python >=3.12". In the arena. */
struct str excluded_text(const struct excluded *x, struct arena *a);

#endif
