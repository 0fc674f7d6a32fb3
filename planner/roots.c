#include "planner/roots.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/url.h"
#include "formats/filename.h"
#include "formats/name.h"
#include "formats/reqfile.h"
#include "planner/project.h"

enum { MAX_FILES = 1000, MAX_DEPTH = 30 };

struct reading {
    struct options *options;
    const struct marker_env *env;
    struct arena *a;
    struct roots *out;
    struct map seen; /* absolute path, constraint or not */
    int depth;       /* of nested files */
    bool project;    /* a pyproject.toml was among the files */
    bool too_deep;   /* that is the error: where each of them stands says no more */
};

struct pending { /* a file still to be read, and how it came about */
    const char *path;
    bool constraint;
};

static const char *variable(const char *name) {
    return getenv(name);
}

/* Paths, and file URLs without a leading '/', are relative to the file that names them. */
static struct str absolute_url(struct reading *r, struct str text, const char *dir) {
    if (str_ieq(str_head(text, 5), STR("file:")) && !str_starts(str_from(text, 5), STR("/"))) {
        char *here = arena_fmt(r->a, "%s/", path_absolute(r->a, dir));
        return url_join(r->a, url_of_path(r->a, here), str_from(text, 5));
    }
    if (url_is(text))
        return arena_str(r->a, text);
    return url_of_path(r->a, path_absolute(r->a, path_join(r->a, dir, arena_str(r->a, text).p)));
}

/* A place as it may be shown: without the credentials of a URL. */
static struct str shown(struct reading *r, struct str place) {
    return url_is(place) ? url_redact(r->a, place) : place;
}

/* "name @ URL ; marker", its URL as it may be shown. */
static struct str shown_requirement(struct reading *r, const struct requirement *q) {
    struct str text = q->text;
    size_t at = (size_t)(q->url.p - text.p);
    return str_of(arena_fmt(r->a, STR_FMT STR_FMT STR_FMT, STR_ARG(str_head(text, at)),
                            STR_ARG(shown(r, q->url)), STR_ARG(str_from(text, at + q->url.n))));
}

static int add_root(struct reading *r, struct root root) {
    root.active = !root.req.marker || marker_eval(root.req.marker, r->env);
    vec_push(&r->out->list, root);
    return 0;
}

/* Hashes may stand in the URL's fragment as well as in --hash. */
static void take_fragment_hash(struct reading *r, struct root *root, struct str url) {
    struct str sha256 = url_fragment_value(url, STR("sha256"));
    if (!sha256.n || root->nhashes)
        return;
    root->hashes = arena_new(r->a, struct str, 1);
    root->hashes[0] = str_of(arena_fmt(r->a, "sha256:" STR_FMT, STR_ARG(sha256)));
    root->nhashes = 1;
}

/* The file behind a URL: named as a wheel or an sdist; there, if it is a local one. hint: the project's name,
   where it is known. */
static int check_place(struct reading *r, struct str url, struct str text, struct str hint, struct str where,
                       struct filename *out, struct err *e) {
    struct str path = url_to_path(r->a, url);
    *out = filename_parse(r->a, url_filename(r->a, url), hint);
    if (path.n && !file_exists(path.p))
        return err_input(e, STR_FMT ": there is no file " STR_FMT, STR_ARG(where), STR_ARG(text));
    if (out->kind != FILE_OTHER)
        return 0;
    return err_fail(e,
                    STR_FMT ": " STR_FMT " is neither a wheel nor a source distribution; building from a "
                            "folder or a repository is not supported yet",
                    STR_ARG(where), STR_ARG(shown(r, text)));
}

