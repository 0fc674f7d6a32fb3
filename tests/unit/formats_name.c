#include "formats/name.h"

#include "tests/unit/test.h"

TEST(valid_names) {
    static const char *const valid[] = {"a", "Z9", "foo-bar", "foo_.-bar", "0"};
    static const char *const invalid[] = {"", "-a", "a-", "_", "a b", "a/b", "caf\xc3\xa9", "a."};
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++)
        CHECK(name_is_valid(str_of(valid[i])));
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        CHECK(!name_is_valid(str_of(invalid[i])));
}

TEST(normalized_is_lower_case_with_single_dashes) {
    struct arena a = {0};
    CHECK_STR(name_normalize(&a, STR("Foo.._-Bar")), "foo-bar");
    CHECK_STR(name_normalize(&a, STR("")), "");
    CHECK_STR(name_normalize(&a, STR("_A_")), "-a-");
    CHECK_STR(name_escape(&a, STR("Foo.._-Bar")), "foo_bar");
    arena_free(&a);
}

TEST(same_looks_at_what_is_normalized) {
    CHECK(name_same(STR("Foo.Bar"), STR("foo-_-bar")));
    CHECK(name_same(STR(""), STR("")));
    CHECK(!name_same(STR("foo-bar"), STR("foobar")));
    CHECK(!name_same(STR("foo"), STR("foo-")));
    CHECK(!name_same(STR("fo"), STR("foo")));
}

TEST_MAIN
