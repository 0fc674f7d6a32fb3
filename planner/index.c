#include "planner/index.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/url.h"
#include "base/vec.h"
#include "formats/filename.h"
#include "formats/name.h"
#include "planner/page_cache.h"

enum { MAX_PAGE = 256 << 20 };

struct link { /* a file of a find-links folder or page */
    struct str name;
    struct simple_file file;
};

struct indexes {
    struct store *store;
    struct net *net;
    struct pool *pool;
    bool refresh;
    VEC(struct str) urls; /* with credentials; each ends in '/' */
    VEC(struct str) keys; /* without: cache keys, messages */
    VEC(struct link) links;
    struct arena *a;
};

/* One project's look-up: goes from index to index until one knows the name. */
struct lookup {
    struct indexes *ix;
    struct str name;
    uint32_t at; /* which index */
    void (*ready)(void *ctx, struct index_answer *answer);
    void *ctx;
    struct index_answer answer;
    struct cached_page stale; /* validated by the request under way */
    bool has_stale;
    struct arena arena; /* the look-up's own */
    /* The response, copied for the pool's thread. */
    struct http_response response;
    struct buf body;
};

static void finish(struct lookup *l, enum index_status status) {
    l->answer.status = status;
    l->ready(l->ctx, &l->answer);
    buf_free(&l->body);
    arena_free(&l->arena);
    free(l);
}

/* The page's files and those of find-links together. */
static void finish_with(struct lookup *l, const struct simple_pack *page) {
    struct indexes *ix = l->ix;
    VEC(struct simple_file) files = {0};
    for (uint32_t i = 0; i < ix->links.n; i++)
        if (str_eq(ix->links.p[i].name, l->name))
            vec_push(&files, ix->links.p[i].file);
    if (!files.n && page) {
        l->answer.page = *page;
        finish(l, INDEX_FOUND);
        return;
    }
    for (uint32_t i = 0; page && i < page->n; i++) {
        struct simple_file file;
        simple_pack_file(page, &page->rows[i], &l->arena, &file);
        vec_push(&files, file);
    }
    simple_pack_make(&l->answer.arena, files.p, files.n, l->name, &l->answer.page);
    enum index_status status = page || files.n ? INDEX_FOUND : INDEX_UNKNOWN;
    vec_free(&files);
    finish(l, status);
}

static void look(void *lookup);

static void fail(struct lookup *l, struct err *why) {
    if (why)
        l->answer.err = *why;
    struct str key = l->ix->keys.p[l->at];
    err_prefix(&l->answer.err, "the index " STR_FMT " gave no answer for " STR_FMT, STR_ARG(key),
               STR_ARG(l->name));
    finish(l, INDEX_FAILED);
}

static void read_page(struct lookup *l) {
    struct http_response *r = &l->response;
    struct str key = l->ix->keys.p[l->at];
    struct simple_page page;
    struct simple_pack pack;
    if (simple_parse(&l->arena, buf_view(&l->body), r->type, r->url, &page, &l->answer.err) < 0) {
        fail(l, NULL);
        return;
    }
    simple_pack_make(&l->answer.arena, page.files, page.n, l->name, &pack);
    page_cache_write(l->ix->store, key, l->name, r, time(NULL), pack.whole);
    finish_with(l, &pack);
}

/* On a thread of the pool: what the server said. */
static void answered(void *lookup) {
    struct lookup *l = lookup;
    struct http_response *r = &l->response;
    if (r->status == 200) {
        read_page(l);
    } else if (r->status == 304 && l->has_stale) {
        page_cache_write(l->ix->store, l->ix->keys.p[l->at], l->name, r, time(NULL), l->stale.page.whole);
        finish_with(l, &l->stale.page);
    } else if (r->status == 404 || r->status == 410) {
        page_cache_write(l->ix->store, l->ix->keys.p[l->at], l->name, r, time(NULL), STR(""));
        buf_free(&l->body); /* the page that says so */
        l->at++;
        look(l);
    } else {
        if (r->status == 401 || r->status == 403)
            err_fail(&l->answer.err, "%d (%s): it wants %s credentials; put them into the URL or netrc",
                     r->status, r->status == 401 ? "unauthorized" : "forbidden",
                     r->status == 401 ? "" : "other");
        else if (r->status)
            err_fail(&l->answer.err, "HTTP status %d", r->status);
        fail(l, NULL);
    }
}

