#include "formats/filename.h"

#include "formats/name.h"

enum { LENGTH_MAX = 1024 };

static bool is_version(struct str s) {
    char space[VERSION_SPACE(LENGTH_MAX)];
    struct version v;
    return version_parse_in(space, s, &v);
}

/* Nothing that could lead out of a folder or onto a terminal. */
static bool is_plain(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '/' || s.p[i] == '\\' || s.p[i] == 0x7f)
            return false;
    return true;
}

/* The wheel specification's escaped name; "__" comes from none. */
static bool is_wheel_name(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!char_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '.')
            return false;
    return s.n && str_search(s, STR("__")) < 0;
}

static bool is_identifier(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!char_alnum(s.p[i]) && s.p[i] != '_')
            return false;
    return s.n && !char_digit(s.p[0]);
}

static bool are_tags(struct str tags) {
    struct str part, one;
    for (int i = 0; str_cut(&tags, '-', &part); i++)
        while (str_cut(&part, '.', &one))
            if (!one.n || (i == 0 && !is_identifier(one)))
                return false;
    return true;
}

uint32_t filename_build_number(struct str tag) {
    size_t n = 0;
    uint64_t number;
    while (n < tag.n && char_digit(tag.p[n]))
        n++;
    if (!n)
        return 0;
    return str_u64(str_head(tag, n), &number) && number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

static const struct filename other = {.kind = FILE_OTHER};

static struct filename split_wheel(struct str stem) {
    struct filename f = {.kind = FILE_WHEEL};
    struct str rest = stem, part[6];
    int n = 0;
    while (n < 6 && str_cut(&rest, '-', &part[n]))
        n++;
    if (n < 5 || rest.p) /* name-version[-build]-python-abi-platform */
        return other;
    f.name = part[0];
    f.version = part[1];
    f.tags = str_from(stem, (size_t)(part[n - 3].p - stem.p));
    if (n == 5)
        return f;
    f.build_tag = part[2];
    f.build_number = filename_build_number(f.build_tag);
    return f.build_tag.n && char_digit(f.build_tag.p[0]) ? f : other;
}

/* Where the '-' behind the name stands, or -1. Names of sdists come in every spelling, with dashes too. */
static ptrdiff_t end_of_name(struct str stem, struct str project) {
    if (!project.n)
        return str_rfind(stem, '-');
    for (size_t i = 1; i < stem.n; i++)
        if (stem.p[i] == '-' && name_same(str_head(stem, i), project))
            return (ptrdiff_t)i;
    return -1;
}

static struct filename split_sdist(struct str stem, struct str project) {
    ptrdiff_t dash = end_of_name(stem, project);
    if (dash < 1)
        return other;
    return (struct filename){.kind = FILE_SDIST,
                             .name = str_head(stem, (size_t)dash),
                             .version = str_from(stem, (size_t)dash + 1)};
}

struct filename filename_split(struct str s, struct str project) {
    static const struct str sdists[] = {STR_INIT(".tar.gz"),  STR_INIT(".zip"),    STR_INIT(".tgz"),
                                        STR_INIT(".tar.bz2"), STR_INIT(".tar.xz"), STR_INIT(".tar")};
    if (s.n > LENGTH_MAX)
        return other;
    if (str_ends(s, STR(".whl")))
        return split_wheel(str_head(s, s.n - 4));
    for (size_t i = 0; i < sizeof sdists / sizeof *sdists; i++)
        if (str_ends(s, sdists[i]))
            return split_sdist(str_head(s, s.n - sdists[i].n), project);
    return other;
}

struct filename filename_parse(struct arena *a, struct str s, struct str project) {
    struct filename f = filename_split(s, project);
    if (f.kind == FILE_OTHER || !is_plain(s) || !is_version(f.version))
        return other;
    if (f.kind == FILE_WHEEL && (!is_wheel_name(f.name) || !are_tags(f.tags)))
        return other;
    f.name = name_normalize(a, f.name);
    return f;
}
