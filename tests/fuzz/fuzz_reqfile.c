#include "formats/reqfile.h"

#include "tests/fuzz/fuzz.h"

static const char *variable(const char *name) {
    return name[0] == 'A' ? "value" : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct reqfile f;
    struct err e;
    (void)reqfile_parse(&a, fuzz_input(data, size), "requirements.txt", variable, &f, &e);
    arena_free(&a);
    return 0;
}
