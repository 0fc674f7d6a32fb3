#include "executor/unpack.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "executor/manifest.h"
#include "tests/unit/test.h"
#include "tests/unit/zip_maker.h"

struct member {
    const char *name;
    struct str data;
    unsigned mode;
    bool lie; /* a RECORD hash that is another's */
    bool unrecorded;
    const char *hash; /* instead of the right one in RECORD */
};

/* A wheel of Foo.Bar 1.0, with what a test changes; all zero: nothing. */
struct recipe {
    const char *why; /* a piece of the error; NULL: the wheel is sound */
    struct member more[4];
    const char *dist_info; /* else "foo_bar-1.0.dist-info" */
    const char *metadata, *wheel, *entry_points, *rows;
    bool no_metadata, no_wheel, no_record;
    bool bare; /* without the module it usually has */
};

static const char sha[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

static void record_of(struct buf *record, const struct member *m) {
    uint8_t digest[SHA256_BYTES];
    sha256(m->lie ? "lie" : m->data.p, m->lie ? 3 : m->data.n, digest);
    buf_fmt(record, "%s,", m->name);
    if (m->hash)
        buf_c(record, m->hash);
    else
        buf_c(record, "sha256="), base64url(digest, sizeof digest, record);
    buf_fmt(record, ",%zu\n", m->data.n);
}

static void put(struct made *z, struct buf *record, const struct member *m) {
    made_add(z, (struct made_member){
                    .name = m->name, .data = m->data, .mode = m->mode, .deflate = m->data.n > 10});
    if (!m->unrecorded)
        record_of(record, m);
}

static void put_info(struct made *z, struct buf *record, struct arena *a, const char *folder,
                     const char *name, const char *text) {
    put(z, record, &(struct member){.name = path_join(a, folder, name), .data = str_of(text)});
}

static struct str make_wheel(struct made *z, struct arena *a, const struct recipe *r) {
    const char *folder = r->dist_info ? r->dist_info : "foo_bar-1.0.dist-info";
    struct buf record = {0};
    struct member module = {.name = "foo/__init__.py", .data = STR("print('hello, hello, hello')\n")};
    if (!r->bare)
        put(z, &record, &module);
    for (size_t i = 0; i < 4 && r->more[i].name; i++)
        put(z, &record, &r->more[i]);
    if (!r->no_metadata)
        put_info(z, &record, a, folder, "METADATA",
                 r->metadata ? r->metadata : "Metadata-Version: 2.1\nName: Foo.Bar\nVersion: 1.0.0\n\n");
    if (!r->no_wheel)
        put_info(z, &record, a, folder, "WHEEL",
                 r->wheel ? r->wheel : "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n");
    if (r->entry_points)
        put_info(z, &record, a, folder, "entry_points.txt", r->entry_points);
    buf_fmt(&record, "%s/RECORD,,\n%s", folder, r->rows ? r->rows : "");
    if (!r->no_record)
        put(z, &record,
            &(struct member){
                .name = path_join(a, folder, "RECORD"), .data = buf_view(&record), .unrecorded = true});
    arena_str(a, buf_view(&record));
    buf_free(&record);
    return made_end(z);
}

struct world {
    char cache[32];
    struct store store;
    struct arena a;
};

static void open_world(struct world *w) {
    struct err e;
    *w = (struct world){.cache = "/tmp/envgraph-test-XXXXXX"};
    CHECK(mkdtemp(w->cache) != NULL);
    setenv("ENVGRAPH_CACHE", w->cache, 1);
    CHECK_INT(store_open(&w->store, &e), 0);
}

static void close_world(struct world *w) {
    struct err e;
    store_close(&w->store);
    file_remove_tree(AT_FDCWD, w->cache, &e);
    arena_free(&w->a);
}

static int unpack_as(struct world *w, struct str bytes, const char *name, const char *version,
                     struct err *e) {
    struct unpack *u;
    if (unpack_begin(&w->store, bytes, "foo_bar-1.0-py3-none-any.whl", str_of(name), str_of(version), sha, &u,
                     e) < 0)
        return -1;
    if (unpack_members(u, e) == 0)
        return unpack_finish(u, e);
    unpack_drop(u);
    return -1;
}

static const struct manifest_file *file_of(const struct manifest *m, const char *source) {
    for (uint32_t i = 0; i < m->nfiles; i++)
        if (str_eq(m->files[i].source, str_of(source)))
            return &m->files[i];
    return NULL;
}

/* Neither in the cache nor under way. */
static bool nothing_left(struct world *w) {
    struct err e;
    return !file_exists(arena_fmt(&w->a, "%s/v1/wheels", w->cache)) && rmdir(w->store.tmp) == 0 &&
           file_mkdirs(w->store.tmp, &e) == 0;
}

/* Folders stand before what is in them, files behind each other by folder, and each path below its folder. */
static void check_order(const struct manifest *m) {
    uint32_t last = MAP_NONE;
    for (uint32_t i = 0; i < m->ndirs; i++) {
        ptrdiff_t slash = str_rfind(m->dirs[i].path, '/');
        bool found = slash < 0;
        for (uint32_t k = 0; k < i; k++)
            found |= m->dirs[k].scheme == m->dirs[i].scheme &&
                     str_eq(m->dirs[k].path, str_head(m->dirs[i].path, (size_t)slash));
        CHECK(found);
    }
    for (uint32_t i = 0; i < m->nfiles; i++) {
        uint32_t dir = m->files[i].dir;
        if (dir == MAP_NONE)
            continue;
        CHECK(last == MAP_NONE || dir >= last);
        CHECK(m->dirs[dir].scheme == m->files[i].scheme);
        last = dir;
    }
}

static void check_file(const struct manifest *m, const char *source, enum scheme scheme, const char *dir,
                       const char *name, bool executable, bool python_script) {
    const struct manifest_file *f = file_of(m, source);
    CHECK(f != NULL);
    if (!f)
        return;
    CHECK_INT(f->scheme, scheme);
    CHECK_STR(f->dir == MAP_NONE ? STR("") : m->dirs[f->dir].path, dir);
    CHECK_STR(f->name, name);
    CHECK_INT(f->executable, executable);
    CHECK_INT(f->python_script, python_script);
}

TEST(a_wheel_becomes_a_tree_and_a_manifest) {
    struct world w;
    struct made z = {0};
    struct err e = {0};
    struct manifest m = {0};
    struct buf noise = made_noise(100000), text = {0};
    char *tree = NULL;
    const struct recipe r = {
        .more = {{.name = "foo/sub/deep/data.bin", .data = buf_view(&noise), .mode = S_IFREG | 0755},
                 {.name = "foo_bar-1.0.data/scripts/run", .data = STR("#!python\nprint()\n")},
                 {.name = "Foo.Bar-1.data/headers/foo.h", .data = STR("int x;")},
                 {.name = "top.py", .data = STR(""), .unrecorded = true}},
        .entry_points = "[console_scripts]\nfoo = foo.main:run\n",
        .rows = "not/there.py,sha256=abc,3\n",
    };
    open_world(&w);
    CHECK_INT(unpack_as(&w, make_wheel(&z, &w.a, &r), "foo-bar", "1.0", &e), 0);
    CHECK_STR(str_of(e.text), "");
    CHECK_INT(manifest_load(&w.store, sha, &w.a, &m, &tree), 0);
    if (tree) {
        CHECK_STR(m.name, "Foo.Bar");
        CHECK_STR(m.version, "1.0.0");
        CHECK_STR(m.dist_info, "foo_bar-1.0.dist-info");
        CHECK(m.purelib);
        CHECK_INT(m.nentry_points, 1);
        CHECK_INT(m.nfiles, 8);
        check_order(&m);
        check_file(&m, "foo/__init__.py", SCHEME_PURELIB, "foo", "__init__.py", false, false);
        check_file(&m, "foo/sub/deep/data.bin", SCHEME_PURELIB, "foo/sub/deep", "data.bin", true, false);
        check_file(&m, "foo_bar-1.0.data/scripts/run", SCHEME_SCRIPTS, "", "run", true, true);
        check_file(&m, "Foo.Bar-1.data/headers/foo.h", SCHEME_HEADERS, "Foo.Bar", "foo.h", false, false);
        check_file(&m, "top.py", SCHEME_PURELIB, "", "top.py", false, false);
        CHECK(!file_of(&m, "foo_bar-1.0.dist-info/RECORD"));
        const struct manifest_file *f = file_of(&m, "foo/sub/deep/data.bin");
        struct stat st = {0};
        uint8_t digest[SHA256_BYTES];
        CHECK_INT(stat(path_join(&w.a, tree, "foo/sub/deep/data.bin"), &st), 0);
        CHECK_INT(st.st_mode & 0100, 0100);
        CHECK(f && f->mtime_ns == (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec);
        CHECK_INT(file_read(path_join(&w.a, tree, "foo/sub/deep/data.bin"), &text, &e), 0);
        CHECK(str_eq(buf_view(&text), buf_view(&noise)));
        text.n = 0;
        buf_c(&text, "sha256=");
        sha256(noise.p, noise.n, digest);
        base64url(digest, sizeof digest, &text);
        CHECK(f && str_eq(f->hash, buf_view(&text)));
        CHECK_INT(stat(path_join(&w.a, tree, "top.py"), &st), 0);
        CHECK_INT(st.st_mode & 0111, 0);
        CHECK(!file_exists(path_join(&w.a, tree, "foo_bar-1.0.dist-info/RECORD")));
    }
    CHECK(rmdir(w.store.tmp) == 0); /* nothing was left there */
    buf_free(&noise);
    buf_free(&text);
    made_free(&z);
    close_world(&w);
}

#define MORE(n, text)                                                                                        \
    {                                                                                                        \
        { .name = n, .data = STR_INIT(text) }                                                                \
    }
#define META(name, version) "Metadata-Version: 2.1\nName: " name "\nVersion: " version "\n"

TEST(wheels_that_are_refused_and_others_that_are_not) {
    static const struct recipe recipes[] = {
        {.why = "leads out", .more = MORE("../evil.py", "x")},
        {.why = "leads out", .more = MORE("foo/../../evil.py", "x")},
        {.why = "leads out", .more = MORE("/etc/evil", "x")},
        {.why = "leads out", .more = MORE("foo\\evil.py", "x")},
        {.why = "leads out", .more = MORE("C:/evil.py", "x")},
        {.why = "leads out", .more = MORE("foo//evil.py", "x")},
        {.why = "leads out", .more = MORE("../", "")},
        {.why = "leads out", .more = MORE("foo/evil\n.py", "x")},
        {.why = "twice", .more = MORE("foo/__init__.py", "x")},
        {.why = "a file and a folder", .more = MORE("foo", "x")},
        {.why = "a file and a folder", .more = MORE("foo/__init__.py/x", "x")},
        {.why = "two files", .more = MORE("foo_bar-1.0.data/purelib/foo/__init__.py", "x")},
        {.why = "a file and a folder", .more = MORE("foo_bar-1.0.data/purelib/foo", "x")},
        {.why = "symbolic link", .more = {{.name = "l", .data = STR_INIT("foo"), .mode = S_IFLNK | 0777}}},
        {.why = "two .dist-info", .more = MORE("other-1.0.dist-info/METADATA", "x")},
        {.why = ".data may have", .more = MORE("foo_bar-1.0.data/evil/x", "x")},
        {.why = ".data may have", .more = MORE("foo_bar-1.0.data/x", "x")},
        {.why = "is damaged: the hash of foo/x.py", .more = {{.name = "foo/x.py", .lie = true}}},
        {.why = "is damaged", .more = {{.name = "x", .data = STR_INIT("x"), .hash = "sha256="}}},
        {.why = "is damaged", .more = {{.name = "x", .data = STR_INIT("x"), .hash = "sha512=abc"}}},
        {.why = "METADATA: it is missing", .no_metadata = true},
        {.why = "WHEEL: it is missing", .no_wheel = true},
        {.why = "RECORD: it is missing", .no_record = true},
        {.why = "no .dist-info", .no_metadata = true, .no_wheel = true, .no_record = true},
        {.why = "is of Other 1.0", .metadata = META("Other", "1.0")},
        {.why = "is of Foo-Bar 1.1", .metadata = META("Foo-Bar", "1.1")},
        {.why = "is not that of", .dist_info = "foo_bar-1.1.dist-info"},
        {.why = "is not that of", .dist_info = "foo-1.0.dist-info"},
        {.why = "is not that of", .dist_info = "foo_bar.dist-info"},
        {.why = "2.0", .wheel = "Wheel-Version: 2.0\nRoot-Is-Purelib: true\n"},
        {.why = "entry_points.txt", .entry_points = "[console_scripts]\n../evil = foo:main\n"},
        {.why = "RECORD", .rows = "\"torn"},

        {.dist_info = "Foo.Bar-1.0.0.dist-info"},
        {.dist_info = "foo-bar-v1.dist-info"},
        {.metadata = META("foo_BAR", "1")},
        {.wheel = "Wheel-Version: 1.9\nRoot-Is-Purelib: false\n"},
        {.bare = true},
        {.more = {{.name = "empty/", .mode = S_IFDIR | 0755, .unrecorded = true}}},
        {.more = MORE("other-2.0.data/x", "not a .data of ours")},
        {.more = MORE("foo_bar-1.0.dist-info/INSTALLER", "pip\n")},
        {.more = MORE("foo_bar-1.0.dist-info/REQUESTED/x", "a folder where a file goes")},
        {.more = {{.name = "x", .data = STR_INIT("x"), .hash = ""}}},
        {.more = {{.name = "x", .data = STR_INIT("x"), .hash = "md5=abc"}}},
        {.more = {{.name = "x",
                   .data = STR_INIT("abc"),
                   .hash = "sha384=ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP_W-2AhgcroefMI1i67KE0yCWn"}}},
        {.rows = "foo/gone.py,sha256=abc,3\n"},
    };
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        struct world w;
        struct made z = {0};
        struct err e = {0};
        open_world(&w);
        int got = unpack_as(&w, make_wheel(&z, &w.a, &recipes[i]), "foo-bar", "1.0", &e);
        const char *why = recipes[i].why ? recipes[i].why : "";
        if (got != (recipes[i].why ? -1 : 0) || !strstr(e.text, why)) {
            printf("case %zu: %d \"%s\", want \"%s\"\n", i, got, e.text, why);
            CHECK(false);
        }
        if (got < 0)
            CHECK(nothing_left(&w));
        made_free(&z);
        close_world(&w);
    }
}

TEST(the_wanted_version_is_compared_as_a_version) {
    static const struct {
        const char *name, *version;
        int want;
    } cases[] = {{"foo-bar", "1.0", 0},  {"Foo_Bar", "1.0.0", 0}, {"foo-bar", "v1", 0},
                 {"foo-bar", "1.1", -1}, {"foobar", "1.0", -1},   {"foo-bar", "1.0+local", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w;
        struct made z = {0};
        struct err e;
        open_world(&w);
        CHECK_INT(
            unpack_as(&w, make_wheel(&z, &w.a, &(struct recipe){0}), cases[i].name, cases[i].version, &e),
            cases[i].want);
        made_free(&z);
        close_world(&w);
    }
}

struct worker {
    struct unpack *u;
    pthread_t thread;
    int result;
    struct err e;
};

static void *work(void *arg) {
    struct worker *w = arg;
    w->result = unpack_members(w->u, &w->e);
    return NULL;
}

/* Four threads, many files, and one that is larger than what is inflated in memory. */
static void unpack_in_threads(bool damaged) {
    struct world w;
    struct made z = {0};
    struct arena a = {0};
    struct buf zeros = {0};
    struct manifest m;
    struct worker workers[4] = {0};
    struct err e;
    char *tree;
    open_world(&w);
    buf_reserve(&zeros, 33 << 20);
    zeros.n = 33 << 20;
    memset(zeros.p, 'z', zeros.n);
    for (int i = 0; i < 300; i++) {
        char *text = arena_fmt(&a, "this is file %d, and not another one\n", i);
        made_add(&z, (struct made_member){.name = arena_fmt(&a, "many/%d/%d.py", i % 7, i),
                                          .data = str_of(text),
                                          .deflate = true,
                                          .crc = damaged && i == 200 ? 1 : 0});
    }
    const struct recipe r = {.more = {{.name = "large", .data = buf_view(&zeros)}}};
    struct str bytes = make_wheel(&z, &a, &r);
    CHECK_INT(unpack_begin(&w.store, bytes, "foo.whl", STR("foo-bar"), STR("1.0"), sha, &workers[0].u, &e),
              0);
    for (int i = 0; i < 4; i++) {
        workers[i].u = workers[0].u;
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(workers[i].thread, NULL);
    if (damaged) {
        CHECK_INT(workers[0].result, -1);
        CHECK(strstr(workers[0].e.text, "many/4/200.py"));
        unpack_drop(workers[0].u);
        CHECK(nothing_left(&w));
    } else {
        CHECK_INT(workers[0].result | workers[1].result | workers[2].result | workers[3].result, 0);
        CHECK_INT(unpack_finish(workers[0].u, &e), 0);
        CHECK_INT(manifest_load(&w.store, sha, &w.a, &m, &tree), 0);
        CHECK_INT(m.nfiles, 304);
        struct stat st;
        CHECK_INT(stat(path_join(&w.a, tree, "large"), &st), 0);
        CHECK_INT(st.st_size, zeros.n);
    }
    arena_free(&a);
    buf_free(&zeros);
    made_free(&z);
    close_world(&w);
}

TEST(several_threads_share_a_wheel) {
    unpack_in_threads(false);
}

TEST(a_failure_in_one_thread_stops_all) {
    unpack_in_threads(true);
}

TEST(a_torn_entry_is_replaced_and_a_whole_one_stays) {
    struct world w;
    struct made z = {0};
    struct err e;
    struct manifest m;
    char *tree;
    open_world(&w);
    struct str bytes = make_wheel(&z, &w.a, &(struct recipe){0});
    char *entry = arena_fmt(&w.a, "%s/v1/wheels/00/%s", w.cache, sha);
    CHECK_INT(file_mkdirs(arena_fmt(&w.a, "%s/tree/half", entry), &e), 0);
    CHECK_INT(unpack_as(&w, bytes, "foo-bar", "1.0", &e), 0);
    CHECK_INT(manifest_load(&w.store, sha, &w.a, &m, &tree), 0);
    CHECK(!file_exists(arena_fmt(&w.a, "%s/tree/half", entry)));
    struct stat before, after;
    CHECK_INT(stat(entry, &before), 0);
    CHECK_INT(unpack_as(&w, bytes, "foo-bar", "1.0", &e), 0);
    CHECK_INT(stat(entry, &after), 0);
    CHECK(before.st_ino == after.st_ino);
    made_free(&z);
    close_world(&w);
}

TEST(a_digest_that_is_none_is_refused) {
    struct world w;
    struct made z = {0};
    struct err e;
    struct unpack *u;
    open_world(&w);
    struct str bytes = make_wheel(&z, &w.a, &(struct recipe){0});
    CHECK_INT(unpack_begin(&w.store, bytes, "foo.whl", STR("foo-bar"), STR("1.0"), "../../x", &u, &e), -1);
    CHECK(!u);
    made_free(&z);
    close_world(&w);
}

TEST_MAIN
