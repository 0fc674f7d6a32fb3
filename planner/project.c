#include "planner/project.h"

#include "base/file.h"
#include "formats/pyproject.h"

bool project_is(const char *path) {
    return str_is(path_base(str_of(path)), "pyproject.toml");
}

static int check_python(const struct pyproject *p, const struct marker_env *env, struct arena *a,
                        struct err *e) {
    struct str text = env->values[MARKER_PYTHON_FULL_VERSION];
    struct version v;
    if (!version_parse(a, text, &v) || specifiers_contain(&p->python, &v))
        return 0;
    return err_fail(e,
                    "%s:%u: the project needs Python " STR_FMT ", but the plan is for Python " STR_FMT
                    ": choose another with --python",
                    p->file, (unsigned)p->python_line, STR_ARG(p->python.text), STR_ARG(text));
}

/* Only groups can be had from a file without [project] (PEP 735). */
static int check_static(const struct options *o, const struct pyproject *p, struct err *e) {
    bool extras = o->extras.n || o->all_extras;
    if (!p->has_project && (extras || !o->groups.n))
        return err_input(e, "%s: there is no [project] table to take dependencies from%s", p->file,
                         p->ngroups ? "; --group NAME takes those of a group" : "");
    if (pyproject_is_dynamic(p, "dependencies") ||
        (extras && pyproject_is_dynamic(p, "optional-dependencies")))
        return err_fail(
            e,
            "%s: its dependencies are dynamic: they are known only by building the project, which "
            "is not supported yet; state them in [project]",
            p->file);
    return 0;
}

int project_read(const struct options *o, const struct marker_env *env, struct arena *a, struct str text,
                 const char *file, struct reqfile *out, struct err *e) {
    struct pyproject p;
    struct pyproject_dependencies d;
    struct pyproject_wish wish = {o->extras.p, o->extras.n, o->all_extras, o->groups.p, o->groups.n};
    if (pyproject_parse(a, text, file, &p, e) < 0 || check_static(o, &p, e) < 0 ||
        check_python(&p, env, a, e) < 0 || pyproject_select(a, &p, &wish, &d, e) < 0)
        return -1;
    *out = (struct reqfile){arena_new(a, struct reqline, d.n), d.n};
    for (uint32_t i = 0; i < d.n; i++)
        out->lines[i] = (struct reqline){.kind = REQLINE_REQUIREMENT,
                                         .req = d.p[i].req,
                                         .text = d.p[i].req.text,
                                         .offset = d.p[i].offset,
                                         .line = d.p[i].line};
    return 0;
}
