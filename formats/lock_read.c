#include <stdlib.h>

#include "base/map.h"
#include "base/yaml.h"
#include "formats/lock_parts.h"
#include "formats/marker.h"
#include "formats/name.h"
#include "formats/version.h"

struct reader {
    struct arena *a;
    struct str text;
    const char *file;
    struct err *e;
};

#define FAULT(r, y, ...) err_at((r)->e, (r)->file, (r)->text, (y)->offset, __VA_ARGS__)

/* The member of a mapping; 1 if it is there, 0 if not, -1 (told) if it is of another type. */
static int member(struct reader *r, const struct yaml *map, const char *key, enum yaml_type type,
                  const struct yaml **out) {
    static const char *const names[] = {"a text", "a sequence", "a mapping"};
    *out = yaml_get(map, key);
    if (!*out)
        return 0;
    return (*out)->type == type ? 1 : FAULT(r, *out, "\"%s\" must be %s", key, names[type]);
}

static int optional_text(struct reader *r, const struct yaml *map, const char *key, struct str *out) {
    const struct yaml *y;
    int found = member(r, map, key, YAML_TEXT, &y);
    *out = found > 0 ? y->text : STR("");
    return found < 0 ? -1 : 0;
}

/* Told at the mapping if it is missing; *at is where it stands. */
static int text(struct reader *r, const struct yaml *map, const char *key, const struct yaml **at,
                struct str *out) {
    int found = member(r, map, key, YAML_TEXT, at);
    if (found > 0 && (*at)->text.n) {
        *out = (*at)->text;
        return 0;
    }
    return found < 0 ? -1 : FAULT(r, found ? *at : map, "\"%s\" is missing", key);
}

static int sequence(struct reader *r, const struct yaml *map, const char *key, bool required,
                    const struct yaml **out) {
    int found = member(r, map, key, YAML_SEQUENCE, out);
    if (found < 0)
        return -1;
    return found || !required ? 0 : FAULT(r, map, "\"%s\" is missing", key);
}

static int element(struct reader *r, const struct yaml *y, enum yaml_type type, const char *what) {
    return y->type == type ? 0
                           : FAULT(r, y, "%s must be %s", what, type == YAML_TEXT ? "a text" : "a mapping");
}

static int boolean(struct reader *r, const struct yaml *map, const char *key, bool *out) {
    const struct yaml *y;
    int found = member(r, map, key, YAML_TEXT, &y);
    *out = found > 0 && str_is(y->text, "true");
    if (found > 0 && !*out && !str_is(y->text, "false"))
        return FAULT(r, y, "\"%s\" must be true or false", key);
    return found < 0 ? -1 : 0;
}

static int texts(struct reader *r, const struct yaml *map, const char *key, struct str **out, uint32_t *n) {
    const struct yaml *list;
    if (sequence(r, map, key, false, &list) < 0)
        return -1;
    *n = 0;
    *out = arena_new(r->a, struct str, list ? list->n : 0);
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        if (element(r, y, YAML_TEXT, key) < 0)
            return -1;
        (*out)[(*n)++] = y->text;
    }
    return 0;
}

/* Normalized, sorted, each once: as a lock has them whoever wrote it. */
static int names(struct reader *r, const struct yaml *list, struct str **out, uint32_t *n) {
    struct str *p = arena_new(r->a, struct str, list ? list->n : 0);
    uint32_t got = 0;
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        if (element(r, y, YAML_TEXT, "a name") < 0)
            return -1;
        if (!name_is_valid(y->text))
            return FAULT(r, y, "this is not a valid name");
        p[got++] = name_normalize(r->a, y->text);
    }
    *out = p;
    *n = lock_sort_names(p, got);
    return 0;
}

static int digest(struct reader *r, const struct yaml *map, struct str *out) {
    const struct yaml *at;
    struct str hex;
    if (text(r, map, "sha256", &at, &hex) < 0)
        return -1;
    return lock_digest(r->a, hex, out)
               ? 0
               : FAULT(r, at, "this is not a SHA-256: 64 hexadecimal digits are wanted");
}