/* On the network's thread: keep what is needed, let the pool do the rest. */
static void received(void *ctx, struct http_response *r) {
    struct lookup *l = ctx;
    if (r->error)
        l->answer.err = *r->error;
    l->response = *r;
    l->response.url = arena_str(&l->arena, r->url);
    l->response.type = arena_str(&l->arena, r->type);
    l->response.etag = arena_str(&l->arena, r->etag);
    l->response.last_modified = arena_str(&l->arena, r->last_modified);
    l->response.error = NULL;
    if (r->error)
        l->response.status = 0;
    if (r->body) {
        l->body = *r->body;
        *r->body = (struct buf){0};
    }
    pool_post(l->ix->pool, answered, l);
}

static void request(struct lookup *l) {
    struct indexes *ix = l->ix;
    struct str index = ix->urls.p[l->at];
    struct err e;
    struct http_request q = {
        .url = arena_fmt(&l->arena, STR_FMT STR_FMT "/%s", STR_ARG(index), STR_ARG(l->name),
                         str_ieq(url_scheme(index), STR("file")) ? "index.html" : ""),
        .accept = SIMPLE_ACCEPT,
        .compressed = true,
        .max_body = MAX_PAGE,
        .priority = 1, /* before metadata: a page leads further */
        .ctx = l,
        .done = received,
    };
    if (l->has_stale && l->stale.etag.n)
        q.if_none_match = arena_str(&l->arena, l->stale.etag).p;
    if (l->has_stale && l->stale.last_modified.n)
        q.if_modified_since = arena_str(&l->arena, l->stale.last_modified).p;
    if (net_start(ix->net, &q, &e) < 0)
        fail(l, &e);
}

/* On a thread of the pool: the next index that may know the name. */
static void look(void *lookup) {
    struct lookup *l = lookup;
    struct indexes *ix = l->ix;
    if (l->at >= ix->urls.n) {
        finish_with(l, NULL);
        return;
    }
    l->has_stale = page_cache_read(ix->store, ix->keys.p[l->at], l->name, &l->arena, &l->stale);
    if (l->has_stale && l->stale.absent && ix->net->offline) {
        buf_free(&l->body); /* the page that says so */
        l->at++;
        look(l);
        return;
    }
    l->has_stale &= !l->stale.absent;
    if (l->has_stale && !ix->refresh && (ix->net->offline || page_cache_fresh(&l->stale, time(NULL))))
        finish_with(l, &l->stale.page);
    else
        request(l);
}

void indexes_want(struct indexes *ix, struct str name, void (*ready)(void *ctx, struct index_answer *answer),
                  void *ctx) {
    struct lookup *l = mem_zero(sizeof *l);
    *l = (struct lookup){.ix = ix, .ready = ready, .ctx = ctx};
    l->name = arena_str(&l->arena, name);
    pool_post(ix->pool, look, l);
}

static void add_link(struct indexes *ix, struct simple_file file) {
    struct filename f = filename_parse(ix->a, file.filename, (struct str){"", 0});
    if (f.kind != FILE_OTHER)
        vec_push(&ix->links, (struct link){f.name, file});
}

static int add_folder(struct indexes *ix, const char *path, struct err *e) {
    DIR *d = opendir(path);
    if (!d)
        return err_errno(e, "--find-links %s", path);
    for (struct dirent *x; (x = readdir(d));) {
        struct stat st;
        char *file = path_join(ix->a, path_absolute(ix->a, path), x->d_name);
        if (stat(file, &st) == 0 && S_ISREG(st.st_mode))
            add_link(ix, (struct simple_file){.filename = arena_str(ix->a, str_of(x->d_name)),
                                              .url = url_of_path(ix->a, file),
                                              .size = (uint64_t)st.st_size});
    }
    closedir(d);
    return 0;
}

static int add_page(struct indexes *ix, const char *url, struct err *e) {
    struct buf body = {0};
    struct simple_page page;
    int result = net_get(ix->net, url, "text/html", MAX_PAGE, &body, e);
    if (result == 0)
        result = simple_parse(ix->a, buf_view(&body), STR("text/html"), str_of(url), &page, e);
    for (uint32_t i = 0; result == 0 && i < page.n; i++)
        add_link(ix, page.files[i]);
    buf_free(&body);
    return result < 0 ? err_prefix(e, "--find-links") : 0;
}

