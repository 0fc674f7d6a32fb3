/* options: what the user asked of `plan`: the command line, PIP_* variables and pip.conf, in one table.
   Requirement files set some of them too. */
#ifndef PLANNER_OPTIONS_H
#define PLANNER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

typedef VEC(const char *) text_list;

enum resolution { RESOLVE_HIGHEST, RESOLVE_LOWEST, RESOLVE_LOWEST_DIRECT };
enum format {
    FORMAT_ENV_LOCK,
    FORMAT_REQUIREMENTS,
    FORMAT_DOT,
    FORMAT_JSON,
    FORMAT_PYLOCK,
    FORMAT_CYCLONEDX
};

struct options {
    text_list inputs;       /* requirement files; "-" is standard input */
    text_list requirements; /* -r */
    text_list constraints;  /* -c */
    text_list editables;    /* -e */
    text_list extras;       /* --extra, of a pyproject.toml */
    text_list groups;       /* --group, the same */
    bool all_extras;
    const char *output; /* -o, or NULL */

    const char *index_url; /* NULL: the default */
    text_list extra_index_urls, find_links, trusted_hosts;
    bool no_index;
    text_list only_binary, no_binary; /* names, ":all:", ":none:"; later ones win */
    bool prefer_binary, require_hashes, no_deps;
    bool pre;
    const char *cert, *client_cert, *proxy;
    int timeout, retries; /* -1: not said */
    bool offline, refresh;

    const char *python, *python_version, *platform;
    const char *exclude_newer;
    enum resolution resolution;
    enum format format;

    const char *lock;               /* --lock: plan nothing, take this one */
    bool tree, invert, diff, check; /* questions; at most one, with why */
    text_list why;                  /* names */
    text_list names;                /* of --tree */

    bool upgrade;
    text_list upgrade_packages;
    int verbosity;
    bool help, version;
};

/* Defaults, then pip.conf, then PIP_* variables, then argv: later ones win; as
   with pip, lists replace those of the levels before, but argv adds to them. Unknown
   options, missing values and options whose time has not come are ERR_INPUT with what to do. */
int options_read(struct arena *a, int argc, char **argv, struct options *out, struct err *e);

/* An option line of a requirement file (reqfile.h): "--index-url" and its value. where: "file:line" for
   errors. Relative find-links are relative to dir. */
int options_from_file(struct options *o, struct arena *a, struct str option, struct str value,
                      const char *dir, const char *where, struct err *e);

/* Whether a sdist / a wheel of this project may be used: --only-binary, --no-binary. name: normalized. */
bool options_allow_sdist(const struct options *o, struct str name);
bool options_allow_wheel(const struct options *o, struct str name);

/* Those that can change what is chosen, as text ("--pre", "--extra x"), sorted: part of the lock, so that it
   explains itself. In the arena; *n of them. */
struct str *options_notes(const struct options *o, struct arena *a, uint32_t *n);

void options_free(struct options *o);
extern const char options_usage[];

#endif
