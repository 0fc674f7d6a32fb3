#include "executor/wanted.h"

#include "base/map.h"
#include "formats/filename.h"
#include "formats/marker.h"
#include "formats/specifier.h"
#include "formats/tag.h"

static struct marker_env marker_values(struct arena *a, const struct lock *lock,
                                       const struct python *python) {
    const struct python_markers *m = &python->markers;
    struct str full = m->python_full_version;
    if (str_ends(full, STR("+"))) /* a build between releases: as PEP 440 can read it */
        full = str_of(arena_fmt(a, STR_FMT "local", STR_ARG(full)));
    return (struct marker_env){
        .groups = lock->groups,
        .ngroups = lock->ngroups,
        .values = {
            [MARKER_OS_NAME] = m->os_name,
            [MARKER_SYS_PLATFORM] = m->sys_platform,
            [MARKER_PLATFORM_MACHINE] = m->platform_machine,
            [MARKER_PLATFORM_PYTHON_IMPLEMENTATION] = m->platform_python_implementation,
            [MARKER_PLATFORM_RELEASE] = m->platform_release,
            [MARKER_PLATFORM_SYSTEM] = m->platform_system,
            [MARKER_PLATFORM_VERSION] = m->platform_version,
            [MARKER_PYTHON_VERSION] = m->python_version,
            [MARKER_PYTHON_FULL_VERSION] = full,
            [MARKER_IMPLEMENTATION_NAME] = m->implementation_name,
            [MARKER_IMPLEMENTATION_VERSION] = m->implementation_version,
        }};
}

static int check_target(const struct lock *lock, const struct python *python, struct err *e) {
    struct str rest = lock->python, major = {0}, minor = {0};
    str_cut(&rest, '.', &major);
    str_cut(&rest, '.', &minor);
    uint64_t x = 0, y = 0;
    bool known = str_u64(major, &x) && str_u64(minor, &y);
    if (known && (x != (uint64_t)python->major || y != (uint64_t)python->minor))
        return err_fail(e,
                        "the lock is for Python " STR_FMT ", and " STR_FMT " is Python " STR_FMT
                        "; give --python " STR_FMT "." STR_FMT
                        " and an environment made for it, or plan anew",
                        STR_ARG(lock->python), STR_ARG(python->executable), STR_ARG(python->version),
                        STR_ARG(major), STR_ARG(minor));
    struct str name = python->markers.implementation_name;
    if (lock->implementation.n && name.n && !str_ieq(lock->implementation, name))
        return err_fail(e, "the lock is for " STR_FMT ", and " STR_FMT " is " STR_FMT "; give --python",
                        STR_ARG(lock->implementation), STR_ARG(python->executable), STR_ARG(name));
    return 0;
}

/* Whether an interpreter is among those that requires-python (PEP 751) names. */
static bool python_is_in(struct arena *a, struct str required, const struct marker_env *env) {
    struct specifiers s;
    struct version v;
    size_t at;
    const char *why;
    return specifiers_parse(a, required, &s, &at, &why) == 0 &&
           version_parse(a, env->values[MARKER_PYTHON_FULL_VERSION], &v) && specifiers_contain(&s, &v);
}

static int check_requires_python(struct arena *a, const struct lock *lock, const struct marker_env *env,
                                 const struct python *python, struct err *e) {
    if (!lock->requires_python.n || python_is_in(a, lock->requires_python, env))
        return 0;
    return err_fail(e,
                    "the lock is for Python " STR_FMT ", and " STR_FMT " is Python " STR_FMT
                    "; give another --python and an environment made for it, or lock anew",
                    STR_ARG(lock->requires_python), STR_ARG(python->executable), STR_ARG(python->version));
}

static int check_environments(struct arena *a, const struct lock *lock, const struct marker_env *env,
                              const struct python *python, struct err *e) {
    struct marker *m;
    size_t at;
    const char *why;
    for (uint32_t i = 0; i < lock->nenvironments; i++)
        if (marker_parse(a, lock->environments[i], &m, &at, &why) == 0 && marker_eval(m, env))
            return 0;
    if (!lock->nenvironments)
        return 0;
    return err_fail(e,
                    "the lock is for other environments than " STR_FMT " (Python " STR_FMT " on " STR_FMT
                    "): " STR_FMT "%s; give another --python, or lock anew for this one",
                    STR_ARG(python->executable), STR_ARG(python->version), STR_ARG(python->platform),
                    STR_ARG(lock->environments[0]), lock->nenvironments > 1 ? " ..." : "");
}

int wanted_check_python(const struct lock *lock, const struct python *python, struct err *e) {
    struct arena a = {0};
    struct marker_env env = marker_values(&a, lock, python);
    int failed = check_target(lock, python, e) || check_requires_python(&a, lock, &env, python, e) ||
                 check_environments(&a, lock, &env, python, e);
    arena_free(&a);
    return failed ? -1 : 0;
}

static int marker_holds(struct arena *a, const struct lock_package *p, const struct marker_env *env,
                        bool *holds, struct err *e) {
    struct marker *m = NULL;
    size_t at;
    const char *why;
    if (p->marker.n && marker_parse(a, p->marker, &m, &at, &why))
        return err_input(e, STR_FMT ": marker \"" STR_FMT "\": %s", STR_ARG(p->name), STR_ARG(p->marker),
                         why);
    *holds = marker_eval(m, env);
    return 0;
}

