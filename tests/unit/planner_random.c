/* The solver against brute force on many small random indexes, and how much work hard cases are. */
#include "planner/solve.h"

#include "planner/explain.h"
#include "tests/unit/test.h"
#include "tests/unit/world.h"

enum { PACKAGES = 7, VERSIONS = 4, ABSENT = VERSIONS };

/* splitmix64: the same numbers everywhere. */
static uint64_t draw(uint64_t *seed) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static uint32_t below(uint64_t *seed, uint32_t n) {
    return (uint32_t)(draw(seed) % n);
}

static void random_requirements(uint64_t *seed, uint32_t packages, uint32_t most, uint32_t not,
                                struct buf *out) {
    static const char *const ops[] = {"", ">=", "<", "==", "!=", "<="};
    for (uint32_t n = below(seed, most + 1); n--;) {
        uint32_t p = below(seed, packages), op = below(seed, 6);
        if (p == not &&below(seed, 4))
            continue;
        buf_fmt(out, "p%u", p);
        if (op)
            buf_fmt(out, "%s%u", ops[op], below(seed, VERSIONS + 1) + (below(seed, 12) ? 0 : 5));
        buf_c(out, "; ");
    }
}

/* An index as text, so that a failure can be read. */
static struct buf random_index(uint64_t seed) {
    struct buf b = {0};
    uint32_t packages = 2 + below(&seed, PACKAGES - 1), most = 1 + below(&seed, 4);
    buf_c(&b, "root: ");
    random_requirements(&seed, packages, 4, UINT32_MAX, &b);
    buf_char(&b, '\n');
    for (uint32_t p = 0; p < packages; p++)
        for (uint32_t v = below(&seed, 9) ? 0 : 1, n = 1 + below(&seed, VERSIONS); v < n; v++) {
            if (!below(&seed, 15)) {
                buf_fmt(&b, "p%u %u unavailable: broken\n", p, v);
                continue;
            }
            buf_fmt(&b, "p%u %u: ", p, v);
            random_requirements(&seed, packages, most, p, &b);
            buf_char(&b, '\n');
        }
    static const char *const peeks[] = {"", "peek all\n", "peek batch\n"};
    buf_c(&b, peeks[below(&seed, 3)]);
    return b;
}

static void read_index(struct world *w, struct str text) {
    struct str line;
    world_init(w);
    while (str_cut(&text, '\n', &line))
        if (line.n && !world_line(w, line)) {
            printf("bad line: " STR_FMT "\n", STR_ARG(line));
            abort();
        }
    for (uint32_t p = 0; p < w->packages.n; p++)
        for (uint32_t v = 0; v < w->packages.p[p].versions.n; v++)
            if (!w->packages.p[p].versions.p[v].reason.n)
                world_read_version(w, p, v);
}

/* As after read_index, but nothing is known or asked yet. */
static void forget(struct world *w) {
    for (uint32_t p = 1; p < w->packages.n; p++)
        for (uint32_t v = 0; v < w->packages.p[p].versions.n; v++)
            w->packages.p[p].versions.p[v].known = false;
    w->loads = w->fetched = 0;
}

/* The dependencies of the root that count: a bit each. */
struct brute {
    const struct world *w;
    uint64_t roots;
    uint32_t package, above; /* only versions of this package from `above` on count */
    uint32_t chosen[64];     /* by package: a version, or ABSENT */
};

static bool allowed(const struct brute *b, uint32_t package) {
    const struct world_version *v = &b->w->packages.p[package].versions.p[b->chosen[package]];
    if (v->reason.n)
        return false;
    for (uint32_t i = 0; i < v->n; i++) {
        const struct dependency *d = &v->dependencies[i];
        if (package == ROOT_PACKAGE && !(b->roots >> i & 1))
            continue;
        if (b->chosen[d->package] == ABSENT || !set_has(&d->allowed, b->chosen[d->package]))
            return false;
    }
    return true;
}

/* Every assignment of the packages from `package` on. */
static bool satisfiable_from(struct brute *b, uint32_t package) {
    if (package == b->w->packages.n) {
        for (uint32_t i = 0; i < package; i++)
            if (b->chosen[i] != ABSENT && !allowed(b, i))
                return false;
        return true;
    }
    for (uint32_t v = package == b->package ? b->above : 0; v <= b->w->packages.p[package].versions.n; v++) {
        b->chosen[package] = v == b->w->packages.p[package].versions.n ? ABSENT : v;
        if (satisfiable_from(b, package + 1))
            return true;
    }
    return false;
}

