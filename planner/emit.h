/* emit: the plan in the format that was asked for. */
#ifndef PLANNER_EMIT_H
#define PLANNER_EMIT_H

#include "formats/lock.h"
#include "planner/options.h"

/* Appends the lock in that format; the same bytes for the same lock, but that an SBOM has the time from
   SOURCE_DATE_EPOCH where that is set. */
void emit(const struct lock *l, enum format format, struct buf *out);

/* Before: local files' URLs below dir (absolute; NULL: none) become paths relative to it, credentials go. */
void emit_relative(struct lock *l, const char *dir, struct arena *a);
/* The other way round, for a lock that was read from dir. */
void emit_absolute(struct lock *l, const char *dir, struct arena *a);

/* The lock as JSON, with the same keys: what comes out is an env.lock too. */
void emit_json(const struct lock *l, struct buf *out);
/* pylock.toml (PEP 751), for the environment that the lock is for; what a marker decides is left to it. */
void emit_pylock(const struct lock *l, struct buf *out);
/* An SBOM: CycloneDX 1.6 as JSON. epoch: seconds since 1970 for its timestamp, -1: none. */
void emit_sbom(const struct lock *l, int64_t epoch, struct buf *out);

#endif
