#include "executor/record.h"

#include "formats/wheel.h"
#include "tests/unit/executor_fake.h"

struct place {
    char *dir, *lib, *dist_info;
    struct python python;
    struct environment env;
    struct linker l;
    struct fake_wheel w;
    struct written_list written;
    const char *source;
    struct lock_file file;
    struct lock_package package;
};

static void begin(struct place *p) {
    *p = (struct place){.dir = fake_dir(), .python = fake_python()};
    char *cache = fake_join(p->dir, "cache");
    FAKE_OK(file_mkdirs(cache, &fake_err));
    FAKE_OK(environment_describe(&fake_arena, ENV_VENV, fake_join(p->dir, "venv"), &p->python, &p->env,
                                 &fake_err));
    FAKE_OK(link_open(&p->l, &p->env, LINK_COPY, cache, &fake_err));
    p->lib = p->env.dirs[SCHEME_PURELIB];
    p->dist_info = fake_join(p->lib, "demo-1.0.dist-info");
    fake_wheel_begin(&p->w, cache, "demo");
    p->file.sha256 = STR("aabb");
    p->package = (struct lock_package){.name = STR("demo"), .files = &p->file, .nfiles = 1};
}

static void install(struct place *p) {
    fake_wheel_done(&p->w);
    FAKE_OK(link_package(&p->l, &p->w.m, p->w.tree, &fake_err));
    FAKE_OK(scripts_write(&p->l, &p->w.m, p->w.tree, &fake_arena, &p->written, &fake_err));
    FAKE_OK(record_write(&p->l, &p->w.m, &p->package, p->source, &p->written, &fake_err));
}

static void end(struct place *p) {
    free(p->written.p);
    link_close(&p->l);
    fake_wheel_free(&p->w);
    fake_remove(p->dir);
}

/* Every row but RECORD's own names a file that is there, with the hash and size it has; rows are sorted. */
static struct record check_record(const struct place *p) {
    struct record r;
    FAKE_OK(record_parse(&fake_arena, fake_read(p->dist_info, "RECORD"), "RECORD", &r, &fake_err));
    for (uint32_t i = 0; i < r.n; i++) {
        if (i)
            CHECK(str_cmp(r.p[i - 1].path, r.p[i].path) < 0);
        if (str_ends(r.p[i].path, STR("/RECORD"))) {
            CHECK(!r.p[i].hash.n && !r.p[i].size.n);
            continue;
        }
        struct str text = fake_read(p->lib, arena_fmt(&fake_arena, STR_FMT, STR_ARG(r.p[i].path)));
        uint8_t digest[SHA256_BYTES];
        struct buf hash = {0};
        sha256(text.p, text.n, digest);
        buf_c(&hash, "sha256=");
        base64url(digest, sizeof digest, &hash);
        CHECK_STR(r.p[i].hash, hash.p);
        CHECK_STR(r.p[i].size, arena_fmt(&fake_arena, "%zu", text.n));
        buf_free(&hash);
    }
    return r;
}

static void check_paths(const struct record *r, const char *const *want, uint32_t n) {
    CHECK_INT(r->n, n);
    for (uint32_t i = 0; i < r->n && i < n; i++)
        CHECK_STR(r->p[i].path, want[i]);
}

TEST(rows_of_everything) {
    static const char *const want[] = {
        "../../../bin/point",
        "../../../bin/run",
        "../../../bin/tool",
        "../../../include/site/python3.11/demo/demo.h",
        "../../../share/demo/x",
        "demo-1.0.dist-info/INSTALLER",
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/RECORD",
        "demo/__init__.py",
        "demo/with, comma.py",
        "one.py",
    };
    struct place p;
    begin(&p);
    fake_wheel_file(&p.w, SCHEME_PURELIB, "one.py", "1\n");
    fake_wheel_file(&p.w, SCHEME_PURELIB, "demo/__init__.py", "");
    fake_wheel_file(&p.w, SCHEME_PURELIB, "demo/with, comma.py", "2\n");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "tool", "#!/bin/sh\n");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "run", "#!python\n");
    fake_wheel_file(&p.w, SCHEME_SCRIPTS, "point", "never\n");
    fake_wheel_file(&p.w, SCHEME_DATA, "share/demo/x", "x");
    fake_wheel_file(&p.w, SCHEME_HEADERS, "demo/demo.h", "h");
    fake_wheel_point(&p.w, "point", "demo", "main");
    install(&p);
    struct record r = check_record(&p);
    check_paths(&r, want, sizeof want / sizeof *want);
    CHECK_STR(fake_read(p.dist_info, "INSTALLER"), "envgraph\n");
    end(&p);
}

