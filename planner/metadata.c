#include "planner/metadata.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/tar.h"
#include "base/url.h"
#include "base/zip.h"
#include "formats/filename.h"
#include "formats/name.h"
#include "formats/version.h"

enum {
    TAIL = 32 * 1024, /* holds directory and METADATA of nine wheels in ten */
    CHECKSUM = 17,    /* bytes before a cached entry's text */
    MAX_METADATA = 16 << 20,
    MAX_TAIL = 64 << 20
};

/* The ways to metadata, in the order in which they are tried. */
enum way { BY_METADATA_FILE, BY_TAIL, BY_SPAN, BY_WHOLE };

struct fetch {
    struct metadata_source *source;
    const struct simple_file *file;
    struct str name, version;
    bool sdist;
    enum way way;
    uint64_t tail; /* bytes to ask for from the end */
    /* Directory read, METADATA lies before the tail: its span is asked for next. */
    struct zip *zip;
    struct buf tail_bytes;
    uint32_t member;
    uint64_t span_from, span_to;
    void (*ready)(void *ctx, struct metadata_answer *answer);
    void *ctx;
    struct metadata_answer answer;
    struct arena arena; /* the fetch's own */
    int status;
    uint64_t range_total;
    struct buf body;
    bool failed; /* the request: answer.err says why */
};

static void finish(struct fetch *f, enum metadata_status status) {
    f->answer.status = status;
    f->ready(f->ctx, &f->answer);
    zip_free(f->zip);
    buf_free(&f->tail_bytes);
    buf_free(&f->body);
    arena_free(&f->arena);
    free(f);
}

static bool is_metadata_name(struct str name) {
    ptrdiff_t slash = str_find(name, '/');
    return slash > 0 && str_ends(str_head(name, (size_t)slash), STR(".dist-info")) &&
           str_is(str_from(name, (size_t)slash + 1), "METADATA");
}

static bool is_pkg_info_name(struct str name) {
    if (str_starts(name, STR("./")))
        name = str_from(name, 2);
    ptrdiff_t slash = str_find(name, '/');
    return slash > 0 && str_is(str_from(name, (size_t)slash + 1), "PKG-INFO");
}

/* The headers alone: what stands behind the first empty line is prose. */
static struct str headers_of(struct str text) {
    for (size_t i = 0; i + 1 < text.n; i++)
        if (text.p[i] == '\n' &&
            (text.p[i + 1] == '\n' || (text.p[i + 1] == '\r' && i + 2 < text.n && text.p[i + 2] == '\n')))
            return str_head(text, i + 1);
    return text;
}

/* Where the disk cache keeps it: by the file's hash; by its URL where the index gave no hash. Local files:
 * nowhere. */
static char *cache_key(struct fetch *f) {
    const struct simple_file *file = f->file;
    char hex[SHA256_HEX + 1];
    if (url_to_path(&f->arena, file->url).n)
        return NULL;
    if (file->hash.n && file->hash_kind == HASH_SHA256)
        return arena_fmt(&f->arena, "md/%.2s/" STR_FMT, file->hash.p, STR_ARG(file->hash));
    sha256_hex(file->url.p, file->url.n, hex);
    return arena_fmt(&f->arena, "md/url/%s", hex);
}

/* Entries begin with a checksum of what follows: one torn by a crash is a miss, not a package without
   requirements. */
static void keep_headers(struct fetch *f, struct str headers) {
    char *key = cache_key(f);
    struct err ignored;
    if (key)
        store_write(f->source->store, key,
                    str_of(arena_fmt(&f->arena, "%016llx\n" STR_FMT, (unsigned long long)str_hash(headers),
                                     STR_ARG(headers))),
                    &ignored);
}

static bool recall_headers(struct fetch *f, struct buf *out) {
    char *key = cache_key(f), *path = key ? store_find(f->source->store, &f->arena, key) : NULL;
    struct err ignored;
    if (!path || file_read(path, out, &ignored) < 0)
        return false;
    struct str headers = str_from(buf_view(out), CHECKSUM);
    char *sum = arena_fmt(&f->arena, "%016llx\n", (unsigned long long)str_hash(headers));
    return str_starts(buf_view(out), str_of(sum));
}

