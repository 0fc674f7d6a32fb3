/* The file itself, for its checksum: an input whose checksum is wrong would lead nowhere. */
#include "formats/simple_pack.c" /* NOLINT */

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct buf packed = {0};
    struct simple_page page;
    struct err e;
    (void)simple_unpack(&a, fuzz_input(data, size), &page, &e);
    uint64_t sum = checksum(fuzz_input(data, size));
    buf_add(&packed, magic, sizeof magic);
    buf_add(&packed, &sum, sizeof sum);
    buf_str(&packed, fuzz_input(data, size));
    if (simple_unpack(&a, buf_view(&packed), &page, &e) == 0) {
        struct buf again = {0};
        struct simple_page back;
        simple_pack(&page, &again);
        REQUIRE(simple_unpack(&a, buf_view(&again), &back, &e) == 0 && back.n == page.n);
        buf_free(&again);
    }
    buf_free(&packed);
    arena_free(&a);
    return 0;
}