/* A bare path or URL: only a wheel's or an sdist's name says what project it is. */
static int add_path(struct reading *r, const struct reqline *line, struct root root, const char *dir,
                    struct err *e) {
    size_t at;
    const char *why;
    struct str url = absolute_url(r, line->text, dir);
    struct filename f;
    if (check_place(r, url, line->text, STR(""), root.place, &f, e) < 0)
        return -1;
    take_fragment_hash(r, &root, url);
    root.url = url_without_fragment(url);
    root.req = (struct requirement){.name = f.name,
                                    .given_name = f.name,
                                    .extras = line->extras,
                                    .nextras = line->nextras,
                                    .text = shown(r, line->text)};
    if (line->marker_text.n && marker_parse(r->a, line->marker_text, &root.req.marker, &at, &why) < 0)
        return err_input(e, STR_FMT ": %s in the marker \"" STR_FMT "\"", STR_ARG(root.place), why,
                         STR_ARG(line->marker_text));
    return add_root(r, root);
}

static int add_requirement(struct reading *r, const struct reqline *line, struct root root, const char *dir,
                           struct err *e) {
    root.req = line->req;
    if (!root.req.url.n)
        return add_root(r, root);
    struct str url = absolute_url(r, root.req.url, dir);
    struct filename f;
    if (check_place(r, url, root.req.url, root.req.name, root.place, &f, e) < 0)
        return -1;
    if (!name_same(f.name, root.req.name))
        return err_input(e, STR_FMT ": " STR_FMT " is asked for, but " STR_FMT " is a file of " STR_FMT,
                         STR_ARG(root.place), STR_ARG(root.req.name), STR_ARG(shown(r, root.req.url)),
                         STR_ARG(f.name));
    root.req.text = shown_requirement(r, &root.req);
    take_fragment_hash(r, &root, url);
    root.url = url_without_fragment(url);
    return add_root(r, root);
}

/* Indexes and the lock speak SHA-256: other kinds are passed over, but cannot stand alone. */
static int take_hashes(struct reading *r, const struct reqline *line, const char *where, struct root *out,
                       struct err *e) {
    uint8_t digest[SHA256_BYTES];
    out->hashes = arena_new(r->a, struct str, line->nhashes);
    for (uint32_t i = 0; i < line->nhashes; i++) {
        struct str hex = str_from(line->hashes[i], 7);
        if (!str_starts(line->hashes[i], STR("sha256:")))
            continue;
        if (!hex_decode(hex, digest, sizeof digest))
            return err_input(e, "%s: --hash=sha256:" STR_FMT " is not 64 hexadecimal digits", where,
                             STR_ARG(str_head(hex, 80)));
        char *text = arena_fmt(r->a, "sha256:%*s", 2 * SHA256_BYTES, "");
        hex_encode(digest, sizeof digest, text + 7);
        out->hashes[out->nhashes++] = str_of(text);
    }
    return line->nhashes && !out->nhashes
               ? err_input(e, "%s: of --hash only sha256 is supported: give that one too", where)
               : 0;
}

static int add_line(struct reading *r, const struct reqline *line, struct pending file, const char *dir,
                    struct pending *nested, struct err *e) {
    char *where = arena_fmt(r->a, "%s:%u", strcmp(file.path, "-") ? file.path : "<stdin>", line->line);
    struct root root = {.place = str_of(where), .constraint = file.constraint};
    if (take_hashes(r, line, where, &root, e) < 0)
        return -1;
    switch (line->kind) {
    case REQLINE_REQUIREMENT:
        if (line->nconfig_settings)
            return err_input(e, "%s: --config-settings is not supported yet", where);
        return add_requirement(r, line, root, dir, e);
    case REQLINE_PATH:
        return add_path(r, line, root, dir, e);
    case REQLINE_EDITABLE:
        return err_fail(e, "%s: editable installs are not supported yet: -e " STR_FMT, where,
                        STR_ARG(shown(r, line->text)));
    case REQLINE_REQUIREMENTS:
    case REQLINE_CONSTRAINTS:
        if (url_is(line->text))
            return err_fail(
                e, "%s: requirement files from a URL are not supported yet: download " STR_FMT " first",
                where, STR_ARG(shown(r, line->text)));
        *nested = (struct pending){path_join(r->a, dir, line->text.p),
                                   file.constraint || line->kind == REQLINE_CONSTRAINTS};
        return 0;
    case REQLINE_OPTION:
        break;
    }
    return options_from_file(r->options, r->a, line->option, line->text, dir, where, e);
}

