#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "formats/wheel.h"

enum group { GROUP_OTHER, GROUP_CONSOLE, GROUP_GUI };

struct reader {
    struct arena *a;
    const char *what;
    struct err *e;
    enum group group;
    VEC(struct entry_point) points;
};

static int fault(struct reader *r, struct str line, const char *why) {
    struct buf quoted = {0};
    json_quote(&quoted, str_head(line, 200));
    err_fail(r->e, "%s: %s: %s", r->what, quoted.p, why);
    buf_free(&quoted);
    return -1;
}

/* ASCII letters and '_', digits behind them; beyond ASCII the interpreter judges what is a letter. */
static bool is_identifier(struct str s) {
    if (!s.n || char_digit(s.p[0]))
        return false;
    while (s.n) {
        uint32_t code;
        unsigned n = utf8_char(s, &code);
        if (!n || (code < 0x80 && !char_alnum((char)code) && code != '_') || (code >= 0x80 && code < 0xaa))
            return false;
        s = str_from(s, n);
    }
    return true;
}

static bool is_dotted_name(struct str s) {
    struct str part;
    while (str_cut(&s, '.', &part))
        if (!is_identifier(part))
            return false;
    return true;
}

/* "module:attribute [extras]" */
static int reference(struct reader *r, struct str line, struct str value, struct entry_point *out) {
    ptrdiff_t bracket = str_find(value, '[');
    if (bracket >= 0 && value.p[value.n - 1] == ']')
        value = str_trim(str_head(value, (size_t)bracket));
    struct str module;
    if (!str_cut(&value, ':', &module) || !value.p)
        return fault(r, line, "a script needs \"module:function\"");
    module = str_trim(module);
    value = str_trim(value);
    if (!is_dotted_name(module) || !is_dotted_name(value))
        return fault(r, line, "this is not \"module:function\" in Python names");
    out->module = arena_str(r->a, module);
    out->attribute = arena_str(r->a, value);
    return 0;
}

/* The last of several with one name in one group counts, as for the other installers. */
static void add(struct reader *r, struct entry_point point) {
    for (uint32_t i = 0; i < r->points.n; i++) {
        struct entry_point *p = &r->points.p[i];
        if (p->gui == point.gui && str_eq(p->name, point.name)) {
            *p = point;
            return;
        }
    }
    vec_push(&r->points, point);
}

enum { MAX_SCRIPTS = 10000 };

static int entry(struct reader *r, struct str line) {
    struct entry_point point = {.gui = r->group == GROUP_GUI};
    struct str value = line, name;
    if (!str_cut(&value, '=', &name) || !value.p)
        return fault(r, line, "\"name = module:function\" is wanted");
    name = str_trim(name);
    if (!path_is_safe(name) || str_find(name, '/') >= 0)
        return fault(r, line, "this cannot be the name of a script");
    if (r->points.n == MAX_SCRIPTS)
        return fault(r, line, "too many scripts");
    point.name = arena_str(r->a, name);
    if (reference(r, line, str_trim(value), &point) < 0)
        return -1;
    add(r, point);
    return 0;
}

static int on_line(struct reader *r, struct str line) {
    if (!line.n || line.p[0] == '#' || line.p[0] == ';')
        return 0;
    if (line.p[0] == '[' && line.p[line.n - 1] == ']') {
        struct str group = str_trim((struct str){line.p + 1, line.n - 2});
        r->group = str_is(group, "console_scripts") ? GROUP_CONSOLE
                   : str_is(group, "gui_scripts")   ? GROUP_GUI
                                                    : GROUP_OTHER;
        return 0;
    }
    return r->group == GROUP_OTHER ? 0 : entry(r, line);
}

/* Lines stand each by itself, whatever their indentation: so importlib.metadata reads them at run time. */
int entry_points_parse(struct arena *a, struct str text, const char *what, struct entry_point **out,
                       uint32_t *n, struct err *e) {
    struct reader r = {.a = a, .what = what, .e = e};
    struct str line;
    int result = 0;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_from(text, 3);
    while (result == 0 && str_cut(&text, '\n', &line))
        result = on_line(&r, str_trim(line));
    *n = r.points.n;
    *out = arena_copy(a, r.points.p, r.points.n * sizeof *r.points.p);
    vec_free(&r.points);
    return result;
}
