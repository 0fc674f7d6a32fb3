#include "planner/complete.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/url.h"

struct asking { /* all requests under way */
    pthread_mutex_t lock;
    pthread_cond_t all;
    uint32_t left;
    bool failed;
    struct err err;
};

struct ask { /* one file */
    struct asking *asking;
    struct lock_file *file;
    struct hash *hash; /* or NULL: only the size is asked for */
    uint64_t size;
    char sha256[SHA256_HEX + 1];
};

static char *entry(struct arena *a, const struct lock_file *f) {
    char hex[SHA256_HEX + 1];
    sha256_hex(f->url.p, f->url.n, hex);
    return arena_fmt(a, "file/%s", hex);
}

static bool is_complete(const struct lock_file *f) {
    return f->sha256.n && f->size;
}

/* From the cache: "<sha256> <size>". */
static void recall(struct lock_file *f, const struct store *store, struct arena *a) {
    struct buf text = {0};
    struct err ignored;
    uint64_t size;
    char *path = store_find(store, a, entry(a, f));
    if (!path || file_read(path, &text, &ignored) < 0)
        return;
    struct str rest = str_trim(buf_view(&text)), sha256;
    if (str_cut(&rest, ' ', &sha256) && sha256.n == SHA256_HEX && str_u64(rest, &size) &&
        (!f->sha256.n || str_eq(f->sha256, sha256))) {
        f->sha256 = arena_str(a, sha256);
        f->size = size;
    }
    buf_free(&text);
}

static int read_local(struct lock_file *f, const char *path, struct arena *a, struct err *e) {
    struct str bytes;
    if (file_map(path, &bytes, e) < 0)
        return -1;
    char *hex = arena_alloc(a, SHA256_HEX + 1);
    sha256_hex(bytes.p, bytes.n, hex);
    f->size = bytes.n;
    file_unmap(bytes);
    if (f->sha256.n && !str_ieq(f->sha256, str_of(hex)))
        return err_fail(e, "%s: its SHA-256 is %s, but " STR_FMT " was asked for", path, hex,
                        STR_ARG(f->sha256));
    f->sha256 = str_of(hex);
    return 0;
}

static int sink(void *ctx, uint64_t offset, const void *p, size_t n) {
    struct ask *k = ctx;
    if (offset == 0 && k->hash) { /* a retry starts over */
        hash_free(k->hash);
        k->hash = hash_new(HASH_SHA256);
    }
    if (k->hash)
        hash_add(k->hash, p, n);
    k->size = offset + n;
    return 0;
}

static void done(void *ctx, struct http_response *r) {
    struct ask *k = ctx;
    struct asking *s = k->asking;
    uint8_t digest[HASH_MAX];
    pthread_mutex_lock(&s->lock);
    if (r->error || (r->status != 200 && r->status != 206)) {
        s->failed = true;
        if (r->error)
            s->err = *r->error;
        else
            err_fail(&s->err, STR_FMT ": HTTP status %d", STR_ARG(r->url), r->status);
    } else if (k->hash) {
        hash_end(k->hash, digest);
        hex_encode(digest, SHA256_BYTES, k->sha256);
        k->hash = NULL;
    } else if (r->status == 206) {
        k->size = r->range_total;
    }
    if (--s->left == 0)
        pthread_cond_signal(&s->all);
    pthread_mutex_unlock(&s->lock);
}

static int start(struct ask *k, struct net *net, const struct indexes *ix, struct arena *a, struct err *e) {
    struct http_request q = {.url = indexes_authorize(ix, k->file->url, a),
                             .ctx = k,
                             .sink = sink,
                             .done = done,
                             .max_body = 1ull << 40};
    if (k->file->sha256.n) {
        q.range_first = 0;
        q.range_last = 1; /* the answer's Content-Range tells the size */
    } else {
        k->hash = hash_new(HASH_SHA256);
    }
    return net_start(net, &q, e);
}

static void keep(struct ask *k, struct store *store, struct arena *a) {
    struct err ignored;
    struct lock_file *f = k->file;
    f->size = k->size;
    if (!f->sha256.n)
        f->sha256 = arena_str(a, str_of(k->sha256));
    char *text = arena_fmt(a, STR_FMT " %llu\n", STR_ARG(f->sha256), (unsigned long long)f->size);
    store_write(store, entry(a, f), str_of(text), &ignored);
}

static int ask_all(struct ask *asks, uint32_t n, struct store *store, struct net *net,
                   const struct indexes *ix, struct arena *a, struct err *e) {
    struct asking s = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, n, false, {0}};
    for (uint32_t i = 0; i < n; i++) {
        asks[i].asking = &s;
        if (start(&asks[i], net, ix, a, e) < 0) { /* only the first can fail: offline */
            hash_free(asks[i].hash);
            return err_prefix(e, STR_FMT ": hash or size is not known", STR_ARG(asks[i].file->name));
        }
    }
    pthread_mutex_lock(&s.lock);
    while (s.left)
        pthread_cond_wait(&s.all, &s.lock);
    pthread_mutex_unlock(&s.lock);
    for (uint32_t i = 0; i < n; i++) {
        if (asks[i].hash)
            hash_free(asks[i].hash);
        if (!s.failed)
            keep(&asks[i], store, a);
    }
    if (s.failed)
        *e = s.err;
    return s.failed ? -1 : 0;
}

int complete_files(struct lock *l, struct store *store, struct net *net, const struct indexes *ix,
                   struct arena *a, struct err *e) {
    struct ask *asks = arena_new(a, struct ask, l->npackages);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->npackages; i++) {
        struct lock_file *f = &l->packages[i].files[0];
        struct str path = url_to_path(a, f->url);
        if (path.n && read_local(f, path.p, a, e) < 0)
            return -1;
        if (!is_complete(f))
            recall(f, store, a);
        if (!is_complete(f))
            asks[n++].file = f;
    }
    return n ? ask_all(asks, n, store, net, ix, a, e) : 0;
}