static bool satisfiable(const struct world *w, uint64_t roots) {
    struct brute b = {.w = w, .roots = roots};
    return satisfiable_from(&b, 1);
}

static bool closed(const struct world *w, const struct solve_result *r) {
    struct brute b = {.w = w, .roots = UINT64_MAX};
    for (uint32_t i = 1; i < w->packages.n; i++)
        b.chosen[i] = ABSENT;
    for (uint32_t i = 0; i < r->n; i++)
        b.chosen[r->pins[i].package] = r->pins[i].version;
    if (!allowed(&b, ROOT_PACKAGE))
        return false;
    for (uint32_t i = 0; i < r->n; i++)
        if (!allowed(&b, r->pins[i].package))
            return false;
    return true;
}

/* Everything in it is reached from the root. */
static bool minimal(const struct world *w, const struct solve_result *r) {
    bool reached[64] = {true};
    uint32_t version[64] = {0}, count = 0;
    for (uint32_t i = 0; i < r->n; i++)
        version[r->pins[i].package] = r->pins[i].version;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t p = 0; p < w->packages.n; p++) {
            if (!reached[p])
                continue;
            const struct world_version *v = &w->packages.p[p].versions.p[version[p]];
            for (uint32_t i = 0; i < v->n; i++) {
                more |= !reached[v->dependencies[i].package];
                reached[v->dependencies[i].package] = true;
            }
        }
    }
    for (uint32_t p = 1; p < w->packages.n; p++)
        count += reached[p];
    return count == r->n;
}

/* Is there a solution with a newer version of what the user asks for first? */
static bool better_first(const struct world *w, const struct solve_result *r) {
    const struct world_version *root = &w->packages.p[ROOT_PACKAGE].versions.p[0];
    struct brute b = {.w = w, .roots = UINT64_MAX};
    if (!root->n)
        return false;
    for (uint32_t i = 0; i < r->n; i++)
        if (r->pins[i].package == root->dependencies[0].package)
            b.above = r->pins[i].version + 1;
    b.package = root->dependencies[0].package;
    return satisfiable_from(&b, 1);
}

/* Which of the user's requirements the explanation names, as bits. */
static uint64_t named_roots(const struct world *w, struct str why) {
    const struct world_version *root = &w->packages.p[ROOT_PACKAGE].versions.p[0];
    uint64_t bits = 0;
    for (uint32_t i = 0; i < root->n; i++)
        if (str_search(why, w->requirements.p[root->dependencies[i].requirement].place) >= 0)
            bits |= UINT64_C(1) << i;
    return bits;
}

/* Could one of them be left out? */
static bool too_many(const struct world *w, uint64_t roots) {
    for (uint32_t i = 0; i < 64; i++)
        if (roots >> i & 1 && !satisfiable(w, roots & ~(UINT64_C(1) << i)))
            return true;
    return false;
}

struct counts {
    int impossible, too_many;
};

static bool check_one(uint64_t seed, struct counts *count) {
    struct buf text = random_index(seed);
    struct world w;
    struct arena a = {0};
    struct solve_result r;
    struct err e = {.text = ""};
    const char *wrong = NULL;
    read_index(&w, buf_view(&text));
    bool possible = satisfiable(&w, UINT64_MAX);
    count->impossible += !possible;
    forget(&w);
    struct provider p = world_provider(&w);
    solve(&p, &a, &r, &e);
    struct world again;
    read_index(&again, buf_view(&text)); /* knows every dependency, for the checks */
    if (r.status == SOLVE_FAILED)
        wrong = e.text;
    else if ((r.status == SOLVE_OK) != possible)
        wrong = possible ? "a solution was not found" : "there is no solution";
    else if (possible && !closed(&again, &r))
        wrong = "a dependency is not satisfied";
    else if (possible && !minimal(&again, &r))
        wrong = "there is something that nothing needs";
    else if (possible && better_first(&again, &r))
        wrong = "what is asked for first could be newer";
    else if (!possible && !named_roots(&w, r.why))
        wrong = "the explanation names no requirement";
    else if (!possible && satisfiable(&again, named_roots(&w, r.why)))
        wrong = "the requirements that are named do not exclude each other";
    count->too_many += !possible && too_many(&again, named_roots(&w, r.why));
    if (wrong)
        printf("seed %llu: %s\n" STR_FMT STR_FMT "\n", (unsigned long long)seed, wrong,
               STR_ARG(buf_view(&text)), STR_ARG(r.why));
    world_free(&again);
    world_free(&w);
    arena_free(&a);
    buf_free(&text);
    return !wrong;
}

