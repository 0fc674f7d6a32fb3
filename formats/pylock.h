/* pylock: pylock.toml (PEP 751), the lock that other tools write, read into the struct of env.lock. */
#ifndef FORMATS_PYLOCK_H
#define FORMATS_PYLOCK_H

#include "formats/lock.h"

/* Lock version 1 and its minor versions. Errors are ERR_INPUT with file:line:column; unknown keys are passed
   over. Strings are in the arena or slices of the text. What the format leaves open or says otherwise:
   - What cannot be installed (a folder, a repository, a file without a SHA-256) has a fault instead of being
     an error, since its marker may not hold.
   - A package without a version has that of its files' names.
   - A file with both a URL and a path has the URL.
   - Edges that lead to no package are dropped. Requested is what no edge leads to.
   - `python` is set where requires-python is "==X.Y.*" and nothing else.
   - Active groups are the default ones; no extra is active.
   A name may stand several times; which one is meant is known once the markers are. */
int pylock_read(struct arena *a, struct str text, const char *file, struct lock *out, struct err *e);

#endif
