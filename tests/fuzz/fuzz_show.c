#include "base/json.h"
#include "formats/toml.h"
#include "planner/emit.h"
#include "planner/show.h"
#include "tests/fuzz/fuzz.h"

static void show_all(const struct lock *l, struct buf *out) {
    struct err e;
    for (int i = 0; i < 4; i++) {
        struct show_tree how = {.invert = i & 1, .utf8 = i & 2};
        REQUIRE(show_tree(l, &how, out, &e) == 0);
    }
    for (uint32_t i = 0; i < l->npackages; i++)
        REQUIRE(show_why(l, l->packages[i].name, out, &e) == 0);
    REQUIRE(str_find(buf_view(out), '\x1b') < 0);
    REQUIRE(!show_diff(l, l, out));
    out->n = 0;
}

/* What is exported is what the formats' own readers take; JSON is the very same lock. */
static void export_all(struct arena *a, const struct lock *l, struct buf *out) {
    struct lock again;
    struct json *json;
    struct toml *toml;
    struct err e;
    emit_json(l, out);
    REQUIRE(lock_read(a, arena_str(a, buf_view(out)), "json", &again, &e) == 0);
    REQUIRE(!show_diff(l, &again, out));
    out->n = 0;
    emit_sbom(l, 0, out);
    REQUIRE(json_parse(a, buf_view(out), "sbom", &json, &e) == 0);
    out->n = 0;
    emit_pylock(l, out);
    REQUIRE(toml_parse(a, arena_str(a, buf_view(out)), "pylock", &toml, &e) == 0);
    out->n = 0;
    emit(l, FORMAT_REQUIREMENTS, out);
    emit(l, FORMAT_DOT, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct lock l;
    struct err e;
    struct buf out = {0};
    if (lock_read(&a, fuzz_input(data, size), "env.lock", &l, &e) == 0) {
        show_all(&l, &out);
        export_all(&a, &l, &out);
    }
    buf_free(&out);
    arena_free(&a);
    return 0;
}
