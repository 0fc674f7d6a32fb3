/* The order for many targets is compared with packaging's by tests/oracle; here are its landmarks. */
#include "formats/tag.h"

#include "tests/unit/test.h"

static const struct tag_target linux_311 = {.implementation = STR_INIT("cpython"),
                                            .major = 3,
                                            .minor = 11,
                                            .soabi = STR_INIT("cpython-311-x86_64-linux-gnu"),
                                            .platform = STR_INIT("linux-x86_64"),
                                            .glibc_major = 2,
                                            .glibc_minor = 36,
                                            .pointer_bits = 64};

static bool has(const struct tags *t, const char *tag) {
    return map_find(&t->rank, str_of(tag)) != MAP_NONE;
}

TEST(cpython_on_glibc) {
    struct arena a = {0};
    struct tags t;
    tags_generate(&a, &linux_311, &t);
    CHECK_STR(t.p[0], "cp311-cp311-linux_x86_64");
    CHECK_STR(t.p[1], "cp311-cp311-manylinux_2_36_x86_64");
    CHECK_STR(t.p[t.n - 1], "py30-none-any");
    CHECK(has(&t, "cp311-cp311-manylinux2014_x86_64"));
    CHECK(has(&t, "cp311-abi3-manylinux_2_5_x86_64"));
    CHECK(has(&t, "cp32-abi3-manylinux1_x86_64"));
    CHECK(has(&t, "cp311-none-any"));
    CHECK(has(&t, "py3-none-any"));
    CHECK(!has(&t, "cp312-abi3-manylinux1_x86_64"));
    CHECK(!has(&t, "cp311-cp311-manylinux_2_37_x86_64"));
    CHECK(!has(&t, "cp311-cp311-musllinux_1_1_x86_64"));
    for (uint32_t i = 0; i < t.n; i++)
        CHECK_INT(map_find(&t.rank, t.p[i]), i);
    tags_free(&t);
    arena_free(&a);
}

TEST(rank_of_a_compressed_set) {
    struct arena a = {0};
    struct tags t;
    tags_generate(&a, &linux_311, &t);
    CHECK_INT(tags_rank(&t, STR("cp311-cp311-linux_x86_64")), 0);
    CHECK_INT(tags_rank(&t, STR("CP311-cp311-Linux_X86_64")), 0);
    CHECK_INT(tags_rank(&t, STR("py30-none-any")), t.n - 1);
    CHECK_INT(tags_rank(&t, STR("py2.py3-none-any")), map_find(&t.rank, STR("py3-none-any")));
    CHECK_INT(tags_rank(&t, STR("py2.cp311-none.cp311-any.linux_x86_64")), 0);
    CHECK(tags_rank(&t, STR("cp312-cp312-linux_x86_64")) == MAP_NONE);
    CHECK(tags_rank(&t, STR("py3-none")) == MAP_NONE);
    CHECK(tags_rank(&t, STR("py3-none-any-any")) == MAP_NONE);
    CHECK(tags_rank(&t, STR("")) == MAP_NONE);
    tags_free(&t);
    arena_free(&a);
}

TEST(a_tag_bomb_costs_nothing) {
    struct arena a = {0};
    struct buf b = {0};
    struct tags t;
    tags_generate(&a, &linux_311, &t);
    for (int part = 0; part < 3; part++) {
        buf_c(&b, part ? "-x" : "x");
        for (int i = 0; i < 30000; i++)
            buf_c(&b, ".x");
    }
    CHECK(tags_rank(&t, buf_view(&b)) == MAP_NONE);
    buf_free(&b);
    tags_free(&t);
    arena_free(&a);
}

TEST(free_threaded) {
    struct arena a = {0};
    struct tag_target target = linux_311;
    struct tags t;
    target.minor = 14;
    target.gil_disabled = true;
    tags_generate(&a, &target, &t);
    CHECK_STR(t.p[0], "cp314-cp314t-linux_x86_64");
    CHECK(has(&t, "cp314-abi3t-manylinux_2_17_x86_64"));
    CHECK(!has(&t, "cp314-abi3-manylinux_2_17_x86_64"));
    CHECK(!has(&t, "cp314-cp314-linux_x86_64"));
    tags_free(&t);
    arena_free(&a);
}

TEST(musl_has_no_manylinux) {
    struct arena a = {0};
    struct tag_target target = linux_311;
    struct tags t;
    target.glibc_major = target.glibc_minor = 0;
    target.musl_major = 1;
    target.musl_minor = 2;
    tags_generate(&a, &target, &t);
    CHECK_STR(t.p[1], "cp311-cp311-musllinux_1_2_x86_64");
    CHECK(has(&t, "cp311-cp311-musllinux_1_0_x86_64"));
    CHECK(!has(&t, "cp311-cp311-manylinux2014_x86_64"));
    tags_free(&t);
    arena_free(&a);
}

TEST(other_platforms_and_implementations) {
    struct arena a = {0};
    struct tag_target target = linux_311;
    struct tags t;
    target.platform = STR("macosx-14-arm64");
    tags_generate(&a, &target, &t);
    CHECK_STR(t.p[0], "cp311-cp311-macosx_14_0_arm64");
    CHECK(has(&t, "cp311-cp311-macosx_10_9_universal2"));
    tags_free(&t);
    target.platform = STR("win-amd64");
    tags_generate(&a, &target, &t);
    CHECK_STR(t.p[0], "cp311-cp311-win_amd64");
    tags_free(&t);
    target.implementation = STR("pypy");
    target.soabi = STR("pypy311-pp73-x86_64-linux-gnu");
    tags_generate(&a, &target, &t);
    CHECK_STR(t.p[0], "pp311-pypy311_pp73-win_amd64");
    CHECK(has(&t, "pp3-none-any"));
    tags_free(&t);
    arena_free(&a);
}

TEST(absurd_versions_are_bounded) {
    struct arena a = {0};
    struct tag_target target = linux_311;
    struct tags t;
    target.minor = 2000000000;
    target.platform = STR("win-amd64");
    tags_generate(&a, &target, &t);
    CHECK(t.n < 2000);
    tags_free(&t);
    arena_free(&a);
}

TEST_MAIN