static int file_url(struct reader *r, const struct yaml *y, struct lock_file *f) {
    const struct yaml *at;
    if (text(r, y, "url", &at, &f->url) < 0)
        return -1;
    const char *why = lock_check_url(r->a, f->url);
    if (!why) {
        f->name = lock_name_in(r->a, f->url);
        why = lock_set_kind(f);
    }
    return why ? FAULT(r, at, "%s", why) : 0;
}

static int file(struct reader *r, const struct yaml *y, struct lock_file *f) {
    const struct yaml *size;
    if (element(r, y, YAML_MAPPING, "a file") < 0 || file_url(r, y, f) < 0 || digest(r, y, &f->sha256) < 0)
        return -1;
    int found = member(r, y, "size", YAML_TEXT, &size);
    if (found > 0 && !str_u64(size->text, &f->size))
        return FAULT(r, size, "\"size\" must be a number of bytes");
    return found < 0 ? -1 : 0;
}

static int files(struct reader *r, const struct yaml *y, struct lock_package *p) {
    const struct yaml *list;
    if (sequence(r, y, "files", true, &list) < 0)
        return -1;
    if (!list->n)
        return FAULT(r, list, "a package needs a file");
    p->files = arena_new(r->a, struct lock_file, list->n);
    for (const struct yaml *x = list->child; x; x = x->next)
        if (file(r, x, &p->files[p->nfiles++]) < 0)
            return -1;
    return 0;
}

static int name_and_version(struct reader *r, const struct yaml *y, struct lock_package *p) {
    const struct yaml *at;
    struct version v;
    if (text(r, y, "name", &at, &p->name) < 0)
        return -1;
    if (!name_is_valid(p->name))
        return FAULT(r, at, "this is not a valid package name");
    p->name = name_normalize(r->a, p->name);
    if (text(r, y, "version", &at, &p->version) < 0)
        return -1;
    return version_parse(r->a, p->version, &v) ? 0 : FAULT(r, at, "this is not a version (PEP 440)");
}

static int marker(struct reader *r, const struct yaml *y, struct lock_package *p) {
    struct marker *parsed;
    size_t at;
    const char *why;
    if (optional_text(r, y, "marker", &p->marker) < 0)
        return -1;
    if (p->marker.n && marker_parse(r->a, p->marker, &parsed, &at, &why) < 0)
        return FAULT(r, yaml_get(y, "marker"), "not a marker (PEP 508): %s", why);
    return 0;
}

static int package(struct reader *r, const struct yaml *y, struct lock_package *p) {
    const struct yaml *extras, *depends;
    if (element(r, y, YAML_MAPPING, "a package") < 0 || name_and_version(r, y, p) < 0 ||
        marker(r, y, p) < 0 || boolean(r, y, "requested", &p->requested) < 0 ||
        boolean(r, y, "direct", &p->direct) < 0)
        return -1;
    if (sequence(r, y, "extras", false, &extras) < 0 || names(r, extras, &p->extras, &p->nextras) < 0)
        return -1;
    if (sequence(r, y, "depends", true, &depends) < 0 || names(r, depends, &p->depends, &p->ndepends) < 0)
        return -1;
    return files(r, y, p);
}

/* Of a package that came more than once: only where markers tell which one is meant. */
static int check_twice(struct reader *r, const struct yaml *y, const struct lock_package *p,
                       const struct lock_package *first) {
    if (p->marker.n && first->marker.n)
        return 0;
    return FAULT(r, y, "the package " STR_FMT " stands twice, not each with a marker", STR_ARG(p->name));
}

/* Names to the first package that has them; each edge must lead to one. */
static int check_edges(struct reader *r, const struct yaml *list, const struct lock *l, struct map *ids) {
    uint32_t *first = arena_new(r->a, uint32_t, l->npackages), i = 0;
    for (const struct yaml *y = list->child; y; y = y->next, i++) {
        uint32_t known = ids->n, id = map_id(ids, l->packages[i].name);
        if (id == known)
            first[id] = i;
        else if (check_twice(r, y, &l->packages[i], &l->packages[first[id]]) < 0)
            return -1;
    }
    i = 0;
    for (const struct yaml *y = list->child; y; y = y->next, i++)
        for (uint32_t k = 0; k < l->packages[i].ndepends; k++)
            if (map_find(ids, l->packages[i].depends[k]) == MAP_NONE)
                return FAULT(r, yaml_get(y, "depends"),
                             STR_FMT " depends on " STR_FMT ", which is not in the lock",
                             STR_ARG(l->packages[i].name), STR_ARG(l->packages[i].depends[k]));
    return 0;
}

