/* options: execute's command line. */
#ifndef EXECUTOR_OPTIONS_H
#define EXECUTOR_OPTIONS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "executor/environment.h"
#include "executor/link.h"

enum tool { TOOL_NONE, TOOL_LIST, TOOL_GRAPH };

struct options {
    const char *lock;   /* "-": standard input; NULL only with venv_only, help or version */
    const char *dir;    /* -C, where relative paths begin; "." */
    const char *python; /* --python, or NULL */
    enum environment_kind kind;
    const char *root; /* of the environment; NULL for --system */
    enum link_mode link_mode;
    enum tool tool;
    int jobs;       /* -j: 0 not given, else 1 .. OPTIONS_MAX_JOBS */
    int keep_going; /* -k: failures after which nothing more is started; 0: no limit */
    int verbosity;  /* -1 -q, 0, 1 -v */
    bool inexact, venv_only, dry_run, offline, json, verify, repair, bytecode;
    const char *trace;               /* --trace, or NULL */
    bool explain, stats, debug_list; /* -d */
    bool help, version;
};

enum { OPTIONS_MAX_JOBS = 64 };

/* argv[0] is the program. Paths are joined to -C and live in the arena or in argv. All errors are ERR_INPUT.
 */
int options_parse(struct arena *a, int argc, char *const *argv, struct options *out, struct err *e);

/* The text of --help. */
extern const char options_usage[];

#endif
