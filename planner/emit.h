/* emit: the plan in the format that was asked for. */
#ifndef PLANNER_EMIT_H
#define PLANNER_EMIT_H

#include "formats/lock.h"
#include "planner/options.h"

/* Appends env.lock, requirements.txt with hashes, Graphviz or JSON; the same bytes for the same lock. */
void emit(const struct lock *l, enum format format, struct buf *out);

/* Before: local files' URLs below dir (absolute) become paths relative to it, credentials go. */
void emit_relative(struct lock *l, const char *dir, struct arena *a);

#endif
