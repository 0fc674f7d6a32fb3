/* table: tests/data files of one case a line, fields between tabs; empty lines and lines that begin with "# "
   are passed over.

       struct table t = table_open("tests/data/x");
       while (table_next(&t)) CHECK_STR(f(t.field[0]), ...);
       table_close(&t); */
#ifndef TESTS_UNIT_TABLE_H
#define TESTS_UNIT_TABLE_H

#include "base/file.h"
#include "tests/unit/test.h"

enum { TABLE_FIELDS = 16 };

struct table {
    const char *path;
    struct buf text;
    struct str rest;
    struct str field[TABLE_FIELDS];
    int n, line;
};

static struct table table_open(const char *path) {
    struct table t = {.path = path};
    struct err e;
    if (file_read(path, &t.text, &e) < 0) {
        printf("%s\n", e.text);
        test_failed_now = true;
    }
    t.rest = buf_view(&t.text);
    return t;
}

static bool table_next(struct table *t) {
    struct str line;
    while (str_cut(&t->rest, '\n', &line)) {
        t->line++;
        if (!line.n || str_starts(line, STR("# ")))
            continue;
        for (t->n = 0; t->n < TABLE_FIELDS && str_cut(&line, '\t', &t->field[t->n]); t->n++)
            ;
        return true;
    }
    return false;
}

/* Says which line it was when a check failed. */
static void table_check(const struct table *t, bool holds) {
    if (holds)
        return;
    printf("%s:%d: failed\n", t->path, t->line);
    test_failed_now = true;
}

static void table_close(struct table *t) {
    CHECK(t->line > 0);
    buf_free(&t->text);
}

#endif
