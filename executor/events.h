/* events: what a run tells, and to whom. The engine prints nothing: the status line, log lines and --json are
   listeners. All events come from the scheduler's thread. */
#ifndef EXECUTOR_EVENTS_H
#define EXECUTOR_EVENTS_H

#include "base/vec.h"
#include "executor/actions.h"

enum event_kind {
    EVENT_PLANNED,  /* the graph is there, nothing runs yet */
    EVENT_STARTED,  /* node */
    EVENT_FINISHED, /* node */
    EVENT_FAILED,   /* node, text */
    EVENT_SKIPPED,  /* node */
    EVENT_PACKAGE,  /* package: it is installed as the lock says */
    EVENT_NOTE,     /* text: a person should know */
    EVENT_TICK,     /* time has passed; received */
    EVENT_END       /* totals */
};

struct totals {
    uint32_t installed, replaced, removed, kept;
    uint32_t cached, downloaded, local; /* of those installed: where they came from */
    uint32_t failed, skipped;           /* nodes */
    uint64_t received;                  /* bytes */
    double seconds;
    int signal; /* that ended the run; 0: none */
};

/* What a worker did for a node, from when to when (events_now). Most nodes have one; several threads may
   unpack one wheel. */
struct span {
    uint32_t step; /* of its job */
    int worker;    /* from 0; -1: the network */
    double began, ended;
};

struct event {
    enum event_kind kind;
    double time;   /* seconds, events_now */
    uint32_t node; /* MAP_NONE where there is none */
    uint32_t package;
    const char *text;
    uint64_t received; /* bytes from the net so far */
    const struct totals *totals;
    const struct span *spans; /* of a node that ran and is final: its job's, as far as they know */
    uint32_t nspans, step;    /* those with this step are the node's */
};

/* What listeners may look at; they change nothing. */
struct scene {
    const struct actions *actions;
    const struct package *packages;
    uint32_t npackages;
};

struct listener {
    void (*tell)(void *ctx, const struct scene *scene, const struct event *event);
    void *ctx;
};

struct events {
    struct scene scene;
    VEC(struct listener) listeners;
};

/* Seconds on a clock that only goes forward. */
double events_now(void);
/* Fills in the time and tells every listener. */
void events_tell(struct events *e, struct event event);

#endif
