#include "formats/pylock.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/url.h"
#include "formats/filename.h"
#include "formats/lock_parts.h"
#include "formats/marker.h"
#include "formats/name.h"
#include "formats/specifier.h"
#include "formats/toml.h"
#include "formats/version.h"

struct reader {
    struct arena *a;
    struct str text;
    const char *file;
    struct err *e;
};

#define FAULT(r, t, ...) err_at((r)->e, (r)->file, (r)->text, (t)->offset, __VA_ARGS__)

/* The same error as a text, for what matters only if the package is to be installed. */
#define FAULT_LATER(r, t, ...) later((r), (t), arena_fmt((r)->a, __VA_ARGS__))

static const char *later(struct reader *r, const struct toml *t, const char *why) {
    struct err e;
    err_at(&e, r->file, r->text, t->offset, "%s", why);
    return arena_str(r->a, str_of(e.text)).p;
}

static int expect(struct reader *r, const struct toml *t, const char *what, enum toml_type type) {
    return t->type == type ? 0
                           : FAULT(r, t, "\"%s\" must be %s, not %s", what, toml_type_name(type),
                                   toml_type_name(t->type));
}

/* The member of a table, or NULL if it has none. */
static int member(struct reader *r, const struct toml *table, const char *key, enum toml_type type,
                  const struct toml **out) {
    *out = toml_get(table, key);
    return *out ? expect(r, *out, key, type) : 0;
}

static int check_marker(struct reader *r, const struct toml *t) {
    struct marker *m;
    size_t at;
    const char *why;
    if (marker_parse(r->a, t->text, &m, &at, &why) == 0)
        return 0;
    return err_at(r->e, r->file, r->text, toml_place(r->text, t, at), "not a marker (PEP 508): %s", why);
}

static int marker(struct reader *r, const struct toml *y, struct str *out) {
    const struct toml *t;
    if (member(r, y, "marker", TOML_TEXT, &t) < 0 || (t && check_marker(r, t) < 0))
        return -1;
    *out = t ? t->text : STR("");
    return 0;
}

static int requires_python(struct reader *r, const struct toml *table, struct specifiers *out) {
    const struct toml *t;
    size_t at;
    const char *why;
    *out = (struct specifiers){.text = STR("")};
    if (member(r, table, "requires-python", TOML_TEXT, &t) < 0)
        return -1;
    if (!t || specifiers_parse(r->a, t->text, out, &at, &why) == 0)
        return 0;
    return err_at(r->e, r->file, r->text, toml_place(r->text, t, at), "%s", why);
}

static int texts(struct reader *r, const struct toml *root, const char *key, const struct toml **list,
                 struct str **out, uint32_t *n) {
    if (member(r, root, key, TOML_ARRAY, list) < 0)
        return -1;
    *n = 0;
    *out = arena_new(r->a, struct str, *list ? (*list)->n : 0);
    for (const struct toml *t = *list ? (*list)->child : NULL; t; t = t->next) {
        if (expect(r, t, key, TOML_TEXT) < 0)
            return -1;
        (*out)[(*n)++] = t->text;
    }
    return 0;
}

/* A path that looks like a URL is none. */
static struct str path_text(struct arena *a, struct str path) {
    return url_scheme(path).n ? str_of(arena_fmt(a, "./" STR_FMT, STR_ARG(path))) : path;
}

static int location(struct reader *r, const struct toml *y, struct lock_file *f, const struct toml **at) {
    const struct toml *url, *path;
    if (member(r, y, "url", TOML_TEXT, &url) < 0 || member(r, y, "path", TOML_TEXT, &path) < 0)
        return -1;
    *at = url ? url : path;
    if (!*at)
        return FAULT(r, y, "a file needs a \"url\" or a \"path\"");
    f->url = url ? url->text : path_text(r->a, path->text);
    if (url && !url_scheme(f->url).n)
        return FAULT(r, url, "a URL must be http, https or file; what is beside the lock has a \"path\"");
    const char *why = lock_check_url(r->a, f->url);
    return why ? FAULT(r, *at, "%s", why) : 0;
}

