/* Questions to locks: the scenarios under tests/data/show. A file holds scenarios one after the other:

       == name of the scenario
       requires a>=1               a requirement; also: "python", "platform", "option", "input PATH DIGEST"
       * a[x,y] 1.0 -> b c         a package and what it needs; the asterisk: it was requested
       b 1.0 ; marker              only there, in a universal lock
       @ b-1.0-py3-none-any.whl 0a the file of the package above, and with what its digest begins
       -- new                      what follows is the second lock of a diff, which begins empty
       ? tree a b                  a question; the lines up to the next "?" or "==" are the answer. Also:
                                   "invert", "ascii", "why NAME", "diff", "nothing" (the locks are the same)

   Packages are in the order that a lock has. */
#include <glob.h>

#include "base/file.h"
#include "planner/show.h"
#include "tests/unit/test.h"

enum { MOST = 64 };

static struct arena a;
static struct lock locks[2];
static const char *file;

static void start(struct lock *l) {
    *l = (struct lock){.version = LOCK_VERSION};
    l->packages = arena_new(&a, struct lock_package, MOST);
    l->requires = arena_new(&a, struct str, MOST);
    l->options = arena_new(&a, struct str, MOST);
    l->inputs = arena_new(&a, struct lock_input, MOST);
}

static struct str *words(struct str s, char between, uint32_t *n) {
    struct str *p = arena_new(&a, struct str, MOST), word;
    *n = 0;
    while (str_cut(&s, between, &word))
        if (word.n && *n < MOST)
            p[(*n)++] = word;
    return p;
}

/* What stands before the mark; *s is left with what stands behind it, nothing if it is not there. */
static struct str before(struct str *s, const char *mark) {
    ptrdiff_t at = str_search(*s, str_of(mark));
    struct str head = at < 0 ? *s : str_head(*s, (size_t)at);
    *s = at < 0 ? STR("") : str_from(*s, (size_t)at + strlen(mark));
    return str_trim(head);
}

static struct lock_file *add_file(struct lock_package *p, struct str name, struct str digest) {
    struct lock_file *f = &p->files[p->nfiles++];
    *f = (struct lock_file){.name = name, .url = name, .sha256 = digest, .kind = LOCK_WHEEL};
    return f;
}

static void read_package(struct lock *l, struct str line) {
    struct lock_package *p = &l->packages[l->npackages++];
    p->requested = str_starts(line, STR("* "));
    line = str_from(line, p->requested ? 2 : 0);
    struct str head = before(&line, " ; ");
    if (line.n)
        p->marker = line;
    struct str called = before(&head, " -> ");
    p->depends = words(head, ' ', &p->ndepends);
    struct str name = before(&called, " ");
    p->version = called;
    p->name = before(&name, "[");
    p->extras = words(before(&name, "]"), ',', &p->nextras);
    p->files = arena_new(&a, struct lock_file, MOST);
}

static bool cut(struct str *line, const char *word) {
    if (!str_starts(*line, str_of(word)))
        return false;
    *line = str_from(*line, strlen(word));
    return true;
}

static void read_line(struct lock *l, struct str line) {
    if (cut(&line, "requires "))
    l->requires[l->nrequires++] = line;
    else if (cut(&line, "option ")) l->options[l->noptions++] = line;
    else if (cut(&line, "python ")) l->python = line;
    else if (cut(&line, "platform ")) l->platform = line;
    else if (cut(&line, "input ")) {
        struct str path = before(&line, " ");
        l->inputs[l->ninputs++] = (struct lock_input){path, line};
    }
    else if (cut(&line, "@ ")) {
        struct str name = before(&line, " ");
        add_file(&l->packages[l->npackages - 1], name, line);
    }
    else read_package(l, line);
}

static bool ask(struct str question, struct buf *out, struct err *e) {
    uint32_t n;
    struct str *word = words(question, ' ', &n);
    const char **names = arena_new(&a, const char *, MOST);
    struct show_tree how = {.utf8 = true, .names = names};
    if (str_is(word[0], "why"))
        return show_why(&locks[0], word[1], out, e) == 0;
    if (str_is(word[0], "diff"))
        return show_diff(&locks[0], &locks[1], out);
    if (str_is(word[0], "nothing"))
        return !show_diff(&locks[0], &locks[1], out);
    for (uint32_t i = 0; i < n; i++)
        if (str_is(word[i], "invert"))
            how.invert = true;
        else if (str_is(word[i], "ascii"))
            how.utf8 = false;
        else if (!str_is(word[i], "tree"))
            names[how.nnames++] = arena_str(&a, word[i]).p;
    return show_tree(&locks[0], &how, out, e) == 0;
}

static void check(struct str name, struct str question, struct str expected) {
    struct buf got = {0};
    struct err e = {0};
    if (!ask(question, &got, &e))
        buf_fmt(&got, "error: %s\n", e.text);
    if (!str_eq(str_trim(buf_view(&got)), str_trim(expected))) {
        printf("%s: " STR_FMT ": " STR_FMT ": got\n" STR_FMT "want\n" STR_FMT "\n", file, STR_ARG(name),
               STR_ARG(question), STR_ARG(buf_view(&got)), STR_ARG(expected));
        test_failed_now = true;
    }
    buf_free(&got);
}

/* The lines up to the next question, or all that are left. */
static struct str cut_answer(struct str *rest) {
    struct str answer = *rest;
    ptrdiff_t at = str_search(*rest, STR("\n? "));
    if (str_starts(*rest, STR("? ")))
        at = -1, answer.n = 0;
    else if (at >= 0)
        answer.n = (size_t)at + 1;
    *rest = str_from(*rest, answer.n);
    return answer;
}

static void run_scenario(struct str text) {
    struct str name, line;
    struct lock *l = &locks[0];
    str_cut(&text, '\n', &name);
    start(&locks[0]);
    start(&locks[1]);
    while (str_cut(&text, '\n', &line))
        if (cut(&line, "? "))
            check(name, line, cut_answer(&text));
        else if (str_is(line, "-- new"))
            l = &locks[1];
        else if (line.n && line.p[0] != '#')
            read_line(l, line);
}

static int run_file(const char *path) {
    struct buf text = {0};
    struct err e;
    int n = 0;
    file = path;
    CHECK_INT(file_read(path, &text, &e), 0);
    struct str rest = buf_view(&text), one;
    for (before(&rest, "== "); rest.n; n++) {
        one = before(&rest, "\n== ");
        run_scenario(one);
    }
    buf_free(&text);
    return n;
}

TEST(scenarios) {
    glob_t found;
    int n = 0;
    CHECK_INT(glob("tests/data/show/*", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        n += run_file(found.gl_pathv[i]);
    CHECK(n > 0);
    globfree(&found);
    arena_free(&a);
}

/* Layers of two packages each: 2 to the power of 20 chains of one length. */
TEST(many_chains) {
    struct buf out = {0};
    struct err e;
    start(&locks[0]);
    for (int i = 0; i < 42; i++) {
        const char *next = i < 40 ? arena_fmt(&a, " -> p%02d p%02d", i / 2 * 2 + 2, i / 2 * 2 + 3) : "";
        read_line(&locks[0], str_of(arena_fmt(&a, "%sp%02d 1%s", i ? "" : "* ", i, next)));
    }
    CHECK(show_why(&locks[0], STR("p40"), &out, &e) == 0);
    CHECK(str_search(buf_view(&out), STR("and more chains")) > 0);
    CHECK(out.n < 10000);
    buf_free(&out);
    arena_free(&a);
}

TEST_MAIN
