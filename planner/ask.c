#include "planner/ask.h"

#include <stdlib.h>

#include "base/file.h"
#include "planner/emit.h"
#include "planner/show.h"

static int read_text(struct arena *a, const char *path, struct str *out, struct err *e) {
    struct buf text = {0};
    int result = file_read(path, &text, e);
    *out = arena_str(a, buf_view(&text));
    buf_free(&text);
    return result;
}

static int read_lock(struct arena *a, const char *path, struct lock *out, struct err *e) {
    struct str text;
    return read_text(a, path, &text, e) < 0 ? -1 : lock_read(a, text, path, out, e);
}

/* No requirement begins like this, and it is what every env.lock has on a line of its own. */
static bool looks_like_lock(struct str text) {
    struct str line;
    while (str_cut(&text, '\n', &line))
        if (str_starts(line, STR("lock-version:")))
            return true;
    return false;
}

static bool is_regular(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The only input, if it can be looked into without taking it away from who reads it next. */
static const char *only_input(const struct options *o) {
    bool only = o->inputs.n == 1 && !o->requirements.n && !o->editables.n && !o->check;
    return only && strcmp(o->inputs.p[0], "-") && is_regular(o->inputs.p[0]) ? o->inputs.p[0] : NULL;
}

int ask_given(const struct options *o, struct arena *a, struct lock *out, struct err *e) {
    const char *path = o->lock ? o->lock : only_input(o);
    struct str text;
    if (!path)
        return 0;
    if (read_text(a, path, &text, e) < 0)
        return -1;
    if (!o->lock && !looks_like_lock(text))
        return 0;
    if (lock_read(a, text, path, out, e) < 0)
        return -1;
    emit_absolute(out, path_absolute(a, path_dir(a, path)), a);
    return 1;
}

bool ask_is_show(const struct options *o) {
    return o->tree || o->why.n > 0;
}

/* As setlocale would look, without the state that it leaves. */
static bool is_utf8(void) {
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (!value || !*value)
            continue;
        struct str s = str_of(value);
        ptrdiff_t dot = str_find(s, '.');
        s = dot < 0 ? STR("") : str_head(str_from(s, (size_t)dot + 1), strcspn(value + dot + 1, "@"));
        return str_ieq(s, STR("UTF-8")) || str_ieq(s, STR("UTF8"));
    }
    return false;
}

int ask_show(const struct options *o, const struct lock *l, struct buf *out, struct err *e) {
    struct show_tree how = {o->invert, is_utf8(), o->names.p, o->names.n};
    if (o->tree)
        return show_tree(l, &how, out, e);
    for (uint32_t i = 0; i < o->why.n; i++)
        if (show_why(l, str_of(o->why.p[i]), out, e) < 0)
            return -1;
    return 0;
}

int ask_diff(const struct options *o, struct arena *a, struct buf *out, struct err *e) {
    struct lock before, after;
    if (read_lock(a, o->inputs.p[0], &before, e) < 0 || read_lock(a, o->inputs.p[1], &after, e) < 0)
        return -1;
    return show_diff(&before, &after, out);
}

/* The new one is compared as it would be read: nothing can differ that is not written. */
int ask_check(const struct lock *before, const struct lock *after, struct arena *a, struct buf *out,
              struct err *e) {
    struct buf text = {0};
    struct lock written;
    lock_write(after, &text);
    int result = lock_read(a, arena_str(a, buf_view(&text)), "the new plan", &written, e);
    buf_free(&text);
    return result < 0 ? -1 : show_diff(before, &written, out);
}
