#include "base/python.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/proc.h"
#include "base/python_internal.h"

enum { ANSWER_TIMEOUT_S = 60 };

/* Run with -I, but with site: it is site that finds out about a venv. What .pth files print around the answer
   is cut away by its first and last line. The markers are what packaging computes for the same interpreter;
   what a reboot may change (platform_release, platform_version) is not asked but looked up. */
static const char question[] =
    "import sys\n"
    "out = ['envgraph-python']\n"
    "def say(key, value):\n"
    "    out.append(key + '=' + str('' if value is None else value).replace('\\n', ' '))\n"
    "def libc():\n"
    "    try:\n"
    "        return os.confstr('CS_GNU_LIBC_VERSION').split()\n"
    "    except (AttributeError, OSError, ValueError):\n"
    "        pass\n"
    "    with open(sys.executable, 'rb') as f:\n"
    "        loader = re.search(br'/[^\\0]*/ld-musl-[^\\0]*', f.read(65536))\n"
    "    if not loader:\n"
    "        return ['', '0.0']\n"
    "    p = subprocess.run([loader.group()], stderr=subprocess.PIPE, universal_newlines=True)\n"
    "    return ['musl', (re.findall(r'^Version (\\S+)', p.stderr, re.M) or ['0.0'])[0]]\n"
    "def base_executable():\n" /* before 3.11 a venv's _base_executable is the venv's own */
    "    base = getattr(sys, '_base_executable', None) or sys.executable\n"
    "    if sys.prefix != sys.base_prefix and os.path.dirname(base) == os.path.dirname(sys.executable):\n"
    "        for name in ('python%d.%d' % sys.version_info[:2], 'python3', 'python'):\n"
    "            path = os.path.join(sys.base_prefix, 'bin', name)\n"
    "            if os.path.isfile(path):\n"
    "                return path\n"
    "    return base\n"
    "say('version', '%d.%d.%d' % sys.version_info[:3])\n"
    "if sys.version_info >= (3, 6):\n"
    "    import importlib.util, os, platform, re, struct, subprocess, sysconfig\n"
    "    var = sysconfig.get_config_var\n"
    "    v = sys.implementation.version\n"
    "    level = '' if v.releaselevel == 'final' else v.releaselevel[0] + str(v.serial)\n"
    "    for name in 'executable', 'prefix', 'base_prefix':\n"
    "        say(name, getattr(sys, name))\n"
    "    say('base_executable', base_executable())\n"
    "    say('os_name', os.name)\n"
    "    say('sys_platform', sys.platform)\n"
    "    for name in 'machine', 'python_implementation', 'system':\n"
    "        say('platform_' + name, getattr(platform, name)())\n"
    "    say('python_version', '.'.join(platform.python_version_tuple()[:2]))\n"
    "    say('python_full_version', platform.python_version())\n"
    "    say('implementation_name', sys.implementation.name)\n"
    "    say('implementation_version', '%d.%d.%d' % v[:3] + level)\n"
    "    paths = sysconfig.get_paths()\n"
    "    for name in 'stdlib', 'purelib', 'platlib', 'scripts', 'data', 'include':\n"
    "        say('path_' + name, paths[name])\n"
    "    scheme = 'venv' if 'venv' in sysconfig.get_scheme_names() else 'posix_prefix'\n"
    "    root = dict.fromkeys(['base', 'platbase', 'installed_base', 'installed_platbase'], '/V')\n"
    "    say('venv_lib', sysconfig.get_path('purelib', scheme, root)[3:])\n"
    "    suffix = (var('EXT_SUFFIX') or '').split('.')\n"
    "    say('soabi', suffix[1] if len(suffix) > 2 else '')\n"
    "    say('abiflags', getattr(sys, 'abiflags', ''))\n"
    "    say('platform', sysconfig.get_platform())\n"
    "    name, number = libc()\n"
    "    say(name + '_major', number.split('.')[0])\n"
    "    say(name + '_minor', number.split('.')[1])\n"
    "    say('pointer_bits', 8 * struct.calcsize('P'))\n"
    "    debug = var('Py_DEBUG')\n"
    "    say('debug', int(hasattr(sys, 'gettotalrefcount') if debug is None else bool(debug)))\n"
    "    say('gil_disabled', int(bool(var('Py_GIL_DISABLED'))))\n"
    "    say('cache_tag', sys.implementation.cache_tag)\n"
    "    say('magic', ''.join('%02x' % x for x in importlib.util.MAGIC_NUMBER))\n"
    "    say('multiarch', getattr(sys.implementation, '_multiarch', ''))\n"
    "    out = [os.fsencode(x) for x in out]\n"
    "    sys.stdout.flush()\n"
    "    sys.stdout.buffer.write(b'\\n'.join([b''] + out + [b'envgraph-end\\n']))\n"
    "else:\n"
    "    sys.stdout.write('\\n'.join([''] + out + ['envgraph-end\\n']))\n";

