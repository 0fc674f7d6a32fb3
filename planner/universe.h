/* universe: the projects the planner has heard of, their candidates and metadata, gathered by many threads
   ahead of the solver. Whoever hears of a requirement tells it (universe_want); the page is asked for, then
   the metadata of the candidate that seems best, then what that requires, and so on: by the time the solver
   asks, most answers are there. This walk only fills the tables; it never decides anything. */
#ifndef PLANNER_UNIVERSE_H
#define PLANNER_UNIVERSE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "formats/metadata.h"
#include "formats/requirement.h"
#include "planner/candidate.h"
#include "planner/index.h"
#include "planner/metadata.h"
#include "planner/options.h"
#include "planner/roots.h"
#include "planner/target.h"

enum project_state { PROJECT_NEW, PROJECT_ASKED, PROJECT_READY, PROJECT_UNKNOWN, PROJECT_FAILED };
enum release_state { RELEASE_NEW, RELEASE_ASKED, RELEASE_READY, RELEASE_UNUSABLE, RELEASE_FAILED };

struct release_info { /* one candidate's metadata */
    enum release_state state;
    struct metadata metadata; /* READY; stable from then on */
    struct arena arena;
    struct str problem; /* UNUSABLE, FAILED: one clause, "its metadata ..." */
    uint64_t size;      /* of the file, when it came to light; else 0 */
    char sha256[65];
    uint32_t walked; /* how many of the project's extras have been walked with it, plus one */
};

struct project {
    struct universe *universe;
    struct str name; /* normalized */
    enum project_state state;
    struct index_answer answer;    /* holds the page */
    struct arena arena;            /* holds the candidates */
    struct candidates candidates;  /* READY; stable from then on */
    struct release_info *releases; /* as many as candidates */
    VEC(uint32_t) asked;           /* the few of them that are in use */
    struct str direct;             /* the URL it comes from, if the user named one; else empty */
    struct simple_file direct_file;
    struct str *hashes; /* the user's: only such files */
    uint32_t nhashes;
    VEC(const struct specifiers *) hints; /* what has been heard of it, for the walk */
    VEC(struct str) extras;               /* that somebody asked for */
};

struct release_request { /* a metadata request on its way */
    struct project *project;
    uint32_t candidate;
};

struct universe {
    const struct target *target;
    const struct options *options;
    struct indexes *indexes;
    struct metadata_source *metadata;
    int64_t newest; /* --exclude-newer, or 0 */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const struct project *awaited; /* what the solver sleeps for: it is not woken for others */
    struct map names;
    VEC(struct project *) projects; /* by id of names */
    VEC(uint32_t) walk;             /* projects to look at again */
    bool walking;
    uint32_t asked, done; /* pages and metadata: for progress */
};

void universe_init(struct universe *u, const struct target *target, const struct options *o,
                   struct indexes *ix, struct metadata_source *metadata, int64_t newest);
/* Tells what the user asks for: direct URLs and hashes hold for the whole plan, so this comes first. */
int universe_roots(struct universe *u, const struct roots *roots, struct err *e);
/* The project of a name, made if it is new. */
struct project *universe_project(struct universe *u, struct str name);
/* A hint that this requirement (its marker holds; it outlives the universe) may be needed. */
void universe_want(struct universe *u, const struct requirement *r);
/* Waits until the project's page is there: READY, UNKNOWN or FAILED. */
enum project_state universe_page(struct universe *u, struct project *p);
/* Waits until the metadata of a candidate is there: READY, UNUSABLE or FAILED. */
const struct release_info *universe_release(struct universe *u, struct project *p, uint32_t candidate);
/* Asks for it without waiting / tells it if it is there (else NULL). */
void universe_prefetch(struct universe *u, struct project *p, uint32_t candidate);
const struct release_info *universe_peek(struct universe *u, struct project *p, uint32_t candidate);

/* Why the metadata of a candidate that was asked for cannot be used; else empty. */
struct str universe_problem(struct universe *u, struct project *p, uint32_t candidate);

struct universe_count {
    uint32_t asked, done; /* pages and metadata */
};
struct universe_count universe_count(struct universe *u);

/* The file of a candidate that the plan would take: the wheel, else the sdist. */
const struct simple_file *candidate_file(const struct project *p, const struct candidate *c, struct arena *a);
/* A requirement of a project with these extras applies in the target. */
bool requirement_applies(const struct requirement *r, const struct target *t, const struct str *extras,
                         uint32_t nextras);

/* After the net and the pool are closed: nothing runs any more. */
void universe_free(struct universe *u);

#endif
