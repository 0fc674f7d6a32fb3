/* provider: what the solver knows of the world. The solver sees packages and versions as dense numbers;
   everything behind them (pages, metadata, markers, tags, policies) is the provider's. Tests give it a fake
   one.

   A package here is what one version is chosen of: a project, or a project with one extra ("name[extra]",
   which depends on the project at the same version). Version v of a package is 0 .. versions-1 in ascending
   PEP 440 order. The set of versions that a requirement allows is a bitset over these (planner/set.h). */
#ifndef PLANNER_PROVIDER_H
#define PLANNER_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "planner/set.h"

enum { ROOT_PACKAGE = 0 }; /* has one version, 0; its dependencies are the user's requirements */

struct dependency {
    uint32_t package;
    struct set allowed;   /* over the package's versions; may be empty */
    uint32_t requirement; /* the provider's number for the requirement's text and where it stands */
};

enum provider_answer {
    PROVIDER_OK,
    PROVIDER_UNAVAILABLE, /* this version cannot be used: the solver takes another; why: reason */
    PROVIDER_FAILED       /* nothing can be said (an index did not answer): the solve ends; err says why */
};

struct provider {
    void *ctx;
    /* How many versions a package has. May block. 0: it has none that could be chosen. */
    enum provider_answer (*versions)(void *ctx, uint32_t package, uint32_t *n, struct err *e);
    /* The version to try next among `allowed` (never empty): the provider's order of preference. */
    uint32_t (*choose)(void *ctx, uint32_t package, const struct set *allowed);
    /* The dependencies of one version, valid as long as the provider. May block. *reason: a number that
       describe_reason can tell. */
    enum provider_answer (*dependencies)(void *ctx, uint32_t package, uint32_t version,
                                         const struct dependency **out, uint32_t *n, uint32_t *reason,
                                         struct err *e);
    /* The same for the neighbours of a version that led to a conflict, so that a fact which many versions
       share is learned once: true with *out and *n as above, or false, which is always right. The answer
       decides which of several solutions is found. So it must not hang on what happens to be cached or to
       have arrived: true for what was asked for before and for what the provider itself began to fetch (it
       then waits for it), false for all else. May be NULL. */
    bool (*peek)(void *ctx, uint32_t package, uint32_t version, const struct dependency **out, uint32_t *n);
    /* Hint: the solver will ask for versions of these soon, the preferred one first; after a conflict it is
       told again, with what is left. Must not block. May be NULL. */
    void (*prefetch)(void *ctx, uint32_t package, const struct set *allowed);
    /* The package's priority class for the choice of the next decision: lower is decided earlier. */
    uint32_t (*priority)(void *ctx, uint32_t package);

    /* For explanations; the texts are in the arena. */
    struct str (*package_name)(void *ctx, uint32_t package,
                               struct arena *a); /* "django", "uvicorn[standard]" */
    struct str (*version_text)(void *ctx, uint32_t package, uint32_t version, struct arena *a); /* "4.2.1" */
    /* The requirement in the words of who wrote it: "django>=4,<5", and for the user's own where it stands:
       " (requirements.txt:3)" */
    struct str (*requirement_text)(void *ctx, uint32_t requirement, struct arena *a);
    struct str (*requirement_place)(void *ctx, uint32_t requirement, struct arena *a);
    /* Why a version is unavailable: "its metadata could be had only by building it". */
    struct str (*reason_text)(void *ctx, uint32_t reason, struct arena *a);
    /* Why none of the package's versions is in `allowed`, or it has none: "there is no project of that name
       in ...", "the newest is 4.2", "5.0 needs Python >=3.12", one sentence without a full stop. Empty:
       nothing to add. */
    struct str (*absence_text)(void *ctx, uint32_t package, uint32_t requirement, struct arena *a);
};

#endif
