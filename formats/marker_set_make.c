/* From comparisons to diagrams. A version comparison changes its truth only next to the versions its literal
   names: so those are listed, and marker_eval is asked at each of them. That way all operators mean here what
   they mean there. */
#include "formats/marker_set_internal.h"

enum { POINTS_MAX = 4096 };
static const uint64_t NUMBER_MAX = 1000000000000000; /* greater ones are no version of anything */

/* What follows from what. `both`: and the other way round. Sources: the Python documentation of os.name,
   sys.platform, platform.system and platform.python_implementation. Of systems where an answer changed with
   Python's version or with the build (platform.system on Android, iOS, Cygwin), nothing is said. */
static const struct relation {
    uint32_t axis;
    struct str value;
    enum marker_var then;
    struct str is;
    bool both;
} relations[] = {
    {AXIS_SYS_PLATFORM, STR_INIT("linux"), MARKER_OS_NAME, STR_INIT("posix"), false},
    {AXIS_SYS_PLATFORM, STR_INIT("darwin"), MARKER_OS_NAME, STR_INIT("posix"), false},
    {AXIS_SYS_PLATFORM, STR_INIT("win32"), MARKER_OS_NAME, STR_INIT("nt"), true},
    {AXIS_SYS_PLATFORM, STR_INIT("cygwin"), MARKER_OS_NAME, STR_INIT("posix"), false},
    {AXIS_SYS_PLATFORM, STR_INIT("android"), MARKER_OS_NAME, STR_INIT("posix"), false},
    {AXIS_SYS_PLATFORM, STR_INIT("ios"), MARKER_OS_NAME, STR_INIT("posix"), false},
    {AXIS_SYS_PLATFORM, STR_INIT("emscripten"), MARKER_OS_NAME, STR_INIT("posix"), false},
    {AXIS_SYS_PLATFORM, STR_INIT("wasi"), MARKER_OS_NAME, STR_INIT("posix"), false},
    {AXIS_SYS_PLATFORM, STR_INIT("linux"), MARKER_PLATFORM_SYSTEM, STR_INIT("Linux"), true},
    {AXIS_SYS_PLATFORM, STR_INIT("darwin"), MARKER_PLATFORM_SYSTEM, STR_INIT("Darwin"), true},
    {AXIS_SYS_PLATFORM, STR_INIT("win32"), MARKER_PLATFORM_SYSTEM, STR_INIT("Windows"), true},
    {AXIS_PYTHON_IMPLEMENTATION, STR_INIT("CPython"), MARKER_IMPLEMENTATION_NAME, STR_INIT("cpython"), true},
    {AXIS_PYTHON_IMPLEMENTATION, STR_INIT("PyPy"), MARKER_IMPLEMENTATION_NAME, STR_INIT("pypy"), true},
};
enum { RELATIONS = sizeof relations / sizeof *relations };

static const enum marker_var axis_vars[AXES] = {
    [AXIS_PYTHON] = MARKER_PYTHON_FULL_VERSION,
    [AXIS_IMPLEMENTATION_VERSION] = MARKER_IMPLEMENTATION_VERSION,
    [AXIS_PLATFORM_RELEASE] = MARKER_PLATFORM_RELEASE,
    [AXIS_SYS_PLATFORM] = MARKER_SYS_PLATFORM,
    [AXIS_PYTHON_IMPLEMENTATION] = MARKER_PLATFORM_PYTHON_IMPLEMENTATION,
    [AXIS_OS_NAME] = MARKER_OS_NAME,
    [AXIS_PLATFORM_SYSTEM] = MARKER_PLATFORM_SYSTEM,
    [AXIS_IMPLEMENTATION_NAME] = MARKER_IMPLEMENTATION_NAME,
    [AXIS_PLATFORM_MACHINE] = MARKER_PLATFORM_MACHINE,
    [AXIS_PLATFORM_VERSION] = MARKER_PLATFORM_VERSION,
    [AXIS_TEST] = MARKER_VARS,
};

