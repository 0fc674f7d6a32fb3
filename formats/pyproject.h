/* pyproject: pyproject.toml. PEP 621 ([project]), PEP 735 ([dependency-groups]), PEP 517 and 518
   ([build-system]). Pure: text in, struct out. */
#ifndef FORMATS_PYPROJECT_H
#define FORMATS_PYPROJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "formats/requirement.h"
#include "formats/toml.h"

struct pyproject_dependency {
    struct requirement req;
    size_t offset; /* of the text it comes from, in the file */
    uint32_t line; /* the same, from 1 */
};

struct pyproject_dependencies {
    struct pyproject_dependency *p;
    uint32_t n;
};

struct pyproject_extra {
    struct str name; /* normalized */
    struct pyproject_dependencies dependencies;
};

struct pyproject_group {
    struct str name; /* normalized */
    const struct toml
        *list; /* read when it is selected, as PEP 735 has it: others may hold what is not known */
};

struct pyproject {
    const char *file; /* these two as given, for errors */
    struct str text;
    bool has_project;         /* [project] is there; what follows, up to dynamic, stands in it */
    struct str name;          /* normalized; empty without [project] */
    struct str version;       /* as written; empty: dynamic */
    struct specifiers python; /* requires-python; none: every version */
    uint32_t python_line;     /* where it stands; 0: nowhere */
    struct pyproject_dependencies dependencies;
    struct pyproject_extra *extras; /* optional-dependencies, in the file's order */
    uint32_t nextras;
    struct str *dynamic; /* fields that only the build backend knows */
    uint32_t ndynamic;
    struct pyproject_group *groups; /* [dependency-groups], in the file's order */
    uint32_t ngroups;
    struct pyproject_dependencies build_requires; /* where nothing is said, what PEP 517 and 518 say then */
    struct str build_backend;
    struct str *backend_path; /* folders below the project's */
    uint32_t nbackend_path;
};

/* Errors are ERR_INPUT with file:line:column. Keys that these PEPs do not know are passed over. The text must
   outlive the struct; all else is in the arena. */
int pyproject_parse(struct arena *a, struct str text, const char *file, struct pyproject *out, struct err *e);

bool pyproject_is_dynamic(const struct pyproject *p, const char *field);

struct pyproject_wish { /* names in any spelling */
    const char *const *extras;
    uint32_t nextras;
    bool all_extras;
    const char *const *groups;
    uint32_t ngroups;
};

/* The project's dependencies with those of the extras and groups. What requires the project itself
   ("name[a,b]") stands for these extras' dependencies, under its marker. Unknown extras and groups, and
   groups that include each other in a circle, are errors. */
int pyproject_select(struct arena *a, const struct pyproject *p, const struct pyproject_wish *wish,
                     struct pyproject_dependencies *out, struct err *e);

#endif