static int file_name(struct reader *r, const struct toml *y, const struct toml *at, struct lock_file *f) {
    const struct toml *name;
    if (member(r, y, "name", TOML_TEXT, &name) < 0)
        return -1;
    f->name = name ? name->text : lock_name_in(r->a, f->url);
    const char *why = lock_set_kind(f);
    return why ? FAULT(r, name ? name : at, "%s", why) : 0;
}

/* Other digests are nothing to go by here, and no error: the file may not be the one that is installed. */
static int hashes(struct reader *r, const struct toml *y, struct lock_file *f) {
    const struct toml *table, *sha256;
    if (member(r, y, "hashes", TOML_TABLE, &table) < 0 ||
        member(r, table ? table : y, "sha256", TOML_TEXT, &sha256) < 0)
        return -1;
    if (!table || !sha256)
        f->fault = FAULT_LATER(r, table ? table : y,
                               STR_FMT " has no sha256 here, and is not installed unchecked; lock it anew "
                                       "with a tool that writes one",
                               STR_ARG(f->name));
    else if (!lock_digest(r->a, sha256->text, &f->sha256))
        return FAULT(r, sha256, "this is not a SHA-256: 64 hexadecimal digits are wanted");
    return 0;
}

static int size(struct reader *r, const struct toml *y, struct lock_file *f) {
    const struct toml *t;
    if (member(r, y, "size", TOML_INTEGER, &t) < 0)
        return -1;
    if (t && t->integer < 0)
        return FAULT(r, t, "\"size\" must be a number of bytes");
    f->size = t ? (uint64_t)t->integer : 0;
    return 0;
}

static bool same_version(struct arena *a, struct str x, struct str y) {
    struct version vx, vy;
    return version_parse(a, x, &vx) && version_parse(a, y, &vy) && version_cmp(&vx, &vy) == 0;
}

/* A wheel says what it is (PEP 427); the names of source archives were free for long. */
static int check_identity(struct reader *r, const struct toml *at, const struct lock_file *f,
                          struct lock_package *p) {
    struct filename name = filename_parse(r->a, f->name, p->name);
    if (!p->version.n && name.kind != FILE_OTHER)
        p->version = name.version;
    if (f->kind == LOCK_SDIST)
        return 0;
    if (name.kind != FILE_WHEEL)
        return FAULT(r, at, STR_FMT ": this is not the name of a wheel (PEP 427)", STR_ARG(f->name));
    if (!str_eq(name.name, p->name) || !same_version(r->a, name.version, p->version))
        return FAULT(r, at, STR_FMT " is not a wheel of " STR_FMT " " STR_FMT, STR_ARG(f->name),
                     STR_ARG(p->name), STR_ARG(p->version));
    return 0;
}

static int file(struct reader *r, const struct toml *y, struct lock_package *p) {
    struct lock_file *f = &p->files[p->nfiles++];
    const struct toml *at;
    if (location(r, y, f, &at) < 0 || file_name(r, y, at, f) < 0 || hashes(r, y, f) < 0 || size(r, y, f) < 0)
        return -1;
    return check_identity(r, at, f, p);
}

/* A wheel of that kind is a file like others, only that its origin is told (PEP 610). */
static int archive(struct reader *r, const struct toml *y, struct lock_package *p) {
    p->direct = true;
    if (file(r, y, p) < 0)
        return -1;
    if (!p->version.n)
        p->fault =
            FAULT_LATER(r, y, STR_FMT ": building a source archive is not supported yet", STR_ARG(p->name));
    return 0;
}

static int distributions(struct reader *r, const struct toml *wheels, const struct toml *sdist,
                         struct lock_package *p) {
    for (const struct toml *t = wheels ? wheels->child : NULL; t; t = t->next) {
        if (expect(r, t, "wheels", TOML_TABLE) < 0 || file(r, t, p) < 0)
            return -1;
        if (p->files[p->nfiles - 1].kind != LOCK_WHEEL)
            return FAULT(r, t, "this is not a wheel (.whl)");
    }
    return sdist ? file(r, sdist, p) : 0;
}

