#include "base/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"

/* The Cache Directory Tagging Specification: backup programs leave a folder with this file out. */
static const char tag[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
                          "# A cache of envgraph; it may be deleted at any moment.\n";

static char *keep(const char *c) {
    size_t n = strlen(c) + 1;
    return memcpy(mem_alloc(n), c, n);
}

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

/* The folder that holds v1, or NULL. A relative XDG_CACHE_HOME counts as unset, as its specification says. */
static char *cache_folder(struct arena *a) {
    const char *own = variable("ENVGRAPH_CACHE"), *xdg = variable("XDG_CACHE_HOME"), *home = variable("HOME");
    if (own)
        return path_absolute(a, own);
    if (xdg && xdg[0] == '/')
        return path_absolute(a, path_join(a, xdg, "envgraph"));
    return home && home[0] == '/' ? path_absolute(a, path_join(a, home, ".cache/envgraph")) : NULL;
}

/* A fresh folder below dir that is locked for as long as *lock is open: whoever can lock one that is there
   knows that its owner is gone. Another process may sweep ours between the two steps: then again. */
static char *claim_tmp(struct arena *a, const char *dir, int *lock) {
    for (int tries = 0; tries < 8; tries++) {
        char *path = arena_fmt(a, "%s/XXXXXX", dir);
        struct stat st;
        if (!mkdtemp(path))
            return NULL;
        *lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (*lock < 0)
            continue;
        /* Where locks do not work they do not for the others either, and nothing is swept. */
        bool ours = flock(*lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
        if (ours && fstat(*lock, &st) == 0 && st.st_nlink > 0)
            return path;
        close(*lock);
    }
    return NULL;
}

/* Removes what processes that were killed left in tmp. */
static void sweep(const char *dir) {
    struct err ignored;
    DIR *d = opendir(dir);
    for (struct dirent *x; d && (x = readdir(d));) {
        if (x->d_name[0] == '.')
            continue;
        int fd = openat(dirfd(d), x->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            file_remove_tree(dirfd(d), x->d_name, &ignored);
        close(fd);
    }
    if (d)
        closedir(d);
}

/* Makes root/tmp and a folder of our own in it; false if that cannot be. */
static bool open_root(struct store *s, struct arena *a, const char *cache) {
    struct err ignored;
    char *tmp = arena_fmt(a, "%s/tmp", s->root);
    if (!file_is_dir(tmp)) {
        if (file_mkdirs(tmp, &ignored) < 0)
            return false;
        char *tag_path = path_join(a, cache, "CACHEDIR.TAG");
        if (!file_exists(tag_path))
            file_write(tag_path, str_of(tag), 0666, &ignored);
    }
    sweep(tmp);
    char *own = claim_tmp(a, tmp, &s->lock);
    if (own)
        s->tmp = keep(own);
    return own != NULL;
}

static int open_scratch(struct store *s, struct arena *a, struct err *e) {
    const char *dir = variable("TMPDIR");
    char *path = arena_fmt(a, "%s/envgraph-XXXXXX", dir ? path_absolute(a, dir) : "/tmp");
    if (!mkdtemp(path))
        return err_errno(e,
                         "cannot make a folder for the cache in %s; set ENVGRAPH_CACHE or TMPDIR to a "
                         "place that can be written",
                         path_dir(a, path));
    s->scratch = keep(path);
    s->tmp = keep(arena_fmt(a, "%s/tmp", path));
    return file_mkdirs(s->tmp, e);
}

int store_open(struct store *s, struct err *e) {
    struct arena a = {0};
    char *cache = cache_folder(&a);
    *s = (struct store){.lock = -1};
    s->root = keep(cache ? path_join(&a, cache, "v1") : "");
    int result = cache && open_root(s, &a, cache) ? 0 : open_scratch(s, &a, e);
    arena_free(&a);
    if (result < 0)
        store_close(s);
    return result;
}

void store_close(struct store *s) {
    struct err ignored;
    if (s->tmp)
        file_remove_tree(AT_FDCWD, s->tmp, &ignored);
    if (s->scratch)
        file_remove_tree(AT_FDCWD, s->scratch, &ignored);
    if (s->root && s->lock >= 0)
        close(s->lock);
    free(s->root);
    free(s->scratch);
    free(s->tmp);
    *s = (struct store){.lock = -1};
}

char *store_find(const struct store *s, struct arena *a, const char *rel) {
    const char *dirs[] = {s->scratch, s->root[0] ? s->root : NULL};
    for (int i = 0; i < 2; i++) {
        char *path = dirs[i] ? path_join(a, dirs[i], rel) : NULL;
        if (path && file_exists(path))
            return path;
    }
    return NULL;
}

char *store_place(const struct store *s, struct arena *a, const char *rel, struct err *e) {
    char *path = path_join(a, s->scratch ? s->scratch : s->root, rel);
    return file_mkdirs(path_dir(a, path), e) < 0 ? NULL : path;
}

char *store_tmp(struct store *s, struct arena *a) {
    return arena_fmt(a, "%s/%u", s->tmp, __atomic_fetch_add(&s->serial, 1, __ATOMIC_RELAXED));
}

/* Somebody may delete the cache between making the folder above and renaming into it: then once more. */
static int publish(struct store *s, struct arena *a, const char *tmp_path, const char *rel, struct err *e) {
    for (int tries = 0;; tries++) {
        char *path = store_place(s, a, rel, e);
        if (!path)
            return -1;
        if (rename(tmp_path, path) == 0)
            return 0;
        if (errno == ENOTEMPTY || errno == EEXIST)
            return file_remove_tree(AT_FDCWD, tmp_path, e);
        if (errno != ENOENT || tries)
            return err_errno(e, "cannot put %s into the cache", path);
    }
}

int store_publish(struct store *s, const char *tmp_path, const char *rel, struct err *e) {
    struct arena a = {0};
    int result = publish(s, &a, tmp_path, rel, e);
    arena_free(&a);
    return result;
}

/* Aside first: an entry is there as a whole or not at all. */
int store_drop(struct store *s, const char *rel, struct err *e) {
    struct arena a = {0};
    struct err ignored;
    int result = 0;
    for (char *path; result == 0 && (path = store_find(s, &a, rel));) {
        char *aside = store_tmp(s, &a);
        if (rename(path, aside) == 0)
            file_remove_tree(AT_FDCWD, aside, &ignored);
        else if (errno != ENOENT)
            result = err_errno(e, "cannot remove %s from the cache", path);
    }
    arena_free(&a);
    return result;
}

int store_write(struct store *s, const char *rel, struct str bytes, struct err *e) {
    struct arena a = {0};
    char *tmp = store_tmp(s, &a);
    int result = file_write(tmp, bytes, 0666, e);
    if (result == 0)
        result = publish(s, &a, tmp, rel, e);
    arena_free(&a);
    return result;
}
