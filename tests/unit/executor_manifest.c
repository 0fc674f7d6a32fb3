#include "base/file.h"
#include "base/map.h"
#include "executor/manifest.h"
#include "tests/unit/test.h"

static struct manifest_dir dirs[] = {
    {SCHEME_PURELIB, STR_INIT("pkg")},
    {SCHEME_PURELIB, STR_INIT("pkg/sub")},
    {SCHEME_HEADERS, STR_INIT("pkg")},
};
static struct manifest_file files[] = {
    {SCHEME_PURELIB, MAP_NONE, STR_INIT("one.py"), STR_INIT("one.py"), STR_INIT("sha256=abc"), 3, 17, false,
     false},
    {SCHEME_PURELIB, 1, STR_INIT("two.py"), STR_INIT("pkg/sub/two.py"), STR_INIT("sha256=def"), 1ull << 40,
     -5, false, false},
    {SCHEME_SCRIPTS, MAP_NONE, STR_INIT("run"), STR_INIT("pkg-1.data/scripts/run"), STR_INIT("sha256=ghi"), 0,
     1234567890123456789, true, true},
};
static struct entry_point points[] = {
    {STR_INIT("tool"), STR_INIT("pkg.main"), STR_INIT("main"), false},
    {STR_INIT("gtool"), STR_INIT("pkg.gui"), STR_INIT("App.run"), true},
};
static const struct manifest sample = {.name = STR_INIT("Pkg"),
                                       .version = STR_INIT("1.0"),
                                       .dist_info = STR_INIT("Pkg-1.0.dist-info"),
                                       .purelib = true,
                                       .dirs = dirs,
                                       .ndirs = 3,
                                       .files = files,
                                       .nfiles = 3,
                                       .entry_points = points,
                                       .nentry_points = 2,
                                       .bytes = 99};

TEST(comes_back_as_it_was) {
    struct arena a = {0};
    struct buf packed = {0};
    struct manifest m;
    struct err e;
    buf_c(&packed, "appended");
    manifest_pack(&sample, &packed);
    CHECK_INT(manifest_unpack(&a, str_from(buf_view(&packed), 8), &m, &e), 0);
    buf_free(&packed); /* nothing may point there */
    CHECK_STR(m.name, "Pkg");
    CHECK_STR(m.version, "1.0");
    CHECK_STR(m.dist_info, "Pkg-1.0.dist-info");
    CHECK(m.purelib && m.bytes == 99 && m.ndirs == 3 && m.nfiles == 3 && m.nentry_points == 2);
    for (int i = 0; i < 3; i++) {
        CHECK(m.dirs[i].scheme == dirs[i].scheme && str_eq(m.dirs[i].path, dirs[i].path));
        CHECK(m.files[i].scheme == files[i].scheme && m.files[i].dir == files[i].dir);
        CHECK(str_eq(m.files[i].name, files[i].name) && str_eq(m.files[i].source, files[i].source));
        CHECK(str_eq(m.files[i].hash, files[i].hash) && m.files[i].name.p[m.files[i].name.n] == 0);
        CHECK(m.files[i].size == files[i].size && m.files[i].mtime_ns == files[i].mtime_ns);
        CHECK(m.files[i].executable == files[i].executable &&
              m.files[i].python_script == files[i].python_script);
    }
    CHECK_STR(m.entry_points[1].name, "gtool");
    CHECK_STR(m.entry_points[1].module, "pkg.gui");
    CHECK_STR(m.entry_points[1].attribute, "App.run");
    CHECK(m.entry_points[1].gui && !m.entry_points[0].gui);
    arena_free(&a);
}

