#include "planner/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "formats/ini.h"
#include "formats/name.h"

const char options_usage[] =
    "usage: plan [options] [REQUIREMENTS_FILE...] > env.lock\n"
    "\n"
    "Resolves Python requirements into env.lock: pinned, hashed, with the dependency graph in it.\n"
    "REQUIREMENTS_FILE is a file as pip reads it, or a pyproject.toml; - is standard input.\n"
    "\n"
    "  -r FILE, -c FILE          further requirements; constraints\n"
    "  --extra NAME, --all-extras, --group NAME\n"
    "                            with what these extras and dependency groups of a pyproject.toml require\n"
    "  -o FILE                   write FILE, and keep its old pins where they still fit\n"
    "  --upgrade, --upgrade-package NAME\n"
    "                            let go of those pins\n"
    "  -i, --index-url URL       the package index; --extra-index-url URL for further ones, --no-index for "
    "none\n"
    "  -f, --find-links PATH|URL wheels in a folder or on a page\n"
    "  --python PATH|X.Y         the interpreter to plan for (default: the active one)\n"
    "  --python-version X.Y, --platform TAG\n"
    "                            plan for another version or platform than that interpreter's\n"
    "  --pre                     take pre-releases as equals\n"
    "  --only-binary NAME, --no-binary NAME, --prefer-binary, --no-build\n"
    "  --require-hashes, --no-deps\n"
    "  --resolution highest|lowest|lowest-direct\n"
    "  --exclude-newer DATE      as if files uploaded later did not exist\n"
    "  --format env.lock|requirements|pylock|json|dot|cyclonedx\n"
    "  --offline, --refresh      ask the network nothing; ask it everything again\n"
    "  --tree [--invert], --why NAME\n"
    "                            show the plan's graph; why NAME is in it\n"
    "  --lock FILE               plan nothing: show or export this env.lock; --tree then takes NAME...\n"
    "  --diff OLD NEW            what two locks differ in; exit status 3 if in anything\n"
    "  --check -o env.lock       is it still what the requirements ask for? exit status 3 if not\n"
    "  -q, -v, -h, --version\n"
    "\n"
    "plan(1) has them all; env.lock(5) describes the lock. Next: execute env.lock\n";

enum kind { FLAG, TEXT, LIST, NUMBER, SECONDS, COUNT, CHOICE, NOT_YET };
enum { ARGV = 1, PIP = 2, FILES = 4 }; /* where an option may stand */

struct option {
    const char *name;
    char letter;
    enum kind kind;
    int where;
    size_t offset;
    const char *choices; /* CHOICE: "a|b|c", the value is the position */
};

#define AT(member) offsetof(struct options, member)

