#include <limits.h>
#include <stdlib.h>

#include "base/file.h"
#include "executor/unpack_internal.h"
#include "formats/metadata.h"
#include "formats/name.h"
#include "formats/version.h"
#include "formats/wheel.h"

enum {
    DIRS_MAX = 1 << 18,
    DIR_BYTES_MAX = 256 << 20, /* all folders' paths together: one long path has thousands of them */
    METADATA_MAX = 64 << 20,
    RECORD_MAX = 256 << 20
};

struct placed {           /* where a member goes */
    uint32_t member, dir; /* dir: as in manifest_file */
    enum scheme scheme;
    struct str path; /* below the scheme's folder */
};

struct check {
    struct unpack *u;
    struct str name, version; /* what the wheel should be */
    struct str dist_info;     /* its folder */
    struct record record;
    struct map rows; /* ids are the rows of record */
    struct map dirs; /* "<digit of the scheme>/<path>", in the order of the manifest's dirs in the end */
    struct placed *placed;
    uint32_t nplaced;
};

static int bad(const struct check *c, struct err *e, const char *why) {
    return err_fail(e, "%s is not a valid wheel: %s", c->u->what, why);
}

static int bad_member(const struct check *c, struct str name, const char *why, struct err *e) {
    size_t cut = name.n < 200 ? name.n : 200;
    char shown[201];
    for (size_t i = 0; i < cut; i++) /* nothing of the archive may steer a terminal */
        shown[i] = (char)((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f ? '?' : name.p[i]);
    shown[cut] = 0;
    return err_fail(e, "%s is not a valid wheel: %s: %s", c->u->what, shown, why);
}

/* All folders above a path, the topmost first; whole: the path itself too. */
static bool add_dirs(struct map *dirs, struct str path, bool whole, size_t *bytes) {
    for (size_t i = 1; i <= path.n; i++) {
        if (i < path.n ? path.p[i] != '/' : !whole)
            continue;
        uint32_t before = dirs->n;
        map_id(dirs, str_head(path, i));
        *bytes += dirs->n > before ? i : 0;
        if (dirs->n > DIRS_MAX || *bytes > DIR_BYTES_MAX)
            return false;
    }
    return true;
}

static struct str member_path(const struct zip_member *m) {
    return str_head(m->name, m->name.n - m->directory);
}

/* Entries for folders are checked and then ignored: a folder is made for what is in it. */
static int check_paths(struct check *c, struct err *e) {
    struct unpack *u = c->u;
    size_t bytes = 0;
    for (uint32_t i = 0; i < zip_count(u->zip); i++) {
        const struct zip_member *m = zip_member(u->zip, i);
        if (!path_is_safe(member_path(m)) || m->name.n >= PATH_MAX / 2)
            return bad_member(c, m->name, "a path that leads out of the wheel, or cannot be", e);
        if (m->symlink)
            return bad_member(c, m->name, "a symbolic link", e);
        if (!m->directory && !add_dirs(&u->dirs, m->name, false, &bytes))
            return bad(c, e, "it has too many folders");
    }
    for (uint32_t i = 0; i < zip_count(u->zip); i++)
        if (map_find(&u->dirs, zip_member(u->zip, i)->name) != MAP_NONE)
            return bad_member(c, zip_member(u->zip, i)->name, "a file and a folder", e);
    return 0;
}

static struct str first_component(struct str path, struct str *rest) {
    struct str head;
    *rest = path;
    str_cut(rest, '/', &head);
    return head;
}

static bool same_version(struct arena *a, struct str x, struct str y) {
    struct version vx, vy;
    if (!version_parse(a, x, &vx) || !version_parse(a, y, &vy))
        return str_eq(x, y);
    return version_cmp(&vx, &vy) == 0;
}

/* "<name>-<version>" in any spelling; older tools left '-' in names. */
static bool is_ours(const struct check *c, struct str stem) {
    for (size_t i = 1; i < stem.n; i++)
        if (stem.p[i] == '-' && name_same(str_head(stem, i), c->name) &&
            same_version(&c->u->arena, str_from(stem, i + 1), c->version))
            return true;
    return false;
}

static int find_dist_info(struct check *c, struct err *e) {
    static const struct str ending = STR_INIT(".dist-info");
    struct str rest;
    for (uint32_t i = 0; i < zip_count(c->u->zip); i++) {
        struct str top = first_component(zip_member(c->u->zip, i)->name, &rest);
        if (!str_ends(top, ending) || str_eq(top, c->dist_info))
            continue;
        if (c->dist_info.n)
            return bad(c, e, "it has two .dist-info folders");
        c->dist_info = arena_str(&c->u->arena, top);
    }
    if (!c->dist_info.n)
        return bad(c, e, "it has no .dist-info folder");
    if (!is_ours(c, str_head(c->dist_info, c->dist_info.n - ending.n)))
        return err_fail(e, "%s: its folder " STR_FMT " is not that of " STR_FMT " " STR_FMT, c->u->what,
                        STR_ARG(c->dist_info), STR_ARG(c->name), STR_ARG(c->version));
    return 0;
}

/* A file of the dist-info folder into the arena; *what: its name for messages. An optional one that is not
   there is empty. */
static int read_info(struct check *c, const char *name, bool optional, uint64_t limit, struct str *out,
                     const char **what, struct err *e) {
    struct arena *a = &c->u->arena;
    struct buf text = {0};
    char *path = arena_fmt(a, STR_FMT "/%s", STR_ARG(c->dist_info), name);
    uint32_t i = zip_find(c->u->zip, str_of(path));
    *what = arena_fmt(a, "%s: %s", c->u->what, path);
    *out = STR("");
    if (i == MAP_NONE)
        return optional ? 0 : bad_member(c, str_of(path), "it is missing", e);
    int result = zip_read(c->u->zip, i, limit, &text, e);
    if (result == 0)
        *out = arena_str(a, buf_view(&text));
    buf_free(&text);
    return result;
}

static int read_metadata(struct check *c, struct err *e) {
    struct arena *a = &c->u->arena;
    struct metadata m;
    struct str text;
    const char *what;
    if (read_info(c, "METADATA", false, METADATA_MAX, &text, &what, e) < 0 ||
        metadata_parse(a, text, what, &m, e) < 0)
        return -1;
    if (!name_same(m.name, c->name) || !same_version(a, m.version, c->version))
        return err_fail(e, "%s is of " STR_FMT " " STR_FMT ", not of " STR_FMT " " STR_FMT, what,
                        STR_ARG(m.name), STR_ARG(m.version), STR_ARG(c->name), STR_ARG(c->version));
    c->u->manifest.name = m.name;
    c->u->manifest.version = m.version;
    return 0;
}

static int read_infos(struct check *c, struct err *e) {
    struct arena *a = &c->u->arena;
    struct manifest *m = &c->u->manifest;
    struct wheel_file wheel;
    struct str text;
    const char *what;
    if (read_metadata(c, e) < 0 || read_info(c, "WHEEL", false, METADATA_MAX, &text, &what, e) < 0 ||
        wheel_file_parse(text, what, &wheel, e) < 0)
        return -1;
    m->purelib = wheel.root_is_purelib;
    m->dist_info = c->dist_info;
    if (read_info(c, "entry_points.txt", true, METADATA_MAX, &text, &what, e) < 0 ||
        entry_points_parse(a, text, what, &m->entry_points, &m->nentry_points, e) < 0)
        return -1;
    if (read_info(c, "RECORD", false, RECORD_MAX, &text, &what, e) < 0 ||
        record_parse(a, text, what, &c->record, e) < 0)
        return -1;
    return 0;
}

/* Of a path that stands twice the first row counts. */
static void index_record(struct check *c) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->record.n; i++)
        if (map_id(&c->rows, c->record.p[i].path) == n)
            c->record.p[n++] = c->record.p[i];
    c->record.n = n;
}

