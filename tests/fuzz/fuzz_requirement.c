#include "formats/requirement.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (int lenient = 0; lenient < 2; lenient++) {
        struct arena a = {0};
        struct requirement r;
        size_t at = 0;
        const char *why = NULL;
        if (requirement_parse(&a, fuzz_input(data, size), lenient, &r, &at, &why) == 0)
            REQUIRE(r.name.n);
        else
            REQUIRE(at <= size && why);
        arena_free(&a);
    }
    return 0;
}
