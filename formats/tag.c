#include "formats/tag.h"

#include <stdio.h>

enum { MINOR_MAX = 255 }; /* beyond any Python, glibc or macOS: a slip, which must not cost gigabytes */
enum { TAG_MAX = 255 };   /* no tag that is generated is longer */
enum { COMBINATIONS_MAX = 4096 };
enum { LAST_GLIBC_MINOR = 50 }; /* of a major version that is over: packaging's guess */

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Platforms: "manylinux_2_17_x86_64", best first. */

struct list {
    struct arena *a;
    struct str *p;
    uint32_t n, cap;
};

__attribute__((format(printf, 2, 3))) static void add(struct list *l, const char *fmt, ...) {
    if (l->n == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 64;
        struct str *p = arena_new(l->a, struct str, cap);
        if (l->n)
            memcpy(p, l->p, l->n * sizeof *p);
        l->p = p;
        l->cap = cap;
    }
    va_list ap;
    va_start(ap, fmt);
    l->p[l->n++] = str_of(arena_vfmt(l->a, fmt, ap));
    va_end(ap);
}

/* '.', '-' and ' ' as '_'. */
static char *underscored(struct arena *a, struct str s) {
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = strchr(".- ", s.p[i]) ? '_' : s.p[i];
    return p;
}

static bool is_one_of(const char *s, const char *const *all) {
    for (; *all; all++)
        if (!strcmp(s, *all))
            return true;
    return false;
}

static const char *legacy_manylinux(int minor) {
    return minor == 17 ? "manylinux2014" : minor == 12 ? "manylinux2010" : minor == 5 ? "manylinux1" : NULL;
}

static void add_manylinux(struct list *l, const struct tag_target *t, const char *arch, bool x86) {
    int oldest = x86 ? 5 : 17; /* PEP 600: of glibc 2 */
    for (int major = least(t->glibc_major, MINOR_MAX); major >= 2; major--) {
        int newest = major == t->glibc_major ? least(t->glibc_minor, MINOR_MAX) : LAST_GLIBC_MINOR;
        for (int minor = newest; minor >= (major == 2 ? oldest : 0); minor--) {
            add(l, "manylinux_%d_%d_%s", major, minor, arch);
            if (major == 2 && legacy_manylinux(minor))
                add(l, "%s_%s", legacy_manylinux(minor), arch);
        }
    }
}

static void add_musllinux(struct list *l, const struct tag_target *t, const char *arch) {
    for (int minor = least(t->musl_minor, MINOR_MAX); t->musl_major > 0 && minor >= 0; minor--)
        add(l, "musllinux_%d_%d_%s", t->musl_major, minor, arch);
}

/* A 32-bit interpreter may run on a 64-bit kernel, whose name the platform bears. */
static const char *linux_arch(const char *arch, int pointer_bits) {
    if (pointer_bits == 32 && !strcmp(arch, "x86_64"))
        return "i686";
    if (pointer_bits == 32 && !strcmp(arch, "aarch64"))
        return "armv8l";
    return arch;
}

static void add_linux(struct list *l, const struct tag_target *t, const char *platform) {
    static const char *const with_manylinux[] = {"x86_64", "aarch64",     "ppc64",   "ppc64le",
                                                 "s390x",  "loongarch64", "riscv64", "armv7l",
                                                 "armv8l", "i686",        NULL};
    const char *first = linux_arch(platform + strlen("linux_"), t->pointer_bits);
    const char *archs[] = {first, strcmp(first, "armv8l") ? NULL : "armv7l"};
    bool x86 = !strcmp(first, "x86_64") || !strcmp(first, "i686");
    int n = archs[1] ? 2 : 1;
    for (int i = 0; i < n; i++)
        add(l, "linux_%s", archs[i]);
    for (int i = 0; i < n && is_one_of(first, with_manylinux); i++)
        add_manylinux(l, t, archs[i], x86);
    for (int i = 0; i < n; i++)
        add_musllinux(l, t, archs[i]);
}

static const char *const *mac_formats(const char *arch, int major, int minor) {
    static const char *const none[] = {NULL};
    static const char *const x86_64[] = {"x86_64", "intel", "fat64", "fat3", "universal2", "universal", NULL};
    static const char *const i386[] = {"i386", "intel", "fat3", "fat", "universal", NULL};
    static const char *const ppc64[] = {"ppc64", "fat64", "universal", NULL};
    static const char *const ppc[] = {"ppc", "fat3", "fat", "universal", NULL};
    static const char *const arm64[] = {"arm64", "universal2", NULL};
    static const char *const intel[] = {"intel", "universal", NULL};
    bool before_10_4 = major == 10 && minor < 4;
    if (!strcmp(arch, "x86_64"))
        return before_10_4 ? none : x86_64;
    if (!strcmp(arch, "i386"))
        return before_10_4 ? none : i386;
    if (!strcmp(arch, "ppc64"))
        return before_10_4 || major > 10 || minor > 5 ? none : ppc64;
    if (!strcmp(arch, "ppc"))
        return major > 10 || minor > 6 ? none : ppc;
    if (!strcmp(arch, "arm64"))
        return arm64;
    return !strcmp(arch, "intel") ? intel : NULL;
}

