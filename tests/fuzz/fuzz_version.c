#include "formats/version.h"

#include "tests/fuzz/fuzz.h"

/* A normalized version is a version, and the same one; two of them are in one order from both sides. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct str rest = fuzz_input(data, size), first;
    struct version x, y, again;
    if (size && str_cut(&rest, '\n', &first) && version_parse(&a, first, &x)) {
        REQUIRE(version_parse(&a, x.text, &again));
        REQUIRE(str_eq(x.text, again.text) && version_cmp(&x, &again) == 0);
        uint64_t release[4];
        (void)version_release(&x, release, 4);
        if (rest.p && version_parse(&a, rest, &y))
            REQUIRE((version_cmp(&x, &y) < 0) == (version_cmp(&y, &x) > 0));
    }
    arena_free(&a);
    return 0;
}
