#include "planner/universe.h"

#include <stdlib.h>

#include "base/url.h"
#include "formats/filename.h"
#include "formats/name.h"

void universe_init(struct universe *u, const struct target *target, const struct options *o,
                   struct indexes *ix, struct metadata_source *metadata, int64_t newest) {
    *u = (struct universe){.target = target,
                           .options = o,
                           .indexes = ix,
                           .metadata = metadata,
                           .newest = newest,
                           .lock = PTHREAD_MUTEX_INITIALIZER,
                           .changed = PTHREAD_COND_INITIALIZER};
}

const struct simple_file *candidate_file(const struct project *p, const struct candidate *c,
                                         struct arena *a) {
    struct simple_file *f = arena_new(a, struct simple_file, 1);
    simple_pack_file(&p->answer.page, c->wheel ? c->wheel : c->sdist, a, f);
    return f;
}

bool requirement_applies(const struct requirement *r, const struct target *t, const struct str *extras,
                         uint32_t nextras) {
    struct marker_env env = t->env;
    env.extras = extras;
    env.nextras = nextras;
    return !r->marker || marker_eval(r->marker, &env);
}

/* All that follows, up to the public functions, is called with the lock held, but for what threads of the
   pool call. */

static struct project *project_of(struct universe *u, struct str name) {
    uint32_t id = map_id(&u->names, name);
    if (id == u->projects.n) {
        struct project *p = mem_zero(sizeof *p);
        p->universe = u;
        p->name = u->names.keys[id];
        vec_push(&u->projects, p);
    }
    return u->projects.p[id];
}

static void page_ready(void *project, struct index_answer *answer);

/* A project that comes from a URL has one file and needs no index. */
static void ask_page(struct universe *u, struct project *p) {
    if (p->state != PROJECT_NEW)
        return;
    p->state = PROJECT_ASKED;
    u->asked++;
    if (!p->direct.n) {
        indexes_want(u->indexes, p->name, page_ready, p);
        return;
    }
    struct index_answer answer = {.status = INDEX_FOUND};
    simple_pack_make(&answer.arena, &p->direct_file, 1, p->name, &answer.page);
    pthread_mutex_unlock(&u->lock);
    page_ready(p, &answer);
    pthread_mutex_lock(&u->lock);
}

static void metadata_ready(void *request, struct metadata_answer *answer);

static void ask_metadata(struct universe *u, struct project *p, uint32_t candidate) {
    struct release_info *info = &p->releases[candidate];
    if (info->state != RELEASE_NEW)
        return;
    info->state = RELEASE_ASKED;
    vec_push(&p->asked, candidate);
    u->asked++;
    struct release_request *r = mem_zero(sizeof *r);
    *r = (struct release_request){p, candidate};
    const struct candidate *c = &p->candidates.p[candidate];
    metadata_want(u->metadata, candidate_file(p, c, &p->arena), p->name, c->version.text, metadata_ready, r);
}

/* The newest candidate that the hints from number `first` on allow, final releases first. */
static uint32_t newest_for(const struct project *p, uint32_t first) {
    const struct candidates *c = &p->candidates;
    uint32_t pre = MAP_NONE;
    for (uint32_t i = c->n; i--;) {
        bool fits = !c->p[i].yanked;
        for (uint32_t h = first; h < p->hints.n && fits; h++)
            fits = specifiers_contain(p->hints.p[h], &c->p[i].version);
        if (fits && !c->p[i].version.pre)
            return i;
        if (fits && pre == MAP_NONE)
            pre = i;
    }
    return pre;
}

/* What the solver will probably choose: what all hints allow; failing that, what the last one allows. */
static uint32_t likely(const struct project *p) {
    uint32_t best = newest_for(p, 0);
    return best == MAP_NONE && p->hints.n > 1 ? newest_for(p, p->hints.n - 1) : best;
}

static void hear(struct universe *u, const struct requirement *r) {
    struct project *p = project_of(u, r->name);
    bool news = p->state == PROJECT_NEW;
    for (uint32_t x = 0; x < r->nextras; x++) {
        bool known = false;
        for (uint32_t i = 0; i < p->extras.n && !known; i++)
            known = str_eq(p->extras.p[i], r->extras[x]);
        if (known)
            continue;
        vec_push(&p->extras, r->extras[x]);
        news = true;
    }
    bool known = r->spec.n == 0;
    for (uint32_t i = 0; i < p->hints.n && !known; i++)
        known = str_eq(p->hints.p[i]->text, r->spec.text);
    if (!known) {
        vec_push(&p->hints, &r->spec);
        news = true;
    }
    if (news)
        vec_push(&u->walk, map_find(&u->names, p->name));
}