TEST(random_indexes) {
    struct counts count = {0, 0};
    int failed = 0;
    for (uint64_t seed = 1; seed <= 4000 && failed < 3; seed++)
        failed += !check_one(seed, &count);
    CHECK_INT(failed, 0);
    CHECK(count.impossible > 1000 && count.impossible < 3000);
    CHECK(count.too_many * 20 < count.impossible); /* not all facts were asked for, so some are */
}

/* ---- hard cases: how many decisions and questions they take ---- */

struct work {
    enum solve_status status;
    uint32_t decisions, conflicts, loads;
    char text[4096]; /* the version of the package that was asked about, or why there is none */
};

static struct work work_for(struct buf *index, const char *package) {
    struct world w;
    struct arena a = {0};
    struct solve_result r;
    struct err e = {.text = ""};
    struct str text = buf_view(index), line;
    world_init(&w);
    while (str_cut(&text, '\n', &line))
        if (line.n)
            CHECK(world_line(&w, line));
    struct provider p = world_provider(&w);
    solve(&p, &a, &r, &e);
    struct work work = {r.status, r.stats.decisions, r.stats.conflicts, w.loads, ""};
    if (r.status == SOLVE_NONE)
        snprintf(work.text, sizeof work.text, STR_FMT, STR_ARG(r.why));
    for (uint32_t i = 0; i < r.n; i++) {
        const struct world_package *found = &w.packages.p[r.pins[i].package];
        if (str_eq(found->name, str_of(package)))
            snprintf(work.text, sizeof work.text, STR_FMT,
                     STR_ARG(found->versions.p[r.pins[i].version].text));
    }
    arena_free(&a);
    world_free(&w);
    buf_free(index);
    return work;
}

/* As boto3 and botocore: every version of one pins one of the other, and these want an old url from 11 on. */
static struct buf chain_index(const char *root, const char *peek) {
    struct buf b = {0};
    buf_fmt(&b, "root: %s\n%s", root, peek);
    for (int i = 1; i <= 1500; i++)
        buf_fmt(&b, "boto %d: core==%d; s3<%d; date\ncore %d: url%s; date\ns3 %d: core<=%d\n", i, i, i + 1, i,
                i > 10 ? "<2" : ">=1", i, i);
    buf_c(&b, "date 1\nurl 1\nurl 2\nurl 3\n");
    return b;
}

TEST(chain_of_pins) {
    static const char *const peeks[] = {"peek all\n", "peek batch\n"};
    for (int i = 0; i < 2; i++) {
        struct buf b = chain_index("boto; url>=2", peeks[i]);
        struct work w = work_for(&b, "boto");
        CHECK_INT(w.status, SOLVE_OK);
        CHECK_STR(str_of(w.text), "10");
        CHECK(w.decisions < 400 && w.conflicts < 400 && w.loads < 400);
    }
}

/* Nothing is known before it is asked for: then the order has to change, and the newest boto stays. */
TEST(chain_of_pins_seen_late) {
    struct buf b = chain_index("url; boto", "");
    struct work w = work_for(&b, "boto");
    CHECK_STR(str_of(w.text), "1500");
    CHECK(w.conflicts < 20 && w.loads < 40);
}

static const char without_a_way[] =
    "No set of versions satisfies the requirements.\n"
    "Because each of boto>10 depends on its own version of core>=11 and core>=11 depends on url<2, "
    "boto>10 needs url 1.\n"
    "You require url>=2 (requirements.txt:1) and boto>10 (requirements.txt:2).";

TEST(chain_of_pins_without_a_way) {
    struct buf b = chain_index("url>=2; boto>10", "peek batch\n");
    struct work w = work_for(&b, "boto");
    CHECK_INT(w.status, SOLVE_NONE);
    CHECK_STR(str_of(w.text), without_a_way);
    CHECK(w.conflicts < 400);
}

TEST_MAIN
