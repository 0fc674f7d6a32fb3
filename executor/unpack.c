#include "executor/unpack.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "executor/unpack_internal.h"

enum {
    BUFFER_MAX = 32 << 20, /* members up to this size are inflated in memory and written at once, */
    MAPPED_MAX = 1 << 30   /* up to this into the mapped file, larger ones piece by piece */
};

static int check_room(const struct unpack *u, struct err *e) {
    struct statvfs fs;
    if (statvfs(u->store->tmp, &fs) < 0)
        return 0; /* then writing will tell */
    uint64_t room = (uint64_t)fs.f_bavail * fs.f_frsize;
    char need[32], left[32];
    if (room >= u->manifest.bytes)
        return 0;
    return err_fail(e, "%s needs %s to unpack, and there are %s left in %s; make room or set ENVGRAPH_CACHE",
                    u->what, log_bytes(need, u->manifest.bytes), log_bytes(left, room), u->store->tmp);
}

static int make_tree(struct unpack *u, struct err *e) {
    char *tmp = store_tmp(u->store, &u->arena), *tree = path_join(&u->arena, tmp, "tree");
    if (file_mkdirs(tmp, e) < 0)
        return -1;
    u->tmp = tmp;
    if (file_mkdirs(tree, e) < 0)
        return -1;
    u->tree = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (u->tree < 0)
        return err_errno(e, "cannot open the folder %s", tree);
    for (uint32_t i = 0; i < u->dirs.n; i++)
        if (mkdirat(u->tree, u->dirs.keys[i].p, 0777) < 0)
            return err_errno(e, "%s: cannot make the folder %s", u->what, u->dirs.keys[i].p);
    return 0;
}

int unpack_begin(struct store *store, struct str bytes, const char *filename, struct str name,
                 struct str version, const char *sha256, struct unpack **out, struct err *e) {
    struct unpack *u = mem_zero(sizeof *u);
    uint8_t digest[SHA256_BYTES];
    u->store = store;
    u->what = arena_fmt(&u->arena, "%s", filename);
    u->sha256 = arena_fmt(&u->arena, "%s", sha256);
    u->tree = -1;
    pthread_mutex_init(&u->lock, NULL);
    *out = NULL;
    if (!hex_decode(str_of(sha256), digest, sizeof digest))
        err_fail(e, "%s: %s is no SHA-256", filename, sha256);
    else if (zip_open_whole(bytes, filename, &u->zip, e) == 0 && unpack_check(u, name, version, e) == 0 &&
             check_room(u, e) == 0 && make_tree(u, e) == 0)
        *out = u;
    if (!*out)
        unpack_drop(u);
    return *out ? 0 : -1;
}

struct writer { /* of one file */
    struct unpack *u;
    struct unpack_file *f;
    struct manifest_file *out;
    int fd;
    uint64_t seen;               /* bytes hashed */
    struct hash *sha256, *other; /* other: what RECORD has instead, or NULL */
    enum hash_kind other_kind;
    struct err *e;
};

static int cannot_write(const struct writer *w) {
    return err_errno(w->e, "%s: cannot write %s into the cache", w->u->what, w->out->source.p);
}

/* RECORD's hash as algorithm and value. Weaker algorithms than SHA-256, which the specification forbids and
   old wheels have, prove nothing: they are as none. */
static bool wanted_hash(const struct unpack_file *f, enum hash_kind *kind, struct str *value) {
    struct str name;
    *value = f->wanted;
    return str_cut(value, '=', &name) && value->p && hash_kind_of(name, kind) &&
           (*kind == HASH_SHA256 || *kind == HASH_SHA384 || *kind == HASH_SHA512);
}

static void begin_hash(struct writer *w) {
    struct str value;
    w->sha256 = hash_new(HASH_SHA256);
    if (wanted_hash(w->f, &w->other_kind, &value) && w->other_kind != HASH_SHA256)
        w->other = hash_new(w->other_kind);
}

/* The next bytes of the file. */
static void look(struct writer *w, const void *p, size_t n) {
    if (!w->seen && w->out->scheme == SCHEME_SCRIPTS)
        w->out->python_script = str_starts((struct str){p, n}, STR("#!python"));
    w->seen += n;
    hash_add(w->sha256, p, n);
    if (w->other)
        hash_add(w->other, p, n);
}

static int end_hash(struct writer *w) {
    uint8_t own[HASH_MAX], other[HASH_MAX];
    enum hash_kind kind;
    struct str wanted;
    struct buf got = {0};
    hash_end(w->sha256, own);
    memcpy(w->f->digest, own, SHA256_BYTES);
    if (w->other)
        hash_end(w->other, other);
    if (!wanted_hash(w->f, &kind, &wanted))
        return 0;
    base64url(w->other ? other : own, hash_size(kind), &got);
    while (wanted.n && wanted.p[wanted.n - 1] == '=') /* some tools pad */
        wanted.n--;
    bool same = str_eq(buf_view(&got), wanted);
    buf_free(&got);
    return same ? 0
                : err_fail(w->e, "%s is damaged: the hash of %s is not the one in its RECORD", w->u->what,
                           w->out->source.p);
}

