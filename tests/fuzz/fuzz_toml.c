#include "formats/toml.h"

#include "tests/fuzz/fuzz.h"

/* Every value knows its place, and no container is deeper than promised. */
static void check(struct str text, const struct toml *t, int depth) {
    uint32_t n = 0;
    REQUIRE(depth <= TOML_DEPTH);
    REQUIRE(t->offset <= text.n && t->line >= 1);
    for (const struct toml *c = t->child; c; c = c->next, n++) {
        REQUIRE(c->offset >= t->offset || t->type == TOML_TABLE);
        REQUIRE(!t->key.p || t->key.p[t->key.n] == 0);
        check(text, c, depth + 1);
    }
    REQUIRE(n == t->n);
    REQUIRE(!n || t->type >= TOML_ARRAY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct toml *t;
    struct err e;
    if (toml_parse(&a, fuzz_input(data, size), "f", &t, &e) == 0)
        check(fuzz_input(data, size), t, 0);
    else
        REQUIRE(e.kind == ERR_INPUT);
    arena_free(&a);
    return 0;
}