/* A folder, an HTML file or a URL. What is not there is passed over, as pip does it. */
static int add_find_links(struct indexes *ix, const char *where, struct err *e) {
    struct str path = url_to_path(ix->a, str_of(where));
    const char *local = path.n ? path.p : url_is(str_of(where)) ? NULL : where;
    if (!local)
        return add_page(ix, where, e);
    if (file_is_dir(local))
        return add_folder(ix, local, e);
    return file_exists(local) ? add_page(ix, url_of_path(ix->a, path_absolute(ix->a, local)).p, e) : 0;
}

static int by_filename(const void *x, const void *y) {
    return str_cmp(((const struct link *)x)->file.filename, ((const struct link *)y)->file.filename);
}

static void add_index(struct indexes *ix, const char *url) {
    size_t n = strlen(url);
    struct str whole = str_of(arena_fmt(ix->a, "%s%s", url, n && url[n - 1] == '/' ? "" : "/"));
    vec_push(&ix->urls, whole);
    vec_push(&ix->keys, url_redact(ix->a, whole));
}

int indexes_open(struct indexes **out, struct store *store, struct net *net, struct pool *pool,
                 const struct options *o, const char *default_index, struct arena *a, struct err *e) {
    struct indexes *ix = arena_new(a, struct indexes, 1);
    *ix = (struct indexes){.store = store, .net = net, .pool = pool, .refresh = o->refresh, .a = a};
    *out = ix;
    const char *first = o->index_url ? o->index_url : default_index;
    if (!o->no_index) {
        for (uint32_t i = 0; i < o->extra_index_urls.n;
             i++) /* pip's extra indexes are usually the private ones */
            add_index(ix, o->extra_index_urls.p[i]);
        if (*first)
            add_index(ix, first);
        if (!ix->urls.n)
            return err_input(e,
                             "this build knows no default index: give one with --index-url or in pip.conf");
    }
    for (uint32_t i = 0; i < ix->urls.n; i++)
        if (!url_is(ix->urls.p[i]))
            return err_input(e, "the index \"" STR_FMT "\" is no URL", STR_ARG(ix->keys.p[i]));
    for (uint32_t i = 0; i < o->find_links.n; i++)
        if (add_find_links(ix, o->find_links.p[i], e) < 0)
            return -1;
    if (ix->links.n)
        qsort(ix->links.p, ix->links.n, sizeof *ix->links.p, by_filename); /* not as readdir had it */
    return 0;
}

const char *indexes_authorize(const struct indexes *ix, struct str url, struct arena *a) {
    if (url_redact(a, url).n < url.n) /* it brings its own */
        return arena_str(a, url).p;
    for (uint32_t i = 0; i < ix->urls.n; i++) {
        struct str with = ix->urls.p[i], without = ix->keys.p[i];
        if (with.n == without.n || !str_eq(url_host(url), url_host(without)) ||
            !str_eq(url_scheme(url), url_scheme(without)))
            continue;
        size_t scheme = url_scheme(url).n + 3, userinfo = with.n - without.n;
        return arena_fmt(a, STR_FMT STR_FMT STR_FMT, STR_ARG(str_head(url, scheme)),
                         STR_ARG(str_head(str_from(with, scheme), userinfo)), STR_ARG(str_from(url, scheme)));
    }
    return arena_str(a, url).p;
}

struct str indexes_describe(const struct indexes *ix, struct arena *a) {
    struct buf out = {0};
    for (uint32_t i = 0; i < ix->keys.n; i++)
        buf_fmt(&out, "%s" STR_FMT,
                i                ? ", "
                : ix->keys.n > 1 ? "the indexes "
                                 : "the index ",
                STR_ARG(ix->keys.p[i]));
    if (ix->links.n || !ix->keys.n)
        buf_fmt(&out, "%sthe find-links", out.n ? " and " : "");
    struct str s = arena_str(a, buf_view(&out));
    buf_free(&out);
    return s;
}

void indexes_close(struct indexes *ix) {
    if (!ix)
        return;
    vec_free(&ix->urls);
    vec_free(&ix->keys);
    vec_free(&ix->links);
}
