#include "base/vec.h"
#include "formats/name.h"
#include "planner/links.h"
#include "planner/show.h"

struct frame { /* a package whose neighbours are being written */
    size_t next, end;
    size_t indent; /* bytes of the prefix that its own line had */
};

struct tree {
    const struct lock *lock;
    const struct show_tree *how;
    struct links links, back;
    bool *shown;
    struct buf prefix;            /* what the lines below the last frame begin with */
    VEC(struct frame) unfinished; /* not the C stack: a lock may hold a chain of any length */
    struct buf *out;
};

/* U+0080 to U+009F are controls too, and terminals heed some of them. */
static bool is_control(struct str s, size_t i) {
    unsigned char c = (unsigned char)s.p[i], next = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
    return c < 0x20 || c == 0x7f || (c == 0xc2 && next < 0xa0);
}

void show_text(struct str s, struct buf *out) {
    for (size_t i = 0; i < s.n; i++) {
        bool control = is_control(s, i);
        buf_char(out, control ? ' ' : s.p[i]);
        i += control && (unsigned char)s.p[i] == 0xc2;
    }
}

void show_package(const struct lock_package *p, struct buf *out) {
    buf_str(out, p->name);
    for (uint32_t i = 0; i < p->nextras; i++)
        buf_fmt(out, "%s" STR_FMT, i ? "," : "[", STR_ARG(p->extras[i]));
    buf_fmt(out, "%s " STR_FMT, p->nextras ? "]" : "", STR_ARG(p->version));
    if (p->marker.n) {
        buf_c(out, " ; ");
        show_text(p->marker, out);
    }
}

int show_find(const struct lock *l, struct str name, uint32_t *first, uint32_t *end, struct err *e) {
    struct arena a = {0};
    *first = *end = 0;
    if (name_is_valid(name))
        *first = links_find(l, name_normalize(&a, name), end);
    arena_free(&a);
    if (*first < *end)
        return 0;
    return err_fail(e, STR_FMT " is not in the plan; --tree shows all that is", STR_ARG(name));
}

/* A package's line. True if its neighbours are still to be written. */
static bool mention(struct tree *t, uint32_t package) {
    const struct lock_package *p = &t->lock->packages[package];
    bool leaf = links_count(&t->links, package) == 0, again = t->shown[package];
    show_package(p, t->out);
    buf_c(t->out, t->how->invert && p->requested ? " (requested)" : "");
    buf_c(t->out, again && !leaf ? " (above)\n" : "\n");
    t->shown[package] = true;
    return !again && !leaf;
}

static void descend(struct tree *t, uint32_t package, const char *indent) {
    struct frame f = {t->links.first[package], t->links.first[package + 1], t->prefix.n};
    buf_c(&t->prefix, indent);
    vec_push(&t->unfinished, f);
}

static void branch(struct tree *t, uint32_t package, bool last) {
    bool utf8 = t->how->utf8;
    buf_str(t->out, buf_view(&t->prefix));
    buf_c(t->out, last ? utf8 ? "└── " : "`-- " : utf8 ? "├── " : "|-- ");
    if (mention(t, package))
        descend(t, package, last ? "    " : utf8 ? "│   " : "|   ");
}

static void grow(struct tree *t, uint32_t root) {
    if (mention(t, root))
        descend(t, root, "");
    while (t->unfinished.n) {
        struct frame *f = &t->unfinished.p[t->unfinished.n - 1];
        if (f->next == f->end) {
            t->prefix.n = f->indent;
            t->unfinished.n--;
            continue;
        }
        uint32_t package = t->links.to[f->next++];
        branch(t, package, f->next == f->end);
    }
}

/* Where a tree begins: at what was asked for, or, inverted, at what needs nothing. */
static bool is_root(const struct tree *t, uint32_t package) {
    return t->how->invert ? links_count(&t->back, package) == 0 : t->lock->packages[package].requested;
}

/* Then what nothing leads to, then cycles that nothing leads to: no package is left out. */
static void grow_all(struct tree *t) {
    for (uint32_t i = 0; i < t->links.n; i++)
        if (is_root(t, i))
            grow(t, i);
    for (uint32_t i = 0; i < t->links.n; i++)
        if (!t->shown[i] && links_count(&t->back, i) == 0)
            grow(t, i);
    for (uint32_t i = 0; i < t->links.n; i++)
        if (!t->shown[i])
            grow(t, i);
}

static int grow_named(struct tree *t, struct err *e) {
    uint32_t at, end;
    for (uint32_t i = 0; i < t->how->nnames; i++)
        if (show_find(t->lock, str_of(t->how->names[i]), &at, &end, e) < 0)
            return -1;
    for (uint32_t i = 0; i < t->how->nnames; i++)
        for (show_find(t->lock, str_of(t->how->names[i]), &at, &end, e); at < end; at++)
            grow(t, at);
    return 0;
}

int show_tree(const struct lock *l, const struct show_tree *how, struct buf *out, struct err *e) {
    struct arena a = {0};
    struct tree t = {.lock = l, .how = how, .shown = arena_new(&a, bool, l->npackages), .out = out};
    int result = 0;
    links_make(l, how->invert, &a, &t.links);
    links_make(l, !how->invert, &a, &t.back);
    if (how->nnames)
        result = grow_named(&t, e);
    else
        grow_all(&t);
    buf_free(&t.prefix);
    vec_free(&t.unfinished);
    arena_free(&a);
    return result;
}
