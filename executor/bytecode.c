#include "executor/bytecode.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "executor/link.h"

extern char **environ;

/* A question names files of one package. It is answered by a child made for it: that one has always seen the
   same before, so that the references which marshal writes come out the same, and what a source does to the
   compiler ends with it. What cannot be compiled is left out; py_compile's format. */
static const char loop[] =
    "import sys\n"
    "sys.path[:] = [x for x in sys.path if x]\n" /* not the folder that we happen to be in */
    "import gc, importlib.util, marshal, os\n"
    "def number(x):\n"
    "    return (int(x) & 0xffffffff).to_bytes(4, 'little')\n"
    "def read(n):\n"
    "    data = b''\n"
    "    while len(data) < n:\n"
    "        more = os.read(0, min(n - len(data), 1 << 20))\n"
    "        if not more:\n"
    "            os._exit(0)\n"
    "        data += more\n"
    "    return data\n"
    "def head(mode, mtime, source):\n"
    "    magic = importlib.util.MAGIC_NUMBER\n"
    "    if sys.version_info < (3, 7):\n"
    "        return magic + number(mtime) + number(len(source))\n"
    "    if mode == b'hash':\n"
    "        return magic + number(3) + importlib.util.source_hash(source)\n"
    "    return magic + number(0) + number(mtime) + number(len(source))\n"
    "def compile_file(mode, path, name, mtime, shown):\n"
    "    with open(path, 'rb') as f:\n"
    "        source = f.read()\n"
    "    try:\n"
    "        code = compile(source, shown.decode('utf-8', 'surrogateescape'), 'exec', 0, True, 0)\n"
    "        data = marshal.dumps(code)\n"
    "    except Exception:\n"
    "        return\n"
    "    with open(name, 'wb') as f:\n"
    "        f.write(head(mode, mtime, source) + data)\n"
    "def compile_files(mode, tree, out, *fields):\n"
    "    gc.disable()\n"
    "    os.chdir(out)\n"
    "    for i in range(0, len(fields) - 3, 4):\n"
    "        path, name, mtime, shown = fields[i:i + 4]\n"
    "        compile_file(mode, tree + b'/' + path, name, mtime, shown)\n"
    "while True:\n"
    "    fields = read(int.from_bytes(read(4), 'little')).split(b'\\0')\n"
    "    pid = os.fork()\n"
    "    if not pid:\n"
    "        os.close(0)\n" /* or a worker that was killed would not be missed */
    "        os.close(1)\n"
    "        try:\n"
    "            compile_files(*fields)\n"
    "        except BaseException:\n"
    "            os._exit(1)\n"
    "        os._exit(0)\n"
    "    os.write(1, number(1) + (b'n' if os.waitpid(pid, 0)[1] else b'y'))\n";

/* Seconds for a package: far more than a slow machine takes. */
static int time_limit(uint64_t bytes) {
    return 60 + (int)(bytes / 20000 < 100000 ? bytes / 20000 : 100000);
}

char *bytecode_name(struct arena *a, const struct python *python) {
    if (!path_is_safe(python->cache_tag) || str_find(python->cache_tag, '/') >= 0 || !python->magic.n)
        return NULL;
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    return arena_fmt(a, "pyc-" STR_FMT "-" STR_FMT "%s", STR_ARG(python->cache_tag), STR_ARG(python->magic),
                     epoch && epoch[0] ? "-hash" : "");
}

int bytecode_load(const char *wheel_tree, const char *name, struct arena *a, struct manifest *out,
                  char **tree) {
    return manifest_open(path_join(a, path_dir(a, wheel_tree), name), a, out, tree);
}

char *bytecode_path(struct arena *a, const struct python *python, struct str source) {
    ptrdiff_t slash = str_rfind(source, '/');
    struct str dir = str_head(source, (size_t)(slash + 1)), name = str_from(source, (size_t)(slash + 1));
    return arena_fmt(a, STR_FMT "__pycache__/" STR_FMT "." STR_FMT ".pyc", STR_ARG(dir),
                     STR_ARG(str_head(name, name.n - 3)), STR_ARG(python->cache_tag));
}

static char *name_in_tree(struct arena *a, uint32_t source) {
    return arena_fmt(a, "%u.pyc", source);
}

uint32_t bytecode_of(const struct manifest *bytecode, uint32_t source) {
    struct arena a = {0};
    struct str name = str_of(name_in_tree(&a, source));
    uint32_t found = MAP_NONE;
    for (uint32_t i = 0; i < bytecode->nfiles && found == MAP_NONE; i++)
        if (str_eq(bytecode->files[i].source, name))
            found = i;
    arena_free(&a);
    return found;
}

/* One package under way. */
struct compilation {
    struct compiler *c;
    struct store *store;
    const struct manifest *m;
    const char *wheel_tree;
    struct arena *a;
    char *tmp, *tree;      /* the entry under way, and the tree in it */
    VEC(uint32_t) sources; /* of m's files */
    VEC(struct manifest_dir) dirs;
    VEC(struct manifest_file) files;
    struct buf question;
    uint64_t bytes; /* of the sources */
};