/* What an installer writes itself, whatever a wheel brings under that name. */
static bool is_installers(const struct check *c, struct str path) {
    static const struct str names[] = {STR_INIT("RECORD"),     STR_INIT("RECORD.jws"),
                                       STR_INIT("RECORD.p7s"), STR_INIT("INSTALLER"),
                                       STR_INIT("REQUESTED"),  STR_INIT("direct_url.json")};
    struct str rest, below;
    if (!str_eq(first_component(path, &rest), c->dist_info) || !rest.p)
        return false;
    struct str name = first_component(rest, &below);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}

static bool scheme_of(struct str key, enum scheme *out) {
    static const struct str keys[SCHEMES] = {
        [SCHEME_PURELIB] = STR_INIT("purelib"), [SCHEME_PLATLIB] = STR_INIT("platlib"),
        [SCHEME_SCRIPTS] = STR_INIT("scripts"), [SCHEME_DATA] = STR_INIT("data"),
        [SCHEME_HEADERS] = STR_INIT("headers"),
    };
    for (int i = 0; i < SCHEMES; i++)
        if (str_eq(key, keys[i])) {
            *out = (enum scheme)i;
            return true;
        }
    return false;
}

/* "python", "python3", "python3.11". */
static bool is_interpreter(struct str name) {
    if (!str_starts(name, STR("python")))
        return false;
    for (size_t i = strlen("python"); i < name.n; i++)
        if (!char_digit(name.p[i]) && name.p[i] != '.')
            return false;
    return true;
}

