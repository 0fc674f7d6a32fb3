/* file: whole files, folders and paths. Paths are NUL-terminated. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Reads a whole file ("-": standard input) into out (appended, malloc'ed). Errors name the path. */
int file_read(const char *path, struct buf *out, struct err *e);

/* A read-only mapping of a whole file; an empty file maps to {"" , 0}. file_unmap gives it back. */
int file_map(const char *path, struct str *out, struct err *e);
void file_unmap(struct str map);

/* Writes path by a temporary file beside it and a rename: readers see the old or the new bytes, never a part.
 */
int file_write(const char *path, struct str data, mode_t mode, struct err *e);

/* mkdir -p. */
int file_mkdirs(const char *path, struct err *e);

/* Removes path and all below it; what is not there is no error. Never follows a symbolic link. */
int file_remove_tree(int dirfd, const char *path, struct err *e);

bool file_exists(const char *path);
bool file_is_dir(const char *path);

/* All of the n bytes to fd, over short writes and EINTR. Returns 0, or -1 with errno set. */
int file_write_all(int fd, const void *p, size_t n);

/* "dir/name" in the arena; an absolute name stays as it is, an empty or "." dir is left out. */
char *path_join(struct arena *a, const char *dir, const char *name);
/* Absolute, and lexically without "." and ".." (symbolic links are not followed). */
char *path_absolute(struct arena *a, const char *path);
/* What stands before the last '/', "." if there is none. */
char *path_dir(struct arena *a, const char *path);
/* What stands behind the last '/'. */
struct str path_base(struct str path);

/* A relative path that stays where it is unpacked: not empty, no leading '/', no empty, "." or ".."
   component, no backslash, NUL or control character, no drive letter. */
bool path_is_safe(struct str path);

#endif