/* One step: a project of which something new was heard. */
static void look_at(struct universe *u, struct project *p) {
    if (p->state == PROJECT_NEW)
        ask_page(u, p);
    if (p->state != PROJECT_READY)
        return;
    uint32_t best = likely(p);
    if (best == MAP_NONE)
        return;
    struct release_info *info = &p->releases[best];
    ask_metadata(u, p, best);
    if (info->state != RELEASE_READY || info->walked == p->extras.n + 1 || u->options->no_deps)
        return;
    info->walked = p->extras.n + 1;
    for (uint32_t i = 0; i < info->metadata.nrequires; i++) {
        const struct requirement *r = &info->metadata.requires[i];
        if (!r->url.n && requirement_applies(r, u->target, p->extras.p, p->extras.n))
            hear(u, r);
    }
}

static void walk(struct universe *u) {
    if (u->walking) /* ask_page lets the lock go for a moment: one walker is enough */
        return;
    u->walking = true;
    while (u->walk.n)
        look_at(u, u->projects.p[u->walk.p[--u->walk.n]]);
    u->walking = false;
}

/* Something that was asked for is there. */
static void look_again(struct universe *u, struct project *p) {
    u->done++;
    vec_push(&u->walk, map_find(&u->names, p->name));
    walk(u);
    if (u->awaited == p)
        pthread_cond_signal(&u->changed);
}

/* With the lock held: until something of the project is there. */
static void wait_for(struct universe *u, const struct project *p) {
    u->awaited = p;
    pthread_cond_wait(&u->changed, &u->lock);
    u->awaited = NULL;
}

/* On a thread of the pool, without the lock. */
static void page_ready(void *project, struct index_answer *answer) {
    struct project *p = project;
    struct universe *u = p->universe;
    p->answer = *answer;
    if (answer->status == INDEX_FOUND) {
        struct candidate_policy policy = {
            .target = u->target,
            .allow_wheel = p->direct.n || options_allow_wheel(u->options, p->name),
            .allow_sdist = p->direct.n || options_allow_sdist(u->options, p->name),
            .newest = p->direct.n ? 0 : u->newest,
            .hashes = p->hashes,
            .nhashes = p->nhashes};
        candidates_make(&p->arena, &p->answer.page, &policy, &p->candidates);
        p->releases = arena_new(&p->arena, struct release_info, p->candidates.n);
    }
    pthread_mutex_lock(&u->lock);
    p->state = answer->status == INDEX_FOUND     ? PROJECT_READY
               : answer->status == INDEX_UNKNOWN ? PROJECT_UNKNOWN
                                                 : PROJECT_FAILED;
    look_again(u, p);
    pthread_mutex_unlock(&u->lock);
}

/* On a thread of the pool, without the lock. */
static void metadata_ready(void *request, struct metadata_answer *answer) {
    struct release_request r = *(struct release_request *)request;
    struct universe *u = r.project->universe;
    struct release_info *info = &r.project->releases[r.candidate];
    free(request);
    pthread_mutex_lock(&u->lock);
    info->arena = answer->arena;
    info->metadata = answer->metadata;
    info->size = answer->size;
    memcpy(info->sha256, answer->sha256, sizeof info->sha256);
    if (answer->status == METADATA_DYNAMIC)
        info->problem =
            STR("it is only a source distribution that would have to be built to know what it requires, "
                "which is not supported yet");
    else if (answer->status != METADATA_OK)
        info->problem = arena_str(&info->arena, str_of(answer->err.text));
    info->state = answer->status == METADATA_OK       ? RELEASE_READY
                  : answer->status == METADATA_FAILED ? RELEASE_FAILED
                                                      : RELEASE_UNUSABLE;
    look_again(u, r.project);
    pthread_mutex_unlock(&u->lock);
}

/* The public functions. */

struct project *universe_project(struct universe *u, struct str name) {
    pthread_mutex_lock(&u->lock);
    struct project *p = project_of(u, name);
    pthread_mutex_unlock(&u->lock);
    return p;
}

static int take_direct(struct project *p, const struct root *r, struct err *e) {
    if (p->direct.n && !str_eq(p->direct, r->url))
        return err_fail(e, STR_FMT ": " STR_FMT " is asked for at two places: " STR_FMT " and " STR_FMT,
                        STR_ARG(r->place), STR_ARG(p->name), STR_ARG(url_redact(&p->arena, p->direct)),
                        STR_ARG(url_redact(&p->arena, r->url)));
    p->direct = r->url;
    p->direct_file = (struct simple_file){.filename = url_filename(&p->arena, r->url), .url = r->url};
    if (r->nhashes == 1)
        p->direct_file.hash = str_from(r->hashes[0], 7);
    return 0;
}