enum field_kind { TEXT, NUMBER, FLAG };

#define FIELD(key, kind, member)                                                                             \
    { STR_INIT(key), kind, offsetof(struct python, member) }

static const struct field {
    struct str key;
    enum field_kind kind;
    size_t at; /* in struct python */
} fields[] = {
    FIELD("executable", TEXT, executable),
    FIELD("base_executable", TEXT, base_executable),
    FIELD("prefix", TEXT, prefix),
    FIELD("base_prefix", TEXT, base_prefix),
    FIELD("version", TEXT, version),
    FIELD("os_name", TEXT, markers.os_name),
    FIELD("sys_platform", TEXT, markers.sys_platform),
    FIELD("platform_machine", TEXT, markers.platform_machine),
    FIELD("platform_python_implementation", TEXT, markers.platform_python_implementation),
    FIELD("platform_system", TEXT, markers.platform_system),
    FIELD("python_version", TEXT, markers.python_version),
    FIELD("python_full_version", TEXT, markers.python_full_version),
    FIELD("implementation_name", TEXT, markers.implementation_name),
    FIELD("implementation_version", TEXT, markers.implementation_version),
    FIELD("path_stdlib", TEXT, paths.stdlib),
    FIELD("path_purelib", TEXT, paths.purelib),
    FIELD("path_platlib", TEXT, paths.platlib),
    FIELD("path_scripts", TEXT, paths.scripts),
    FIELD("path_data", TEXT, paths.data),
    FIELD("path_include", TEXT, paths.include),
    FIELD("venv_lib", TEXT, venv_paths_lib),
    FIELD("soabi", TEXT, soabi),
    FIELD("abiflags", TEXT, abiflags),
    FIELD("platform", TEXT, platform),
    FIELD("cache_tag", TEXT, cache_tag),
    FIELD("magic", TEXT, magic),
    FIELD("multiarch", TEXT, multiarch),
    FIELD("glibc_major", NUMBER, glibc_major),
    FIELD("glibc_minor", NUMBER, glibc_minor),
    FIELD("musl_major", NUMBER, musl_major),
    FIELD("musl_minor", NUMBER, musl_minor),
    FIELD("pointer_bits", NUMBER, pointer_bits),
    FIELD("debug", FLAG, debug),
    FIELD("gil_disabled", FLAG, gil_disabled),
};

static void set_field(struct python *out, const struct field *f, struct str value) {
    char *at = (char *)out + f->at;
    uint64_t number = 0;
    if (f->kind == TEXT)
        memcpy(at, &value, sizeof value);
    else if (!str_u64(value, &number) || number > INT32_MAX)
        number = 0;
    if (f->kind == NUMBER)
        *(int *)(void *)at = (int)number;
    else if (f->kind == FLAG)
        *(bool *)(void *)at = number != 0;
}

static void set_line(struct arena *a, struct python *out, struct str line) {
    struct str key;
    if (!str_cut(&line, '=', &key) || !line.p)
        return;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (str_eq(fields[i].key, key))
            set_field(out, &fields[i], arena_str(a, line));
}

/* The answer's lines without what was printed around them; empty if it is not whole. */
static struct str answer_of(struct str output) {
    static const struct str first = STR_INIT("\nenvgraph-python\n"), last = STR_INIT("\nenvgraph-end\n");
    ptrdiff_t from = str_search(output, first);
    struct str rest = str_from(output, from < 0 ? output.n : (size_t)from + first.n);
    ptrdiff_t to = str_search(rest, last);
    return str_head(rest, to < 0 ? 0 : (size_t)to);
}

/* What is no property of the interpreter's file: the running kernel, and a marker file that distributors and
   users add and remove. */
static void look_around(struct arena *a, struct python *out) {
    struct utsname u;
    if (uname(&u) == 0) {
        out->markers.platform_release = str_of(arena_fmt(a, "%s", u.release));
        out->markers.platform_version = str_of(arena_fmt(a, "%s", u.version));
    }
    out->externally_managed = str_eq(out->prefix, out->base_prefix) &&
                              file_exists(path_join(a, out->paths.stdlib.p, "EXTERNALLY-MANAGED"));
}

static bool read_version(struct python *out) {
    struct str rest = out->version, major, minor;
    uint64_t x = 0, y = 0;
    if (!str_cut(&rest, '.', &major) || !str_cut(&rest, '.', &minor) || !str_u64(major, &x) ||
        !str_u64(minor, &y) || x > 99 || y > 999)
        return false;
    out->major = (int)x;
    out->minor = (int)y;
    return true;
}

