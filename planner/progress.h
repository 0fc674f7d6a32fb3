/* progress: on a terminal, one line that says how far the plan has come, rewritten in place ten times a
 * second. */
#ifndef PLANNER_PROGRESS_H
#define PLANNER_PROGRESS_H

#include "base/log.h"
#include "planner/net.h"
#include "planner/universe.h"

struct progress;

/* NULL, and nothing is shown, when standard error is no terminal or -q was given. */
struct progress *progress_start(const struct log *log, struct universe *u, struct net *net);
/* Clears the line. NULL is no error. */
void progress_stop(struct progress *p);

#endif
