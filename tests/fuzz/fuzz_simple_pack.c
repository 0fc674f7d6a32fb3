/* The file itself, for its checksum: an input whose checksum is wrong would lead nowhere. */
#include "formats/simple_pack.c" /* NOLINT */

#include "tests/fuzz/fuzz.h"

/* Everything in it, then packed again: what comes out of that is sound. */
static void read_all(struct arena *a, const struct simple_pack *p) {
    VEC(struct simple_file) files = {0};
    struct simple_pack again;
    struct err e;
    for (uint32_t i = 0; i < p->n; i++) {
        struct simple_file f;
        REQUIRE(p->rows[i].version < p->nversions);
        REQUIRE(!i || p->rows[i].version >= p->rows[i - 1].version); /* readers count on it */
        simple_pack_file(p, &p->rows[i], a, &f);
        vec_push(&files, f);
    }
    for (uint32_t i = 0; i < p->ntexts; i++)
        (void)str_hash(simple_pack_text(p, i));
    simple_pack_make(a, files.p, files.n, STR("x"), &again);
    REQUIRE(simple_pack_open(again.whole, &again, &e) == 0 && again.n <= p->n);
    vec_free(&files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct buf packed = {0};
    struct simple_pack p;
    struct err e;
    uint64_t sum = checksum(fuzz_input(data, size));
    (void)simple_pack_open((struct str){arena_copy(&a, data, size), size}, &p, &e);
    buf_add(&packed, magic, sizeof magic);
    buf_add(&packed, &sum, sizeof sum);
    buf_str(&packed, fuzz_input(data, size));
    if (simple_pack_open(buf_view(&packed), &p, &e) == 0)
        read_all(&a, &p);
    buf_free(&packed);
    arena_free(&a);
    return 0;
}
