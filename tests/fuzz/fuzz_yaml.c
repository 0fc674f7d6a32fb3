#include "base/yaml.h"

#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

static bool is_utf8(struct str s) {
    uint32_t code;
    for (unsigned n; s.n; s = str_from(s, n))
        if (!(n = utf8_char(s, &code)))
            return false;
    return true;
}

/* Any text, written as a scalar in a block and in a flow, is read back as it was. */
static void check_scalar(struct arena *a, struct str text) {
    struct buf b = {0};
    struct yaml *y;
    struct err e;
    buf_c(&b, "k: ");
    yaml_scalar(&b, text);
    buf_c(&b, "\nl: [");
    yaml_flow_scalar(&b, text);
    buf_c(&b, ", x]\n");
    REQUIRE(yaml_parse(a, buf_view(&b), "written", &y, &e) == 0);
    REQUIRE(str_eq(yaml_text(y, "k"), text));
    REQUIRE(str_eq(yaml_get(y, "l")->child->text, text));
    buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct yaml *y;
    struct err e;
    (void)yaml_parse(&a, fuzz_input(data, size), "f", &y, &e);
    if (is_utf8(fuzz_input(data, size)))
        check_scalar(&a, fuzz_input(data, size));
    arena_free(&a);
    return 0;
}