/* What every environment has of its own: a wheel that brought it would take the interpreter away, and its
   removal again. */
static bool is_environments(enum scheme scheme, struct str path) {
    static const struct str state = STR_INIT(".envgraph"), bin = STR_INIT("bin/");
    struct str rest;
    if (str_eq(first_component(path, &rest), state))
        return true;
    if (scheme == SCHEME_DATA)
        return str_is(path, "pyvenv.cfg") || str_is(path, "lib64") ||
               (str_starts(path, bin) && is_interpreter(str_from(path, bin.n)));
    return scheme == SCHEME_SCRIPTS && is_interpreter(path);
}

/* <dist>.data/<key>/<path> goes to the scheme's folder, headers to one of the project's own below it;
   everything else to the library folder. */
static int place(struct check *c, uint32_t i, struct placed *out, struct err *e) {
    static const struct str ending = STR_INIT(".data");
    const struct manifest *m = &c->u->manifest;
    struct str path = zip_member(c->u->zip, i)->name, rest, below;
    struct str top = first_component(path, &rest);
    *out = (struct placed){i, MAP_NONE, m->purelib ? SCHEME_PURELIB : SCHEME_PLATLIB, path};
    if (!rest.p || !str_ends(top, ending) || !is_ours(c, str_head(top, top.n - ending.n)))
        return 0;
    struct str key = first_component(rest, &below);
    if (!below.p || !scheme_of(key, &out->scheme))
        return bad_member(c, path, "it is in no folder that a wheel's .data may have", e);
    out->path = below;
    if (out->scheme == SCHEME_HEADERS)
        out->path = str_of(arena_fmt(&c->u->arena, STR_FMT "/" STR_FMT, STR_ARG(m->name), STR_ARG(below)));
    return 0;
}

/* A path with its scheme in front: sorts by scheme, then path. */
static struct str dir_key(struct arena *a, enum scheme scheme, struct str path) {
    return str_of(arena_fmt(a, "%d/" STR_FMT, (int)scheme, STR_ARG(path)));
}

static struct str parent_of(struct str path) {
    ptrdiff_t slash = str_rfind(path, '/');
    return str_head(path, slash < 0 ? 0 : (size_t)slash);
}

/* The manifest's folders: sorted, so that parents come before children. Their key's first component is the
   scheme's own folder, which is none of them. */
static int arrange_dirs(struct check *c, struct err *e) {
    struct manifest *m = &c->u->manifest;
    struct arena *a = &c->u->arena;
    struct map seen = {0};
    size_t bytes = 0;
    bool fits = true;
    for (uint32_t i = 0; i < c->nplaced && fits; i++)
        fits = add_dirs(&seen, dir_key(a, c->placed[i].scheme, parent_of(c->placed[i].path)), true, &bytes);
    m->dirs = arena_new(a, struct manifest_dir, seen.n);
    if (seen.n)
        qsort(seen.keys, seen.n, sizeof *seen.keys, str_qsort);
    for (uint32_t i = 0; i < seen.n && fits; i++) {
        struct str key = seen.keys[i];
        if (key.n <= 2) /* "0" and, from an empty parent, "0/" */
            continue;
        map_id(&c->dirs, key);
        m->dirs[m->ndirs++] =
            (struct manifest_dir){(enum scheme)(key.p[0] - '0'), arena_str(a, str_from(key, 2))};
    }
    map_free(&seen);
    return fits ? 0 : bad(c, e, "it has too many folders");
}