static int files(struct reader *r, const struct toml *y, struct lock_package *p) {
    const struct toml *wheels, *sdist, *one, *folder, *vcs;
    if (member(r, y, "wheels", TOML_ARRAY, &wheels) < 0 || member(r, y, "sdist", TOML_TABLE, &sdist) < 0 ||
        member(r, y, "archive", TOML_TABLE, &one) < 0 || member(r, y, "directory", TOML_TABLE, &folder) < 0 ||
        member(r, y, "vcs", TOML_TABLE, &vcs) < 0)
        return -1;
    bool listed = (wheels && wheels->n) || sdist;
    if (listed + !!one + !!folder + !!vcs != 1)
        return FAULT(r, y,
                     STR_FMT " needs \"wheels\" or an \"sdist\", or else one of \"archive\", \"directory\" "
                             "and \"vcs\"",
                     STR_ARG(p->name));
    p->files = arena_new(r->a, struct lock_file, listed ? (wheels ? wheels->n : 0) + 1 : 1);
    if (folder || vcs)
        p->fault = FAULT_LATER(r, folder ? folder : vcs,
                               STR_FMT ": installing %s is not supported yet; lock a wheel of it",
                               STR_ARG(p->name), folder ? "from a folder" : "from version control");
    if (one)
        return archive(r, one, p);
    return listed ? distributions(r, wheels, sdist, p) : 0;
}

static int name_and_version(struct reader *r, const struct toml *y, struct lock_package *p) {
    const struct toml *name, *version;
    struct version v;
    if (member(r, y, "name", TOML_TEXT, &name) < 0 || member(r, y, "version", TOML_TEXT, &version) < 0)
        return -1;
    if (!name)
        return FAULT(r, y, "\"name\" is missing");
    if (!name_is_valid(name->text))
        return FAULT(r, name, "this is not a valid package name");
    p->name = name_normalize(r->a, name->text);
    p->version = version ? version->text : STR("");
    return !version || version_parse(r->a, p->version, &v)
               ? 0
               : FAULT(r, version, "this is not a version (PEP 440)");
}

/* What else an edge says tells packages of one name apart; here markers do. */
static int depends(struct reader *r, const struct toml *y, struct lock_package *p) {
    const struct toml *list, *name;
    if (member(r, y, "dependencies", TOML_ARRAY, &list) < 0)
        return -1;
    p->depends = arena_new(r->a, struct str, list ? list->n : 0);
    for (const struct toml *t = list ? list->child : NULL; t; t = t->next) {
        if (expect(r, t, "dependencies", TOML_TABLE) < 0 || member(r, t, "name", TOML_TEXT, &name) < 0)
            return -1;
        if (name)
            p->depends[p->ndepends++] = name_normalize(r->a, name->text);
    }
    return 0;
}

static int package(struct reader *r, const struct toml *y, struct lock_package *p) {
    struct specifiers python;
    if (expect(r, y, "packages", TOML_TABLE) < 0 || name_and_version(r, y, p) < 0 ||
        marker(r, y, &p->marker) < 0 || requires_python(r, y, &python) < 0 || depends(r, y, p) < 0)
        return -1;
    p->requires_python = python.text;
    if (files(r, y, p) < 0)
        return -1;
    return p->version.n || p->fault ? 0 : FAULT(r, y, "\"version\" is missing, and no file's name tells it");
}

/* Two that are there whatever the environment. */
static int check_twice(struct reader *r, const struct toml *list, const struct lock *l) {
    struct map always = {0};
    const struct lock_package *p = l->packages;
    int result = 0;
    for (const struct toml *y = list->child; y && result == 0; y = y->next, p++) {
        uint32_t before = always.n;
        if (!p->marker.n && map_id(&always, p->name) < before)
            result = FAULT(r, y, "the package " STR_FMT " stands twice without a marker", STR_ARG(p->name));
    }
    map_free(&always);
    return result;
}

