/* solve: PubGrub. Unit propagation over incompatibilities, decisions by the provider's preference,
   conflict-driven learning with backjumping. Pure and deterministic: the same provider answers give the same
   solution. The algorithm: the PubGrub description by its author (Dart pub's solver document). */
#ifndef PLANNER_SOLVE_H
#define PLANNER_SOLVE_H

#include "base/arena.h"
#include "base/err.h"
#include "planner/provider.h"

struct pin {
    uint32_t package, version;
};

enum solve_status { SOLVE_OK, SOLVE_NONE, SOLVE_FAILED };

struct solve_stats {
    uint32_t decisions, conflicts, backjumps, incompatibilities;
};

struct solve_result {
    enum solve_status status;
    struct pin *pins; /* OK: sorted by package; the root is not among them; in the arena */
    uint32_t n;
    struct str why; /* NONE: the explanation, several lines, in the arena */
    struct solve_stats stats;
};

/* FAILED: e says why (the provider's words). */
void solve(const struct provider *p, struct arena *a, struct solve_result *out, struct err *e);

#endif