static int by_place(const void *a, const void *b) {
    const struct placed *x = a, *y = b;
    if (x->scheme != y->scheme)
        return x->scheme < y->scheme ? -1 : 1;
    if (x->dir != y->dir) /* MAP_NONE + 1 is 0: files in the scheme's own folder come first */
        return x->dir + 1 < y->dir + 1 ? -1 : 1;
    return str_cmp(x->path, y->path);
}

/* Files of .data may meet files of the root: neither may hide the other. */
static int find_clash(struct check *c, struct err *e) {
    for (uint32_t i = 0; i < c->nplaced; i++) {
        const struct placed *p = &c->placed[i];
        if (i && by_place(p - 1, p) == 0)
            return bad_member(c, p->path, "two files of the wheel go there", e);
        if (map_find(&c->dirs, dir_key(&c->u->arena, p->scheme, p->path)) != MAP_NONE)
            return bad_member(c, p->path, "a file and a folder go there", e);
    }
    return 0;
}

static int arrange(struct check *c, struct err *e) {
    if (arrange_dirs(c, e) < 0)
        return -1;
    for (uint32_t i = 0; i < c->nplaced; i++) {
        struct placed *p = &c->placed[i];
        p->dir = map_find(&c->dirs, dir_key(&c->u->arena, p->scheme, parent_of(p->path)));
    }
    if (c->nplaced)
        qsort(c->placed, c->nplaced, sizeof *c->placed, by_place);
    return find_clash(c, e);
}

static int largest_first(const void *a, const void *b) {
    const struct unpack_file *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x->member < y->member ? -1 : x->member > y->member;
}

static void list_file(struct check *c, const struct placed *p) {
    struct unpack *u = c->u;
    struct manifest *m = &u->manifest;
    const struct zip_member *z = zip_member(u->zip, p->member);
    uint32_t row = map_find(&c->rows, z->name);
    u->files[u->nfiles++] = (struct unpack_file){.member = p->member,
                                                 .file = m->nfiles,
                                                 .size = z->size,
                                                 .wanted = row == MAP_NONE ? STR("") : c->record.p[row].hash};
    m->files[m->nfiles++] = (struct manifest_file){
        .scheme = p->scheme,
        .dir = p->dir,
        .name = path_base(p->path),
        .source = z->name,
        .size = z->size,
        .executable = z->executable || p->scheme == SCHEME_SCRIPTS,
    };
    m->bytes += z->size;
}

static int check_environments(const struct check *c, struct err *e) {
    static const char why[] = "it would replace a file that is the environment's own";
    const struct manifest *m = &c->u->manifest;
    for (uint32_t i = 0; i < c->nplaced; i++)
        if (is_environments(c->placed[i].scheme, c->placed[i].path))
            return bad_member(c, zip_member(c->u->zip, c->placed[i].member)->name, why, e);
    for (uint32_t i = 0; i < m->nentry_points; i++)
        if (is_environments(SCHEME_SCRIPTS, m->entry_points[i].name))
            return bad_member(c, m->entry_points[i].name, why, e);
    return 0;
}

static int list_files(struct check *c, struct err *e) {
    struct unpack *u = c->u;
    uint32_t n = zip_count(u->zip);
    c->placed = arena_new(&u->arena, struct placed, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct zip_member *m = zip_member(u->zip, i);
        if (m->directory || is_installers(c, m->name))
            continue;
        if (place(c, i, &c->placed[c->nplaced++], e) < 0)
            return -1;
    }
    if (check_environments(c, e) < 0 || arrange(c, e) < 0)
        return -1;
    u->files = arena_new(&u->arena, struct unpack_file, c->nplaced);
    u->manifest.files = arena_new(&u->arena, struct manifest_file, c->nplaced);
    for (uint32_t i = 0; i < c->nplaced; i++)
        list_file(c, &c->placed[i]);
    if (u->nfiles)
        qsort(u->files, u->nfiles, sizeof *u->files, largest_first);
    return 0;
}

int unpack_check(struct unpack *u, struct str name, struct str version, struct err *e) {
    struct check c = {.u = u, .name = name, .version = version};
    int result = check_paths(&c, e);
    if (result == 0)
        result = find_dist_info(&c, e);
    if (result == 0)
        result = read_infos(&c, e);
    index_record(&c);
    if (result == 0)
        result = list_files(&c, e);
    map_free(&c.rows);
    map_free(&c.dirs);
    return result;
}
