/* report: the answers of -n, --verify, -d explain and -d stats. */
#ifndef EXECUTOR_REPORT_H
#define EXECUTOR_REPORT_H

#include "base/log.h"
#include "executor/engine.h"
#include "executor/verify.h"

/* What a run would do, one line a package, on standard output. */
void report_dry_run(const struct package *packages, uint32_t n);
/* Why each package changes, on standard error. */
void report_explain(const struct log *log, const struct package *packages, uint32_t n);

/* What --verify found: with lines, each difference on standard output, or as a note to json (unless NULL);
   what it came to on standard error. */
void report_verdict(const struct log *log, const struct verdict *v, bool lines, const struct listener *json,
                    double seconds);

enum { REPORT_PHASES = 8 };
struct report_times {
    const char *name[REPORT_PHASES];
    double end[REPORT_PHASES], began; /* events_now */
    int n;
};
/* Notes that the phase ends now. */
void report_phase(struct report_times *t, const char *name);
void report_stats(const struct report_times *t, const struct actions *actions,
                  const struct engine_outcome *o);

/* What a run came to, from the states of its nodes. */
struct totals report_totals(const struct package *packages, uint32_t n, const struct actions *actions,
                            const struct engine_outcome *o);

#endif
