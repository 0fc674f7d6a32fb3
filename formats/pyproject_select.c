#include "base/map.h"
#include "base/vec.h"
#include "formats/name.h"
#include "formats/pyproject_internal.h"

/* Beyond what a person writes; they keep a hostile file from taking all time, memory or stack. */
enum { MAX_STEPS = 100000, MAX_DEPTH = 200 };

enum state {
    STATE_NEW,
    STATE_OPEN, /* is being added */
    STATE_DONE
};

struct selection {
    struct arena *a;
    const struct pyproject *p;
    struct err *e;
    struct map extra_names, group_names; /* ids as in p */
    enum state *extras, *groups;         /* of each */
    uint32_t steps;
    int depth;
    VEC(struct pyproject_dependency) out;
};

static int fail_at(struct selection *s, size_t offset, const char *why) {
    return err_at(s->e, s->p->file, s->p->text, offset, "%s", why);
}

static int check_limits(struct selection *s, size_t offset) {
    if (++s->steps > MAX_STEPS || s->depth > MAX_DEPTH)
        return fail_at(s, offset, "extras or groups that lead to each other too often");
    return 0;
}

/* "it has a, b" */
static const char *extras_there(struct selection *s) {
    char *text = arena_fmt(s->a, "it has %s", s->p->nextras ? "" : "none");
    for (uint32_t i = 0; i < s->p->nextras && i < 20; i++)
        text = arena_fmt(s->a, "%s%s" STR_FMT, text, i ? ", " : "", STR_ARG(s->p->extras[i].name));
    return text;
}

static const char *groups_there(struct selection *s) {
    char *text = arena_fmt(s->a, "it has %s", s->p->ngroups ? "" : "none");
    for (uint32_t i = 0; i < s->p->ngroups && i < 20; i++)
        text = arena_fmt(s->a, "%s%s" STR_FMT, text, i ? ", " : "", STR_ARG(s->p->groups[i].name));
    return text;
}

/* Markers. A condition is the text of one, empty: always. */

/* Where the ';' of a requirement is; a URL may have one in itself. */
static struct str marker_of(const struct requirement *r, struct str *head) {
    size_t from = r->url.n ? (size_t)(r->url.p + r->url.n - r->text.p) : 0;
    ptrdiff_t at = r->marker ? str_find(str_from(r->text, from), ';') : -1;
    *head = at < 0 ? r->text : str_trim(str_head(r->text, from + (size_t)at));
    return at < 0 ? STR("") : str_trim(str_from(r->text, from + (size_t)at + 1));
}

static struct str both(struct arena *a, struct str x, struct str y) {
    if (!x.n || !y.n || str_eq(x, y))
        return x.n ? x : y;
    return str_of(arena_fmt(a, "(" STR_FMT ") and (" STR_FMT ")", STR_ARG(x), STR_ARG(y)));
}

static int add_under(struct selection *s, const struct pyproject_dependency *d, struct str condition) {
    struct pyproject_dependency with = *d;
    struct str head, marker = marker_of(&d->req, &head);
    size_t at;
    const char *why;
    if (condition.n) {
        marker = both(s->a, condition, marker);
        char *text = arena_fmt(s->a, STR_FMT " ; " STR_FMT, STR_ARG(head), STR_ARG(marker));
        if (requirement_parse(s->a, str_of(text), false, &with.req, &at, &why) < 0)
            return fail_at(s, d->offset, why);
    }
    vec_push(&s->out, with);
    return 0;
}

/* Extras. */

static int add_dependency(struct selection *s, const struct pyproject_dependency *d, struct str condition);

/* An extra that is open is there already, under a condition that is no narrower. */
static int add_extra(struct selection *s, uint32_t i, struct str condition) {
    const struct pyproject_dependencies *d = &s->p->extras[i].dependencies;
    int result = 0;
    if (s->extras[i] != STATE_NEW)
        return 0;
    s->extras[i] = STATE_OPEN;
    s->depth++;
    for (uint32_t k = 0; k < d->n && result == 0; k++)
        result = add_dependency(s, &d->p[k], condition);
    s->depth--;
    s->extras[i] = condition.n ? STATE_NEW : STATE_DONE; /* others may need it under other conditions */
    return result;
}

static int add_dependency(struct selection *s, const struct pyproject_dependency *d, struct str condition) {
    struct str head, marker = marker_of(&d->req, &head);
    if (check_limits(s, d->offset) < 0)
        return -1;
    if (!s->p->name.n || !str_eq(d->req.name, s->p->name))
        return add_under(s, d, condition);
    condition = both(s->a, condition, marker);
    for (uint32_t k = 0; k < d->req.nextras; k++) {
        uint32_t i = map_find(&s->extra_names, d->req.extras[k]);
        if (i == MAP_NONE)
            return fail_at(s, d->offset,
                           arena_fmt(s->a, "the project has no extra \"" STR_FMT "\": %s",
                                     STR_ARG(d->req.extras[k]), extras_there(s)));
        if (add_extra(s, i, condition) < 0)
            return -1;
    }
    return 0;
}

