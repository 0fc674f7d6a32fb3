#include "formats/pyproject.h"

#include "tests/fuzz/fuzz.h"

/* All extras and the first group. */
static void check(struct arena *a, const struct pyproject *p) {
    struct pyproject_dependencies d;
    struct err e;
    const char *group = p->ngroups ? p->groups[0].name.p : NULL;
    struct pyproject_wish wish = {.all_extras = true, .groups = &group, .ngroups = group != NULL};
    if (pyproject_select(a, p, &wish, &d, &e) < 0) {
        REQUIRE(e.kind == ERR_INPUT);
        return;
    }
    for (uint32_t i = 0; i < d.n; i++)
        REQUIRE(d.p[i].offset < p->text.n && d.p[i].line >= 1 && d.p[i].req.name.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct pyproject p;
    struct err e;
    if (pyproject_parse(&a, fuzz_input(data, size), "f", &p, &e) == 0)
        check(&a, &p);
    else
        REQUIRE(e.kind == ERR_INPUT);
    arena_free(&a);
    return 0;
}