/* Drops the edges that lead nowhere, and marks what is left without one that leads to it. */
static void connect(struct lock *l) {
    struct map names = {0};
    for (uint32_t i = 0; i < l->npackages; i++)
        map_id(&names, l->packages[i].name);
    bool *needed = mem_zero(names.n ? names.n : 1);
    for (uint32_t i = 0; i < l->npackages; i++) {
        struct lock_package *p = &l->packages[i];
        uint32_t kept = 0;
        for (uint32_t k = 0; k < p->ndepends; k++) {
            uint32_t id = map_find(&names, p->depends[k]);
            if (id == MAP_NONE)
                continue;
            p->depends[kept++] = p->depends[k];
            needed[id] |= !str_eq(p->depends[k], p->name);
        }
        p->ndepends = lock_sort_names(p->depends, kept);
    }
    for (uint32_t i = 0; i < l->npackages; i++)
        l->packages[i].requested = !needed[map_find(&names, l->packages[i].name)];
    free(needed);
    map_free(&names);
}

static int packages(struct reader *r, const struct toml *root, struct lock *l) {
    const struct toml *list;
    if (member(r, root, "packages", TOML_ARRAY, &list) < 0)
        return -1;
    if (!list)
        return FAULT(r, root, "\"packages\" is missing");
    l->packages = arena_new(r->a, struct lock_package, list->n);
    for (const struct toml *y = list->child; y; y = y->next)
        if (package(r, y, &l->packages[l->npackages++]) < 0)
            return -1;
    if (check_twice(r, list, l) < 0)
        return -1;
    connect(l);
    if (l->npackages)
        qsort(l->packages, l->npackages, sizeof *l->packages, lock_package_cmp);
    return 0;
}

/* A lock for one Python can be given that very Python. */
static int python(struct reader *r, const struct toml *root, struct lock *l) {
    struct specifiers s;
    uint64_t n[3];
    if (requires_python(r, root, &s) < 0)
        return -1;
    l->requires_python = s.text;
    if (s.n == 1 && s.p[0].op == OP_EQ && s.p[0].wildcard && version_release(&s.p[0].version, n, 3) == 2)
        l->python = s.p[0].version.text;
    return 0;
}

static int environments(struct reader *r, const struct toml *root, struct lock *l) {
    const struct toml *list;
    if (texts(r, root, "environments", &list, &l->environments, &l->nenvironments) < 0)
        return -1;
    for (const struct toml *t = list ? list->child : NULL; t; t = t->next)
        if (check_marker(r, t) < 0)
            return -1;
    return 0;
}

static int groups(struct reader *r, const struct toml *root, struct lock *l) {
    const struct toml *list;
    if (texts(r, root, "default-groups", &list, &l->groups, &l->ngroups) < 0)
        return -1;
    for (uint32_t i = 0; i < l->ngroups; i++)
        l->groups[i] = name_normalize(r->a, l->groups[i]);
    return 0;
}

static int lock_version(struct reader *r, const struct toml *root, struct lock *l) {
    const struct toml *t;
    struct version v;
    uint64_t major;
    if (member(r, root, "lock-version", TOML_TEXT, &t) < 0)
        return -1;
    if (!t)
        return FAULT(r, root, "this is not a pylock.toml (PEP 751): \"lock-version\" is missing");
    if (!version_parse(r->a, t->text, &v) || version_release(&v, &major, 1) < 1)
        return FAULT(r, t, "this is not a version (PEP 440)");
    if (major != 1)
        return FAULT(r, t,
                     "this pylock.toml is of version " STR_FMT "; version 1 is understood here: use a newer "
                     "envgraph, or lock anew",
                     STR_ARG(t->text));
    l->version = LOCK_VERSION;
    return 0;
}

int pylock_read(struct arena *a, struct str text, const char *name, struct lock *out, struct err *e) {
    struct reader r = {a, text, name, e};
    struct toml *root;
    *out = (struct lock){0};
    if (toml_parse(a, text, name, &root, e) < 0)
        return -1;
    if (lock_version(&r, root, out) < 0 || python(&r, root, out) < 0 || environments(&r, root, out) < 0 ||
        groups(&r, root, out) < 0)
        return -1;
    return packages(&r, root, out);
}
