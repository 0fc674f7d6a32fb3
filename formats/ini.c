#include "formats/ini.h"

#include "base/vec.h"

struct reader {
    struct arena *a;
    struct str section;
    VEC(struct ini_entry) entries;
};

static void continue_value(struct reader *r, struct str line) {
    struct str *value = &r->entries.p[r->entries.n - 1].value;
    *value =
        str_of(arena_fmt(r->a, STR_FMT "%s" STR_FMT, STR_ARG(*value), value->n ? "\n" : "", STR_ARG(line)));
}

/* 0, or -1 when the line is no key with a value. */
static int read_key(struct reader *r, struct str line, size_t offset) {
    ptrdiff_t eq = str_find(line, '='), colon = str_find(line, ':');
    ptrdiff_t at = eq < 0 || (colon >= 0 && colon < eq) ? colon : eq;
    if (at <= 0)
        return -1;
    struct str key = arena_str(r->a, str_trim(str_head(line, (size_t)at)));
    for (size_t i = 0; i < key.n; i++)
        ((char *)(uintptr_t)key.p)[i] = char_lower(key.p[i]);
    struct ini_entry entry = {r->section, key, str_trim(str_from(line, (size_t)at + 1)), offset};
    vec_push(&r->entries, entry);
    return 0;
}

int ini_parse(struct arena *a, struct str text, const char *file, struct ini *out, struct err *e) {
    struct reader r = {.a = a};
    struct str rest = text, line;
    int result = 0;
    while (result == 0 && str_cut(&rest, '\n', &line)) {
        struct str bare = str_trim(line);
        size_t offset = (size_t)(bare.p - text.p);
        if (!bare.n || bare.p[0] == '#' || bare.p[0] == ';')
            continue;
        if (char_space(line.p[0]) && r.entries.n)
            continue_value(&r, bare);
        else if (bare.p[0] == '[' && bare.p[bare.n - 1] == ']')
            r.section = str_trim((struct str){bare.p + 1, bare.n - 2});
        else if (read_key(&r, bare, offset) < 0)
            result = err_at(e, file, text, offset, "expected [section] or key = value");
    }
    *out = (struct ini){arena_copy(a, r.entries.p, r.entries.n * sizeof *r.entries.p), r.entries.n};
    vec_free(&r.entries);
    return result;
}