/* Groups. */

static int add_group(struct selection *s, uint32_t i, size_t offset);

/* {include-group = "name"} */
static int add_included(struct selection *s, const struct toml *t) {
    const struct toml *include = toml_get(t, "include-group");
    if (!include || t->n != 1)
        return fail_at(s, t->offset, "a requirement or {include-group = \"name\"} should stand here");
    if (pyproject_expect(s->p, include, TOML_TEXT, s->e) < 0)
        return -1;
    uint32_t i = map_find(&s->group_names, name_normalize(s->a, include->text));
    if (i == MAP_NONE)
        return fail_at(s, include->offset, "there is no such group in [dependency-groups]");
    return add_group(s, i, include->offset);
}

static int add_member(struct selection *s, const struct toml *t) {
    struct pyproject_dependency d;
    if (check_limits(s, t->offset) < 0)
        return -1;
    if (t->type == TOML_TABLE)
        return add_included(s, t);
    return pyproject_requirement(s->a, s->p, t, &d, s->e) < 0 ? -1 : add_dependency(s, &d, STR(""));
}

/* offset: who asks for it. */
static int add_group(struct selection *s, uint32_t i, size_t offset) {
    const struct pyproject_group *g = &s->p->groups[i];
    int result = 0;
    if (s->groups[i] == STATE_OPEN)
        return fail_at(
            s, offset,
            arena_fmt(s->a, "the group \"" STR_FMT "\" includes itself, by way of this", STR_ARG(g->name)));
    if (s->groups[i] == STATE_DONE)
        return 0;
    if (pyproject_expect(s->p, g->list, TOML_ARRAY, s->e) < 0)
        return -1;
    s->groups[i] = STATE_OPEN;
    s->depth++;
    for (const struct toml *t = g->list->child; t && result == 0; t = t->next)
        result = add_member(s, t);
    s->depth--;
    s->groups[i] = STATE_DONE;
    return result;
}

/* What is wished for. */

static int add_wished_extras(struct selection *s, const struct pyproject_wish *wish) {
    for (uint32_t i = 0; wish->all_extras && i < s->p->nextras; i++)
        if (add_extra(s, i, STR("")) < 0)
            return -1;
    for (uint32_t k = 0; k < wish->nextras; k++) {
        uint32_t i = map_find(&s->extra_names, name_normalize(s->a, str_of(wish->extras[k])));
        if (i == MAP_NONE)
            return err_input(s->e, "%s: the project has no extra \"%s\": %s", s->p->file, wish->extras[k],
                             extras_there(s));
        if (add_extra(s, i, STR("")) < 0)
            return -1;
    }
    return 0;
}

static int add_wished_groups(struct selection *s, const struct pyproject_wish *wish) {
    for (uint32_t k = 0; k < wish->ngroups; k++) {
        uint32_t i = map_find(&s->group_names, name_normalize(s->a, str_of(wish->groups[k])));
        if (i == MAP_NONE)
            return err_input(s->e, "%s: there is no dependency group \"%s\": %s", s->p->file, wish->groups[k],
                             groups_there(s));
        if (add_group(s, i, 0) < 0)
            return -1;
    }
    return 0;
}

int pyproject_select(struct arena *a, const struct pyproject *p, const struct pyproject_wish *wish,
                     struct pyproject_dependencies *out, struct err *e) {
    struct selection s = {.a = a,
                          .p = p,
                          .e = e,
                          .extras = arena_new(a, enum state, p->nextras),
                          .groups = arena_new(a, enum state, p->ngroups)};
    int result = 0;
    for (uint32_t i = 0; i < p->nextras; i++)
        map_id(&s.extra_names, p->extras[i].name);
    for (uint32_t i = 0; i < p->ngroups; i++)
        map_id(&s.group_names, p->groups[i].name);
    for (uint32_t i = 0; i < p->dependencies.n && result == 0; i++)
        result = add_dependency(&s, &p->dependencies.p[i], STR(""));
    if (result == 0)
        result = add_wished_extras(&s, wish);
    if (result == 0)
        result = add_wished_groups(&s, wish);
    *out = (struct pyproject_dependencies){s.out.n ? arena_copy(a, s.out.p, s.out.n * sizeof *s.out.p) : NULL,
                                           s.out.n};
    vec_free(&s.out);
    map_free(&s.extra_names);
    map_free(&s.group_names);
    return result;
}
