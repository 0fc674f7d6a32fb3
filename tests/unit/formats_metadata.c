#include "formats/metadata.h"

#include "tests/unit/test.h"

static struct err e;
static struct arena a;
static struct metadata m;

static int parse(const char *text) {
    return metadata_parse(&a, str_of(text), "x-1.whl", &m, &e);
}

#define HEAD "Metadata-Version: 2.1\nName: Foo.Bar\nVersion: 1.0\n"

TEST(whole) {
    CHECK_INT(parse("Metadata-Version: 2.1\n"
                    "Name: Foo.Bar\n"
                    "Version: 1.0\n"
                    "Summary: a: b\n"
                    "License: some\n"
                    "        \n"
                    "        text: in it\n"
                    "Classifier: A\n"
                    "Requires-Python: >=3.8\n"
                    "Requires-Dist: Zope.Interface[b,A] (>=1.0) ; extra == 'test'\n"
                    "Requires-Dist: six\n"
                    "Provides-Extra: Test_It\n"
                    "Provides-Extra: docs\n"
                    "\n"
                    "Requires-Dist: body\n"),
              0);
    CHECK_STR(m.metadata_version, "2.1");
    CHECK_STR(m.name, "Foo.Bar");
    CHECK_STR(m.version, "1.0");
    CHECK_STR(m.requires_python, ">=3.8");
    CHECK_INT(m.nrequires, 2);
    CHECK_STR(m.requires[0].name, "zope-interface");
    CHECK_INT(m.requires[0].nextras, 2);
    CHECK(m.requires[0].marker);
    CHECK_STR(m.requires[1].name, "six");
    CHECK_INT(m.nextras, 2);
    CHECK_STR(m.provides_extra[0], "test-it");
    CHECK_STR(m.provides_extra[1], "docs");
    CHECK_INT(m.ndynamic, 0);
}

TEST(spelling) {
    CHECK_INT(parse("\xef\xbb\xbfMETADATA-version:2.2\r\nname:  x \r\nVersion: 1\r\nrequires-dist: six;\r\n"
                    "\tpython_version\r\n  < '3'\r\nRequires-Dist: abc\r\n\r\nRequires-Dist: body\r\n"),
              0);
    CHECK_STR(m.metadata_version, "2.2");
    CHECK_STR(m.name, "x");
    CHECK_INT(m.nrequires, 2);
    CHECK(m.requires[0].marker);
    CHECK_STR(m.requires[1].name, "abc");
    CHECK_INT(parse("Name: x\nVersion: 1\nName: y\nVersion: 2"), 0);
    CHECK_STR(m.name, "x");
    CHECK_STR(m.version, "1");
    CHECK_STR(m.requires_python, "");
    CHECK_STR(m.metadata_version, "");
}

/* What Python's email parser takes for the start of the body ends the fields. */
TEST(end_of_fields) {
    CHECK_INT(parse(HEAD "Requires-Dist: a\nno field\nRequires-Dist: b\n"), 0);
    CHECK_INT(m.nrequires, 1);
    CHECK_INT(parse(HEAD "Requires-Dist: a\n \nRequires-Dist: b\n"), 0);
    CHECK_INT(m.nrequires, 2);
    CHECK_INT(parse(HEAD "Requires-Dist: a\r\n\r\nRequires-Dist: b\n"), 0);
    CHECK_INT(m.nrequires, 1);
    CHECK_INT(parse(HEAD "Requires Dist: a\nRequires-Dist: b\n"), 0);
    CHECK_INT(m.nrequires, 0);
}

TEST(legacy_faults) {
    CHECK_INT(parse(HEAD "Requires-Dist: six (>=1.0 <2)\nRequires-Dist: abc>=1.*\n"), 0);
    CHECK_INT(m.nrequires, 2);
}

TEST(refused) {
    CHECK_INT(parse(HEAD "Requires-Dist: what \x1b[31m is this\n"), -1);
    CHECK(strstr(e.text, "x-1.whl: cannot read Requires-Dist \"what  [31m is this\": "));
    CHECK_INT(parse(HEAD "Requires-Dist:\n"), -1);
    CHECK_INT(parse("Name: x\n"), -1);
    CHECK_STR(str_of(e.text), "x-1.whl: metadata without a Version");
    CHECK_INT(parse("Version: 1\nName:\n"), -1);
    CHECK_STR(str_of(e.text), "x-1.whl: metadata without a Name");
    CHECK_INT(parse(""), -1);
    CHECK_INT(parse("\nName: x\nVersion: 1\n"), -1);
}

TEST(is_static) {
    static const struct {
        const char *text;
        bool want;
    } cases[] = {{"Metadata-Version: 2.2\n", true},
                 {"Metadata-Version: 2.10\n", true},
                 {"Metadata-Version: 3.0\n", true},
                 {"Metadata-Version: 2.1\n", false},
                 {"Metadata-Version: 1.9\n", false},
                 {"Metadata-Version: 2\n", false},
                 {"", false},
                 {"Metadata-Version: 2.2\nDynamic: Description\n", true},
                 {"Metadata-Version: 2.2\nDynamic: Description\nDynamic: REQUIRES-Dist\n", false},
                 {"Metadata-Version: 2.2\nDynamic: Provides-Extra\n", false},
                 {"Metadata-Version: 2.4\nDynamic: requires-python\n", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_INT(parse(arena_fmt(&a, "%sName: x\nVersion: 1\n", cases[i].text)), 0);
        CHECK_INT(metadata_is_static(&m), cases[i].want);
    }
    arena_free(&a);
}

TEST_MAIN
