#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/pool.h"
#include "executor/verify_internal.h"

enum { PIECE = 256 << 10, LARGE = 1 << 20 };

struct round { /* of all files, by several threads */
    struct expected **order;
    uint32_t n;
    atomic_uint next;
};

static enum fault cannot(int number) {
    return number == ENOENT || number == ENOTDIR ? FAULT_MISSING : FAULT_UNREADABLE;
}

/* "sha256=..." of the descriptor's bytes. What is weaker, or not understood, proves nothing. */
static enum fault check_hash(int fd, struct str wanted, char *piece) {
    enum hash_kind kind;
    struct str name;
    if (!str_cut(&wanted, '=', &name) || !hash_kind_of(name, &kind) ||
        (kind != HASH_SHA256 && kind != HASH_SHA384 && kind != HASH_SHA512))
        return FAULT_ALTERED;
    struct hash *h = hash_new(kind);
    ssize_t n;
    while ((n = read(fd, piece, PIECE)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            hash_add(h, piece, (size_t)n);
    uint8_t digest[HASH_MAX];
    hash_end(h, digest);
    if (n < 0)
        return FAULT_UNREADABLE;
    struct buf got = {0};
    base64url(digest, hash_size(kind), &got);
    while (wanted.n && wanted.p[wanted.n - 1] == '=') /* some tools pad */
        wanted.n--;
    bool same = str_eq(buf_view(&got), wanted);
    buf_free(&got);
    return same ? FAULT_NONE : FAULT_ALTERED;
}

static enum fault check_open(struct expected *x, int fd, const struct stat *st, char *piece) {
    x->found = (uint64_t)st->st_size;
    if (!S_ISREG(st->st_mode))
        return FAULT_KIND;
    if (x->size >= 0 && x->found != (uint64_t)x->size)
        return FAULT_SIZE;
    enum fault fault = x->hash.n ? check_hash(fd, x->hash, piece) : FAULT_NONE;
    return !fault && x->executable && !(st->st_mode & 0100) ? FAULT_MODE : fault;
}

/* A link must lead to the very file of the cache. */
static bool may_be_link(const struct expected *x, const struct stat *st) {
    struct stat cached;
    return x->any_link || (x->links && lstat(x->links, &cached) == 0 && cached.st_dev == st->st_dev &&
                           cached.st_ino == st->st_ino);
}

/* O_NONBLOCK: a pipe in a file's place must not hold us up. */
static enum fault check_file(struct expected *x, char *piece) {
    struct stat st;
    bool is_link = false;
    int fd = open(x->path.p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP) {
        is_link = true;
        fd = open(x->path.p, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    }
    if (fd < 0)
        return cannot(errno);
    enum fault fault = fstat(fd, &st) < 0                ? FAULT_UNREADABLE
                       : is_link && !may_be_link(x, &st) ? FAULT_KIND
                                                         : check_open(x, fd, &st, piece);
    close(fd);
    return fault;
}

static void check_some(void *arg) {
    struct round *r = arg;
    char *piece = mem_alloc(PIECE);
    for (uint32_t i; (i = atomic_fetch_add(&r->next, 1)) < r->n;)
        r->order[i]->fault = check_file(r->order[i], piece);
    free(piece);
}

/* Large files first, or the last one would be left to a single thread; the others as they lie on the disk. */
static int by_size(const void *a, const void *b) {
    const struct expected *x = *(struct expected *const *)a, *y = *(struct expected *const *)b;
    int64_t nx = x->size >= LARGE ? x->size : 0, ny = y->size >= LARGE ? y->size : 0;
    return nx != ny ? (nx < ny) - (nx > ny) : (x > y) - (x < y);
}

void verify_check(struct expectations *x, int threads) {
    struct round r = {.order = mem_alloc((x->v.n + 1) * sizeof *r.order)};
    for (uint32_t i = 0; i < x->v.n; i++)
        if (x->v.p[i].checked)
            r.order[r.n++] = &x->v.p[i];
    qsort(r.order, r.n, sizeof *r.order, by_size);
    if (threads > 1 && r.n > 1) {
        struct pool *pool = pool_new(threads);
        for (int i = 0; i < threads; i++)
            pool_post(pool, check_some, &r);
        pool_free(pool);
    } else {
        check_some(&r);
    }
    free(r.order);
}
