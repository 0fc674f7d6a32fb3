/* provide: the solver's provider over the universe of projects: requirements become sets of versions, extras
   become packages, markers are evaluated for the target, preferences and pre-release rules decide what to try
   first. Everything here runs on the solver's thread. */
#ifndef PLANNER_PROVIDE_H
#define PLANNER_PROVIDE_H

#include "base/map.h"
#include "formats/lock.h"
#include "planner/provider.h"
#include "planner/roots.h"
#include "planner/universe.h"

struct package; /* what one version is chosen of: the root, a project, or a project's extra */

struct stated {                    /* a requirement as somebody stated it */
    const struct requirement *req; /* NULL: an extra's link to its project */
    struct project *project;
    struct str place; /* the user's: "requirements.txt:3"; else empty */
};

struct provide {
    struct universe *universe;
    const struct roots *roots;
    const struct options *options;
    const struct lock *old; /* preferences, or NULL */
    struct arena arena;
    struct map names; /* "", "django", "uvicorn[standard]" */
    VEC(struct package *) packages;
    VEC(struct stated) stated;
    VEC(struct str) reasons;
    struct map set_keys; /* project and specifier -> index of sets */
    VEC(struct set) sets;
};

void provide_init(struct provide *v, struct universe *u, const struct roots *roots, const struct options *o,
                  const struct lock *old);
/* The callbacks; ctx is v. */
struct provider provide_provider(struct provide *v);
/* The project and the extra (empty: none) of a package other than the root. */
struct project *provide_project(const struct provide *v, uint32_t package, struct str *extra);
void provide_free(struct provide *v);

#endif
