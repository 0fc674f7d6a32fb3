#include "executor/installed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/vec.h"
#include "formats/name.h"
#include "formats/version.h"

static const char state_first[] = "envgraph-state 1";

/* Which file or folder it is and when it last changed. */
struct identity {
    uint64_t device, inode;
    int64_t mtime_ns;
};

struct found {
    struct installed_package package;
    struct identity record; /* of its RECORD */
};

struct listing {
    struct arena *a;
    const struct python *python;
    VEC(struct found) v;
};

static struct identity identity_of(const struct stat *st) {
    int64_t mtime = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
    return (struct identity){st->st_dev, st->st_ino, mtime};
}

/* All zero when the path is not there. */
static struct identity identity_at(int dirfd, const char *path) {
    struct stat st;
    return fstatat(dirfd, path, &st, 0) < 0 ? (struct identity){0} : identity_of(&st);
}

static struct identity identity_in(int dirfd, const char *dir, const char *name) {
    char path[2 * NAME_MAX];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return identity_at(dirfd, path);
}

static bool identity_eq(struct identity a, struct identity b) {
    return a.device == b.device && a.inode == b.inode && a.mtime_ns == b.mtime_ns;
}

/* Listing */

/* "name-1.0", where old tools left '-' in names and in versions: the first '-' behind which a version
   stands. */
static bool split_stem(struct arena *a, struct str stem, struct str *name, struct version *version) {
    for (size_t i = 1; i + 1 < stem.n; i++) {
        *name = str_head(stem, i);
        if (stem.p[i] == '-' && name_is_valid(*name) && version_parse(a, str_from(stem, i + 1), version))
            return true;
    }
    return false;
}

static bool parse_dist_info(struct arena *a, struct str stem, struct installed_package *p) {
    struct version version;
    struct str name;
    if (split_stem(a, stem, &name, &version)) {
        p->name = name_normalize(a, name);
        p->version = version.text;
        return true;
    }
    ptrdiff_t dash = str_find(stem, '-');
    if (dash <= 0 || !name_is_valid(str_head(stem, (size_t)dash)))
        return false;
    p->name = name_normalize(a, str_head(stem, (size_t)dash));
    p->version = arena_str(a, str_from(stem, (size_t)dash + 1));
    return true;
}

/* "name-1.0-py3.11", "name-1.0", "name". */
static bool parse_egg_info(struct arena *a, struct str stem, struct installed_package *p) {
    struct str name, written;
    struct version version;
    str_cut(&stem, '-', &name);
    if (!name_is_valid(name))
        return false;
    p->egg_info = true;
    p->name = name_normalize(a, name);
    if (stem.p && str_cut(&stem, '-', &written))
        p->version = version_parse(a, written, &version) ? version.text : arena_str(a, written);
    return true;
}

static bool is_seed_name(const struct python *p, struct str name) {
    bool old = p && p->major == 3 && p->minor < 12;
    return str_is(name, "pip") || (old && (str_is(name, "setuptools") || str_is(name, "wheel")));
}

static bool is_of_another_tool(int dirfd, const char *dist_info) {
    char path[2 * NAME_MAX], text[16];
    snprintf(path, sizeof path, "%s/INSTALLER", dist_info);
    int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    struct str said = {text, n > 0 ? (size_t)n : 0};
    return n > 0 && !str_is(str_trim(said), "envgraph");
}

static void consider(struct listing *l, int dirfd, enum scheme scheme, const char *entry) {
    static const struct str dist = STR_INIT(".dist-info"), egg = STR_INIT(".egg-info"),
                            link = STR_INIT(".egg-link"); /* setuptools develop */
    struct str name = str_of(entry);
    struct found f = {.package = {.scheme = scheme}};
    struct installed_package *p = &f.package;
    if (str_ends(name, dist)) {
        if (!parse_dist_info(l->a, str_head(name, name.n - dist.n), p))
            return;
    } else if ((!str_ends(name, egg) && !str_ends(name, link)) ||
               !parse_egg_info(l->a, str_head(name, name.n - egg.n), p)) {
        return;
    }
    p->dist_info = arena_str(l->a, name);
    if (!p->egg_info) {
        f.record = identity_in(dirfd, entry, "RECORD");
        p->whole = f.record.inode != 0;
        p->seed = is_seed_name(l->python, p->name) && is_of_another_tool(dirfd, entry);
        p->requested = identity_in(dirfd, entry, "REQUESTED").inode != 0;
    }
    vec_push(&l->v, f);
}

