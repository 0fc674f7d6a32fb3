#include "executor/wanted.h"

#include "base/map.h"
#include "formats/filename.h"
#include "formats/marker.h"
#include "formats/tag.h"

int wanted_check_python(const struct lock *lock, const struct python *python, struct err *e) {
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

static struct marker_env marker_values(struct arena *a, const struct python *python) {
    const struct python_markers *m = &python->markers;
    struct str full = m->python_full_version;
    if (str_ends(full, STR("+"))) /* a build between releases: as PEP 440 can read it */
        full = str_of(arena_fmt(a, STR_FMT "local", STR_ARG(full)));
    return (struct marker_env){
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

static int take_package(struct arena *a, const struct lock_package *p, const struct tags *tags,
                        struct wanted_list *out, struct misfits *misfits, struct err *e) {
    if (out->n && str_eq(out->p[out->n - 1].package->name, p->name))
        return err_fail(e, STR_FMT ": the markers of two of its versions hold for this interpreter",
                        STR_ARG(p->name));
    out->p[out->n++] = (struct wanted){p, best_wheel(a, p, tags)};
    if (!out->p[out->n - 1].file)
        note_misfit(misfits, p);
    return 0;
}

int wanted_select(struct arena *a, const struct lock *lock, const struct python *python,
                  struct wanted_list *out, struct err *e) {
    struct marker_env env = marker_values(a, python);
    struct tags tags = {0};
    tags_of(a, python, &tags);
    *out = (struct wanted_list){arena_new(a, struct wanted, lock->npackages), 0};
    struct misfits misfits = {0};
    int failed = 0;
    for (uint32_t i = 0; i < lock->npackages && !failed; i++) {
        bool holds = false;
        failed = marker_holds(a, &lock->packages[i], &env, &holds, e);
        if (!failed && holds)
            failed = take_package(a, &lock->packages[i], &tags, out, &misfits, e);
    }
    if (!failed)
        failed = complain(&misfits, python, e);
    buf_free(&misfits.sdists);
    buf_free(&misfits.wheels);
    tags_free(&tags);
    return failed;
}