static const struct option table[] = {
    {"requirement", 'r', LIST, ARGV, AT(requirements), NULL},
    {"constraint", 'c', LIST, ARGV | PIP, AT(constraints), NULL},
    {"editable", 'e', LIST, ARGV, AT(editables), NULL},
    {"extra", 0, LIST, ARGV, AT(extras), NULL},
    {"all-extras", 0, FLAG, ARGV, AT(all_extras), NULL},
    {"group", 0, LIST, ARGV, AT(groups), NULL},
    {"output", 'o', TEXT, ARGV, AT(output), NULL},
    {"output-file", 0, TEXT, ARGV, AT(output), NULL},
    {"index-url", 'i', TEXT, ARGV | PIP | FILES, AT(index_url), NULL},
    {"pypi-url", 0, TEXT, ARGV | FILES, AT(index_url), NULL},
    {"extra-index-url", 0, LIST, ARGV | PIP | FILES, AT(extra_index_urls), NULL},
    {"no-index", 0, FLAG, ARGV | PIP | FILES, AT(no_index), NULL},
    {"find-links", 'f', LIST, ARGV | PIP | FILES, AT(find_links), NULL},
    {"trusted-host", 0, LIST, ARGV | PIP | FILES, AT(trusted_hosts), NULL},
    {"only-binary", 0, LIST, ARGV | PIP | FILES, AT(only_binary), NULL},
    {"no-binary", 0, LIST, ARGV | PIP | FILES, AT(no_binary), NULL},
    {"no-build-package", 0, LIST, ARGV, AT(only_binary), NULL},
    {"prefer-binary", 0, FLAG, ARGV | PIP | FILES, AT(prefer_binary), NULL},
    {"require-hashes", 0, FLAG, ARGV | PIP | FILES, AT(require_hashes), NULL},
    {"no-deps", 0, FLAG, ARGV | PIP, AT(no_deps), NULL},
    {"pre", 0, FLAG, ARGV | PIP | FILES, AT(pre), NULL},
    {"cert", 0, TEXT, ARGV | PIP, AT(cert), NULL},
    {"client-cert", 0, TEXT, ARGV | PIP, AT(client_cert), NULL},
    {"proxy", 0, TEXT, ARGV | PIP, AT(proxy), NULL},
    {"timeout", 0, SECONDS, ARGV | PIP, AT(timeout), NULL},
    {"default-timeout", 0, SECONDS, PIP, AT(timeout), NULL},
    {"retries", 0, NUMBER, ARGV | PIP, AT(retries), NULL},
    {"offline", 0, FLAG, ARGV, AT(offline), NULL},
    {"refresh", 0, FLAG, ARGV, AT(refresh), NULL},
    {"python", 0, TEXT, ARGV, AT(python), NULL},
    {"python-version", 0, TEXT, ARGV, AT(python_version), NULL},
    {"platform", 0, TEXT, ARGV, AT(platform), NULL},
    {"exclude-newer", 0, TEXT, ARGV, AT(exclude_newer), NULL},
    {"resolution", 0, CHOICE, ARGV, AT(resolution), "highest|lowest|lowest-direct"},
    {"format", 0, CHOICE, ARGV, AT(format), "env.lock|requirements|dot|json|pylock|cyclonedx"},
    {"upgrade", 'U', FLAG, ARGV, AT(upgrade), NULL},
    {"upgrade-package", 'P', LIST, ARGV, AT(upgrade_packages), NULL},
    {"quiet", 'q', COUNT, ARGV, AT(verbosity), "-"},
    {"verbose", 'v', COUNT, ARGV, AT(verbosity), "+"},
    {"help", 'h', FLAG, ARGV, AT(help), NULL},
    {"version", 0, FLAG, ARGV, AT(version), NULL},
    {"universal", 0, NOT_YET, ARGV, 0, NULL},
    {"lock", 0, TEXT, ARGV, AT(lock), NULL},
    {"tree", 0, FLAG, ARGV, AT(tree), NULL},
    {"invert", 0, FLAG, ARGV, AT(invert), NULL},
    {"why", 0, LIST, ARGV, AT(why), NULL},
    {"diff", 0, FLAG, ARGV, AT(diff), NULL},
    {"check", 0, FLAG, ARGV, AT(check), NULL},
    {"override", 0, NOT_YET, ARGV, 0, NULL},
    {"build-constraint", 0, NOT_YET, ARGV, 0, NULL},
    {"no-build-isolation", 0, NOT_YET, ARGV, 0, NULL},
    {"config-settings", 0, NOT_YET, ARGV, 0, NULL},
};

static const struct option *find_long(struct str name, int where) {
    if (str_is(name, "no-build") && where == ARGV) /* uv's name; handled by its caller's value */
        name = STR("only-binary");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if ((table[i].where & where) && str_eq(name, str_of(table[i].name)))
            return &table[i];
    return NULL;
}

static const struct option *find_letter(char letter) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].letter == letter)
            return &table[i];
    return NULL;
}

static bool takes_value(const struct option *t) {
    return t->kind == TEXT || t->kind == LIST || t->kind == NUMBER || t->kind == SECONDS || t->kind == CHOICE;
}

static int choose(const char *choices, const char *value) {
    struct str rest = str_of(choices), one;
    for (int i = 0; str_cut(&rest, '|', &one); i++)
        if (str_eq(one, str_of(value)))
            return i;
    return -1;
}

/* "2.5": rounded up. */
static bool parse_seconds(struct str text, int *out) {
    struct str rest = text, whole;
    uint64_t seconds = 0, fraction = 0;
    str_cut(&rest, '.', &whole);
    if (!str_u64(whole, &seconds) || seconds > 1000000 || (rest.p && !str_u64(rest, &fraction)))
        return false;
    *out = (int)seconds + (fraction > 0);
    return true;
}

