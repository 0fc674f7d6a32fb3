/* schedule: runs a graph of actions. Only the thread that calls schedule_run touches the graph and the
   actions' states; jobs go to a runner, and come back as messages. */
#ifndef EXECUTOR_SCHEDULE_H
#define EXECUTOR_SCHEDULE_H

#include <stdbool.h>

#include "base/queue.h"
#include "executor/events.h"

enum { JOB_STEPS = 4 };

/* What comes to the scheduler's queue. */
struct note {
    struct message message;
    enum note_kind { NOTE_JOB, NOTE_SIGNAL } kind;
    int signal;
};

/* One action, or a few of one package that follow each other and nothing else (link, scripts, record): one
   way to the worker and back for all of them. */
struct job {
    struct note note; /* first: a job comes back as a message */
    uint32_t package; /* MAP_NONE: a barrier */
    uint32_t nsteps;
    enum action_kind steps[JOB_STEPS];
    int priority;
    /* The runner's answer. */
    uint32_t ndone; /* steps that succeeded */
    char *error;    /* malloc'ed, when ndone < nsteps */
    char *warning;  /* malloc'ed, or NULL: a person should know, though nothing failed */
    VEC(struct span) spans;
    bool cancelled; /* it did not fail: it was told to stop */
    uint32_t node;  /* of the first step; the scheduler's */
};

struct runner {
    /* Runs the job, on whatever thread, then pushes its note. Must not wait. */
    void (*start)(void *ctx, struct job *job);
    /* Ends the downloads under way as soon as possible; their jobs come back cancelled. */
    void (*cancel)(void *ctx);
    /* Bytes from the net so far. */
    uint64_t (*received)(void *ctx);
    void *ctx;
};

struct schedule_limits {
    uint32_t net;    /* downloads at once */
    uint32_t work;   /* jobs at once with the workers, those that wait for a free thread included */
    uint64_t memory; /* bytes of downloads kept in memory at once; a single file may be larger */
    int keep_going;  /* failures after which nothing more is started; 0: no limit */
    int tick_ms;     /* between EVENT_TICKs */
};

struct schedule_outcome {
    uint32_t done, failed, skipped; /* nodes */
    uint32_t jobs;
    int signal; /* that ended the run; 0: none */
};

/* Runs until everything is done, or nothing more can be done. back: where the runner pushes, and where a
   NOTE_SIGNAL may come. The states of all actions are final afterwards. */
void schedule_run(struct actions *actions, const struct schedule_limits *limits, const struct runner *runner,
                  struct queue *back, struct events *events, struct schedule_outcome *out);

#endif
