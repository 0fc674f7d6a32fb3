#include "formats/lock.h"

#include "tests/fuzz/fuzz.h"

/* What is read is written in one way: written and read again, it stays as it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct lock l;
    struct err e;
    struct buf once = {0}, twice = {0};
    if (lock_read(&a, fuzz_input(data, size), "env.lock", &l, &e) == 0) {
        lock_write(&l, &once);
        REQUIRE(lock_read(&a, buf_view(&once), "env.lock", &l, &e) == 0);
        lock_write(&l, &twice);
        REQUIRE(str_eq(buf_view(&once), buf_view(&twice)));
    }
    buf_free(&once);
    buf_free(&twice);
    arena_free(&a);
    return 0;
}
