#include "formats/specifier.h"

#include "tests/fuzz/fuzz.h"

/* Normalized, a set contains what it contained. First line: a version; the rest: the set. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct str rest = fuzz_input(data, size), first;
    struct specifiers s, again;
    struct version v;
    size_t at = 0;
    const char *why = NULL;
    if (size && str_cut(&rest, '\n', &first) && rest.p) {
        if (specifiers_parse(&a, rest, &s, &at, &why) < 0) {
            REQUIRE(at <= rest.n && why);
        } else {
            (void)specifiers_ask_pre(&s);
            REQUIRE(specifiers_parse(&a, specifiers_format(&a, &s), &again, &at, &why) == 0);
            if (version_parse(&a, first, &v))
                REQUIRE(specifiers_contain(&s, &v) == specifiers_contain(&again, &v));
        }
    }
    arena_free(&a);
    return 0;
}
