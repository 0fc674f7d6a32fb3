#include "executor/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

const char options_usage[] =
    "usage: execute [options] LOCK\n"
    "\n"
    "Makes a Python environment exactly what the lock says.\n"
    "\n"
    "  --venv DIR         the environment [.venv]\n"
    "  --target DIR       a plain folder of packages\n"
    "  --prefix DIR       an installation prefix\n"
    "  --system           the interpreter's own site-packages\n"
    "  --python PATH|X.Y  the interpreter [the environment's own, else the lock's version]\n"
    "  --inexact          keep packages that the lock does not name\n"
    "  --venv-only        make the bare environment; LOCK may be left out\n"
    "  --offline          take everything from the cache and from local files\n"
    "  --link-mode MODE   auto, reflink, hardlink, copy or symlink [auto]\n"
    "  --verify           hold every file against the lock's wheels, change nothing\n"
    "  --repair           the same, then put back what differs\n"
    "  --compile-bytecode  what Python would write into __pycache__ is there already\n"
    "  -C DIR             begin relative paths at DIR\n"
    "  -j N               run N jobs in parallel [processors; downloads: 50]; 0: as many as are of use\n"
    "  -k N               keep going until N jobs fail; 0: whatever fails [1]\n"
    "  -n                 say what would be done, do nothing\n"
    "  -v, -q             a line for every finished job; nothing but errors\n"
    "  -d MODE            explain: why each package changes; stats: where the time went; list\n"
    "  -t TOOL            graph: the run's actions for graphviz; list\n"
    "  --trace FILE       when what ran, for a viewer of Chrome traces such as Perfetto\n"
    "  --json             events on standard output, one JSON object a line\n"
    "  --help, --version\n";

enum long_option {
    OPT_VENV = 256,
    OPT_TARGET,
    OPT_PREFIX,
    OPT_SYSTEM,
    OPT_PYTHON,
    OPT_INEXACT,
    OPT_VENV_ONLY,
    OPT_OFFLINE,
    OPT_LINK_MODE,
    OPT_JSON,
    OPT_VERIFY,
    OPT_REPAIR,
    OPT_BYTECODE,
    OPT_TRACE,
    OPT_VERSION
};

static const struct option longs[] = {
    {"venv", required_argument, NULL, OPT_VENV},
    {"target", required_argument, NULL, OPT_TARGET},
    {"prefix", required_argument, NULL, OPT_PREFIX},
    {"system", no_argument, NULL, OPT_SYSTEM},
    {"python", required_argument, NULL, OPT_PYTHON},
    {"inexact", no_argument, NULL, OPT_INEXACT},
    {"venv-only", no_argument, NULL, OPT_VENV_ONLY},
    {"offline", no_argument, NULL, OPT_OFFLINE},
    {"link-mode", required_argument, NULL, OPT_LINK_MODE},
    {"json", no_argument, NULL, OPT_JSON},
    {"verify", no_argument, NULL, OPT_VERIFY},
    {"repair", no_argument, NULL, OPT_REPAIR},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPT_VERSION},
    {"compile-bytecode", no_argument, NULL, OPT_BYTECODE},
    {"trace", required_argument, NULL, OPT_TRACE},
    {NULL, 0, NULL, 0},
};

static int choose(const char *what, const char *value, const char *const *names, int *out, struct err *e) {
    char all[128] = "";
    for (int i = 0; names[i]; i++) {
        if (!strcmp(names[i], value)) {
            *out = i;
            return 0;
        }
        size_t n = strlen(all);
        snprintf(all + n, sizeof all - n, "%s%s", i ? ", " : "", names[i]);
    }
    return err_input(e, "%s: unknown value '%s'; there are: %s", what, value, all);
}

static int number(const char *what, const char *value, int max, int *out, struct err *e) {
    uint64_t n;
    if (!str_u64(str_of(value), &n))
        return err_input(e, "%s wants a number, not '%s'", what, value);
    *out = n > (uint64_t)max ? max : (int)n;
    return 0;
}

static int take_jobs(struct options *o, const char *value, struct err *e) {
    if (number("-j", value, OPTIONS_MAX_JOBS, &o->jobs, e))
        return -1;
    if (!o->jobs)
        o->jobs = OPTIONS_MAX_JOBS; /* as for ninja: no limit */
    return 0;
}

static int take_debug(struct options *o, const char *value, struct err *e) {
    static const char *const names[] = {"explain", "stats", "list", NULL};
    int mode;
    if (choose("-d", value, names, &mode, e))
        return -1;
    bool *const modes[] = {&o->explain, &o->stats, &o->debug_list};
    *modes[mode] = true;
    return 0;
}

static int take_tool(struct options *o, const char *value, struct err *e) {
    static const char *const names[] = {"list", "graph", NULL};
    int tool;
    if (choose("-t", value, names, &tool, e))
        return -1;
    o->tool = (enum tool)(TOOL_LIST + tool);
    o->dry_run = true; /* a tool looks */
    return 0;
}