static int same_project(struct fetch *f, const struct metadata *m, struct err *e) {
    struct version mine, theirs;
    if (!name_same(m->name, f->name))
        return err_fail(e, STR_FMT ": its metadata is that of " STR_FMT, STR_ARG(f->file->filename),
                        STR_ARG(m->name));
    if (!version_parse(&f->arena, f->version, &mine) || !version_parse(&f->arena, m->version, &theirs) ||
        version_cmp(&mine, &theirs))
        return err_fail(e, STR_FMT ": its metadata is that of version " STR_FMT, STR_ARG(f->file->filename),
                        STR_ARG(m->version));
    return 0;
}

/* The text is there: read it, and keep it on disk unless that is where it came from. */
static void take(struct fetch *f, struct str text, bool keep) {
    struct err *e = &f->answer.err;
    struct str headers = arena_str(&f->answer.arena, headers_of(text));
    if (metadata_parse(&f->answer.arena, headers, arena_str(&f->arena, f->file->filename).p,
                       &f->answer.metadata, e) < 0 ||
        same_project(f, &f->answer.metadata, e) < 0) {
        finish(f, METADATA_BROKEN);
        return;
    }
    if (keep)
        keep_headers(f, headers);
    finish(f, f->sdist && !metadata_is_static(&f->answer.metadata) ? METADATA_DYNAMIC : METADATA_OK);
}

static void request(struct fetch *f);

static void next_way(struct fetch *f) {
    f->way = f->way == BY_METADATA_FILE ? BY_TAIL : BY_WHOLE;
    request(f);
}

/* METADATA's member number, or MAP_NONE with an error. */
static uint32_t find_metadata(struct fetch *f, const struct zip *z) {
    for (uint32_t i = 0; i < zip_count(z); i++)
        if (is_metadata_name(zip_member(z, i)->name))
            return i;
    err_fail(&f->answer.err, STR_FMT " has no METADATA", STR_ARG(f->file->filename));
    return MAP_NONE;
}

static void take_or_break(struct fetch *f, int read, struct buf *text) {
    if (read < 0)
        finish(f, METADATA_BROKEN);
    else
        take(f, buf_view(text), true);
    buf_free(text);
}

static void note_whole(struct fetch *f, struct str bytes) {
    f->answer.size = bytes.n;
    sha256_hex(bytes.p, bytes.n, f->answer.sha256);
}

static void take_whole(struct fetch *f, struct str bytes) {
    struct err *e = &f->answer.err;
    const char *what = arena_str(&f->arena, f->file->filename).p;
    struct buf text = {0};
    note_whole(f, bytes);
    if (f->file->hash.n && f->file->hash_kind == HASH_SHA256 &&
        !str_ieq(f->file->hash, str_of(f->answer.sha256))) {
        err_fail(e, "%s: its SHA-256 is %s, but " STR_FMT " was promised: it has been changed or damaged",
                 what, f->answer.sha256, STR_ARG(f->file->hash));
        finish(f, METADATA_FAILED);
        return;
    }
    if (!f->sdist) {
        int read = zip_open_whole(bytes, what, &f->zip, e);
        uint32_t member = read < 0 ? MAP_NONE : find_metadata(f, f->zip);
        if (member != MAP_NONE)
            read = zip_read(f->zip, member, MAX_METADATA, &text, e);
        take_or_break(f, member == MAP_NONE ? -1 : read, &text);
        return;
    }
    int found = tar_find(bytes, what, is_pkg_info_name, MAX_METADATA, &text, e);
    if (found > 0)
        take(f, buf_view(&text), true);
    else
        finish(f, found < 0 ? METADATA_BROKEN : METADATA_DYNAMIC);
    buf_free(&text);
}

/* The wheel's end has arrived; it may be too short to reach the directory, or METADATA. */
static void take_tail(struct fetch *f) {
    struct err *e = &f->answer.err;
    struct buf text = {0};
    uint64_t need = 0, total = f->answer.size = f->range_total;
    if (zip_open_tail(buf_view(&f->body), total, arena_str(&f->arena, f->file->filename).p, &f->zip, &need,
                      e) < 0) {
        if (!need || total - need > MAX_TAIL || total - need <= f->tail) { /* not to be had in this way */
            next_way(f);
            return;
        }
        f->tail = total - need;
        request(f);
        return;
    }
    f->member = find_metadata(f, f->zip);
    if (f->member == MAP_NONE || !zip_needs(f->zip, f->member, &f->span_from, &f->span_to)) {
        take_or_break(f, f->member == MAP_NONE ? -1 : zip_read(f->zip, f->member, MAX_METADATA, &text, e),
                      &text);
        return;
    }
    f->tail_bytes = f->body; /* the directory still points into it */
    f->body = (struct buf){0};
    f->way = BY_SPAN;
    request(f);
}

