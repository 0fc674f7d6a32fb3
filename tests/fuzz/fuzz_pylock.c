#include "formats/pylock.h"

#include "formats/lock_parts.h"
#include "tests/fuzz/fuzz.h"

static void check_file(const struct lock_file *f) {
    REQUIRE(f->name.n && f->url.n && (f->fault || f->sha256.n == 64));
}

static void check_package(const struct lock_package *p) {
    REQUIRE(p->name.n && (p->fault || (p->version.n && p->nfiles)));
    for (uint32_t i = 0; i < p->nfiles; i++)
        check_file(&p->files[i]);
    for (uint32_t i = 1; i < p->ndepends; i++)
        REQUIRE(str_cmp(p->depends[i - 1], p->depends[i]) < 0);
}

/* What has no fault, is there once and goes by the name in its URL holds in an env.lock as well. */
static bool is_plain(struct arena *a, const struct lock *l) {
    for (uint32_t i = 0; i < l->npackages; i++) {
        const struct lock_package *p = &l->packages[i];
        if (p->fault || (i && str_eq(p->name, p[-1].name)))
            return false;
        for (uint32_t k = 0; k < p->nfiles; k++)
            if (p->files[k].fault || !str_eq(p->files[k].name, lock_name_in(a, p->files[k].url)))
                return false;
    }
    return true;
}

static void check_as_env_lock(struct arena *a, const struct lock *l) {
    struct buf text = {0};
    struct lock again;
    struct err e;
    lock_write(l, &text);
    REQUIRE(lock_read(a, buf_view(&text), "env.lock", &again, &e) == 0);
    REQUIRE(again.npackages == l->npackages);
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a = {0};
    struct lock l;
    struct err e;
    if (pylock_read(&a, fuzz_input(data, size), "f", &l, &e) == 0) {
        for (uint32_t i = 0; i < l.npackages; i++) {
            check_package(&l.packages[i]);
            REQUIRE(!i || str_cmp(l.packages[i - 1].name, l.packages[i].name) <= 0);
        }
        if (is_plain(&a, &l))
            check_as_env_lock(&a, &l);
    } else {
        REQUIRE(e.kind == ERR_INPUT);
    }
    arena_free(&a);
    return 0;
}
