/* project: a pyproject.toml among the inputs: what it requires, as lines like those of a requirement file. */
#ifndef PLANNER_PROJECT_H
#define PLANNER_PROJECT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "formats/marker.h"
#include "formats/reqfile.h"
#include "planner/options.h"

bool project_is(const char *path); /* by its name, pyproject.toml */

/* The dependencies with those of --extra, --all-extras and --group. A project that is not for env's Python,
   or whose dependencies only its build backend knows, is ERR_FAIL; malformed text ERR_INPUT. */
int project_read(const struct options *o, const struct marker_env *env, struct arena *a, struct str text,
                 const char *file, struct reqfile *out, struct err *e);

#endif
