/* absence: why a requirement finds no version, in a clause: what there is instead, and what stands in the
 * way. */
#ifndef PLANNER_ABSENCE_H
#define PLANNER_ABSENCE_H

#include "planner/universe.h"

/* req: NULL asks of the project as a whole. Empty: nothing to add. In the arena. */
struct str absence_text(struct universe *u, const struct project *p, const struct requirement *req,
                        struct arena *a);

#endif
