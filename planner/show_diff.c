#include <stdlib.h>

#include "formats/version.h"
#include "planner/show.h"

enum group { ADDED, REMOVED, UPGRADED, DOWNGRADED, FILES, EDGES, CHANGED, ASKED, GROUPS };

static const char *const titles[GROUPS] = {"added",       "removed", "upgraded", "downgraded",
                                           "other files", "edges",   "changed",  "planned for"};

struct diff {
    struct arena a;
    struct buf groups[GROUPS]; /* lines of each */
};

/* A line under way: what a package is called, then one difference after the other. */
struct line {
    struct buf text;
    uint32_t n;
};

static void begin(struct line *line, const struct lock_package *p) {
    buf_fmt(&line->text, "  " STR_FMT " " STR_FMT ":", STR_ARG(p->name), STR_ARG(p->version));
}

static void add(struct line *line, const char *before, struct str what) {
    buf_c(&line->text, line->n++ ? ", " : " ");
    buf_c(&line->text, before);
    show_text(what, &line->text);
}

static void add_change(struct line *line, const char *what, struct str before, struct str after) {
    if (str_eq(before, after))
        return;
    add(line, what, before.n ? before : STR("(none)"));
    buf_c(&line->text, " -> ");
    show_text(after.n ? after : STR("(none)"), &line->text);
}

static void end(struct line *line, struct buf *group) {
    if (line->n) {
        buf_str(group, buf_view(&line->text));
        buf_char(group, '\n');
    }
    buf_free(&line->text);
}

static struct str *sorted(struct arena *a, const struct str *p, uint32_t n) {
    struct str *copy = arena_copy(a, p, n * sizeof *p);
    if (n)
        qsort(copy, n, sizeof *copy, str_qsort);
    return copy;
}

/* Calls for what only one of two sets has, in order. */
static void each_difference(struct diff *d, const struct str *x, uint32_t nx, const struct str *y,
                            uint32_t ny, void (*tell)(void *ctx, bool gone, struct str s), void *ctx) {
    struct str *before = sorted(&d->a, x, nx), *after = sorted(&d->a, y, ny);
    for (uint32_t i = 0, k = 0; i < nx || k < ny;) {
        int order = i == nx ? 1 : k == ny ? -1 : str_cmp(before[i], after[k]);
        if (order)
            tell(ctx, order < 0, order < 0 ? before[i] : after[k]);
        i += order <= 0;
        k += order >= 0;
    }
}

static void add_difference(void *ctx, bool gone, struct str s) {
    add(ctx, gone ? "-" : "+", s);
}

static void add_extra(void *ctx, bool gone, struct str s) {
    add(ctx, gone ? "extra -" : "extra +", s);
}

static const struct lock_file *file_named(const struct lock_package *p, struct str name) {
    for (uint32_t i = 0; i < p->nfiles; i++)
        if (str_eq(p->files[i].name, name))
            return &p->files[i];
    return NULL;
}

static struct str size_text(struct diff *d, uint64_t size) {
    return str_of(size ? arena_fmt(&d->a, "%llu", (unsigned long long)size) : "");
}

static void compare_files(struct diff *d, const struct lock_package *p, const struct lock_package *q) {
    struct line line = {0};
    begin(&line, p);
    for (uint32_t i = 0; i < p->nfiles; i++) {
        const struct lock_file *x = &p->files[i], *y = file_named(q, x->name);
        if (!y) {
            add(&line, "-", x->name);
            continue;
        }
        add_change(&line, "sha256 ", str_head(x->sha256, 12), str_head(y->sha256, 12));
        add_change(&line, "url ", x->url, y->url);
        add_change(&line, "size ", size_text(d, x->size), size_text(d, y->size));
    }
    for (uint32_t i = 0; i < q->nfiles; i++)
        if (!file_named(p, q->files[i].name))
            add(&line, "+", q->files[i].name);
    end(&line, &d->groups[FILES]);
}

static void compare_flag(struct line *line, const char *what, bool before, bool after) {
    if (before != after)
        add(line, after ? "now " : "no longer ", str_of(what));
}

static void compare_rest(struct diff *d, const struct lock_package *p, const struct lock_package *q) {
    struct line edges = {0}, rest = {0};
    begin(&edges, q);
    each_difference(d, p->depends, p->ndepends, q->depends, q->ndepends, add_difference, &edges);
    end(&edges, &d->groups[EDGES]);
    begin(&rest, q);
    compare_flag(&rest, "requested", p->requested, q->requested);
    compare_flag(&rest, "direct", p->direct, q->direct);
    each_difference(d, p->extras, p->nextras, q->extras, q->nextras, add_extra, &rest);
    add_change(&rest, "marker ", p->marker, q->marker);
    end(&rest, &d->groups[CHANGED]);
}

/* Versions that differ in spelling alone (1.0, 1.0.0) are another file's, no up or down. */
static enum group direction(struct diff *d, struct str before, struct str after) {
    struct version x, y;
    if (!version_parse(&d->a, before, &x) || !version_parse(&d->a, after, &y) || !version_cmp(&x, &y))
        return CHANGED;
    return version_cmp(&x, &y) < 0 ? UPGRADED : DOWNGRADED;
}