static bool brings_folder(const struct manifest *m, enum scheme scheme, struct str path) {
    for (uint32_t i = 0; i < m->ndirs; i++)
        if (m->dirs[i].scheme == scheme && str_eq(m->dirs[i].path, path))
            return true;
    return false;
}

/* The __pycache__ of the file's folder, relative to its scheme's. */
static struct str folder_of(struct compilation *k, const struct manifest_file *f) {
    if (f->dir == MAP_NONE)
        return STR("__pycache__");
    return str_of(arena_fmt(k->a, STR_FMT "/__pycache__", STR_ARG(k->m->dirs[f->dir].path)));
}

static bool is_source(struct compilation *k, const struct manifest_file *f) {
    const size_t ending = strlen("..pyc") + k->c->python->cache_tag.n;
    return (f->scheme == SCHEME_PURELIB || f->scheme == SCHEME_PLATLIB) && link_links(k->m, f) &&
           f->name.n > 3 && str_ends(f->name, STR(".py")) && f->name.n - 3 + ending <= NAME_MAX &&
           !brings_folder(k->m, f->scheme, folder_of(k, f));
}

static void add_field(struct buf *question, struct str field) {
    buf_char(question, 0);
    buf_str(question, field);
}

/* A source that was changed in the cache must not be compiled for everyone. */
static int add_source(struct compilation *k, uint32_t i, struct err *e) {
    const struct manifest_file *f = &k->m->files[i];
    struct stat st;
    char *path = path_join(k->a, k->wheel_tree, arena_str(k->a, f->source).p);
    if (lstat(path, &st) < 0)
        return err_errno(e, "cannot read %s", path);
    if (link_check(f, &st, k->wheel_tree, e) < 0)
        return -1;
    struct str dir = f->dir == MAP_NONE ? STR("") : k->m->dirs[f->dir].path;
    add_field(&k->question, f->source);
    add_field(&k->question, str_of(name_in_tree(k->a, i)));
    add_field(&k->question, str_of(arena_fmt(k->a, "%lld", (long long)st.st_mtim.tv_sec)));
    add_field(&k->question, str_of(arena_fmt(k->a, STR_FMT "%s" STR_FMT, STR_ARG(dir), dir.n ? "/" : "",
                                             STR_ARG(f->name))));
    vec_push(&k->sources, i);
    k->bytes += f->size;
    return 0;
}

static int ask_what(struct compilation *k, struct err *e) {
    buf_c(&k->question, str_ends(str_of(k->c->name), STR("-hash")) ? "hash" : "mtime");
    add_field(&k->question, str_of(k->wheel_tree));
    add_field(&k->question, str_of(k->tree));
    for (uint32_t i = 0; i < k->m->nfiles; i++)
        if (is_source(k, &k->m->files[i]) && add_source(k, i, e) < 0)
            return -1;
    return 0;
}

/* Nothing of ours steers the child but the seed: sets in code objects come out in the order of hashes. */
static int start_python(const struct compiler *c, struct coproc *out, struct err *e) {
    const char *const argv[] = {c->python->executable.p, "-s", "-S", "-B", "-Wignore", "-c", loop, NULL};
    VEC(const char *) all = {0};
    for (char **x = environ; *x; x++)
        if (strncmp(*x, "PYTHON", 6) != 0)
            vec_push(&all, *x);
    vec_push(&all, "PYTHONHASHSEED=0");
    vec_push(&all, NULL);
    int result = coproc_start(out, argv, all.p, e);
    vec_free(&all);
    return result;
}

static int take_python(struct compiler *c, struct coproc *out, struct err *e) {
    pthread_mutex_lock(&c->lock);
    bool found = c->idle.n > 0;
    if (found)
        *out = c->idle.p[--c->idle.n];
    else
        c->counts.processes++;
    pthread_mutex_unlock(&c->lock);
    return found ? 0 : start_python(c, out, e);
}

static void give_python_back(struct compiler *c, struct coproc python) {
    pthread_mutex_lock(&c->lock);
    vec_push(&c->idle, python);
    pthread_mutex_unlock(&c->lock);
}

static int run_python(struct compilation *k, struct err *e) {
    struct coproc python;
    struct buf answer = {0};
    if (take_python(k->c, &python, e) < 0)
        return -1;
    int result = coproc_ask(&python, buf_view(&k->question), time_limit(k->bytes), k->c->stop, &answer, e);
    if (result < 0)
        err_prefix(e, STR_FMT " compiles", STR_ARG(k->c->python->executable));
    else
        give_python_back(k->c, python);
    if (result == 0 && !str_is(buf_view(&answer), "y"))
        result = err_fail(e, STR_FMT " could not go through with it", STR_ARG(k->c->python->executable));
    buf_free(&answer);
    return result;
}

