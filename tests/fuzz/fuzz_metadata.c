#include "formats/metadata.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct metadata m;
    struct err e;
    if (metadata_parse(&a, fuzz_input(data, size), "METADATA", &m, &e) == 0) {
        REQUIRE(m.name.n && m.version.n);
        (void)metadata_is_static(&m);
    }
    arena_free(&a);
    return 0;
}