static int take_link_mode(struct options *o, const char *value, struct err *e) {
    static const char *const names[] = {
        [LINK_AUTO] = "auto", [LINK_REFLINK] = "reflink", [LINK_HARDLINK] = "hardlink",
        [LINK_COPY] = "copy", [LINK_SYMLINK] = "symlink", [LINK_SYMLINK + 1] = NULL,
    };
    int mode;
    if (choose("--link-mode", value, names, &mode, e))
        return -1;
    o->link_mode = (enum link_mode)mode;
    return 0;
}

/* One environment a run: the options that name one exclude each other. */
static int take_environment(struct options *o, bool *given, enum environment_kind kind, const char *dir,
                            struct err *e) {
    if (*given && o->kind != kind)
        return err_input(e, "only one of --venv, --target, --prefix and --system can be given");
    if (dir && !*dir)
        return err_input(e, "the environment's folder is empty");
    *given = true;
    o->kind = kind;
    o->root = dir;
    return 0;
}

static int take(struct options *o, int option, const char *value, struct err *e) {
    switch (option) {
    case 'C':
        o->dir = value;
        return 0;
    case 'd':
        return take_debug(o, value, e);
    case 'h':
        o->help = true;
        return 0;
    case 'j':
        return take_jobs(o, value, e);
    case 'k':
        return number("-k", value, INT32_MAX, &o->keep_going, e);
    case 'n':
        o->dry_run = true;
        return 0;
    case 'q':
        o->verbosity = -1;
        return 0;
    case 't':
        return take_tool(o, value, e);
    case 'v':
        o->verbosity = 1;
        return 0;
    case OPT_INEXACT:
        o->inexact = true;
        return 0;
    case OPT_BYTECODE:
        o->bytecode = true;
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_LINK_MODE:
        return take_link_mode(o, value, e);
    case OPT_OFFLINE:
        o->offline = true;
        return 0;
    case OPT_PYTHON:
        o->python = value;
        return 0;
    case OPT_REPAIR:
        o->repair = true;
        return 0;
    case OPT_TRACE:
        o->trace = value;
        return *value ? 0 : err_input(e, "--trace wants the name of a file");
    case OPT_VENV_ONLY:
        o->venv_only = true;
        return 0;
    case OPT_VERIFY:
        o->verify = true;
        return 0;
    case OPT_VERSION:
        o->version = true;
        return 0;
    default:
        return err_input(e, "unknown option; see execute --help");
    }
}

/* getopt says only that something is wrong; this says what. */
static int complain(char *const *argv, int option, struct err *e) {
    const char *last = argv[optind - 1];
    if (!strncmp(last, "--", 2) || !optopt)
        return option == ':' ? err_input(e, "%s wants a value; see execute --help", last)
                             : err_input(e, "unknown option %s; see execute --help", last);
    return option == ':' ? err_input(e, "-%c wants a value; see execute --help", optopt)
                         : err_input(e, "unknown option -%c; see execute --help", optopt);
}

static int read_options(struct options *o, int argc, char *const *argv, struct err *e) {
    bool given = false;
    optind = 0; /* starts getopt over: the tests parse more than once */
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":C:d:hj:k:nqt:v", longs, NULL)) != -1;) {
        int failed;
        if (c == ':' || c == '?')
            failed = complain(argv, c, e);
        else if (c >= OPT_VENV && c <= OPT_SYSTEM)
            failed = take_environment(o, &given, (enum environment_kind)(ENV_VENV + c - OPT_VENV), optarg, e);
        else
            failed = take(o, c, optarg, e);
        if (failed)
            return -1;
    }
    return 0;
}

static int check(const struct options *o, int left, struct err *e) {
    if (left > 1)
        return err_input(e, "one lock at a time; see execute --help");
    if (!left && !o->venv_only && !o->debug_list && o->tool != TOOL_LIST)
        return err_input(e, "no lock is given; see execute --help");
    if (o->venv_only && o->kind != ENV_VENV)
        return err_input(e, "--venv-only goes with --venv alone");
    if (o->verify + o->repair + o->venv_only > 1)
        return err_input(e, "only one of --verify, --repair and --venv-only can be given");
    if (o->verify && o->tool == TOOL_GRAPH)
        return err_input(e, "--verify has no graph: it changes nothing");
    return 0;
}

int options_parse(struct arena *a, int argc, char *const *argv, struct options *out, struct err *e) {
    struct options o = {.dir = ".", .root = ".venv", .kind = ENV_VENV, .keep_going = 1};
    *out = o;
    if (read_options(&o, argc, argv, e))
        return -1;
    if (!o.help && !o.version && check(&o, argc - optind, e))
        return -1;
    if (optind < argc)
        o.lock = strcmp(argv[optind], "-") ? path_join(a, o.dir, argv[optind]) : "-";
    if (o.root)
        o.root = path_join(a, o.dir, o.root);
    if (o.trace)
        o.trace = path_join(a, o.dir, o.trace);
    if (o.python && strchr(o.python, '/'))
        o.python = path_join(a, o.dir, o.python);
    *out = o;
    return 0;
}