static void add_folder(struct compilation *k, const struct manifest_file *source) {
    struct str path = folder_of(k, source);
    const struct manifest_dir *last = k->dirs.n ? &k->dirs.p[k->dirs.n - 1] : NULL;
    if (!last || last->scheme != source->scheme || !str_eq(last->path, path))
        vec_push(&k->dirs, (struct manifest_dir){source->scheme, path});
}

/* What came of it: a source without a file was not valid. */
static void collect(struct compilation *k) {
    for (uint32_t i = 0; i < k->sources.n; i++) {
        const struct manifest_file *source = &k->m->files[k->sources.p[i]];
        struct stat st;
        char *name = name_in_tree(k->a, k->sources.p[i]);
        if (lstat(path_join(k->a, k->tree, name), &st) < 0 || !S_ISREG(st.st_mode))
            continue;
        add_folder(k, source);
        vec_push(&k->files, (struct manifest_file){
                                .scheme = source->scheme,
                                .dir = k->dirs.n - 1,
                                .name = path_base(str_of(bytecode_path(k->a, k->c->python, source->name))),
                                .source = str_of(name),
                                .size = (uint64_t)st.st_size,
                                .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
                            });
    }
}

static int write_manifest(struct compilation *k, struct err *e) {
    struct manifest made = {
        .name = k->m->name,
        .version = k->m->version,
        .dist_info = k->m->dist_info,
        .purelib = k->m->purelib,
        .dirs = k->dirs.p,
        .ndirs = k->dirs.n,
        .files = k->files.p,
        .nfiles = k->files.n,
    };
    struct buf packed = {0};
    for (uint32_t i = 0; i < made.nfiles; i++)
        made.bytes += made.files[i].size;
    manifest_pack(&made, &packed);
    int result = file_write(path_join(k->a, k->tmp, "manifest"), buf_view(&packed), 0666, e);
    buf_free(&packed);
    return result;
}

/* Beside the wheel's tree, so that both go together. Not where the wheel is in a cache that only can be read:
   a folder of its name elsewhere would hide it. */
static int publish(struct compilation *k, const char *sha256, struct manifest *out, char **tree,
                   struct err *e) {
    const char *wheel = arena_fmt(k->a, "wheels/%.2s/%s", sha256, sha256);
    const char *place = store_place(k->store, k->a, wheel, e);
    if (!place)
        return -1;
    bool beside = str_eq(str_of(place), str_of(path_dir(k->a, k->wheel_tree)));
    const char *rel =
        arena_fmt(k->a, "%s/%s", beside ? wheel : arena_fmt(k->a, "pyc/%s", sha256), k->c->name);
    const char *entry = store_find(k->store, k->a, rel);
    if (entry && manifest_open(entry, k->a, out, tree) < 0 && file_remove_tree(AT_FDCWD, entry, e) < 0)
        return -1; /* torn, it would win over ours for ever */
    if (store_publish(k->store, k->tmp, rel, e) < 0)
        return -1;
    entry = store_find(k->store, k->a, rel);
    return entry && manifest_open(entry, k->a, out, tree) == 0
               ? 0
               : err_fail(e, "%s is not in the cache %s; is something else deleting it?", rel,
                          k->store->root);
}

static void count(struct compilation *k) {
    pthread_mutex_lock(&k->c->lock);
    k->c->counts.files += k->files.n;
    k->c->counts.bad += k->sources.n - k->files.n;
    pthread_mutex_unlock(&k->c->lock);
}

static int compile(struct compilation *k, struct err *e) {
    k->tmp = store_tmp(k->store, k->a);
    k->tree = path_join(k->a, k->tmp, "tree");
    if (file_mkdirs(k->tree, e) < 0 || ask_what(k, e) < 0)
        return -1;
    if (k->sources.n && run_python(k, e) < 0)
        return -1;
    collect(k);
    count(k);
    return write_manifest(k, e);
}

int bytecode_compile(struct compiler *c, struct store *store, const char *sha256, const struct manifest *m,
                     const char *wheel_tree, struct arena *a, struct manifest *out, char **tree,
                     struct err *e) {
    struct compilation k = {.c = c, .store = store, .m = m, .wheel_tree = wheel_tree, .a = a};
    struct err ignored;
    int result = compile(&k, e);
    if (result == 0)
        result = publish(&k, sha256, out, tree, e);
    if (result < 0)
        file_remove_tree(AT_FDCWD, k.tmp, &ignored);
    vec_free(&k.sources);
    vec_free(&k.dirs);
    vec_free(&k.files);
    buf_free(&k.question);
    return result;
}

void compiler_open(struct compiler *c, const struct python *python, const char *name,
                   const atomic_bool *stop) {
    *c = (struct compiler){.python = python, .name = name, .stop = stop};
    pthread_mutex_init(&c->lock, NULL);
}

void compiler_close(struct compiler *c) {
    for (uint32_t i = 0; i < c->idle.n; i++)
        coproc_end(&c->idle.p[i]);
    vec_free(&c->idle);
    pthread_mutex_destroy(&c->lock);
}
