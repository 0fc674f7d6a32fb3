#include "executor/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/url.h"

struct fetch { /* one download under way */
    struct store *store;
    struct fetch_file file;
    struct hash *hash;
    uint64_t got;
    struct buf memory;
    int fd; /* where the bytes go once they are too many; -1: memory */
    bool failed;
    struct err error; /* when failed: ours, better than what http says of a sink that gave up */
    void (*done)(void *ctx, struct body *body, const struct err *error);
    void *ctx;
};

void body_free(struct body *b) {
    if (b->mapped)
        file_unmap(b->bytes);
    buf_free(&b->memory);
    *b = (struct body){0};
}

uint64_t fetch_memory(uint64_t size) {
    if (!size)
        return FETCH_IN_MEMORY;
    return size > FETCH_IN_MEMORY ? 0 : size;
}

static int check_size(const struct fetch_file *f, const char *name, uint64_t got, struct err *e) {
    if (!f->size || got == f->size)
        return 0;
    return err_fail(e,
                    "%s has %" PRIu64 " bytes, the lock says %" PRIu64
                    ": it is cut short or not the file that was locked; plan anew if it was replaced",
                    name, got, f->size);
}

static int check_hash(const struct fetch_file *f, const char *name, const uint8_t *digest, struct err *e) {
    char hex[SHA256_HEX + 1];
    hex_encode(digest, SHA256_BYTES, hex);
    if (!strcasecmp(hex, f->sha256))
        return 0;
    return err_fail(e,
                    "%s is not the file that was locked\n"
                    "  expected sha256 %s\n"
                    "  found    sha256 %s\n"
                    "do not use it before you know why; plan anew if it was replaced",
                    name, f->sha256, hex);
}

int fetch_local(const struct fetch_file *f, struct body *out, struct err *e) {
    *out = (struct body){0};
    if (file_map(f->source, &out->bytes, e))
        return -1;
    out->mapped = true;
    uint8_t digest[SHA256_BYTES];
    int failed = check_size(f, f->source, out->bytes.n, e);
    if (!failed) {
        sha256(out->bytes.p, out->bytes.n, digest);
        failed = check_hash(f, f->source, digest, e);
    }
    if (failed)
        body_free(out);
    return failed;
}

static int fail_here(struct fetch *f) {
    f->failed = true;
    return -1;
}

/* A file in the cache's tmp that nobody else can see, gone with its last user. */
static int open_nameless(struct store *store, struct err *e) {
    struct arena a = {0};
    const char *path = store_tmp(store, &a);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        err_errno(e, "cannot make %s", path);
    else
        unlink(path);
    arena_free(&a);
    return fd;
}

/* From memory to a file: what is there already goes first. */
static int spill(struct fetch *f) {
    f->fd = open_nameless(f->store, &f->error);
    if (f->fd < 0)
        return fail_here(f);
    if (file_write_all(f->fd, f->memory.p, f->memory.n)) {
        err_errno(&f->error, "cannot write to %s", f->store->tmp);
        return fail_here(f);
    }
    buf_free(&f->memory);
    return 0;
}

/* Back to the first byte: the beginning, and each retry. */
static int rewind_to_start(struct fetch *f) {
    hash_free(f->hash);
    f->hash = hash_new(HASH_SHA256);
    f->got = 0;
    f->memory.n = 0;
    if (f->fd >= 0 && (ftruncate(f->fd, 0) || lseek(f->fd, 0, SEEK_SET) < 0)) {
        err_errno(&f->error, "cannot write to %s", f->store->tmp);
        return fail_here(f);
    }
    if (f->fd < 0 && f->file.size && f->file.size <= FETCH_IN_MEMORY)
        buf_reserve(&f->memory, f->file.size);
    return 0;
}

static int keep(struct fetch *f, const void *p, size_t n) {
    if (f->fd < 0 && (f->file.size > FETCH_IN_MEMORY || f->memory.n + n > FETCH_IN_MEMORY) && spill(f))
        return -1;
    if (f->fd < 0) {
        buf_add(&f->memory, p, n);
        return 0;
    }
    if (file_write_all(f->fd, p, n)) {
        err_errno(&f->error, "cannot write to %s", f->store->tmp);
        return fail_here(f);
    }
    return 0;
}

static int sink(void *ctx, uint64_t offset, const void *p, size_t n) {
    struct fetch *f = ctx;
    if (offset == 0 && rewind_to_start(f))
        return -1;
    f->got += n;
    if (f->file.size && f->got > f->file.size) {
        err_fail(&f->error,
                 "%s has more than the %" PRIu64 " bytes the lock says: it is not the file that was"
                 " locked; plan anew if it was replaced",
                 f->file.source, f->file.size);
        return fail_here(f);
    }
    hash_add(f->hash, p, n);
    return keep(f, p, n);
}

static int to_body(struct fetch *f, struct body *out, struct err *e) {
    if (f->fd < 0) {
        *out = (struct body){.bytes = buf_view(&f->memory), .memory = f->memory};
        f->memory = (struct buf){0};
        return 0;
    }
    void *p = mmap(NULL, f->got, PROT_READ, MAP_PRIVATE, f->fd, 0);
    if (p == MAP_FAILED)
        return err_errno(e, "cannot map a file in %s", f->store->tmp);
    *out = (struct body){.bytes = {p, f->got}, .mapped = true};
    return 0;
}

static int finish(struct fetch *f, const struct http_response *r, struct body *out, struct err *e) {
    if (f->failed) {
        *e = f->error;
        return -1;
    }
    if (r->error) {
        *e = *r->error;
        return -1;
    }
    if (r->status != 200)
        return err_fail(e, "%s: the server answered %d%s", f->file.source, r->status,
                        r->status == 404 ? " (not found); plan anew if the file is gone for good" : "");
    if (!f->hash && rewind_to_start(f)) { /* an empty body */
        *e = f->error;
        return -1;
    }
    uint8_t digest[HASH_MAX];
    hash_end(f->hash, digest);
    f->hash = NULL;
    if (check_size(&f->file, f->file.source, f->got, e) || check_hash(&f->file, f->file.source, digest, e))
        return -1;
    return to_body(f, out, e);
}

static void on_done(void *ctx, struct http_response *r) {
    struct fetch *f = ctx;
    struct body body = {0};
    struct err e;
    int failed = finish(f, r, &body, &e);
    f->done(f->ctx, &body, failed ? &e : NULL);
    body_free(&body);
    hash_free(f->hash);
    buf_free(&f->memory);
    if (f->fd >= 0)
        close(f->fd);
    free(f);
}

void fetch_start(struct http *http, struct store *store, const struct fetch_file *file, int priority,
                 void (*done)(void *ctx, struct body *body, const struct err *error), void *ctx) {
    struct fetch *f = mem_zero(sizeof *f);
    *f = (struct fetch){.store = store, .file = *file, .fd = -1, .done = done, .ctx = ctx};
    http_start(http, &(struct http_request){
                         .url = file->source,
                         .accept = "*/*",
                         .max_body = UINT64_MAX, /* the sink knows better */
                         .priority = priority,
                         .ctx = f,
                         .sink = sink,
                         .done = on_done,
                     });
}
