#include "executor/interpreter.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* One symbolic link further; NULL: path is none. */
static char *follow(struct arena *a, const char *path) {
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n < 0)
        return NULL;
    target[n] = 0;
    return path_join(a, path_dir(a, path), target);
}

char *interpreter_of_venv(struct arena *a, const char *root) {
    const char *bin = path_join(a, path_absolute(a, root), "bin");
    char *path = path_join(a, bin, "python");
    for (int i = 0; path && i < 16; i++) {
        if (strcmp(path_dir(a, path), bin))
            return access(path, X_OK) == 0 ? path_absolute(a, path) : NULL;
        path = follow(a, path);
    }
    return NULL; /* a copied interpreter, or a loop */
}