/* Sets one option; value is kept, not copied. */
static int apply(struct options *o, const struct option *t, const char *value, const char *where,
                 struct err *e) {
    void *p = (char *)o + t->offset;
    uint64_t number;
    switch (t->kind) {
    case FLAG:
        *(bool *)p = true;
        return 0;
    case TEXT:
        *(const char **)p = value;
        return 0;
    case LIST:
        vec_push((text_list *)p, value);
        return 0;
    case SECONDS: /* pip takes fractions */
        if (!parse_seconds(str_trim(str_of(value)), (int *)p))
            return err_input(e, "%s--%s takes seconds, such as 15 or 2.5, not \"%s\"", where, t->name, value);
        return 0;
    case NUMBER:
        if (!str_u64(str_trim(str_of(value)), &number) || number > 1000000)
            return err_input(e, "%s--%s takes a whole number, not \"%s\"", where, t->name, value);
        *(int *)p = (int)number;
        return 0;
    case COUNT:
        *(int *)p += t->choices[0] == '+' ? 1 : -1;
        return 0;
    case CHOICE:
        if (choose(t->choices, value) < 0)
            return err_input(e, "%s--%s is one of %s, not \"%s\"", where, t->name, t->choices, value);
        *(int *)p = choose(t->choices, value);
        return 0;
    case NOT_YET:
        break;
    }
    return err_input(e, "%s--%s is not supported yet", where, t->name);
}

/* --name, --name=value or --name value. *i moves past a value of its own. */
static int read_long(struct options *o, struct arena *a, int argc, char **argv, int *i, struct err *e) {
    struct str name = str_from(str_of(argv[*i]), 2), value = {NULL, 0};
    ptrdiff_t eq = str_find(name, '=');
    if (eq >= 0) {
        value = str_from(name, (size_t)eq + 1);
        name = str_head(name, (size_t)eq);
    }
    const struct option *t = find_long(name, ARGV);
    if (!t)
        return err_input(e, "there is no option --" STR_FMT "; plan --help lists them", STR_ARG(name));
    if (str_is(name, "no-build"))
        value = STR(":all:");
    else if (!takes_value(t) && value.p)
        return err_input(e, "--" STR_FMT " takes no value", STR_ARG(name));
    if (takes_value(t) && !value.p) {
        if (*i + 1 >= argc)
            return err_input(e, "--" STR_FMT " needs a value", STR_ARG(name));
        value = str_of(argv[++*i]);
    }
    return apply(o, t, value.p ? arena_str(a, value).p : NULL, "", e);
}

/* -r FILE, -rFILE, -qq */
static int read_letters(struct options *o, int argc, char **argv, int *i, struct err *e) {
    for (const char *c = argv[*i] + 1; *c; c++) {
        const struct option *t = find_letter(*c);
        if (!t)
            return err_input(e, "there is no option -%c; plan --help lists them", *c);
        if (!takes_value(t)) {
            if (apply(o, t, NULL, "", e) < 0)
                return -1;
            continue;
        }
        if (!c[1] && *i + 1 >= argc)
            return err_input(e, "-%c needs a value", *c);
        return apply(o, t, c[1] ? c + 1 : argv[++*i], "", e);
    }
    return 0;
}

static int read_argv(struct options *o, struct arena *a, int argc, char **argv, struct err *e) {
    bool plain = false;
    for (int i = 1; i < argc; i++) {
        char *arg = argv[i];
        int got = 0;
        if (plain || arg[0] != '-' || !arg[1])
            vec_push(&o->inputs, arg);
        else if (!strcmp(arg, "--"))
            plain = true;
        else if (arg[1] == '-')
            got = read_long(o, a, argc, argv, &i, e);
        else
            got = read_letters(o, argc, argv, &i, e);
        if (got < 0)
            return -1;
    }
    return 0;
}

static bool is_true(struct str value) {
    return str_is(value, "1") || str_ieq(value, STR("true")) || str_ieq(value, STR("yes")) ||
           str_ieq(value, STR("on")) || str_ieq(value, STR("y")) || str_ieq(value, STR("t"));
}

/* A value from pip.conf or PIP_*: lists are separated by white space there, flags are words. */
static int apply_pip(struct options *o, struct arena *a, const struct option *t, struct str value,
                     const char *where, struct err *e) {
    if (t->kind == FLAG)
        return is_true(str_trim(value)) ? apply(o, t, NULL, where, e) : 0;
    if (t->kind != LIST)
        return str_trim(value).n ? apply(o, t, arena_str(a, str_trim(value)).p, where, e) : 0;
    ((text_list *)(void *)((char *)o + t->offset))->n = 0; /* in place of what a level before had */
    for (value = str_trim(value); value.n; value = str_trim(value)) {
        size_t n = 0;
        while (n < value.n && !char_space(value.p[n]))
            n++;
        if (apply(o, t, arena_str(a, str_head(value, n)).p, where, e) < 0)
            return -1;
        value = str_from(value, n);
    }
    return 0;
}

