/* python: an interpreter, asked once (one child process) and then known from the cache. */
#ifndef BASE_PYTHON_H
#define BASE_PYTHON_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/store.h"
#include "base/str.h"

/* Environment markers: PEP 508 "Environment Markers", and the dependency specifiers specification. */
struct python_markers {
    struct str os_name, sys_platform, platform_machine, platform_python_implementation, platform_release,
        platform_system, platform_version, python_version, python_full_version, implementation_name,
        implementation_version;
};

/* sysconfig's install paths, for the interpreter's own prefix. */
struct python_paths {
    struct str stdlib, purelib, platlib, scripts, data, include;
};

struct python {
    struct str executable;      /* sys.executable, absolute */
    struct str base_executable; /* sys._base_executable: what a venv is made from */
    struct str prefix, base_prefix;
    struct str version; /* "3.11.7" */
    int major, minor;
    struct python_markers markers;
    struct python_paths paths;
    struct str venv_paths_lib;    /* site-packages below a venv's root: "lib/python3.11/site-packages" */
    struct str soabi;             /* EXT_SUFFIX's middle, "cpython-311-x86_64-linux-gnu"; may be empty */
    struct str abiflags;          /* sys.abiflags */
    struct str platform;          /* sysconfig.get_platform(): "linux-x86_64" */
    int glibc_major, glibc_minor; /* 0 when the interpreter is not linked with glibc */
    int musl_major, musl_minor;   /* 0 when not with musl */
    int pointer_bits;             /* 32 or 64 */
    bool debug, gil_disabled;     /* Py_DEBUG, Py_GIL_DISABLED */
    bool externally_managed;      /* PEP 668 marker file in its stdlib; never a venv */
    struct str cache_tag;         /* of __pycache__ files, "cpython-311"; empty: it keeps none */
    struct str magic;             /* importlib.util.MAGIC_NUMBER in hexadecimal: which of them it can read */
    struct str multiarch;         /* "x86_64-linux-gnu"; may be empty */
};

/* wanted: a path (a folder: the environment that it is), a name on PATH, "X", "X.Y" or "X.Y.Z", or NULL:
   $VIRTUAL_ENV's, then python3 and python on PATH. A version is looked for as pythonX.Y, python3 and python
   on PATH, then in pyenv's and uv's folders and those of the distribution. Python 3.6 and later. Errors say
   what was tried. store may be NULL: then the interpreter is asked every time. Strings are NUL-terminated, in
   the arena. */
int python_find(struct store *store, const char *wanted, struct arena *a, struct python *out, struct err *e);

#endif
