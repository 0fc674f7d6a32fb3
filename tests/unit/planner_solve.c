/* The solver's scenarios: the files under tests/data/solver. A file holds scenarios one after the other:

       == name of the scenario
       # a comment
       root: a>=1,<2; b            the user's requirements, "(requirements.txt:N)" in this order
       a 1.0: c<2; d[x]            a version and what it needs; "a 1.0" alone needs nothing
       d[x] 1.0: d==1.0; e         an extra is a package as any other
       a 1.1 unavailable: why      a version that cannot be used
       absent e: there is no e     the absence text of a package
       prefer a 1.0                the provider's choice, where it is allowed; else the highest version is
       peek all|batch              what peek answers: everything; what prefetch hints named (64 at a time);
                                   without this line only what was asked for before
       failing a                   the dependencies of a cannot be had: the solve fails
       at most 3 loads             of dependencies; also: "decisions", "conflicts"
       expect a 1.0, c 1.5         the whole solution, sorted by name
       explain                     there is no solution, and the lines up to the next "==" say why
       error the index ...         the solve fails with this text

   Versions are numbers with dots; a missing part is 0. */
#include <glob.h>

#include "base/file.h"
#include "planner/solve.h"
#include "tests/unit/test.h"
#include "tests/unit/world.h"

struct scenario {
    const char *file;
    struct str name, expect, error, explain;
    struct world world;
    uint32_t loads, decisions, conflicts; /* limits */
};

static bool explaining(struct scenario *s, struct str line) {
    if (!s->explain.p)
        return false;
    s->explain.n = (size_t)(line.p + line.n - s->explain.p);
    return true;
}

static bool cut_word(struct str *line, struct str word) {
    if (!str_starts(*line, word))
        return false;
    *line = str_trim(str_from(*line, word.n));
    return true;
}

static bool read_limit(struct scenario *s, struct str line) {
    struct str number;
    uint64_t n;
    if (!str_cut(&line, ' ', &number) || !str_u64(number, &n))
        return false;
    if (str_is(line, "loads"))
        s->loads = (uint32_t)n;
    else if (str_is(line, "decisions"))
        s->decisions = (uint32_t)n;
    else if (str_is(line, "conflicts"))
        s->conflicts = (uint32_t)n;
    else
        return false;
    return true;
}

static bool read_line(struct scenario *s, struct str line) {
    if (explaining(s, line))
        return true;
    line = str_trim(line);
    if (!line.n || line.p[0] == '#')
        return true;
    if (str_is(line, "explain")) {
        s->explain = (struct str){line.p + line.n + 1, 0};
        return true;
    }
    if (cut_word(&line, STR("expect"))) {
        s->expect = line;
        return true;
    }
    if (cut_word(&line, STR("error "))) {
        s->error = line;
        return true;
    }
    if (cut_word(&line, STR("at most ")))
        return read_limit(s, line);
    return world_line(&s->world, line);
}

static int by_name(const void *x, const void *y) {
    return str_qsort(x, y);
}

static struct str pins_text(struct world *w, const struct solve_result *r) {
    struct str *pins = arena_new(&w->arena, struct str, r->n + 1);
    for (uint32_t i = 0; i < r->n; i++) {
        const struct world_package *p = &w->packages.p[r->pins[i].package];
        pins[i] = str_of(arena_fmt(&w->arena, STR_FMT " " STR_FMT, STR_ARG(p->name),
                                   STR_ARG(p->versions.p[r->pins[i].version].text)));
    }
    qsort(pins, r->n, sizeof *pins, by_name);
    struct buf b = {0};
    for (uint32_t i = 0; i < r->n; i++)
        buf_fmt(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(pins[i]));
    struct str text = arena_str(&w->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

static void check_text(const struct scenario *s, const char *what, struct str got, struct str want) {
    if (str_eq(got, want))
        return;
    printf("%s: " STR_FMT ": %s\n--- got\n" STR_FMT "\n--- want\n" STR_FMT "\n", s->file, STR_ARG(s->name),
           what, STR_ARG(got), STR_ARG(want));
    test_failed_now = true;
}

static void check_limit(const struct scenario *s, const char *what, uint32_t got, uint32_t limit) {
    if (got <= limit)
        return;
    printf("%s: " STR_FMT ": %u %s, at most %u expected\n", s->file, STR_ARG(s->name), got, what, limit);
    test_failed_now = true;
}

static void run_scenario(struct scenario *s) {
    struct world *w = &s->world;
    struct provider p = world_provider(w);
    struct arena a = {0};
    struct solve_result r;
    struct err e = {0};
    solve(&p, &a, &r, &e);
    if (r.status == SOLVE_OK)
        check_text(s, "solution", pins_text(w, &r), s->expect);
    else if (r.status == SOLVE_NONE)
        check_text(s, "explanation", r.why, str_trim(s->explain));
    else
        check_text(s, "error", str_of(e.text), s->error);
    check_limit(s, "loads", w->loads, s->loads);
    check_limit(s, "decisions", r.stats.decisions, s->decisions);
    check_limit(s, "conflicts", r.stats.conflicts, s->conflicts);
    arena_free(&a);
}

static struct scenario scenario_of(const char *file, struct str name) {
    struct scenario s = {
        .file = file, .name = name, .loads = UINT32_MAX, .decisions = UINT32_MAX, .conflicts = UINT32_MAX};
    world_init(&s.world);
    return s;
}

static int run_file(const char *path) {
    struct buf text = {0};
    struct err e;
    if (file_read(path, &text, &e) < 0) {
        printf("%s\n", e.text);
        exit(1);
    }
    struct str rest = buf_view(&text), line;
    struct scenario s = scenario_of(path, STR(""));
    int count = 0;
    bool more;
    do {
        more = str_cut(&rest, '\n', &line);
        if (!more || str_starts(line, STR("== "))) {
            if (s.name.n)
                run_scenario(&s);
            count += s.name.n > 0;
            world_free(&s.world);
            s = scenario_of(path, str_from(line, 3));
        } else if (!read_line(&s, line)) {
            printf("%s: " STR_FMT ": not understood: " STR_FMT "\n", path, STR_ARG(s.name), STR_ARG(line));
            test_failed_now = true;
        }
    } while (more);
    world_free(&s.world);
    buf_free(&text);
    return count;
}

TEST(scenarios) {
    glob_t found = {0};
    CHECK_INT(glob("tests/data/solver/*.txt", 0, NULL, &found), 0);
    int count = 0;
    for (size_t i = 0; i < found.gl_pathc; i++)
        count += run_file(found.gl_pathv[i]);
    globfree(&found);
    CHECK(count >= 40);
}

TEST_MAIN
