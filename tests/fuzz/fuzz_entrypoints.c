#include "formats/wheel.h"

#include "tests/fuzz/fuzz.h"

/* What is spliced into a script must stay a name there. */
static void check_name(struct str s) {
    REQUIRE(s.n);
    for (size_t i = 0; i < s.n; i++)
        REQUIRE(char_alnum(s.p[i]) || s.p[i] == '_' || s.p[i] == '.' || (unsigned char)s.p[i] >= 0x80);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct entry_point *p;
    struct wheel_file w;
    uint32_t n;
    struct err e;
    if (entry_points_parse(&a, fuzz_input(data, size), "entry_points.txt", &p, &n, &e) == 0)
        for (uint32_t i = 0; i < n; i++) {
            REQUIRE(p[i].name.n && str_find(p[i].name, '/') < 0 && str_find(p[i].name, 0) < 0);
            check_name(p[i].module);
            check_name(p[i].attribute);
        }
    (void)wheel_file_parse(fuzz_input(data, size), "WHEEL", &w, &e);
    arena_free(&a);
    return 0;
}