static void tags_of(struct arena *a, const struct python *p, struct tags *out) {
    struct tag_target target = {
        .implementation = p->markers.implementation_name,
        .major = p->major,
        .minor = p->minor,
        .soabi = p->soabi,
        .abiflags = p->abiflags,
        .gil_disabled = p->gil_disabled,
        .debug = p->debug,
        .platform = p->platform,
        .glibc_major = p->glibc_major,
        .glibc_minor = p->glibc_minor,
        .musl_major = p->musl_major,
        .musl_minor = p->musl_minor,
        .pointer_bits = p->pointer_bits,
    };
    tags_generate(a, &target, out);
}

static const struct lock_file *best_wheel(struct arena *a, const struct lock_package *p,
                                          const struct tags *tags) {
    const struct lock_file *best = NULL;
    uint32_t best_rank = MAP_NONE, best_build = 0;
    for (uint32_t i = 0; i < p->nfiles; i++) {
        struct filename f = filename_parse(a, p->files[i].name, p->name);
        if (f.kind != FILE_WHEEL)
            continue;
        uint32_t rank = tags_rank(tags, f.tags);
        bool better = rank < best_rank || (rank == best_rank && f.build_number > best_build);
        if (rank != MAP_NONE && (!best || better)) {
            best = &p->files[i];
            best_rank = rank;
            best_build = f.build_number;
        }
    }
    return best;
}

static bool has_sdist(const struct lock_package *p) {
    for (uint32_t i = 0; i < p->nfiles; i++)
        if (p->files[i].kind == LOCK_SDIST)
            return true;
    return false;
}

struct misfits { /* packages without a wheel that fits, as text */
    struct buf sdists, wheels;
};

static void note_misfit(struct misfits *m, const struct lock_package *p) {
    if (has_sdist(p))
        buf_fmt(&m->sdists, "%s" STR_FMT " " STR_FMT, m->sdists.n ? ", " : "", STR_ARG(p->name),
                STR_ARG(p->version));
    else
        buf_fmt(&m->wheels, "%s" STR_FMT " (" STR_FMT ")", m->wheels.n ? ", " : "", STR_ARG(p->name),
                STR_ARG(p->nfiles ? p->files[0].name : STR("no file")));
}

static int complain(const struct misfits *m, const struct python *python, struct err *e) {
    if (m->wheels.n)
        return err_fail(e,
                        STR_FMT ": no wheel fits " STR_FMT " (Python " STR_FMT " on " STR_FMT
                                "); plan on this platform, or give another --python",
                        STR_ARG(buf_view(&m->wheels)), STR_ARG(python->executable), STR_ARG(python->version),
                        STR_ARG(python->platform));
    if (m->sdists.n)
        return err_fail(e, STR_FMT ": a source distribution; building is not supported yet",
                        STR_ARG(buf_view(&m->sdists)));
    return 0;
}

/* What a selection is made from. */
struct choice {
    struct arena *a;
    const struct python *python;
    struct marker_env env;
    struct tags tags;
    struct misfits misfits;
    struct wanted_list *out;
};

static int check_package(struct choice *c, const struct lock_package *p, struct err *e) {
    if (c->out->n && str_eq(c->out->p[c->out->n - 1].package->name, p->name))
        return err_fail(e, STR_FMT ": the markers of two of its versions hold for this interpreter",
                        STR_ARG(p->name));
    if (p->fault)
        return err_input(e, "%s", p->fault);
    if (!p->requires_python.n || python_is_in(c->a, p->requires_python, &c->env))
        return 0;
    return err_fail(e,
                    STR_FMT " " STR_FMT " is for Python " STR_FMT ", and " STR_FMT " is Python " STR_FMT
                            "; give another --python, or lock anew",
                    STR_ARG(p->name), STR_ARG(p->version), STR_ARG(p->requires_python),
                    STR_ARG(c->python->executable), STR_ARG(c->python->version));
}

static int take_package(struct choice *c, const struct lock_package *p, struct err *e) {
    if (check_package(c, p, e))
        return -1;
    const struct lock_file *file = best_wheel(c->a, p, &c->tags);
    if (file && file->fault)
        return err_input(e, "%s", file->fault);
    c->out->p[c->out->n++] = (struct wanted){p, file};
    if (!file)
        note_misfit(&c->misfits, p);
    return 0;
}

int wanted_select(struct arena *a, const struct lock *lock, const struct python *python,
                  struct wanted_list *out, struct err *e) {
    struct choice c = {.a = a, .python = python, .env = marker_values(a, lock, python), .out = out};
    tags_of(a, python, &c.tags);
    *out = (struct wanted_list){arena_new(a, struct wanted, lock->npackages), 0};
    int failed = 0;
    for (uint32_t i = 0; i < lock->npackages && !failed; i++) {
        bool holds = false;
        failed = marker_holds(a, &lock->packages[i], &c.env, &holds, e);
        if (!failed && holds)
            failed = take_package(&c, &lock->packages[i], e);
    }
    if (!failed)
        failed = complain(&c.misfits, python, e);
    buf_free(&c.misfits.sdists);
    buf_free(&c.misfits.wheels);
    tags_free(&c.tags);
    return failed;
}