static int list_dir(struct listing *l, enum scheme scheme, const char *path, struct err *e) {
    DIR *d = opendir(path);
    if (!d && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (!d)
        return err_errno(e, "cannot read the folder %s", path);
    errno = 0;
    for (struct dirent *x; (x = readdir(d)); errno = 0)
        consider(l, dirfd(d), scheme, x->d_name);
    int number = errno;
    closedir(d);
    errno = number;
    return number ? err_errno(e, "cannot read the folder %s", path) : 0;
}

static int by_name(const void *a, const void *b) {
    const struct installed_package *x = &((const struct found *)a)->package;
    const struct installed_package *y = &((const struct found *)b)->package;
    int c = str_cmp(x->name, y->name);
    return c ? c : str_cmp(x->dist_info, y->dist_info);
}

/* purelib and platlib are often one folder, by one name or by two (lib64 -> lib). */
static bool same_folder(const char *a, const char *b) {
    return !strcmp(a, b) || identity_eq(identity_at(AT_FDCWD, a), identity_at(AT_FDCWD, b));
}

static int list(struct listing *l, const struct environment *env, struct err *e) {
    const char *pure = env->dirs[SCHEME_PURELIB], *plat = env->dirs[SCHEME_PLATLIB];
    if (list_dir(l, SCHEME_PURELIB, pure, e) < 0)
        return -1;
    if (!same_folder(pure, plat) && list_dir(l, SCHEME_PLATLIB, plat, e) < 0)
        return -1;
    if (l->v.n)
        qsort(l->v.p, l->v.n, sizeof *l->v.p, by_name);
    return 0;
}

/* State. Lines: the first; "stamp HEX" ("-" for none); "purelib" and "platlib" with device, inode and mtime;
   "package NAME VERSION SHA256" with those of its RECORD, by which another tool's reinstallation shows; and
   "end", without which the file is torn. */

static char *state_path(struct arena *a, const struct environment *env) {
    return path_join(a, env->root, ".envgraph/state");
}

static void put_identity(struct buf *out, struct identity i) {
    buf_fmt(out, " %" PRIu64 " %" PRIu64 " %" PRId64 "\n", i.device, i.inode, i.mtime_ns);
}

static bool cut_u64(struct str *line, uint64_t *out) {
    struct str word;
    return str_cut(line, ' ', &word) && str_u64(word, out);
}

static bool cut_identity(struct str *line, struct identity *out) {
    uint64_t mtime;
    if (!cut_u64(line, &out->device) || !cut_u64(line, &out->inode) || !cut_u64(line, &mtime))
        return false;
    out->mtime_ns = (int64_t)mtime;
    return true;
}

/* The next line if its first word is key; what follows the word goes to rest. */
static bool cut_line(struct str *text, struct str key, struct str *rest) {
    struct str after = *text, word;
    if (!str_cut(&after, '\n', rest) || !str_cut(rest, ' ', &word) || !str_eq(word, key))
        return false;
    *text = after;
    return true;
}

/* The state's text, whole, in the arena; empty if there is none. */
static struct str state_text(struct arena *a, const struct environment *env) {
    struct buf b = {0};
    struct err ignored;
    struct str text = STR("");
    if (file_read(state_path(a, env), &b, &ignored) == 0 && str_ends(buf_view(&b), STR("\nend\n")))
        text = arena_str(a, buf_view(&b));
    buf_free(&b);
    return text;
}

struct header {
    struct str stamp;
    struct identity libs[2]; /* purelib, platlib */
};

static bool state_header(struct str *text, struct header *out) {
    struct str first, line;
    if (!str_cut(text, '\n', &first) || !str_eq(first, str_of(state_first)))
        return false;
    if (!cut_line(text, STR("stamp"), &out->stamp))
        return false;
    return cut_line(text, STR("purelib"), &line) && cut_identity(&line, &out->libs[0]) &&
           cut_line(text, STR("platlib"), &line) && cut_identity(&line, &out->libs[1]);
}

static struct found *find_version(const struct listing *l, struct str name, struct str version) {
    uint32_t low = 0, high = l->v.n; /* the first of the name */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (str_cmp(l->v.p[middle].package.name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < l->v.n && str_eq(l->v.p[low].package.name, name); low++)
        if (str_eq(l->v.p[low].package.version, version))
            return &l->v.p[low];
    return NULL;
}

static void apply_state(struct listing *l, const struct environment *env) {
    struct str text = state_text(l->a, env), line;
    struct header header;
    if (!state_header(&text, &header))
        return;
    while (cut_line(&text, STR("package"), &line)) {
        struct str name, version, sha256;
        struct identity record;
        if (!str_cut(&line, ' ', &name) || !str_cut(&line, ' ', &version) || !str_cut(&line, ' ', &sha256) ||
            !cut_identity(&line, &record))
            return;
        struct found *f = find_version(l, name, version);
        if (f && f->package.whole && sha256.n == SHA256_HEX && identity_eq(f->record, record))
            f->package.sha256 = sha256;
    }
}

int installed_read(struct arena *a, const struct environment *env, struct installed *out, struct err *e) {
    struct listing l = {.a = a, .python = env->python};
    int result = list(&l, env, e);
    *out = (struct installed){0};
    if (result == 0) {
        if (l.v.n)
            apply_state(&l, env);
        out->p = arena_new(a, struct installed_package, l.v.n);
        for (; out->n < l.v.n; out->n++)
            out->p[out->n] = l.v.p[out->n].package;
    }
    vec_free(&l.v);
    return result;
}

/* The listing spells versions as PEP 440 normalizes them. */
static struct str normal_version(struct arena *a, struct str s) {
    struct version version;
    return version_parse(a, s, &version) ? version.text : s;
}

static void put_state(const struct listing *l, const struct environment *env, struct str stamp,
                      const struct state_entry *entries, uint32_t n, struct buf *out) {
    buf_fmt(out, "%s\nstamp " STR_FMT "\n", state_first, STR_ARG(stamp.n ? stamp : STR("-")));
    buf_c(out, "purelib");
    put_identity(out, identity_at(AT_FDCWD, env->dirs[SCHEME_PURELIB]));
    buf_c(out, "platlib");
    put_identity(out, identity_at(AT_FDCWD, env->dirs[SCHEME_PLATLIB]));
    for (uint32_t i = 0; i < n; i++) {
        struct str version = normal_version(l->a, entries[i].version);
        const struct found *f = find_version(l, entries[i].name, version);
        if (!f || !f->package.whole || !entries[i].sha256.n)
            continue;
        buf_fmt(out, "package " STR_FMT " " STR_FMT " " STR_FMT, STR_ARG(f->package.name), STR_ARG(version),
                STR_ARG(entries[i].sha256));
        put_identity(out, f->record);
    }
    buf_c(out, "end\n");
}

int state_write(const struct environment *env, struct str stamp, const struct state_entry *entries,
                uint32_t n, struct err *e) {
    struct arena a = {0};
    struct listing l = {.a = &a};
    struct buf text = {0};
    int result = file_mkdirs(path_join(&a, env->root, ".envgraph"), e);
    if (result == 0)
        result = list(&l, env, e);
    if (result == 0) {
        put_state(&l, env, stamp, entries, n, &text);
        result = file_write(state_path(&a, env), buf_view(&text), 0666, e);
    }
    buf_free(&text);
    vec_free(&l.v);
    arena_free(&a);
    return result;
}

struct str state_stamp(struct arena *a, const struct environment *env) {
    struct str text = state_text(a, env);
    struct header header;
    if (!state_header(&text, &header) || header.stamp.n != SHA256_HEX)
        return STR("");
    const char *pure = env->dirs[SCHEME_PURELIB], *plat = env->dirs[SCHEME_PLATLIB];
    if (!identity_eq(header.libs[0], identity_at(AT_FDCWD, pure)) || !header.libs[0].inode ||
        !identity_eq(header.libs[1], identity_at(AT_FDCWD, plat)))
        return STR("");
    return header.stamp;
}