static int read_pip_conf(struct options *o, struct arena *a, const char *path, struct err *e) {
    static const char *const sections[] = {"global", "install"};
    struct buf text = {0};
    struct ini ini = {0};
    if (!file_exists(path))
        return 0;
    int result = file_read(path, &text, e);
    if (result == 0)
        result = ini_parse(a, arena_str(a, buf_view(&text)), path, &ini, e);
    for (size_t s = 0; s < 2; s++)
        for (uint32_t i = 0; result == 0 && i < ini.n; i++) {
            struct str key = ini.p[i].key;
            for (size_t k = 0; k < key.n; k++)
                if (key.p[k] == '_')
                    ((char *)(uintptr_t)key.p)[k] = '-';
            const struct option *t = find_long(key, PIP);
            if (t && str_eq(ini.p[i].section, str_of(sections[s])))
                result = apply_pip(o, a, t, ini.p[i].value, arena_fmt(a, "%s: ", path), e);
        }
    buf_free(&text);
    return result;
}

/* pip's levels: global, user, the virtual environment's, then $PIP_CONFIG_FILE ("/dev/null" turns them all
 * off). */
static int read_pip_confs(struct options *o, struct arena *a, struct err *e) {
    const char *given = getenv("PIP_CONFIG_FILE"), *home = getenv("HOME"), *venv = getenv("VIRTUAL_ENV");
    const char *config = getenv("XDG_CONFIG_HOME"), *dirs = getenv("XDG_CONFIG_DIRS");
    if (given && !strcmp(given, "/dev/null"))
        return 0;
    VEC(const char *) paths = {0};
    struct str rest = str_of(dirs && *dirs ? dirs : "/etc/xdg"), dir;
    while (str_cut(&rest, ':', &dir))
        if (dir.n)
            vec_push(&paths, arena_fmt(a, STR_FMT "/pip/pip.conf", STR_ARG(dir)));
    vec_push(&paths, "/etc/pip.conf");
    if (home && *home)
        vec_push(&paths, arena_fmt(a, "%s/.pip/pip.conf", home));
    if (config && *config)
        vec_push(&paths, arena_fmt(a, "%s/pip/pip.conf", config));
    else if (home && *home)
        vec_push(&paths, arena_fmt(a, "%s/.config/pip/pip.conf", home));
    if (venv && *venv)
        vec_push(&paths, arena_fmt(a, "%s/pip.conf", venv));
    if (given && *given)
        vec_push(&paths, given);
    int result = 0;
    for (uint32_t i = 0; result == 0 && i < paths.n; i++)
        result = read_pip_conf(o, a, paths.p[i], e);
    vec_free(&paths);
    return result;
}

static int read_environment(struct options *o, struct arena *a, struct err *e) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!(table[i].where & PIP))
            continue;
        char *name = arena_fmt(a, "PIP_%s", table[i].name);
        for (char *c = name; *c; c++)
            *c = *c == '-' ? '_' : (*c >= 'a' && *c <= 'z') ? (char)(*c - 32) : *c;
        const char *value = getenv(name);
        if (value && apply_pip(o, a, &table[i], str_of(value), arena_fmt(a, "%s: ", name), e) < 0)
            return -1;
    }
    return 0;
}

/* Which arguments are names: those of --tree, where another option says what to plan. */
static void take_names(struct options *o) {
    if (!o->tree || (!o->lock && !o->requirements.n))
        return;
    o->names = o->inputs;
    o->inputs = (text_list){0};
}

static int check_questions(const struct options *o, struct err *e) {
    bool files = o->inputs.n || o->requirements.n || o->editables.n;
    if (o->tree + o->diff + o->check + (o->why.n > 0) > 1)
        return err_input(e, "--tree, --why, --diff and --check are one question each: ask them one by one");
    if (o->diff && (o->inputs.n != 2 || o->requirements.n || o->lock))
        return err_input(e, "--diff compares two locks: plan --diff OLD NEW");
    if (o->invert && !o->tree)
        return err_input(e, "--invert turns a tree round: plan --tree --invert");
    if (o->lock && (files || o->check))
        return err_input(e, "--lock takes a lock as it is: leave out %s",
                         o->check ? "--check, or --lock" : "the requirements, or --lock");
    if (o->check && (!o->output || o->format != FORMAT_ENV_LOCK))
        return err_input(e, "--check looks at an env.lock: plan --check -o env.lock requirements.txt");
    return 0;
}