static int read_file(struct reading *r, struct pending file, struct err *e);

static int parse_lines(struct reading *r, struct pending file, struct str text, struct reqfile *out,
                       struct err *e) {
    if (!project_is(file.path))
        return reqfile_parse(r->a, text, strcmp(file.path, "-") ? file.path : "<stdin>", variable, out, e);
    if (file.constraint)
        return err_input(e, "%s: constraints are read from requirement files only", file.path);
    r->project = true;
    return project_read(r->options, r->env, r->a, text, file.path, out, e);
}

static int read_lines(struct reading *r, struct pending file, struct str text, struct err *e) {
    struct reqfile lines;
    if (parse_lines(r, file, text, &lines, e) < 0)
        return -1;
    const char *dir = strcmp(file.path, "-") ? path_dir(r->a, file.path) : ".";
    for (uint32_t i = 0; i < lines.n; i++) {
        struct pending nested = {NULL, false};
        if (add_line(r, &lines.lines[i], file, dir, &nested, e) < 0)
            return -1;
        if (nested.path && read_file(r, nested, e) < 0)
            return r->too_deep ? -1 : err_prefix(e, "%s:%u", file.path, lines.lines[i].line);
    }
    return 0;
}

static int read_file(struct reading *r, struct pending file, struct err *e) {
    struct buf raw = {0};
    if (r->depth == MAX_DEPTH) {
        r->too_deep = true;
        return err_input(e, "%s: requirement files nest deeper than %d: does one name itself?", file.path,
                         MAX_DEPTH);
    }
    char *key = arena_fmt(r->a, "%s%c", path_absolute(r->a, file.path), file.constraint ? 'c' : 'r');
    if (map_find(&r->seen, str_of(key)) != MAP_NONE)
        return 0;
    map_id(&r->seen, str_of(key));
    if (r->seen.n > MAX_FILES)
        return err_input(e, "more than %d requirement files", MAX_FILES);
    if (file_read(file.path, &raw, e) < 0) {
        buf_free(&raw);
        e->kind = ERR_INPUT;
        return -1;
    }
    struct str text = arena_str(r->a, buf_view(&raw));
    buf_free(&raw);
    struct lock_input input = {str_of(file.path), {arena_alloc(r->a, SHA256_HEX + 1), SHA256_HEX}};
    sha256_hex(text.p, text.n, (char *)(uintptr_t)input.sha256.p);
    vec_push(&r->out->inputs, input);
    r->depth++;
    int result = read_lines(r, file, text, e);
    r->depth--;
    return result;
}

int roots_read(struct options *o, const struct marker_env *env, struct arena *a, struct roots *out,
               struct err *e) {
    struct reading r = {.options = o, .env = env, .a = a, .out = out};
    *out = (struct roots){0};
    int result = 0;
    if (o->editables.n)
        result = err_fail(e, "editable installs are not supported yet: -e %s", o->editables.p[0]);
    for (uint32_t i = 0; result == 0 && i < o->inputs.n; i++)
        result = read_file(&r, (struct pending){o->inputs.p[i], false}, e);
    for (uint32_t i = 0; result == 0 && i < o->requirements.n; i++)
        result = read_file(&r, (struct pending){o->requirements.p[i], false}, e);
    for (uint32_t i = 0; result == 0 && i < o->constraints.n; i++)
        result = read_file(&r, (struct pending){o->constraints.p[i], true}, e);
    if (result == 0 && !r.project && (o->extras.n || o->groups.n || o->all_extras))
        result = err_input(e, "%s is for a pyproject.toml: name one among the files to plan",
                           o->extras.n   ? "--extra"
                           : o->groups.n ? "--group"
                                         : "--all-extras");
    map_free(&r.seen);
    return result;
}

bool roots_name(const struct roots *r, struct str project) {
    for (uint32_t i = 0; i < r->list.n; i++)
        if (r->list.p[i].active && !r->list.p[i].constraint && str_eq(r->list.p[i].req.name, project))
            return true;
    return false;
}

void roots_free(struct roots *r) {
    vec_free(&r->list);
    vec_free(&r->inputs);
}