static int write_buffered(struct writer *w, char *buffer) {
    size_t n = (size_t)w->f->size;
    if (zip_inflate(w->u->zip, w->f->member, buffer, w->e) < 0)
        return -1;
    look(w, buffer, n);
    return file_write_all(w->fd, buffer, n) < 0 ? cannot_write(w) : 0;
}

static int write_piece(void *ctx, const void *p, size_t n) {
    struct writer *w = ctx;
    look(w, p, n);
    return file_write_all(w->fd, p, n) < 0 ? cannot_write(w) : 0;
}

/* Without its blocks reserved, a full disk would be a SIGBUS: a file system that cannot reserve them gets the
   pieces. */
static int write_large(struct writer *w) {
    size_t n = (size_t)w->f->size;
    void *map = MAP_FAILED;
    if (w->f->size <= MAPPED_MAX && fallocate(w->fd, 0, 0, (off_t)n) == 0)
        map = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, w->fd, 0);
    if (map == MAP_FAILED)
        return zip_stream(w->u->zip, w->f->member, write_piece, w, w->e);
    int result = zip_inflate(w->u->zip, w->f->member, map, w->e);
    if (result == 0)
        look(w, map, n);
    munmap(map, n);
    return result;
}

static int write_content(struct writer *w, char *buffer) {
    begin_hash(w);
    if ((w->f->size <= BUFFER_MAX ? write_buffered(w, buffer) : write_large(w)) == 0)
        return end_hash(w);
    hash_free(w->sha256);
    hash_free(w->other);
    return -1;
}

static int write_file(struct unpack *u, struct unpack_file *f, char *buffer, struct err *e) {
    struct manifest_file *out = &u->manifest.files[f->file];
    struct writer w = {.u = u, .f = f, .out = out, .e = e};
    w.fd = openat(u->tree, out->source.p, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  out->executable ? 0777 : 0666);
    if (w.fd < 0)
        return cannot_write(&w);
    int result = write_content(&w, buffer);
    if (close(w.fd) < 0 && result == 0)
        return cannot_write(&w);
    /* Behind the close: network file systems settle the time there. */
    struct stat st;
    if (result == 0 && fstatat(u->tree, out->source.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return cannot_write(&w);
    if (result == 0)
        out->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    return result;
}

static void fail(struct unpack *u, const struct err *e) {
    pthread_mutex_lock(&u->lock);
    if (!atomic_load(&u->failed))
        u->error = *e;
    atomic_store(&u->failed, true);
    pthread_mutex_unlock(&u->lock);
}

int unpack_members(struct unpack *u, struct err *e) {
    char *buffer = NULL; /* as large as the first that needs it: the largest */
    uint32_t i;
    while (!atomic_load(&u->failed) && (i = atomic_fetch_add(&u->next, 1)) < u->nfiles) {
        struct unpack_file *f = &u->files[i];
        if (!buffer && f->size <= BUFFER_MAX)
            buffer = mem_alloc((size_t)f->size);
        if (write_file(u, f, buffer, e) < 0)
            fail(u, e);
    }
    free(buffer);
    if (!atomic_load(&u->failed))
        return 0;
    pthread_mutex_lock(&u->lock);
    *e = u->error;
    pthread_mutex_unlock(&u->lock);
    return -1;
}

static int write_manifest(struct unpack *u, struct err *e) {
    struct buf text = {0};
    for (uint32_t i = 0; i < u->nfiles; i++) {
        struct buf hash = {0};
        buf_c(&hash, "sha256=");
        base64url(u->files[i].digest, SHA256_BYTES, &hash);
        u->manifest.files[u->files[i].file].hash = arena_str(&u->arena, buf_view(&hash));
        buf_free(&hash);
    }
    manifest_pack(&u->manifest, &text);
    int result = file_write(path_join(&u->arena, u->tmp, "manifest"), buf_view(&text), 0666, e);
    buf_free(&text);
    return result;
}

/* An entry that is there and cannot be loaded would win over ours for ever: it goes. */
static void remove_torn(struct unpack *u, const char *rel) {
    struct manifest there;
    struct err ignored;
    char *tree;
    if (manifest_load(u->store, u->sha256, &u->arena, &there, &tree) != 0)
        store_drop(u->store, rel, &ignored);
}

int unpack_finish(struct unpack *u, struct err *e) {
    char *rel = arena_fmt(&u->arena, "wheels/%.2s/%s", u->sha256, u->sha256);
    int result = write_manifest(u, e);
    if (result == 0) {
        remove_torn(u, rel);
        result = store_publish(u->store, u->tmp, rel, e);
    }
    if (result == 0)
        u->tmp = NULL; /* the cache's now */
    unpack_drop(u);
    return result;
}

void unpack_drop(struct unpack *u) {
    struct err ignored;
    if (u->tree >= 0)
        close(u->tree);
    if (u->tmp)
        file_remove_tree(AT_FDCWD, u->tmp, &ignored);
    zip_free(u->zip);
    map_free(&u->dirs);
    pthread_mutex_destroy(&u->lock);
    arena_free(&u->arena);
    free(u);
}
