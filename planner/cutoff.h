/* cutoff: --exclude-newer's dates. RFC 3339. */
#ifndef PLANNER_CUTOFF_H
#define PLANNER_CUTOFF_H

#include <stdint.h>

#include "base/err.h"

/* "2026-01-31" (to that day's end, UTC), "2026-01-31T12:00:00Z", "...+02:00": the last second (since 1970) at
   which a file may have been uploaded. */
int cutoff_parse(const char *text, int64_t *out, struct err *e);

#endif