TEST(requested_and_direct) {
    struct place p;
    begin(&p);
    p.package.requested = p.package.direct = true;
    p.source = "https://user:secret@example.org/demo-1.0-py3-none-any.whl#sha256=aabb";
    install(&p);
    CHECK_INT(check_record(&p).n, 5);
    CHECK_STR(fake_read(p.dist_info, "REQUESTED"), "");
    CHECK_STR(fake_read(p.dist_info, "direct_url.json"),
              "{\"archive_info\": {\"hash\": \"sha256=aabb\", \"hashes\": {\"sha256\": \"aabb\"}}, "
              "\"url\": \"https://example.org/demo-1.0-py3-none-any.whl\"}");
    end(&p);
}

TEST(path_becomes_a_file_url) {
    struct place p;
    begin(&p);
    p.package.direct = true;
    p.source = "/wheels/demo 1#2.whl";
    install(&p);
    CHECK(str_search(fake_read(p.dist_info, "direct_url.json"), STR("\"file:///wheels/demo%201%232.whl\"")) >
          0);
    end(&p);
}

/* Recording again replaces, and takes back marks that no longer hold. */
TEST(again) {
    struct place p;
    begin(&p);
    p.package.requested = p.package.direct = true;
    p.source = "https://example.org/demo.whl";
    install(&p);
    uint64_t before = fake_inode(p.dist_info, "RECORD");
    p.package.requested = p.package.direct = false;
    FAKE_OK(record_write(&p.l, &p.w.m, &p.package, p.source, &p.written, &fake_err));
    CHECK_INT(check_record(&p).n, 3);
    CHECK_STR(fake_read(p.dist_info, "REQUESTED"), "(missing)");
    CHECK_STR(fake_read(p.dist_info, "direct_url.json"), "(missing)");
    CHECK(fake_inode(p.dist_info, "RECORD") != before);
    end(&p);
}

TEST(platlib_wheel_beside_lib64) {
    static const char *const want[] = {
        "../../../lib/python3.11/site-packages/pure.py",
        "demo-1.0.dist-info/INSTALLER",
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/RECORD",
    };
    struct place p;
    begin(&p);
    link_close(&p.l);
    p.python.paths.platlib = STR("/opt/py/lib64/python3.11/site-packages");
    FAKE_OK(environment_describe(&fake_arena, ENV_PREFIX, fake_join(p.dir, "prefix"), &p.python, &p.env,
                                 &fake_err));
    FAKE_OK(link_open(&p.l, &p.env, LINK_COPY, p.dir, &fake_err));
    p.lib = p.env.dirs[SCHEME_PLATLIB];
    p.dist_info = fake_join(p.lib, "demo-1.0.dist-info");
    fake_wheel_file(&p.w, SCHEME_PURELIB, "pure.py", "1\n");
    fake_wheel_done(&p.w);
    p.w.m.purelib = false;
    for (uint32_t i = 1; i < p.w.m.nfiles; i++)
        p.w.m.files[i].scheme = SCHEME_PLATLIB;
    p.w.m.dirs[0].scheme = SCHEME_PLATLIB;
    FAKE_OK(link_package(&p.l, &p.w.m, p.w.tree, &fake_err));
    FAKE_OK(record_write(&p.l, &p.w.m, &p.package, p.source, &p.written, &fake_err));
    struct record r = check_record(&p);
    check_paths(&r, want, sizeof want / sizeof *want);
    end(&p);
}

TEST(no_dist_info) {
    struct place p;
    begin(&p);
    fake_wheel_done(&p.w);
    FAKE_ERROR(record_write(&p.l, &p.w.m, &p.package, p.source, &p.written, &fake_err), "demo-1.0.dist-info");
    end(&p);
    arena_free(&fake_arena);
}

TEST_MAIN