static int parse(struct arena *a, const char *path, struct str output, struct python *out, struct err *e) {
    struct str rest = answer_of(output), line;
    *out = (struct python){0};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        set_field(out, &fields[i], STR(""));
    while (str_cut(&rest, '\n', &line))
        set_line(a, out, line);
    if (!read_version(out))
        return err_fail(e, "%s does not answer as a Python interpreter does; choose another with --python",
                        path);
    if (out->major < 3 || (out->major == 3 && out->minor < 6))
        return err_fail(e, "%s is Python " STR_FMT ", which is too old: 3.6 or later is needed", path,
                        STR_ARG(out->version));
    if (!out->executable.n || out->executable.p[0] != '/' || !out->venv_paths_lib.n || !out->pointer_bits)
        return err_fail(e, "%s does not know where it is installed; choose another with --python", path);
    look_around(a, out);
    return 0;
}

static bool is_script(const char *path) {
    char two[2];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool script = fd >= 0 && read(fd, two, 2) == 2 && two[0] == '#' && two[1] == '!';
    if (fd >= 0)
        close(fd);
    return script;
}

static long long mtime_ns(const struct stat *st) {
    return (long long)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* What the answer of the interpreter at path depends on, as a text: besides the question the file itself, the
   pyvenv.cfg beside it, the machine (a cache may be shared) and its C library (upgraded while the interpreter
   stays). NULL if there is no such file. */
static char *key_of(struct arena *a, const char *path) {
    struct stat st, cfg;
    struct utsname u = {0};
    char libc[64] = "";
    if (stat(path, &st) < 0)
        return NULL;
    char *dir = path_dir(a, path);
    bool venv = stat(arena_fmt(a, "%s/../pyvenv.cfg", dir), &cfg) == 0 ||
                stat(arena_fmt(a, "%s/pyvenv.cfg", dir), &cfg) == 0;
    uname(&u);
#ifdef _CS_GNU_LIBC_VERSION
    confstr(_CS_GNU_LIBC_VERSION, libc, sizeof libc);
#endif
    return arena_fmt(a, "%016" PRIx64 "\n%s\n%llu %llu %llu %lld %lld\n%s %s\n", str_hash(str_of(question)),
                     path, (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
                     (unsigned long long)st.st_size, mtime_ns(&st), venv ? mtime_ns(&cfg) : 0, u.machine,
                     libc);
}

/* The key stands in the entry as well: this hash is short, but needs no libcrypto, whose start takes longer
   than all the rest. */
static char *entry_of(struct arena *a, const char *key) {
    return arena_fmt(a, "py/%016" PRIx64, str_hash(str_of(key)));
}

static bool cached(struct store *store, const char *key, const char *path, struct arena *a,
                   struct python *out) {
    struct err ignored;
    struct buf text = {0};
    char *found = store && key ? store_find(store, a, entry_of(a, key)) : NULL;
    bool known = found && file_read(found, &text, &ignored) == 0 &&
                 str_starts(buf_view(&text), str_of(key)) &&
                 parse(a, path, buf_view(&text), out, &ignored) == 0;
    buf_free(&text);
    return known;
}

static void keep(struct store *store, const char *key, struct str answer, struct arena *a) {
    struct err ignored; /* the next run asks again */
    struct buf text = {0};
    buf_c(&text, key);
    buf_str(&text, answer);
    store_write(store, entry_of(a, key), buf_view(&text), &ignored);
    buf_free(&text);
}

static struct str first_line(struct str text) {
    struct str line;
    text = str_trim(text);
    return str_cut(&text, '\n', &line) ? str_head(line, 300) : text;
}

static int run(const char *path, struct arena *a, struct buf *output, struct python *out, struct err *e) {
    struct proc_result r;
    const char *const argv[] = {path, "-I", "-c", question, NULL};
    if (proc_run(argv, STR(""), ANSWER_TIMEOUT_S, &r, e) < 0)
        return -1;
    int result =
        r.status == 0
            ? parse(a, path, buf_view(&r.out), out, e)
            : err_fail(e, "%s does not answer as Python 3.6 or later does (exit status %d): " STR_FMT, path,
                       r.status, STR_ARG(first_line(buf_view(&r.errs))));
    *output = r.out;
    buf_free(&r.errs);
    return result;
}

int python_ask(struct store *store, const char *path, struct arena *a, struct python *out, struct err *e) {
    /* What a script starts may depend on the folder and the environment (pyenv's shims): its answer is kept
       as that of the interpreter that gave it. */
    bool script = is_script(path);
    char *key = script ? NULL : key_of(a, path);
    if (cached(store, key, path, a, out))
        return 0;
    struct buf output = {0};
    int result = run(path, a, &output, out, e);
    if (result == 0 && script && !is_script(out->executable.p))
        key = key_of(a, out->executable.p);
    if (result == 0 && store && key)
        keep(store, key, buf_view(&output), a);
    buf_free(&output);
    return result;
}
