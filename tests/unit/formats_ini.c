#include "formats/ini.h"

#include "tests/unit/test.h"

static struct arena a;

static struct str value_of(const struct ini *ini, const char *section, const char *key) {
    for (uint32_t i = ini->n; i--;)
        if (str_eq(ini->p[i].section, str_of(section)) && str_eq(ini->p[i].key, str_of(key)))
            return ini->p[i].value;
    return STR("(none)");
}

TEST(sections_keys_and_comments) {
    struct ini ini;
    struct err e;
    CHECK(ini_parse(&a,
                    STR("# top\n[global]\nindex-url = https://u:p@example.org/simple\n; more\nTimeout: 30\n"
                        "[install]\nfind-links =\n    /one\n    /two\nempty=\n"),
                    "pip.conf", &ini, &e) == 0);
    CHECK_STR(value_of(&ini, "global", "index-url"), "https://u:p@example.org/simple");
    CHECK_STR(value_of(&ini, "global", "timeout"), "30");
    CHECK_STR(value_of(&ini, "install", "find-links"), "/one\n/two");
    CHECK_STR(value_of(&ini, "install", "empty"), "");
    CHECK_INT(ini.n, 4);
    arena_free(&a);
}

TEST(a_line_that_is_nothing_is_an_error) {
    struct ini ini;
    struct err e;
    CHECK(ini_parse(&a, STR("[global]\nwhat is this\n"), "pip.conf", &ini, &e) < 0);
    CHECK_INT(e.kind, ERR_INPUT);
    CHECK(strstr(e.text, "pip.conf:2:1: ") == e.text);
    CHECK(ini_parse(&a, STR("= value"), "pip.conf", &ini, &e) < 0);
    CHECK(ini_parse(&a, STR(""), "pip.conf", &ini, &e) == 0 && ini.n == 0);
    arena_free(&a);
}

TEST_MAIN
