#include "formats/filename.h"

#include "tests/unit/table.h"

TEST(parts) {
    static const char *const kinds[] = {"other", "wheel", "sdist"};
    struct arena a = {0};
    struct table t = table_open("tests/data/filenames/read");
    while (table_next(&t)) {
        struct filename f = filename_parse(&a, t.field[0], t.field[1]);
        table_check(&t, str_eq(t.field[2], str_of(kinds[f.kind])));
        if (f.kind == FILE_OTHER || t.n < 8)
            continue;
        table_check(&t, str_eq(f.name, t.field[3]));
        table_check(&t, str_eq(f.version, t.field[4]));
        table_check(&t, str_eq(str_of(arena_fmt(&a, "%u", (unsigned)f.build_number)), t.field[5]));
        table_check(&t, str_eq(f.build_tag, t.field[6]));
        table_check(&t, str_eq(f.tags, t.field[7]));
    }
    table_close(&t);
    arena_free(&a);
}

TEST(control_characters_and_great_lengths_are_refused) {
    struct arena a = {0};
    struct buf b = {0};
    CHECK_INT(filename_parse(&a, STR("foo-1.0-py3-none-a\033ny.whl"), STR("")).kind, FILE_OTHER);
    CHECK_INT(filename_parse(&a, STR("foo-1.0-py3-none-a\0ny.whl"), STR("")).kind, FILE_OTHER);
    for (int i = 0; i < 2000; i++)
        buf_char(&b, 'x');
    buf_c(&b, "-1.0.tar.gz");
    CHECK_INT(filename_parse(&a, buf_view(&b), STR("")).kind, FILE_OTHER);
    buf_free(&b);
    arena_free(&a);
}

TEST_MAIN