static void add_mac_version(struct list *l, const char *arch, int major, int minor) {
    const char *const unknown[] = {arch, NULL};
    const char *const *formats = mac_formats(arch, major, minor);
    for (formats = formats ? formats : unknown; *formats; formats++)
        add(l, "macosx_%d_%d_%s", major, minor, *formats);
}

static const char *mac_arch(const char *arch, int pointer_bits) {
    if (pointer_bits != 32)
        return arch;
    return strncmp(arch, "ppc", 3) ? "i386" : "ppc";
}

/* Up to 10.15 a year was a minor version, since 11 it is a major one. */
static void add_mac(struct list *l, const struct tag_target *t, int major, int minor, const char *arch) {
    arch = mac_arch(arch, t->pointer_bits);
    if (major == 10) {
        for (int i = least(minor, MINOR_MAX); i >= 0; i--)
            add_mac_version(l, arch, 10, i);
        return;
    }
    for (int i = least(major, MINOR_MAX); i >= 11; i--)
        add_mac_version(l, arch, i, 0);
    for (int i = 16; i >= 4 && major >= 11; i--) {
        if (!strcmp(arch, "x86_64"))
            add_mac_version(l, arch, 10, i);
        else
            add(l, "macosx_10_%d_universal2", i); /* its x86_64 half may be older than macOS on arm64 */
    }
}

static struct list platforms(struct arena *a, const struct tag_target *t) {
    struct list l = {.a = a};
    const char *platform = underscored(a, t->platform);
    int major = 0, minor = 0, end = 0;
    if ((sscanf(platform, "macosx_%4d_%4d_%n", &major, &minor, &end) == 2 && end) ||
        (sscanf(platform, "macosx_%4d_%n", &major, &end) == 1 && end))
        add_mac(&l, t, major, minor, platform + end);
    else if (!strncmp(platform, "linux_", 6))
        add_linux(&l, t, platform);
    else
        add(&l, "%s", platform);
    return l;
}

/* Tags. */

struct maker {
    struct arena *a;
    struct tags *out;
    uint32_t cap;
    int major, minor; /* of Python */
};

/* The text in lower case, at the end unless it is there already. */
static void add_tag(struct maker *m, const char *interpreter, const char *abi, struct str platform) {
    struct tags *out = m->out;
    char *text = arena_fmt(m->a, "%s-%s-" STR_FMT, interpreter, abi, STR_ARG(platform));
    for (char *p = text; *p; p++)
        *p = char_lower(*p);
    if (map_id(&out->rank, str_of(text)) < out->n)
        return;
    if (out->n == m->cap) {
        m->cap = m->cap ? m->cap * 2 : 1024;
        struct str *p = arena_new(m->a, struct str, m->cap);
        if (out->n)
            memcpy(p, out->p, out->n * sizeof *p);
        out->p = p;
    }
    out->p[out->n++] = str_of(text);
}

static void add_tags(struct maker *m, const char *interpreter, const char *abi, const struct list *l) {
    for (uint32_t i = 0; i < l->n; i++)
        add_tag(m, interpreter, abi, l->p[i]);
}

/* The ABI of CPython: flags are "t" (no GIL), "d" (debug), and before 3.8 "m" (pymalloc) and "u" (UCS-4). */
static const char *cpython_abi(struct maker *m, const struct tag_target *t, bool debug) {
    bool threads = t->gil_disabled && (m->major > 3 || m->minor >= 13);
    bool old = m->major < 3 || (m->major == 3 && m->minor < 8);
    bool wide = m->major < 3 || (m->major == 3 && m->minor < 3);
    return arena_fmt(m->a, "cp%d%d%s%s%s%s", m->major, m->minor, threads ? "t" : "", debug ? "d" : "",
                     old && str_find(t->abiflags, 'm') >= 0 ? "m" : "",
                     wide && str_find(t->abiflags, 'u') >= 0 ? "u" : "");
}

static void add_cpython(struct maker *m, const struct tag_target *t, const struct list *l) {
    const char *interpreter = arena_fmt(m->a, "cp%d%d", m->major, m->minor);
    const char *abi = cpython_abi(m, t, t->debug);
    const char *stable = strchr(abi + 2, 't') ? "abi3t" : "abi3";
    bool has_stable = m->major > 3 || (m->major == 3 && m->minor >= 2);
    add_tags(m, interpreter, abi, l);
    if (t->debug && (m->major > 3 || m->minor >= 8)) /* a debug build loads ordinary extensions, since 3.8 */
        add_tags(m, interpreter, cpython_abi(m, t, false), l);
    if (has_stable)
        add_tags(m, interpreter, stable, l);
    add_tags(m, interpreter, "none", l);
    for (int minor = m->minor - 1; has_stable && minor >= 2; minor--)
        add_tags(m, arena_fmt(m->a, "cp%d%d", m->major, minor), stable, l);
}

