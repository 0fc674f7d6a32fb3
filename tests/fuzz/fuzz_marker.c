#include "formats/marker.h"

#include "tests/fuzz/fuzz.h"

static const struct marker_env env = {
    .values = {[MARKER_OS_NAME] = STR_INIT("posix"),
               [MARKER_SYS_PLATFORM] = STR_INIT("linux"),
               [MARKER_PLATFORM_MACHINE] = STR_INIT("x86_64"),
               [MARKER_PLATFORM_PYTHON_IMPLEMENTATION] = STR_INIT("CPython"),
               [MARKER_PLATFORM_RELEASE] = STR_INIT("6.1.0-13-amd64"),
               [MARKER_PLATFORM_SYSTEM] = STR_INIT("Linux"),
               [MARKER_PLATFORM_VERSION] = STR_INIT("#1 SMP"),
               [MARKER_PYTHON_VERSION] = STR_INIT("3.11"),
               [MARKER_PYTHON_FULL_VERSION] = STR_INIT("3.11.7"),
               [MARKER_IMPLEMENTATION_NAME] = STR_INIT("cpython"),
               [MARKER_IMPLEMENTATION_VERSION] = STR_INIT("3.11.7"),
               [MARKER_EXTRA] = STR_INIT("")}};

/* A marker, formatted and parsed again, says the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct marker *m, *again;
    size_t at = 0;
    const char *why = NULL;
    struct buf text = {0};
    if (marker_parse(&a, fuzz_input(data, size), &m, &at, &why) < 0) {
        REQUIRE(at <= size && why);
    } else if (m) {
        marker_format(m, &text);
        REQUIRE(marker_parse(&a, buf_view(&text), &again, &at, &why) == 0);
        REQUIRE(marker_eval(m, &env) == marker_eval(again, &env));
        REQUIRE(marker_uses_extra(m) == marker_uses_extra(again));
    }
    buf_free(&text);
    arena_free(&a);
    return 0;
}