static bool has_hash(const struct root *r, struct str hash) {
    for (uint32_t i = 0; i < r->nhashes; i++)
        if (str_eq(r->hashes[i], hash))
            return true;
    return false;
}

/* Of several requirements with hashes each must be content. */
static int take_hashes(struct project *p, const struct root *r, struct err *e) {
    uint32_t n = 0;
    if (!p->nhashes) {
        p->hashes = arena_copy(&p->arena, r->hashes, r->nhashes * sizeof *r->hashes);
        p->nhashes = r->nhashes;
        return 0;
    }
    for (uint32_t i = 0; i < p->nhashes; i++)
        if (has_hash(r, p->hashes[i]))
            p->hashes[n++] = p->hashes[i];
    p->nhashes = n;
    return n ? 0
             : err_fail(e, STR_FMT ": no --hash of " STR_FMT " is one that all its requirements give",
                        STR_ARG(r->place), STR_ARG(p->name));
}

int universe_roots(struct universe *u, const struct roots *roots, struct err *e) {
    int result = 0;
    pthread_mutex_lock(&u->lock);
    for (uint32_t i = 0; i < roots->list.n && result == 0; i++) {
        const struct root *r = &roots->list.p[i];
        if (!r->active)
            continue;
        struct project *p = project_of(u, r->req.name);
        if (r->nhashes)
            result = take_hashes(p, r, e);
        if (r->url.n && result == 0)
            result = take_direct(p, r, e);
    }
    for (uint32_t i = 0; i < roots->list.n && result == 0; i++)
        if (roots->list.p[i].active && !roots->list.p[i].constraint)
            hear(u, &roots->list.p[i].req);
    if (result == 0)
        walk(u);
    pthread_mutex_unlock(&u->lock);
    return result;
}

void universe_want(struct universe *u, const struct requirement *r) {
    pthread_mutex_lock(&u->lock);
    hear(u, r);
    walk(u);
    pthread_mutex_unlock(&u->lock);
}

enum project_state universe_page(struct universe *u, struct project *p) {
    pthread_mutex_lock(&u->lock);
    ask_page(u, p);
    while (p->state == PROJECT_ASKED)
        wait_for(u, p);
    pthread_mutex_unlock(&u->lock);
    return p->state;
}

const struct release_info *universe_release(struct universe *u, struct project *p, uint32_t candidate) {
    struct release_info *info = &p->releases[candidate];
    pthread_mutex_lock(&u->lock);
    ask_metadata(u, p, candidate);
    while (info->state == RELEASE_ASKED)
        wait_for(u, p);
    pthread_mutex_unlock(&u->lock);
    return info;
}

void universe_prefetch(struct universe *u, struct project *p, uint32_t candidate) {
    pthread_mutex_lock(&u->lock);
    if (p->state == PROJECT_READY)
        ask_metadata(u, p, candidate);
    pthread_mutex_unlock(&u->lock);
}

const struct release_info *universe_peek(struct universe *u, struct project *p, uint32_t candidate) {
    const struct release_info *info = &p->releases[candidate];
    pthread_mutex_lock(&u->lock);
    bool there = info->state == RELEASE_READY;
    pthread_mutex_unlock(&u->lock);
    return there ? info : NULL;
}

struct str universe_problem(struct universe *u, struct project *p, uint32_t candidate) {
    const struct release_info *info = &p->releases[candidate];
    pthread_mutex_lock(&u->lock);
    struct str problem = info->state == RELEASE_UNUSABLE ? info->problem : STR("");
    pthread_mutex_unlock(&u->lock);
    return problem;
}

struct universe_count universe_count(struct universe *u) {
    pthread_mutex_lock(&u->lock);
    struct universe_count n = {u->asked, u->done};
    pthread_mutex_unlock(&u->lock);
    return n;
}

void universe_free(struct universe *u) {
    for (uint32_t i = 0; i < u->projects.n; i++) {
        struct project *p = u->projects.p[i];
        for (uint32_t k = 0; k < p->asked.n; k++)
            arena_free(&p->releases[p->asked.p[k]].arena);
        vec_free(&p->asked);
        arena_free(&p->answer.arena);
        arena_free(&p->arena);
        vec_free(&p->hints);
        vec_free(&p->extras);
        free(p);
    }
    vec_free(&u->projects);
    vec_free(&u->walk);
    map_free(&u->names);
}
