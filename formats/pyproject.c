#include "formats/pyproject.h"

#include "base/map.h"
#include "formats/name.h"
#include "formats/pyproject_internal.h"

struct reader {
    struct arena *a;
    struct pyproject *out;
    struct err *e;
};

static int fail_at(struct reader *r, size_t offset, const char *why) {
    return err_at(r->e, r->out->file, r->out->text, offset, "%s", why);
}

int pyproject_expect(const struct pyproject *p, const struct toml *t, enum toml_type type, struct err *e) {
    if (t->type == type)
        return 0;
    return err_at(e, p->file, p->text, t->offset, "%s should stand here, not %s", toml_type_name(type),
                  toml_type_name(t->type));
}

int pyproject_requirement(struct arena *a, const struct pyproject *p, const struct toml *t,
                          struct pyproject_dependency *out, struct err *e) {
    size_t at;
    const char *why;
    if (pyproject_expect(p, t, TOML_TEXT, e) < 0)
        return -1;
    if (requirement_parse(a, t->text, false, &out->req, &at, &why) < 0)
        return err_at(e, p->file, p->text, toml_place(p->text, t, at), "%s", why);
    out->offset = t->offset;
    out->line = t->line;
    return 0;
}

static int read_dependencies(struct reader *r, const struct toml *list, struct pyproject_dependencies *out) {
    if (!list)
        return 0;
    if (pyproject_expect(r->out, list, TOML_ARRAY, r->e) < 0)
        return -1;
    out->p = arena_new(r->a, struct pyproject_dependency, list->n);
    for (const struct toml *t = list->child; t; t = t->next)
        if (pyproject_requirement(r->a, r->out, t, &out->p[out->n++], r->e) < 0)
            return -1;
    return 0;
}

static int read_text(struct reader *r, const struct toml *t, struct str *out) {
    if (!t)
        return 0;
    *out = t->text;
    return pyproject_expect(r->out, t, TOML_TEXT, r->e);
}

static int read_texts(struct reader *r, const struct toml *list, struct str **out, uint32_t *n) {
    if (!list)
        return 0;
    if (pyproject_expect(r->out, list, TOML_ARRAY, r->e) < 0)
        return -1;
    *out = arena_new(r->a, struct str, list->n);
    for (const struct toml *t = list->child; t; t = t->next)
        if (read_text(r, t, &(*out)[(*n)++]) < 0)
            return -1;
    return 0;
}

/* A key that names an extra or a group; no two of them may be the same once normalized. */
static int read_name(struct reader *r, const struct toml *t, struct map *names, struct str *out) {
    uint32_t before = names->n;
    if (!name_is_valid(t->key))
        return fail_at(
            r, t->key_offset,
            "this is no name: it has letters, digits, '-', '_' and '.', and begins and ends with a "
            "letter or digit");
    *out = name_normalize(r->a, t->key);
    if (map_id(names, *out) < before)
        return fail_at(r, t->key_offset, "this name stands twice; case, '-', '_' and '.' make no difference");
    return 0;
}

static int read_extras(struct reader *r, const struct toml *table) {
    struct map names = {0};
    int result = 0;
    if (!table)
        return 0;
    if (pyproject_expect(r->out, table, TOML_TABLE, r->e) < 0)
        return -1;
    r->out->extras = arena_new(r->a, struct pyproject_extra, table->n);
    for (const struct toml *t = table->child; t && result == 0; t = t->next) {
        struct pyproject_extra *x = &r->out->extras[r->out->nextras++];
        result = read_name(r, t, &names, &x->name) < 0 ? -1 : read_dependencies(r, t, &x->dependencies);
    }
    map_free(&names);
    return result;
}

static int read_groups(struct reader *r, const struct toml *table) {
    struct map names = {0};
    int result = 0;
    if (!table)
        return 0;
    if (pyproject_expect(r->out, table, TOML_TABLE, r->e) < 0)
        return -1;
    r->out->groups = arena_new(r->a, struct pyproject_group, table->n);
    for (const struct toml *t = table->child; t && result == 0; t = t->next) {
        struct pyproject_group *g = &r->out->groups[r->out->ngroups++];
        g->list = t;
        result = read_name(r, t, &names, &g->name);
    }
    map_free(&names);
    return result;
}

static int read_python(struct reader *r, const struct toml *t) {
    struct str text = {0};
    size_t at;
    const char *why;
    if (!t)
        return 0;
    if (read_text(r, t, &text) < 0)
        return -1;
    r->out->python_line = t->line;
    if (specifiers_parse(r->a, text, &r->out->python, &at, &why) < 0)
        return fail_at(r, toml_place(r->out->text, t, at), why);
    return 0;
}

