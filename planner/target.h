/* target: what is planned for: one interpreter's markers, tags and version, or those of another version or
   platform that --python-version and --platform name. */
#ifndef PLANNER_TARGET_H
#define PLANNER_TARGET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/python.h"
#include "base/store.h"
#include "formats/marker.h"
#include "formats/tag.h"
#include "formats/version.h"
#include "planner/options.h"

struct target {
    struct python python;
    struct str python_full_version; /* planned for: "3.11.7" */
    struct version version;         /* the same, parsed: for Requires-Python */
    struct marker_env env;          /* without extras */
    struct tags tags;
    struct str platform; /* most specific platform tag, for the lock */
};

int target_make(struct store *store, const struct options *o, struct arena *a, struct target *out,
                struct err *e);
void target_free(struct target *t);

#endif