static void take_span(struct fetch *f) {
    struct buf text = {0};
    int read = zip_read_span(f->zip, f->member, buf_view(&f->body), MAX_METADATA, &text, &f->answer.err);
    take_or_break(f, read, &text);
}

static void take_metadata_file(struct fetch *f) {
    uint8_t digest[SHA256_BYTES];
    struct str text = buf_view(&f->body);
    sha256(text.p, text.n, digest);
    if (f->file->metadata == SIMPLE_METADATA_SHA256 &&
        memcmp(digest, f->file->metadata_sha256, sizeof digest)) {
        err_fail(&f->answer.err,
                 STR_FMT ": its metadata file has not the hash that the index promises: it has been changed "
                         "or damaged",
                 STR_ARG(f->file->filename));
        finish(f, METADATA_FAILED);
        return;
    }
    take(f, text, true);
}

/* On a thread of the pool. */
static void answered(void *fetch) {
    struct fetch *f = fetch;
    if (f->failed)
        finish(f, METADATA_FAILED);
    else if (f->status == 206 && f->way == BY_TAIL)
        take_tail(f);
    else if (f->status == 206 && f->way == BY_SPAN)
        take_span(f);
    else if (f->status == 200 && f->way == BY_METADATA_FILE)
        take_metadata_file(f);
    else if (f->status == 200)
        take_whole(f, buf_view(&f->body)); /* a server that knows no ranges sends the whole */
    else if (f->way < BY_WHOLE)
        next_way(f);
    else {
        err_fail(&f->answer.err, STR_FMT ": HTTP status %d", STR_ARG(url_redact(&f->arena, f->file->url)),
                 f->status);
        finish(f, METADATA_FAILED);
    }
}

/* On the network's thread. */
static void received(void *ctx, struct http_response *r) {
    struct fetch *f = ctx;
    f->failed = r->error != NULL;
    if (r->error)
        f->answer.err = *r->error;
    f->status = r->status;
    f->range_total = r->range_total;
    if (r->body) {
        f->body = *r->body;
        *r->body = (struct buf){0};
    }
    pool_post(f->source->pool, answered, f);
}

static void request(struct fetch *f) {
    buf_free(&f->body);
    const char *url = indexes_authorize(f->source->indexes, f->file->url, &f->arena);
    struct http_request q = {.url = url, .ctx = f, .done = received};
    if (f->way == BY_METADATA_FILE) {
        q.url = arena_fmt(&f->arena, "%s.metadata", url);
        q.compressed = true;
        q.max_body = MAX_METADATA;
    } else if (f->way == BY_TAIL) {
        q.range_first = -(int64_t)f->tail;
    } else if (f->way == BY_SPAN) {
        q.range_first = (int64_t)f->span_from;
        q.range_last = (int64_t)f->span_to - 1;
    }
    if (net_start(f->source->net, &q, &f->answer.err) < 0) {
        err_prefix(&f->answer.err, STR_FMT, STR_ARG(f->file->filename));
        finish(f, METADATA_FAILED);
    }
}

static void take_local(struct fetch *f, const char *path) {
    struct str bytes;
    if (file_map(path, &bytes, &f->answer.err) < 0) {
        finish(f, METADATA_BROKEN);
        return;
    }
    take_whole(f, bytes);
    file_unmap(bytes);
}

/* On a thread of the pool: the disk, else the network. */
static void start(void *fetch) {
    struct fetch *f = fetch;
    struct str path = url_to_path(&f->arena, f->file->url);
    struct buf kept = {0};
    if (path.n)
        take_local(f, path.p);
    else if (!f->source->refresh && recall_headers(f, &kept))
        take(f, str_from(buf_view(&kept), CHECKSUM), false);
    else
        request(f);
    buf_free(&kept);
}

void metadata_want(struct metadata_source *s, const struct simple_file *file, struct str name,
                   struct str version, void (*ready)(void *ctx, struct metadata_answer *answer), void *ctx) {
    struct fetch *f = mem_zero(sizeof *f);
    *f = (struct fetch){.source = s, .file = file, .tail = TAIL, .ready = ready, .ctx = ctx};
    f->name = arena_str(&f->arena, name);
    f->version = arena_str(&f->arena, version);
    f->sdist = filename_parse(&f->arena, file->filename, name).kind == FILE_SDIST;
    f->way = f->sdist ? BY_WHOLE : file->metadata == SIMPLE_NO_METADATA ? BY_TAIL : BY_METADATA_FILE;
    pool_post(s->pool, start, f);
}