/* PEP 621: what is dynamic must not be stated as well (and so the name never is dynamic). */
static int read_dynamic(struct reader *r, const struct toml *project) {
    struct map fields = {0};
    int result = read_texts(r, toml_get(project, "dynamic"), &r->out->dynamic, &r->out->ndynamic);
    for (uint32_t i = 0; i < r->out->ndynamic; i++)
        map_id(&fields, r->out->dynamic[i]);
    for (const struct toml *t = project->child; t && result == 0; t = t->next)
        if (map_find(&fields, t->key) != MAP_NONE)
            result = fail_at(r, t->key_offset, "this is stated, and stands in \"dynamic\" as well");
    map_free(&fields);
    return result;
}

static int read_identity(struct reader *r, const struct toml *project) {
    const struct toml *name = toml_get(project, "name"), *version = toml_get(project, "version");
    struct version v;
    if (!name)
        return fail_at(r, project->offset, "[project] needs a \"name\"");
    if (read_text(r, name, &r->out->name) < 0 || read_text(r, version, &r->out->version) < 0)
        return -1;
    if (!name_is_valid(r->out->name))
        return fail_at(r, name->offset, "this is no name of a project");
    r->out->name = name_normalize(r->a, r->out->name);
    if (version && !version_parse(r->a, r->out->version, &v))
        return fail_at(r, version->offset, "this is no version (PEP 440)");
    if (!version && !pyproject_is_dynamic(r->out, "version"))
        return fail_at(r, project->offset, "[project] needs a \"version\", or \"version\" among \"dynamic\"");
    return 0;
}

static int read_project(struct reader *r, const struct toml *project) {
    if (!project)
        return 0;
    if (pyproject_expect(r->out, project, TOML_TABLE, r->e) < 0)
        return -1;
    r->out->has_project = true;
    if (read_dynamic(r, project) < 0 || read_identity(r, project) < 0 ||
        read_python(r, toml_get(project, "requires-python")) < 0)
        return -1;
    if (read_dependencies(r, toml_get(project, "dependencies"), &r->out->dependencies) < 0)
        return -1;
    return read_extras(r, toml_get(project, "optional-dependencies"));
}

/* PEP 517: below the folder of the file. */
static bool is_below(struct str path) {
    struct str part;
    if (!path.n || path.p[0] == '/')
        return false;
    while (str_cut(&path, '/', &part))
        if (str_is(part, ".."))
            return false;
    return true;
}

static int default_requires(struct reader *r) {
    size_t at;
    const char *why;
    struct pyproject_dependencies *d = &r->out->build_requires;
    *d = (struct pyproject_dependencies){arena_new(r->a, struct pyproject_dependency, 1), 1};
    d->p[0].line = 1;
    return requirement_parse(r->a, STR("setuptools>=40.8.0"), false, &d->p[0].req, &at, &why);
}

static int read_build_system(struct reader *r, const struct toml *build) {
    r->out->build_backend = STR("setuptools.build_meta:__legacy__");
    if (!build)
        return default_requires(r);
    if (pyproject_expect(r->out, build, TOML_TABLE, r->e) < 0)
        return -1;
    const struct toml *requires = toml_get(build, "requires"), *path = toml_get(build, "backend-path");
    if (!requires)
        return fail_at(r, build->offset, "[build-system] needs \"requires\"");
    if (read_dependencies(r, requires, &r->out->build_requires) < 0 ||
        read_text(r, toml_get(build, "build-backend"), &r->out->build_backend) < 0 ||
        read_texts(r, path, &r->out->backend_path, &r->out->nbackend_path) < 0)
        return -1;
    for (const struct toml *t = path ? path->child : NULL; t; t = t->next)
        if (!is_below(t->text))
            return fail_at(r, t->offset, "backend-path names folders below that of this file only");
    return 0;
}

int pyproject_parse(struct arena *a, struct str text, const char *file, struct pyproject *out,
                    struct err *e) {
    struct toml *root;
    struct reader r = {a, out, e};
    *out = (struct pyproject){.file = file, .text = text};
    if (toml_parse(a, text, file, &root, e) < 0)
        return -1;
    if (read_project(&r, toml_get(root, "project")) < 0 ||
        read_groups(&r, toml_get(root, "dependency-groups")) < 0)
        return -1;
    return read_build_system(&r, toml_get(root, "build-system"));
}

bool pyproject_is_dynamic(const struct pyproject *p, const char *field) {
    for (uint32_t i = 0; i < p->ndynamic; i++)
        if (str_eq(p->dynamic[i], str_of(field)))
            return true;
    return false;
}