/* The first n words of s between dashes. */
static struct str first_words(struct str s, int n) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '-' && --n == 0)
            return str_head(s, i);
    return s;
}

/* From "cpython-310-x86_64-linux-gnu", "cp310-win_amd64", "pypy39-pp73-x86_64-linux-gnu" and the like the
   part that tells the ABI; NULL for an empty soabi. */
static const char *generic_abi(struct arena *a, struct str soabi) {
    if (str_starts(soabi, STR("cpython-")))
        return arena_fmt(a, "cp%s", underscored(a, first_words(str_from(soabi, 8), 1)));
    if (str_starts(soabi, STR("cp")))
        return underscored(a, first_words(soabi, 1));
    if (str_starts(soabi, STR("pypy")))
        return underscored(a, first_words(soabi, 2));
    if (str_starts(soabi, STR("graalpy")))
        return underscored(a, first_words(soabi, 3));
    return soabi.n ? underscored(a, soabi) : NULL;
}

static const char *short_name(struct arena *a, struct str implementation) {
    if (str_is(implementation, "pypy"))
        return "pp";
    if (str_is(implementation, "ironpython"))
        return "ip";
    if (str_is(implementation, "jython"))
        return "jy";
    return str_is(implementation, "python") ? "py" : arena_str(a, implementation).p;
}

static void add_generic(struct maker *m, const struct tag_target *t, const struct list *l) {
    const char *name = short_name(m->a, t->implementation);
    const char *interpreter = arena_fmt(m->a, "%s%d%d", name, m->major, m->minor);
    const char *abi = generic_abi(m->a, t->soabi);
    if (abi)
        add_tags(m, interpreter, abi, l);
    add_tags(m, interpreter, "none", l);
}

/* py311, py3, py310, py39 ... py30, each with every platform, or with "any". */
static void add_python(struct maker *m, const struct list *l) {
    add_tags(m, arena_fmt(m->a, "py%d%d", m->major, m->minor), "none", l);
    add_tags(m, arena_fmt(m->a, "py%d", m->major), "none", l);
    for (int minor = m->minor - 1; minor >= 0; minor--)
        add_tags(m, arena_fmt(m->a, "py%d%d", m->major, minor), "none", l);
}

void tags_generate(struct arena *a, const struct tag_target *t, struct tags *out) {
    *out = (struct tags){0};
    struct maker m = {a, out, 0, least(t->major, MINOR_MAX), least(t->minor, MINOR_MAX)};
    struct list all = platforms(a, t);
    struct str any = STR("any");
    struct list only_any = {.a = a, .p = &any, .n = 1};
    bool cpython = str_is(t->implementation, "cpython");
    if (cpython)
        add_cpython(&m, t, &all);
    else
        add_generic(&m, t, &all);
    add_python(&m, &all);
    if (cpython)
        add_tags(&m, arena_fmt(a, "cp%d%d", m.major, m.minor), "none", &only_any);
    else if (str_is(t->implementation, "pypy"))
        add_tags(&m, "pp3", "none", &only_any);
    add_python(&m, &only_any);
}

void tags_free(struct tags *t) {
    map_free(&t->rank);
}

/* How many tags a compressed set stands for; 0 if it has not three parts. */
static uint64_t combinations(struct str compressed) {
    uint64_t total = 1, members;
    struct str part;
    int parts = 0;
    for (; parts < 3 && str_cut(&compressed, '-', &part); parts++) {
        members = 1;
        for (size_t i = 0; i < part.n; i++)
            members += part.p[i] == '.';
        total *= members < COMBINATIONS_MAX ? members : COMBINATIONS_MAX;
    }
    return parts == 3 && !compressed.p ? total : 0;
}

static uint32_t rank_of(const struct tags *t, struct str interpreter, struct str abi, struct str platform) {
    char text[TAG_MAX + 1];
    size_t n = interpreter.n + abi.n + platform.n + 2;
    if (n > TAG_MAX)
        return MAP_NONE;
    snprintf(text, sizeof text, STR_FMT "-" STR_FMT "-" STR_FMT, STR_ARG(interpreter), STR_ARG(abi),
             STR_ARG(platform));
    for (char *p = text; *p; p++)
        *p = char_lower(*p);
    return map_find(&t->rank, str_of(text));
}

uint32_t tags_rank(const struct tags *t, struct str compressed) {
    uint64_t all = combinations(compressed);
    uint32_t best = MAP_NONE;
    struct str interpreters, abis, interpreter, abi, platform;
    if (!all || all > COMBINATIONS_MAX)
        return MAP_NONE;
    str_cut(&compressed, '-', &interpreters);
    str_cut(&compressed, '-', &abis);
    while (str_cut(&interpreters, '.', &interpreter)) {
        for (struct str rest = abis; str_cut(&rest, '.', &abi);) {
            for (struct str last = compressed; str_cut(&last, '.', &platform);) {
                uint32_t rank = rank_of(t, interpreter, abi, platform);
                best = rank < best ? rank : best;
            }
        }
    }
    return best;
}