/* Names the one that stands twice, whatever is between them. */
static int check_distinct(struct reader *r, const struct yaml *list, const struct lock *l) {
    for (uint32_t i = 1; i < l->npackages; i++)
        if (lock_package_cmp(&l->packages[i - 1], &l->packages[i]) == 0)
            return FAULT(r, list, "the package " STR_FMT " " STR_FMT " stands twice with the same marker",
                         STR_ARG(l->packages[i].name), STR_ARG(l->packages[i].version));
    return 0;
}

static int packages(struct reader *r, const struct yaml *root, struct lock *l) {
    const struct yaml *list;
    struct map ids = {0};
    if (sequence(r, root, "packages", true, &list) < 0)
        return -1;
    l->packages = arena_new(r->a, struct lock_package, list->n);
    for (const struct yaml *y = list->child; y; y = y->next)
        if (package(r, y, &l->packages[l->npackages++]) < 0)
            return -1;
    int result = check_edges(r, list, l, &ids);
    map_free(&ids);
    if (result < 0)
        return -1;
    if (l->npackages)
        qsort(l->packages, l->npackages, sizeof *l->packages, lock_package_cmp);
    return check_distinct(r, list, l);
}

static int inputs(struct reader *r, const struct yaml *root, struct lock *l) {
    const struct yaml *list, *at;
    if (sequence(r, root, "inputs", false, &list) < 0)
        return -1;
    l->inputs = arena_new(r->a, struct lock_input, list ? list->n : 0);
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        struct lock_input *in = &l->inputs[l->ninputs++];
        if (element(r, y, YAML_MAPPING, "an input") < 0 || text(r, y, "path", &at, &in->path) < 0 ||
            digest(r, y, &in->sha256) < 0)
            return -1;
    }
    return 0;
}

static int target(struct reader *r, const struct yaml *root, struct lock *l) {
    const struct yaml *t;
    struct version v;
    if (member(r, root, "target", YAML_MAPPING, &t) < 0 || optional_text(r, t, "python", &l->python) < 0 ||
        optional_text(r, t, "implementation", &l->implementation) < 0 ||
        optional_text(r, t, "platform", &l->platform) < 0)
        return -1;
    if (l->python.n && !version_parse(r->a, l->python, &v))
        return FAULT(r, yaml_get(t, "python"), "this is not a version of Python");
    return 0;
}

static int lock_version(struct reader *r, const struct yaml *root, struct lock *l) {
    const struct yaml *at;
    struct str s;
    uint64_t version;
    if (text(r, root, "lock-version", &at, &s) < 0)
        return -1;
    if (!str_u64(s, &version) || !version)
        return FAULT(r, at, "\"lock-version\" must be a whole number");
    if (version > LOCK_VERSION)
        return FAULT(r, at,
                     "this lock is of version " STR_FMT "; version %d is the newest that is understood here: "
                     "use a newer envgraph",
                     STR_ARG(s), LOCK_VERSION);
    l->version = (int)version;
    return 0;
}

int lock_read(struct arena *a, struct str bytes, const char *name, struct lock *out, struct err *e) {
    struct reader r = {a, bytes, name, e};
    struct yaml *root;
    *out = (struct lock){0};
    if (yaml_parse(a, bytes, name, &root, e) < 0)
        return -1;
    if (root->type != YAML_MAPPING)
        return FAULT(&r, root, "this is not a lock: a mapping with \"lock-version\" is wanted");
    if (lock_version(&r, root, out) < 0 || target(&r, root, out) < 0 || inputs(&r, root, out) < 0 ||
        texts(&r, root, "requires", &out->requires, &out->nrequires) < 0 ||
        texts(&r, root, "options", &out->options, &out->noptions) < 0)
        return -1;
    return packages(&r, root, out);
}
