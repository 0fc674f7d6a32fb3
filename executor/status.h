/* status: what a person sees of a run. On a terminal one line that is rewritten in place; elsewhere few
   enough lines for the log of a CI job. A listener. */
#ifndef EXECUTOR_STATUS_H
#define EXECUTOR_STATUS_H

#include "base/log.h"
#include "executor/events.h"

struct status {
    const struct log *log;
    uint32_t total, done;
    uint64_t expected, received; /* bytes to be downloaded, as far as the lock knows; that came */
    double began;                /* of the run */
    double drawn;                /* the last line */
    double pause;                /* seconds to the next, where lines stay: ever longer */
    double net_began;            /* the first byte; 0: none yet */
    bool on_screen;              /* a line stands on the terminal that is not ended */
    VEC(uint32_t) running;       /* nodes */
};

void status_open(struct status *s, const struct log *log);
struct listener status_listener(struct status *s);
/* Takes the line off the terminal, so that something else can be written. */
void status_clear(struct status *s);
void status_close(struct status *s);

/* In place: texts may quote what a server, an archive or a lock said, and nothing in them may steer the
   terminal. Newlines stay. Returns text. */
char *status_printable(char *text);

#endif
