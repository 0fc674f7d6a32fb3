#include "tests/unit/test.h"

#include "executor/settle.h"

/* Packages a, b, c ... with edges as text: "a>b b>c". */
struct fixture {
    struct lock_package locked[6];
    struct change changes[6];
    struct package packages[6];
    struct str depends[6][6];
    char names[6][2];
};

static void make(struct fixture *f, const char *edges) {
    memset(f, 0, sizeof *f);
    for (int i = 0; i < 6; i++) {
        f->names[i][0] = (char)('a' + i);
        f->locked[i] = (struct lock_package){.name = str_of(f->names[i]), .depends = f->depends[i]};
        f->changes[i] = (struct change){.name = str_of(f->names[i]), .wanted = {&f->locked[i], NULL}};
        f->packages[i] = (struct package){.change = &f->changes[i], .name = str_of(f->names[i])};
    }
    for (; *edges; edges += edges[3] ? 4 : 3) {
        struct lock_package *p = &f->locked[edges[0] - 'a'];
        p->depends[p->ndepends++] = str_of(f->names[edges[2] - 'a']);
    }
}

TEST(who_wins) {
    static const struct {
        const char *edges;
        char a, b, winner;
    } rows[] = {
        {"", 'a', 'b', 'b'},            /* the last name */
        {"a>b", 'a', 'b', 'a'},         /* knows of the other */
        {"a>c c>d d>b", 'a', 'b', 'a'}, /* over several steps */
        {"b>a", 'a', 'b', 'b'},         /* both rules agree */
        {"a>b b>a", 'a', 'b', 'b'},     /* a cycle: the last name */
        {"a>c b>c", 'a', 'b', 'b'},     /* neither knows of the other */
        {"c>a c>b", 'a', 'b', 'b'},
        {"a>c c>a d>a", 'a', 'd', 'd'}, /* a cycle on the way ends */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        make(&f, rows[i].edges);
        uint32_t a = (uint32_t)(rows[i].a - 'a'), b = (uint32_t)(rows[i].b - 'a');
        CHECK_INT(settle_wins(f.packages, 6, a, b), rows[i].winner == rows[i].a);
        CHECK_INT(settle_wins(f.packages, 6, b, a), rows[i].winner == rows[i].b);
        if (test_failed_now)
            printf("in row %zu: %s\n", i, rows[i].edges);
    }
}

TEST(nothing_collided) {
    struct linker l = {0};
    struct events events = {0};
    struct err e;
    CHECK_INT(settle_run(&l, NULL, NULL, 0, &events, &e), 0);
}

TEST_MAIN
