#include "planner/candidate.h"

#include "tests/unit/test.h"

#define A64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define a64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define b64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct arena a;
static struct target target;

static void make_target(void) {
    struct tag_target t = {.implementation = STR("cpython"),
                           .major = 3,
                           .minor = 11,
                           .soabi = STR("cpython-311-x86_64-linux-gnu"),
                           .platform = STR("linux-x86_64"),
                           .glibc_major = 2,
                           .glibc_minor = 36,
                           .pointer_bits = 64};
    if (target.tags.n)
        return;
    tags_generate(&a, &t, &target.tags);
    version_parse(&a, STR("3.11.7"), &target.version);
}

static struct simple_pack page;

static struct candidates make(struct simple_file *files, uint32_t n, struct candidate_policy policy) {
    struct candidates c;
    make_target();
    simple_pack_make(&a, files, n, STR("demo"), &page);
    policy.target = &target;
    candidates_make(&a, &page, &policy, &c);
    return c;
}

static struct str filename_of(const struct simple_row *row) {
    struct simple_file f;
    simple_pack_file(&page, row, &a, &f);
    return f.filename;
}

static const struct candidate_policy everything = {.allow_wheel = true, .allow_sdist = true};

TEST(versions_ascend_and_spellings_are_one) {
    struct simple_file files[] = {{.filename = STR("demo-1.10-py3-none-any.whl")},
                                  {.filename = STR("demo-1.9.tar.gz")},
                                  {.filename = STR("demo-1.10.0.tar.gz")},
                                  {.filename = STR("other-3.0.tar.gz")},
                                  {.filename = STR("demo-2.0rc1.tar.gz")},
                                  {.filename = STR("demo-nonsense.tar.gz")},
                                  {.filename = STR("demo-1.10.exe")}};
    struct candidates c = make(files, 7, everything);
    CHECK_INT(c.n, 3);
    CHECK_STR(c.p[0].version.text, "1.9");
    CHECK_STR(c.p[1].version.text, "1.10");
    CHECK_STR(c.p[2].version.text, "2.0rc1");
    CHECK(c.p[1].wheel && c.p[1].sdist && !c.p[0].wheel);
}

TEST(the_best_wheel_wins) {
    struct simple_file files[] = {
        {.filename = STR("demo-1.0-py3-none-any.whl")},
        {.filename = STR("demo-1.0-cp311-abi3-manylinux2014_x86_64.whl")},
        {.filename = STR("demo-1.0-cp311-cp311-manylinux_2_17_x86_64.whl")},
        {.filename = STR("demo-1.0-2-cp311-cp311-manylinux_2_17_x86_64.whl")},
        {.filename = STR("demo-1.0-10-cp311-cp311-manylinux_2_17_x86_64.whl"), .yanked = true},
        {.filename = STR("demo-1.0-cp311-cp311-manylinux_2_99_x86_64.whl")},
        {.filename = STR("demo-1.0-cp311-cp311-win_amd64.whl")}};
    struct candidates c = make(files, 7, everything);
    CHECK_INT(c.n, 1);
    CHECK_STR(filename_of(c.p[0].wheel), "demo-1.0-2-cp311-cp311-manylinux_2_17_x86_64.whl");
    CHECK(!c.p[0].yanked);
}

/* By the page: the first spelling names the version, the reason given last is told. */
TEST(spellings_apart_in_the_page) {
    struct simple_file files[] = {
        {.filename = STR("demo-1.0.0-py2-none-any.whl"), .yanked = true, .yanked_reason = STR("one")},
        {.filename = STR("demo-0.9.tar.gz")},
        {.filename = STR("Demo-1.0-py3-none-any.whl"), .yanked = true, .yanked_reason = STR("two")},
        {.filename = STR("demo-1.tar.gz"), .yanked = true, .yanked_reason = STR("three")}};
    struct candidates c = make(files, 4, everything);
    CHECK_INT(c.n, 2);
    CHECK_STR(c.p[1].version.text, "1.0.0");
    CHECK_STR(filename_of(c.p[1].wheel), "Demo-1.0-py3-none-any.whl");
    CHECK_STR(filename_of(c.p[1].sdist), "demo-1.tar.gz");
    CHECK_STR(c.p[1].yanked_reason, "three");
}

TEST(why_versions_are_excluded) {
    struct simple_file files[] = {
        {.filename = STR("demo-1.0-py3-none-any.whl"), .requires_python = STR(">=3.12")},
        {.filename = STR("demo-2.0-cp311-cp311-win_amd64.whl")},
        {.filename = STR("demo-3.0.tar.gz")},
        {.filename = STR("demo-4.0-py3-none-any.whl"), .upload_time = 2000},
        {.filename = STR("demo-5.0-py3-none-any.whl")},
        {.filename = STR("demo-6.0-py3-none-any.whl"),
         .upload_time = 1000,
         .requires_python = STR("nonsense")}};
    struct candidate_policy policy = {.allow_wheel = true, .newest = 1000};
    struct candidates c = make(files, 6, policy);
    static const enum exclusion want[] = {EXCLUDED_UNDATED, EXCLUDED_UNDATED, EXCLUDED_KIND, EXCLUDED_NEWER,
                                          EXCLUDED_UNDATED};
    CHECK_INT(c.n, 1);
    CHECK_STR(c.p[0].version.text, "6.0");
    CHECK_INT(c.nexcluded, 5);
    for (uint32_t i = 0; i < c.nexcluded; i++)
        CHECK_INT(c.excluded[i].why, want[i]);
    c = make(files, 6, (struct candidate_policy){.allow_wheel = true});
    CHECK_INT(c.n, 3);
    CHECK_STR(excluded_text(&c.excluded[0], &a), "needs Python >=3.12");
    CHECK_INT(c.excluded[1].why, EXCLUDED_TAGS);
    CHECK(str_search(excluded_text(&c.excluded[1], &a), STR("cp311-cp311-win_amd64")) >= 0);
}

TEST(hashes_that_the_user_gave) {
    struct str hashes[] = {STR_INIT("sha256:" A64)};
    struct simple_file files[] = {{.filename = STR("demo-1.0.tar.gz"), .hash = STR(a64)},
                                  {.filename = STR("demo-2.0.tar.gz"), .hash = STR(b64)},
                                  {.filename = STR("demo-3.0.tar.gz"),
                                   .hash = STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
                                   .hash_kind = HASH_MD5}};
    struct candidate_policy policy = everything;
    policy.hashes = hashes;
    policy.nhashes = 1;
    struct candidates c = make(files, 3, policy);
    CHECK_INT(c.n, 2); /* of the third, the index does not say enough: it is looked at once it is chosen */
    CHECK_STR(c.p[0].version.text, "1.0");
    CHECK_STR(c.p[1].version.text, "3.0");
    CHECK_INT(c.nexcluded, 1);
    CHECK_INT(c.excluded[0].why, EXCLUDED_HASH);
}

TEST(yanked_when_every_file_is) {
    struct simple_file files[] = {
        {.filename = STR("demo-1.0.tar.gz"), .yanked = true, .yanked_reason = STR("broken")},
        {.filename = STR("demo-1.0-py3-none-any.whl"), .yanked = true, .yanked_reason = STR("broken")},
        {.filename = STR("demo-2.0.tar.gz"), .yanked = true},
        {.filename = STR("demo-2.0-py3-none-any.whl")}};
    struct candidates c = make(files, 4, everything);
    CHECK(c.p[0].yanked && !c.p[1].yanked);
    CHECK_STR(c.p[0].yanked_reason, "broken");
    tags_free(&target.tags);
    arena_free(&a);
}

TEST_MAIN
