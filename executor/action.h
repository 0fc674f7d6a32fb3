/* action: one node of a run's graph. */
#ifndef EXECUTOR_ACTION_H
#define EXECUTOR_ACTION_H

#include <stdint.h>

enum action_kind {
    ACTION_FETCH,     /* the file's bytes, checked against the lock's SHA-256 */
    ACTION_BUILD,     /* a wheel from a source distribution; not there yet */
    ACTION_UNPACK,    /* into the cache */
    ACTION_BYTECODE,  /* into the cache as well */
    ACTION_PREFLIGHT, /* a barrier: before it, nothing that is there is touched */
    ACTION_REMOVE,    /* what is there of a package */
    ACTION_CLEAR,     /* a barrier: all that had to go is gone */
    ACTION_LINK,      /* the cache's files into the environment */
    ACTION_SCRIPTS,   /* bin/ */
    ACTION_RECORD,    /* the package is whole */
    ACTION_MARK,      /* REQUESTED of a package that stays */
    ACTIONS
};

/* What an action wants most of; each pool has its own limit. */
enum action_pool { POOL_NET, POOL_DISK, POOL_CPU, POOL_BUILD, POOLS };

enum action_state {
    ACTION_WANT,    /* waits for others */
    ACTION_READY,   /* could run */
    ACTION_RUNNING, /* a worker has it */
    ACTION_DONE,
    ACTION_FAILED,
    ACTION_SKIPPED, /* because of one that failed, or of the run's end */
    ACTION_STATES
};

struct action {
    enum action_kind kind;
    enum action_pool pool;
    enum action_state state;
    uint32_t package; /* index; MAP_NONE: a barrier */
    uint32_t because; /* SKIPPED: the node that failed; MAP_NONE: the run was stopped */
    uint64_t bytes;   /* FETCH: to be downloaded, 0 if not known */
    uint64_t memory;  /* bytes that FETCH takes when it starts, and its UNPACK gives back at its end */
};

/* "fetch", "unpack" ...; and what it is doing: "fetching", "unpacking" ... */
const char *action_name(enum action_kind kind);
const char *action_doing(enum action_kind kind);

#endif