static void compare_pair(struct diff *d, const struct lock_package *p, const struct lock_package *q) {
    if (str_eq(p->version, q->version))
        compare_files(d, p, q);
    else
        buf_fmt(&d->groups[direction(d, p->version, q->version)],
                "  " STR_FMT " " STR_FMT " -> " STR_FMT "\n", STR_ARG(p->name), STR_ARG(p->version),
                STR_ARG(q->version));
    compare_rest(d, p, q);
}

static void tell_single(struct diff *d, enum group group, const struct lock_package *p) {
    buf_c(&d->groups[group], "  ");
    show_package(p, &d->groups[group]);
    buf_char(&d->groups[group], '\n');
}

/* How two packages of one name belong together; the first of these that holds for some pair makes it. */
static bool belong(const struct lock_package *p, const struct lock_package *q, int how) {
    return (how == 2 || str_eq(p->marker, q->marker)) && (how || str_eq(p->version, q->version));
}

/* Packages of one name: one on each side, or in universal locks several, told apart by their markers. */
static void compare_name(struct diff *d, const struct lock_package *p, uint32_t np,
                         const struct lock_package *q, uint32_t nq) {
    bool *gone = arena_new(&d->a, bool, np), *come = arena_new(&d->a, bool, nq);
    for (int how = 0; how < 3; how++)
        for (uint32_t i = 0; i < np; i++)
            for (uint32_t k = 0; k < nq && !gone[i]; k++)
                if (!come[k] && belong(&p[i], &q[k], how)) {
                    gone[i] = come[k] = true;
                    compare_pair(d, &p[i], &q[k]);
                }
    for (uint32_t i = 0; i < np; i++)
        if (!gone[i])
            tell_single(d, REMOVED, &p[i]);
    for (uint32_t k = 0; k < nq; k++)
        if (!come[k])
            tell_single(d, ADDED, &q[k]);
}

static uint32_t same_name(const struct lock *l, uint32_t from) {
    uint32_t i = from;
    while (i < l->npackages && str_eq(l->packages[i].name, l->packages[from].name))
        i++;
    return i - from;
}

static void compare_packages(struct diff *d, const struct lock *x, const struct lock *y) {
    for (uint32_t i = 0, k = 0; i < x->npackages || k < y->npackages;) {
        int order = i == x->npackages   ? 1
                    : k == y->npackages ? -1
                                        : str_cmp(x->packages[i].name, y->packages[k].name);
        uint32_t np = order <= 0 ? same_name(x, i) : 0, nq = order >= 0 ? same_name(y, k) : 0;
        compare_name(d, x->packages + i, np, y->packages + k, nq);
        i += np;
        k += nq;
    }
}

struct listing {
    struct buf *out;
    const char *what;
};

static void list_difference(void *ctx, bool gone, struct str s) {
    const struct listing *l = ctx;
    buf_fmt(l->out, "  %s %c ", l->what, gone ? '-' : '+');
    show_text(s, l->out);
    buf_char(l->out, '\n');
}

static struct str *input_texts(struct diff *d, const struct lock *l) {
    struct str *texts = arena_new(&d->a, struct str, l->ninputs);
    for (uint32_t i = 0; i < l->ninputs; i++)
        texts[i] = str_of(arena_fmt(&d->a, STR_FMT " (sha256 %.12s)", STR_ARG(l->inputs[i].path),
                                    arena_str(&d->a, l->inputs[i].sha256).p));
    return texts;
}

static void compare_target(struct diff *d, const char *what, struct str before, struct str after) {
    struct line line = {0};
    buf_c(&line.text, " ");
    add_change(&line, what, before, after);
    end(&line, &d->groups[ASKED]);
}

static void compare_asked(struct diff *d, const struct lock *x, const struct lock *y) {
    struct listing l = {&d->groups[ASKED], "requirement"};
    compare_target(d, "python ", x->python, y->python);
    compare_target(d, "implementation ", x->implementation, y->implementation);
    compare_target(d, "platform ", x->platform, y->platform);
    each_difference(d, x->requires, x->nrequires, y->requires, y->nrequires, list_difference, &l);
    l.what = "option";
    each_difference(d, x->options, x->noptions, y->options, y->noptions, list_difference, &l);
    l.what = "input";
    each_difference(d, input_texts(d, x), x->ninputs, input_texts(d, y), y->ninputs, list_difference, &l);
}

bool show_diff(const struct lock *before, const struct lock *after, struct buf *out) {
    struct diff d = {0};
    bool any = false;
    compare_packages(&d, before, after);
    compare_asked(&d, before, after);
    for (int g = 0; g < GROUPS; g++) {
        if (d.groups[g].n) {
            buf_fmt(out, "%s\n", titles[g]);
            buf_str(out, buf_view(&d.groups[g]));
            any = true;
        }
        buf_free(&d.groups[g]);
    }
    arena_free(&d.a);
    return any;
}
