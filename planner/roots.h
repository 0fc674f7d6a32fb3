/* roots: what the user asks for: requirement files, nested ones and the command line, as one list of
   requirements and constraints, each with the place where it stands. */
#ifndef PLANNER_ROOTS_H
#define PLANNER_ROOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "formats/lock.h"
#include "formats/marker.h"
#include "formats/requirement.h"
#include "planner/options.h"

struct root {
    struct requirement req; /* of a bare wheel: name and version from its file name */
    struct str place;       /* "requirements.txt:3" */
    struct str url;         /* absolute (http, https, file) for a direct reference, else empty */
    struct str *hashes;     /* "sha256:..." */
    uint32_t nhashes;
    bool constraint;
    bool active; /* its marker holds in the target */
};

struct roots {
    VEC(struct root) list;
    VEC(struct lock_input) inputs; /* every file read, in the order of reading */
};

/* Reads all inputs. Options in the files go into o (index options, --pre and their like). Nested files are
   relative to the one that names them; a file that names itself again is read once. Errors say
   file:line:column. */
int roots_read(struct options *o, const struct marker_env *env, struct arena *a, struct roots *out,
               struct err *e);
/* Whether the user asks for the project (normalized name) itself: a requirement that holds, not only a
 * constraint. */
bool roots_name(const struct roots *r, struct str project);
void roots_free(struct roots *r);

#endif