TEST(any_damage_shows) {
    struct arena a = {0};
    struct buf packed = {0};
    struct manifest m;
    struct err e;
    manifest_pack(&sample, &packed);
    for (size_t n = 0; n < packed.n; n++) {
        char *cut = mem_alloc(n); /* exactly as long: the sanitizer sees what is read beyond */
        memcpy(cut, packed.p, n);
        CHECK_INT(manifest_unpack(&a, (struct str){cut, n}, &m, &e), -1);
        free(cut);
    }
    for (size_t bit = 0; bit < packed.n * 8; bit++) {
        packed.p[bit / 8] = (char)(packed.p[bit / 8] ^ 1 << bit % 8);
        CHECK_INT(manifest_unpack(&a, buf_view(&packed), &m, &e), -1);
        packed.p[bit / 8] = (char)(packed.p[bit / 8] ^ 1 << bit % 8);
    }
    buf_free(&packed);
    arena_free(&a);
}

static int repacked(struct manifest m) {
    struct arena a = {0};
    struct buf packed = {0};
    struct err e;
    struct manifest got;
    manifest_pack(&m, &packed);
    int result = manifest_unpack(&a, buf_view(&packed), &got, &e);
    buf_free(&packed);
    arena_free(&a);
    return result;
}

/* Whole, and yet not what unpack writes: nothing may come of it that leads out of a folder. */
TEST(what_leads_astray_is_refused) {
    struct manifest_file file = files[0];
    struct manifest_dir dir = dirs[0];
    struct manifest m = sample;
    m.files = &file;
    m.nfiles = 1;
    m.dirs = &dir;
    m.ndirs = 1;
    CHECK_INT(repacked(m), 0);
    file.name = STR("../one.py");
    CHECK_INT(repacked(m), -1);
    file.name = STR("pkg/one.py");
    CHECK_INT(repacked(m), -1);
    file = files[0];
    file.source = STR("/etc/passwd");
    CHECK_INT(repacked(m), -1);
    file = files[0];
    file.dir = 1;
    CHECK_INT(repacked(m), -1);
    file = files[0];
    file.scheme = SCHEMES;
    CHECK_INT(repacked(m), -1);
    file = files[0];
    dir.path = STR("..");
    CHECK_INT(repacked(m), -1);
    dir = dirs[0];
    m.dist_info = STR("../x.dist-info");
    CHECK_INT(repacked(m), -1);
}

TEST(a_wheel_that_is_not_there_is_a_miss) {
    struct arena a = {0};
    struct err e;
    struct manifest m;
    char cache[] = "/tmp/envgraph-test-XXXXXX", *tree;
    CHECK(mkdtemp(cache) != NULL);
    setenv("ENVGRAPH_CACHE", cache, 1);
    struct store s;
    CHECK_INT(store_open(&s, &e), 0);
    CHECK_INT(manifest_load(&s, "abcd", &a, &m, &tree), -1);
    struct buf packed = {0};
    manifest_pack(&sample, &packed);
    CHECK_INT(store_write(&s, "wheels/ab/abcd/manifest", buf_view(&packed), &e), 0);
    CHECK_INT(manifest_load(&s, "abcd", &a, &m, &tree), -1); /* its tree is gone */
    CHECK_INT(file_mkdirs(arena_fmt(&a, "%s/v1/wheels/ab/abcd/tree", cache), &e), 0);
    CHECK_INT(manifest_load(&s, "abcd", &a, &m, &tree), 0);
    CHECK_STR(str_of(tree), arena_fmt(&a, "%s/v1/wheels/ab/abcd/tree", cache));
    CHECK_INT(store_write(&s, "wheels/ab/abcd/manifest", str_head(buf_view(&packed), 100), &e), 0);
    CHECK_INT(manifest_load(&s, "abcd", &a, &m, &tree), -1);
    CHECK_INT(store_write(&s, "wheels/ab/abcd/manifest", STR(""), &e), 0);
    CHECK_INT(manifest_load(&s, "abcd", &a, &m, &tree), -1);
    store_close(&s);
    file_remove_tree(-1, cache, &e);
    buf_free(&packed);
    arena_free(&a);
}

TEST_MAIN