int options_read(struct arena *a, int argc, char **argv, struct options *out, struct err *e) {
    *out = (struct options){.timeout = -1, .retries = -1};
    if (read_pip_confs(out, a, e) < 0 || read_environment(out, a, e) < 0 ||
        read_argv(out, a, argc, argv, e) < 0)
        return -1;
    take_names(out);
    if (check_questions(out, e) < 0)
        return -1;
    if (!out->lock && !out->inputs.n && !out->requirements.n && !out->editables.n && !out->help &&
        !out->version)
        return err_input(
            e, "nothing to plan: name a requirements file (- is standard input); plan --help says more");
    return 0;
}

int options_from_file(struct options *o, struct arena *a, struct str option, struct str value,
                      const char *dir, const char *where, struct err *e) {
    const struct option *t = find_long(str_from(option, 2), FILES);
    if (!t) /* pip takes it (--use-feature, --no-build-isolation ...); nothing here depends on it */
        return 0;
    const char *text = arena_str(a, value).p;
    char *beside = path_join(a, dir, text);
    if (!strcmp(t->name, "find-links") && file_exists(beside))
        text = beside;
    return apply(o, t, text, arena_fmt(a, "%s: ", where), e);
}

/* Whether a name, or ":all:", is in the list; ":none:" empties what stands before it. */
static bool listed(const text_list *list, struct str name) {
    bool in = false;
    for (uint32_t i = 0; i < list->n; i++) {
        struct str rest = str_of(list->p[i]), one;
        while (str_cut(&rest, ',', &one)) {
            one = str_trim(one);
            if (str_is(one, ":none:"))
                in = false;
            else if (str_eq(one, name) || (one.n && one.p[0] != ':' && name_same(one, name)))
                in = true;
        }
    }
    return in;
}

/* A name counts for more than ":all:", as pip has it. */
bool options_allow_sdist(const struct options *o, struct str name) {
    if (listed(&o->only_binary, name))
        return false;
    return listed(&o->no_binary, name) || !listed(&o->only_binary, STR(":all:"));
}

bool options_allow_wheel(const struct options *o, struct str name) {
    if (listed(&o->only_binary, name))
        return true;
    return !listed(&o->no_binary, name) &&
           (listed(&o->only_binary, STR(":all:")) || !listed(&o->no_binary, STR(":all:")));
}

struct str *options_notes(const struct options *o, struct arena *a, uint32_t *n) {
    static const char *const resolutions[] = {NULL, "--resolution lowest", "--resolution lowest-direct"};
    uint32_t lists = o->only_binary.n + o->no_binary.n + o->extras.n + o->groups.n;
    *n = 0;
    struct str *notes = arena_new(a, struct str, 9 + lists);
    if (o->all_extras)
        notes[(*n)++] = str_of("--all-extras");
    if (o->exclude_newer)
        notes[(*n)++] = str_of(arena_fmt(a, "--exclude-newer %s", o->exclude_newer));
    for (uint32_t i = 0; i < o->extras.n; i++)
        notes[(*n)++] = str_of(arena_fmt(a, "--extra %s", o->extras.p[i]));
    for (uint32_t i = 0; i < o->groups.n; i++)
        notes[(*n)++] = str_of(arena_fmt(a, "--group %s", o->groups.p[i]));
    for (uint32_t i = 0; i < o->no_binary.n; i++)
        notes[(*n)++] = str_of(arena_fmt(a, "--no-binary %s", o->no_binary.p[i]));
    if (o->no_deps)
        notes[(*n)++] = str_of("--no-deps");
    for (uint32_t i = 0; i < o->only_binary.n; i++)
        notes[(*n)++] = str_of(arena_fmt(a, "--only-binary %s", o->only_binary.p[i]));
    if (o->pre)
        notes[(*n)++] = str_of("--pre");
    if (o->prefer_binary)
        notes[(*n)++] = str_of("--prefer-binary");
    if (resolutions[o->resolution])
        notes[(*n)++] = str_of(resolutions[o->resolution]);
    return notes;
}

void options_free(struct options *o) {
    text_list *lists[] = {&o->extras,        &o->groups,      &o->inputs,           &o->requirements,
                          &o->constraints,   &o->editables,   &o->extra_index_urls, &o->find_links,
                          &o->trusted_hosts, &o->only_binary, &o->no_binary,        &o->upgrade_packages,
                          &o->why,           &o->names};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        vec_free(lists[i]);
}
