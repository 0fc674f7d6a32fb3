#include "planner/target.h"

#include <stdio.h>

static void set_env(struct target *t) {
    const struct python_markers *m = &t->python.markers;
    struct str *v = t->env.values;
    v[MARKER_OS_NAME] = m->os_name;
    v[MARKER_SYS_PLATFORM] = m->sys_platform;
    v[MARKER_PLATFORM_MACHINE] = m->platform_machine;
    v[MARKER_PLATFORM_PYTHON_IMPLEMENTATION] = m->platform_python_implementation;
    v[MARKER_PLATFORM_RELEASE] = m->platform_release;
    v[MARKER_PLATFORM_SYSTEM] = m->platform_system;
    v[MARKER_PLATFORM_VERSION] = m->platform_version;
    v[MARKER_PYTHON_VERSION] = m->python_version;
    v[MARKER_PYTHON_FULL_VERSION] = m->python_full_version;
    v[MARKER_IMPLEMENTATION_NAME] = m->implementation_name;
    v[MARKER_IMPLEMENTATION_VERSION] = m->implementation_version;
}

/* --python-version X.Y[.Z]: X.Y is X.Y.0. */
static int set_version(struct target *t, const char *wanted, struct tag_target *tags, struct arena *a,
                       struct err *e) {
    struct version v;
    uint64_t release[3] = {0};
    if (!version_parse(a, str_of(wanted), &v) || version_release(&v, release, 3) < 2 || release[0] > 99 ||
        release[1] > 999)
        return err_input(e, "--python-version takes X.Y or X.Y.Z, not \"%s\"", wanted);
    int major = (int)release[0], minor = (int)release[1];
    t->python_full_version = str_of(arena_fmt(a, "%d.%d.%llu", major, minor, (unsigned long long)release[2]));
    struct str *env = t->env.values;
    env[MARKER_PYTHON_VERSION] = str_of(arena_fmt(a, "%d.%d", major, minor));
    env[MARKER_PYTHON_FULL_VERSION] = env[MARKER_IMPLEMENTATION_VERSION] = t->python_full_version;
    if (major != tags->major ||
        minor != tags->minor) { /* the interpreter's own ABI says nothing of another's */
        tags->major = major;
        tags->minor = minor;
        tags->soabi = (struct str){"", 0};
        tags->abiflags = major == 3 && minor < 8 ? STR("m") : (struct str){"", 0};
        tags->gil_disabled = tags->debug = false;
    }
    return 0;
}

/* --platform manylinux_2_28_aarch64, linux_x86_64, macosx_11_0_arm64, win_amd64. */
static int set_platform(struct target *t, const char *wanted, struct tag_target *tags, struct arena *a,
                        struct err *e) {
    struct str p = str_of(wanted), machine;
    struct str *env = t->env.values;
    int major = 0, minor = 0, used = 0;
    tags->musl_major = tags->musl_minor = tags->glibc_major = tags->glibc_minor = 0;
    if (sscanf(wanted, "manylinux_%d_%d_%n", &major, &minor, &used) == 2 && used) {
        tags->glibc_major = major, tags->glibc_minor = minor;
    } else if (sscanf(wanted, "musllinux_%d_%d_%n", &major, &minor, &used) == 2 && used) {
        tags->musl_major = major, tags->musl_minor = minor;
    } else if (str_starts(p, STR("manylinux2014_"))) {
        tags->glibc_major = 2, tags->glibc_minor = 17, used = 14;
    } else if (str_starts(p, STR("linux_"))) {
        used = 6;
    } else {
        return err_input(
            e,
            "--platform \"%s\": expected a platform tag of Linux, such as manylinux_2_28_x86_64, "
            "musllinux_1_2_aarch64 or linux_x86_64",
            wanted);
    }
    machine = str_from(p, (size_t)used);
    tags->platform = str_of(arena_fmt(a, "linux-" STR_FMT, STR_ARG(machine)));
    tags->soabi = (struct str){"", 0};
    env[MARKER_OS_NAME] = STR("posix");
    env[MARKER_SYS_PLATFORM] = STR("linux");
    env[MARKER_PLATFORM_SYSTEM] = STR("Linux");
    env[MARKER_PLATFORM_MACHINE] = machine;
    env[MARKER_PLATFORM_RELEASE] = env[MARKER_PLATFORM_VERSION] = (struct str){"", 0};
    return 0;
}

static struct str platform_of(struct str tag) {
    return str_from(tag, (size_t)(str_rfind(tag, '-') + 1));
}

/* The newest manylinux or musllinux: "linux_x86_64" would say nothing of the C library. */
static struct str most_specific_platform(const struct tags *tags) {
    for (uint32_t i = 0; i < tags->n; i++) {
        struct str p = platform_of(tags->p[i]);
        if (str_starts(p, STR("manylinux_")) || str_starts(p, STR("musllinux_")))
            return p;
    }
    return tags->n ? platform_of(tags->p[0]) : STR("any");
}

int target_make(struct store *store, const struct options *o, struct arena *a, struct target *out,
                struct err *e) {
    *out = (struct target){0};
    const char *wanted = o->python;
    struct python *py = &out->python;
    if (python_find(store, wanted, a, py, e) < 0)
        return -1;
    struct tag_target tags = {
        .implementation = py->markers.implementation_name,
        .major = py->major,
        .minor = py->minor,
        .soabi = py->soabi,
        .abiflags = py->abiflags,
        .gil_disabled = py->gil_disabled,
        .debug = py->debug,
        .platform = py->platform,
        .glibc_major = py->glibc_major,
        .glibc_minor = py->glibc_minor,
        .musl_major = py->musl_major,
        .musl_minor = py->musl_minor,
        .pointer_bits = py->pointer_bits,
    };
    out->python_full_version = py->version;
    set_env(out);
    if (o->python_version && set_version(out, o->python_version, &tags, a, e) < 0)
        return -1;
    if (o->platform && set_platform(out, o->platform, &tags, a, e) < 0)
        return -1;
    if (!version_parse(a, out->python_full_version, &out->version))
        return err_fail(e, STR_FMT " says its version is \"" STR_FMT "\", which is none",
                        STR_ARG(py->executable), STR_ARG(out->python_full_version));
    tags_generate(a, &tags, &out->tags);
    out->platform = most_specific_platform(&out->tags);
    return 0;
}

void target_free(struct target *t) {
    tags_free(&t->tags);
}
