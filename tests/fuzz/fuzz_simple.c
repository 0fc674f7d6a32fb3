#include "formats/simple.h"

#include "tests/fuzz/fuzz.h"

static void check_packed(struct arena *a, const struct simple_page *page) {
    struct buf packed = {0};
    struct simple_page back;
    struct err e;
    simple_pack(page, &packed);
    REQUIRE(simple_unpack(a, buf_view(&packed), &back, &e) == 0);
    REQUIRE(back.n == page->n);
    for (uint32_t i = 0; i < page->n; i++) {
        const struct simple_file *x = &page->files[i], *y = &back.files[i];
        REQUIRE(str_eq(x->filename, y->filename) && str_eq(x->url, y->url) && str_eq(x->hash, y->hash));
        REQUIRE(str_eq(x->requires_python, y->requires_python) && x->upload_time == y->upload_time);
        REQUIRE(x->size == y->size && x->yanked == y->yanked && x->metadata == y->metadata);
    }
    buf_free(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct str types[] = {STR_INIT(""), STR_INIT("text/html"), STR_INIT("application/json")};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct arena a = {0};
        struct simple_page page;
        struct err e;
        if (simple_parse(&a, fuzz_input(data, size), types[i], STR("https://example.org/simple/x/"), &page,
                         &e) == 0)
            check_packed(&a, &page);
        arena_free(&a);
    }
    return 0;
}
