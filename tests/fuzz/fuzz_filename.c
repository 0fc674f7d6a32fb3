#include "formats/filename.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct str projects[] = {STR_INIT(""), STR_INIT("x"), STR_INIT("foo-bar")};
    for (size_t i = 0; i < sizeof projects / sizeof *projects; i++) {
        struct arena a = {0};
        struct filename f = filename_parse(&a, fuzz_input(data, size), projects[i]);
        REQUIRE(f.kind == FILE_OTHER || (f.name.n && f.version.n));
        REQUIRE(f.kind != FILE_WHEEL || f.tags.n);
        arena_free(&a);
    }
    return 0;
}