enum marker_var axis_var(uint32_t axis) {
    return axis_vars[axis];
}

static uint32_t axis_of(enum marker_var var) {
    if (var == MARKER_PYTHON_VERSION)
        return AXIS_PYTHON;
    uint32_t axis = 0;
    while (axis_vars[axis] != var)
        axis++;
    return axis;
}

uint32_t relation_decides(struct marker_space *s, uint32_t axis, uint32_t value, enum marker_var var) {
    if (axis_vars[axis] == var)
        return value;
    for (int i = 0; s->related && i < RELATIONS; i++)
        if (relations[i].axis == axis && relations[i].then == var &&
            str_eq(relations[i].value, s->values.keys[value]))
            return map_id(&s->values, relations[i].is);
    return MAP_NONE;
}

bool relation_has_decider(uint32_t axis) {
    return axis == AXIS_SYS_PLATFORM || axis == AXIS_PYTHON_IMPLEMENTATION;
}

/* Points. */

static int number_cmp(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

int point_cmp(const struct point *a, const struct point *b) {
    int c = 0;
    for (int i = 0; i < 3 && !c; i++)
        c = number_cmp(a->release[i], b->release[i]);
    if (!c)
        c = number_cmp(a->phase, b->phase);
    return c ? c : number_cmp(a->n, b->n);
}

static int point_qsort(const void *a, const void *b) {
    return point_cmp(a, b);
}

/* The first with this release. */
static struct point first_of(uint64_t x, uint64_t y, uint64_t z) {
    return (struct point){.release = {x, y, z}};
}

struct point point_next(struct point p) {
    if (p.phase == POINT_FINAL)
        return first_of(p.release[0], p.release[1], p.release[2] + 1);
    p.n++;
    return p;
}

char *point_text(struct arena *a, struct point p) {
    static const char *const phases[] = {"a", "b", "rc"};
    char *release = arena_fmt(a, "%llu.%llu.%llu", (unsigned long long)p.release[0],
                              (unsigned long long)p.release[1], (unsigned long long)p.release[2]);
    if (p.phase == POINT_FINAL)
        return release;
    return arena_fmt(a, "%s%s%llu", release, phases[p.phase], (unsigned long long)p.n);
}

uint32_t point_cut(struct marker_space *s, struct point p) {
    struct arena scratch = {0};
    struct version v;
    version_parse(&scratch, str_of(point_text(&scratch, p)), &v);
    uint32_t id = map_id(&s->cuts, v.key);
    if (id == s->points.n)
        vec_push(&s->points, p);
    arena_free(&scratch);
    return id;
}

/* The pre-release of a normalized version's text; false if it has none. */
static bool read_pre(struct str text, struct point *p) {
    ptrdiff_t epoch = str_find(text, '!');
    text = str_from(text, (size_t)(epoch + 1));
    while (text.n && (char_digit(text.p[0]) || text.p[0] == '.'))
        text = str_from(text, 1);
    if (!text.n || !strchr("abr", text.p[0]))
        return false;
    p->phase = text.p[0] == 'a' ? POINT_A : text.p[0] == 'b' ? POINT_B : POINT_RC;
    text = str_from(text, p->phase == POINT_RC ? 2 : 1);
    size_t n = 0;
    while (n < text.n && char_digit(text.p[n]))
        n++;
    if (!str_u64(str_head(text, n), &p->n) || p->n > NUMBER_MAX)
        p->n = NUMBER_MAX;
    return true;
}

typedef VEC(struct point) points_vec;

/* Where comparisons with this version can change: the version, its neighbours, and where the series begin and
   end that it is in (~= and wildcards, python_version). */
static void add_version(points_vec *points, const struct version *v) {
    uint64_t r[3] = {0};
    version_release(v, r, 3);
    for (int i = 0; i < 3; i++)
        if (r[i] > NUMBER_MAX)
            r[i] = NUMBER_MAX;
    struct point p = first_of(r[0], r[1], r[2]);
    vec_push(points, first_of(r[0], 0, 0));
    vec_push(points, first_of(r[0], r[1], 0));
    vec_push(points, p);
    if (read_pre(v->text, &p)) {
        vec_push(points, p);
        vec_push(points, point_next(p));
    }
    p.phase = POINT_FINAL;
    p.n = 0;
    vec_push(points, p);
    vec_push(points, point_next(p));
    vec_push(points, first_of(r[0], r[1] + 1, 0));
    vec_push(points, first_of(r[0] + 1, 0, 0));
}

static void add_literal(points_vec *points, struct str literal) {
    struct arena scratch = {0};
    struct version v;
    while (str_starts(literal, STR("="))) /* `< "=3.8"` is read as <= */
        literal = str_from(literal, 1);
    literal = str_trim(literal);
    if (str_ends(literal, STR(".*")))
        literal.n -= 2;
    if (version_parse(&scratch, literal, &v))
        add_version(points, &v);
    arena_free(&scratch);
}

/* All versions whose text is somewhere in the literal of `in`: of up to this many bytes. */
static void add_substrings(points_vec *points, struct str literal) {
    enum { LONGEST = 20 };
    struct arena scratch = {0};
    for (size_t i = 0; i < literal.n && points->n < POINTS_MAX; i++) {
        if (!char_digit(literal.p[i]))
            continue;
        for (size_t n = 3; n <= LONGEST && i + n <= literal.n && points->n < POINTS_MAX; n++) {
            struct version v;
            char last = literal.p[i + n - 1];
            if (!char_digit(last) && last != '.' && !char_alpha(last))
                break;
            if (char_digit(last) && version_parse(&scratch, str_head(str_from(literal, i), n), &v))
                add_version(points, &v);
        }
    }
    arena_free(&scratch);
}

/* Comparisons of versions. */

static bool holds_at(const struct marker *m, struct arena *a, struct point p) {
    struct marker_env env = {0};
    unsigned long long x = p.release[0], y = p.release[1];
    env.values[m->var] =
        str_of(m->var == MARKER_PYTHON_VERSION ? arena_fmt(a, "%llu.%llu", x, y) : point_text(a, p));
    return marker_eval(m, &env);
}

static bool holds_for_no_version(const struct marker *m) {
    struct marker_env env = {0};
    env.values[m->var] = STR(NO_VERSION);
    return marker_eval(m, &env);
}

static uint32_t sample(struct marker_space *s, const struct marker *m, points_vec *points) {
    struct arena scratch = {0};
    uint32_t base = s->work.n, axis = axis_of(m->var);
    struct point least = first_of(0, 0, 0);
    if (axis == AXIS_PLATFORM_RELEASE) {
        vec_push(&s->work, (struct edge){0, holds_for_no_version(m)});
        vec_push(points, least);
    } else {
        vec_push(&s->work, (struct edge){0, holds_at(m, &scratch, least)});
    }
    if (points->n)
        qsort(points->p, points->n, sizeof *points->p, point_qsort);
    for (uint32_t i = 0; i < points->n; i++) {
        uint32_t to = holds_at(m, &scratch, points->p[i]);
        if (to != s->work.p[s->work.n - 1].to)
            vec_push(&s->work, (struct edge){point_cut(s, points->p[i]), to});
    }
    arena_free(&scratch);
    return marker_node(s, axis, 0, base);
}

/* Yes-or-no questions: each has a text, and the text is its name. */

static uint32_t ask(struct marker_space *s, const struct marker *m, enum marker_op op, bool swapped) {
    struct marker test = *m;
    struct buf text = {0};
    test.op = op;
    test.swapped = swapped;
    test.spec = NULL;
    marker_format(&test, &text);
    uint32_t id = map_id(&s->test_texts, buf_view(&text));
    buf_free(&text);
    if (id == s->tests.n) {
        test.literal = arena_str(&s->arena, m->literal);
        vec_push(&s->tests, test);
        s->tested[m->var] = true;
    }
    uint32_t base = s->work.n;
    vec_push(&s->work, (struct edge){0, MARKER_NEVER});
    vec_push(&s->work, (struct edge){1, MARKER_ALWAYS});
    return marker_node(s, AXIS_TEST, id, base);
}

/* in, not in */
static uint32_t contains(struct marker_space *s, const struct marker *m) {
    uint32_t inside = m->swapped && !m->literal.n ? MARKER_ALWAYS : ask(s, m, MOP_IN, m->swapped);
    return m->op == MOP_IN ? inside : marker_set_not(s, inside);
}

static uint32_t sample_literal(struct marker_space *s, const struct marker *m) {
    points_vec points = {0};
    if (m->op == MOP_IN || m->op == MOP_NOT_IN)
        add_substrings(&points, m->literal);
    else
        add_literal(&points, m->literal);
    uint32_t set = points.n < POINTS_MAX ? sample(s, m, &points) : contains(s, m);
    vec_free(&points);
    return set;
}

static uint32_t is_no_version(struct marker_space *s) {
    uint32_t base = s->work.n;
    vec_push(&s->work, (struct edge){0, MARKER_ALWAYS});
    vec_push(&s->work, (struct edge){point_cut(s, first_of(0, 0, 0)), MARKER_NEVER});
    return marker_node(s, AXIS_PLATFORM_RELEASE, 0, base);
}

static bool is_version(struct str text) {
    struct arena scratch = {0};
    struct version v;
    bool is = version_parse(&scratch, text, &v);
    arena_free(&scratch);
    return is;
}

/* platform_release and a text that is no version: it can be that text, but for those that == would take for
   versions. */
static uint32_t release_is(struct marker_space *s, const struct marker *m) {
    struct str text = m->literal;
    if (str_ends(text, STR(".*")))
        text.n -= 2;
    uint32_t equal = is_version(text) ? MARKER_NEVER : ask(s, m, MOP_EQ, false);
    switch (m->op) {
    case MOP_EQ:
    case MOP_LE:
    case MOP_GE:
    case MOP_ARBITRARY:
        return equal;
    case MOP_NE:
        if (!m->swapped)
            return marker_set_not(s, equal);
        if (str_is(m->literal, NO_VERSION))
            return is_no_version(s);
        return marker_set_and(s, is_no_version(s), marker_set_not(s, equal));
    default:
        return MARKER_NEVER;
    }
}

static uint32_t compare_releases(struct marker_space *s, const struct marker *m) {
    bool named = is_version(m->literal);
    if (m->op == MOP_IN || m->op == MOP_NOT_IN)
        return contains(s, m);
    if (m->op == MOP_ARBITRARY && named) { /* as ==: how a release is spelled is not kept */
        struct marker equal = {.var = m->var, .op = MOP_EQ, .swapped = true, .literal = m->literal};
        return sample_literal(s, &equal);
    }
    if (m->op == MOP_ARBITRARY || (m->swapped ? !named : !m->spec))
        return release_is(s, m);
    return sample_literal(s, m);
}

static uint32_t compare_versions(struct marker_space *s, const struct marker *m) {
    if (m->var == MARKER_PLATFORM_RELEASE)
        return compare_releases(s, m);
    bool in = m->op == MOP_IN || m->op == MOP_NOT_IN;
    return in && m->swapped ? contains(s, m) : sample_literal(s, m);
}

/* Comparisons of strings. */

static uint32_t is_value(struct marker_space *s, uint32_t axis, struct str value) {
    for (int i = 0; s->related && i < RELATIONS; i++)
        if (relations[i].both && relations[i].then == axis_vars[axis] && str_eq(relations[i].is, value))
            return is_value(s, relations[i].axis, relations[i].value);
    uint32_t base = s->work.n;
    vec_push(&s->work, (struct edge){0, MARKER_NEVER});
    vec_push(&s->work, (struct edge){map_id(&s->values, value), MARKER_ALWAYS});
    return marker_node(s, axis, 0, base);
}

static uint32_t equals(struct marker_space *s, const struct marker *m) {
    return m->var == MARKER_EXTRA ? ask(s, m, MOP_EQ, false) : is_value(s, axis_of(m->var), m->literal);
}

static uint32_t compare_strings(struct marker_space *s, const struct marker *m) {
    switch (m->op) {
    case MOP_EQ:
    case MOP_LE:
    case MOP_GE:
        return equals(s, m);
    case MOP_NE:
        return marker_set_not(s, equals(s, m));
    case MOP_IN:
    case MOP_NOT_IN:
        return contains(s, m);
    default: /* strings have no order */
        return MARKER_NEVER;
    }
}

/* extras, dependency_groups: only `"x" in` and `"x" not in` ask something. */
static uint32_t compare_sets(struct marker_space *s, const struct marker *m) {
    if (!m->swapped)
        return MARKER_NEVER;
    if (m->op == MOP_NE)
        return MARKER_ALWAYS;
    if (m->op != MOP_IN && m->op != MOP_NOT_IN)
        return MARKER_NEVER;
    uint32_t inside = ask(s, m, MOP_IN, true);
    return m->op == MOP_IN ? inside : marker_set_not(s, inside);
}

static uint32_t compare(struct marker_space *s, const struct marker *m) {
    switch (m->var) {
    case MARKER_PYTHON_VERSION:
    case MARKER_PYTHON_FULL_VERSION:
    case MARKER_IMPLEMENTATION_VERSION:
    case MARKER_PLATFORM_RELEASE:
        return compare_versions(s, m);
    case MARKER_EXTRAS:
    case MARKER_DEPENDENCY_GROUPS:
        return compare_sets(s, m);
    default:
        return compare_strings(s, m);
    }
}

static uint32_t join(struct marker_space *s, enum marker_kind kind, uint32_t x, uint32_t y) {
    return kind == MARKER_AND ? marker_set_and(s, x, y) : marker_set_or(s, x, y);
}

/* Chains lean to the right and may be long: they are walked, not descended. */
uint32_t marker_set_of(struct marker_space *s, const struct marker *m) {
    if (!m)
        return MARKER_ALWAYS;
    if (m->kind == MARKER_COMPARE)
        return compare(s, m);
    enum marker_kind kind = m->kind;
    uint32_t set = marker_set_of(s, m->left);
    for (m = m->right; m->kind == kind; m = m->right)
        set = join(s, kind, set, marker_set_of(s, m->left));
    return join(s, kind, set, marker_set_of(s, m));
}

uint32_t marker_set_of_python(struct marker_space *s, const struct specifiers *python) {
    static const enum marker_op ops[] = {[OP_COMPATIBLE] = MOP_COMPATIBLE,
                                         [OP_EQ] = MOP_EQ,
                                         [OP_NE] = MOP_NE,
                                         [OP_LE] = MOP_LE,
                                         [OP_GE] = MOP_GE,
                                         [OP_LT] = MOP_LT,
                                         [OP_GT] = MOP_GT,
                                         [OP_ARBITRARY] = MOP_ARBITRARY};
    uint32_t set = MARKER_ALWAYS;
    for (uint32_t i = 0; i < python->n; i++) {
        struct marker m = {.kind = MARKER_COMPARE,
                           .var = MARKER_PYTHON_FULL_VERSION,
                           .op = ops[python->p[i].op],
                           .literal = python->p[i].text,
                           .spec = &python->p[i]};
        set = marker_set_and(s, set, compare(s, &m));
    }
    return set;
}
