#include "formats/filename.h"
#include "formats/name.h"
#include "formats/simple_pack.h"

#include "tests/fuzz/fuzz.h"

static bool same(const struct simple_file *x, const struct simple_file *y) {
    return str_eq(x->filename, y->filename) && str_eq(x->url, y->url) && str_eq(x->hash, y->hash) &&
           str_eq(x->requires_python, y->requires_python) && x->upload_time == y->upload_time &&
           x->size == y->size && x->yanked == y->yanked && str_eq(x->yanked_reason, y->yanked_reason) &&
           x->metadata == y->metadata;
}

/* Every file of the pack is one of the page's. */
static void check_packed(struct arena *a, const struct simple_page *page) {
    struct filename first = filename_split(page->n ? page->files[0].filename : STR(""), STR(""));
    struct simple_pack pack;
    struct err e;
    simple_pack_make(a, page->files, page->n, name_normalize(a, first.name), &pack);
    REQUIRE(simple_pack_open(pack.whole, &pack, &e) == 0 && pack.n <= page->n);
    for (uint32_t i = 0; i < pack.n; i++) {
        struct simple_file f;
        bool found = false;
        simple_pack_file(&pack, &pack.rows[i], a, &f);
        for (uint32_t k = 0; k < page->n && !found; k++)
            found = same(&page->files[k], &f);
        REQUIRE(found);
    }
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
