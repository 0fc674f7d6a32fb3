#include "formats/simple_pack.h"

#include "tests/unit/test.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A128 A64 A64

static struct err e;
static struct arena a;
static struct simple_pack pack;

/* In the order in which the pack has them. */
static const struct simple_file sample[] = {{.filename = STR_INIT("x-1.tar.gz"),
                                             .url = STR_INIT("https://e/f/x-1.tar.gz"),
                                             .hash = STR_INIT(A128),
                                             .hash_kind = HASH_SHA512,
                                             .requires_python = STR_INIT(">=3"),
                                             .size = UINT64_MAX,
                                             .upload_time = INT64_MIN,
                                             .yanked = true,
                                             .yanked_reason = STR_INIT("why")},
                                            {.filename = STR_INIT("x-1.9-py3-none-any.whl"),
                                             .url = STR_INIT("https://e/f/other%20name"),
                                             .metadata = SIMPLE_METADATA,
                                             .requires_python = STR_INIT(">=3"),
                                             .upload_time = INT64_MAX,
                                             .yanked = true},
                                            {.filename = STR_INIT("x-1.10-2b-py3-none-any.whl"),
                                             .url = STR_INIT("https://e/f/x-1.10-2b-py3-none-any.whl"),
                                             .metadata = SIMPLE_METADATA_SHA256,
                                             .metadata_sha256 = {1, 2, 3},
                                             .upload_time = -1}};

enum { SAMPLE = sizeof sample / sizeof *sample };

static void check_same(const struct simple_file *x, const struct simple_file *y) {
    CHECK(str_eq(x->filename, y->filename));
    CHECK(str_eq(x->url, y->url));
    CHECK(str_eq(x->requires_python, y->requires_python));
    CHECK(str_eq(x->hash, y->hash));
    CHECK(!x->hash.n || x->hash_kind == y->hash_kind);
    CHECK(x->size == y->size && x->upload_time == y->upload_time && x->yanked == y->yanked);
    CHECK(str_eq(x->yanked_reason, y->yanked_reason));
    CHECK(x->metadata == y->metadata);
    CHECK(x->metadata != SIMPLE_METADATA_SHA256 ||
          !memcmp(x->metadata_sha256, y->metadata_sha256, SHA256_BYTES));
}

TEST(there_and_back) {
    struct simple_pack back;
    simple_pack_make(&a, sample, SAMPLE, STR("x"), &pack);
    CHECK_INT(simple_pack_open(pack.whole, &back, &e), 0);
    CHECK_INT(back.n, SAMPLE);
    for (uint32_t i = 0; i < SAMPLE && i < back.n; i++) {
        struct simple_file f;
        simple_pack_file(&back, &back.rows[i], &a, &f);
        check_same(&sample[i], &f);
    }
    CHECK_STR(simple_pack_text(&back, back.rows[1].tags), "py3-none-any");
    CHECK_STR(simple_pack_text(&back, back.rows[2].build), "2b");
    CHECK(!back.rows[0].wheel && back.rows[1].wheel && back.rows[1].yanked);
}

TEST(one_file_and_none) {
    struct simple_file f;
    simple_pack_make(&a, sample, 1, STR("x"), &pack); /* what all URLs begin with is the whole URL */
    CHECK_INT(pack.n, 1);
    simple_pack_file(&pack, pack.rows, &a, &f);
    check_same(&sample[0], &f);
    simple_pack_make(&a, NULL, 0, STR("x"), &pack);
    CHECK_INT(simple_pack_open(pack.whole, &pack, &e), 0);
    CHECK_INT(pack.n, 0);
}

TEST(left_out) {
    static const struct simple_file files[] = {{.filename = STR_INIT("x-1.exe")},
                                               {.filename = STR_INIT("y-1.tar.gz")},
                                               {.filename = STR_INIT("x-one.tar.gz")},
                                               {.filename = STR_INIT("x-1-py3-none.whl")},
                                               {.filename = STR_INIT("X-1-py3-none-any.whl")}};
    simple_pack_make(&a, files, sizeof files / sizeof *files, STR("x"), &pack);
    CHECK_INT(pack.n, 1);
    CHECK_INT(pack.nversions, 1);
}

/* PEP 440's order; files of one version, however spelled, as the page has them. */
TEST(order) {
    static const char *const want[] = {"1.9", "1.10.dev1", "1.10.0", "1.10.0", "1.10", "2"};
    static const struct simple_file files[] = {
        {.filename = STR_INIT("x-2.tar.gz")},     {.filename = STR_INIT("x-1.10.0.tar.gz")},
        {.filename = STR_INIT("x-1.10.tar.gz")},  {.filename = STR_INIT("x-1.9.tar.gz")},
        {.filename = STR_INIT("x-1.10.0.zip")},   {.filename = STR_INIT("x-nonsense.tar.gz")},
        {.filename = STR_INIT("x-1.10.dev1.zip")}};
    struct simple_file f;
    simple_pack_make(&a, files, sizeof files / sizeof *files, STR("x"), &pack);
    CHECK_INT(pack.n, 6);
    for (uint32_t i = 0; i < pack.n; i++)
        CHECK_STR(simple_pack_text(&pack, pack.rows[i].version), want[i]);
    simple_pack_file(&pack, &pack.rows[3], &a, &f);
    CHECK_STR(f.filename, "x-1.10.0.zip");
}

static int open_copy(const char *p, size_t n) {
    struct simple_pack out;
    return simple_pack_open((struct str){arena_copy(&a, p, n), n}, &out, &e);
}

/* Every prefix, every byte changed, one more, and bytes that lie askew. */
TEST(damaged) {
    struct buf b = {0};
    simple_pack_make(&a, sample, SAMPLE, STR("x"), &pack);
    buf_str(&b, pack.whole);
    for (size_t n = 0; n < b.n; n++)
        CHECK_INT(open_copy(b.p, n), -1);
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] ^= 0x10;
        CHECK_INT(open_copy(b.p, b.n), -1);
        b.p[i] ^= 0x10;
    }
    CHECK_INT(open_copy(b.p, b.n), 0);
    buf_char(&b, 'x');
    CHECK_INT(open_copy(b.p, b.n), -1);
    char *askew = arena_alloc(&a, pack.whole.n + 1);
    memcpy(askew + 1, pack.whole.p, pack.whole.n);
    CHECK_INT(simple_pack_open((struct str){askew + 1, pack.whole.n}, &pack, &e), -1);
    buf_free(&b);
    arena_free(&a);
}

TEST_MAIN
