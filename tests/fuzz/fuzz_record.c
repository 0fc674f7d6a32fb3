#include "formats/wheel.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct record r, back;
    struct err e;
    struct buf written = {0};
    if (record_parse(&a, fuzz_input(data, size), "RECORD", &r, &e) == 0) {
        for (uint32_t i = 0; i < r.n; i++)
            record_row(&written, r.p[i].path, r.p[i].hash, r.p[i].size);
        REQUIRE(record_parse(&a, buf_view(&written), "RECORD", &back, &e) == 0);
        REQUIRE(back.n == r.n);
        for (uint32_t i = 0; i < r.n; i++)
            REQUIRE(str_eq(back.p[i].path, r.p[i].path) && str_eq(back.p[i].hash, r.p[i].hash) &&
                    str_eq(back.p[i].size, r.p[i].size));
    }
    buf_free(&written);
    arena_free(&a);
    return 0;
}
