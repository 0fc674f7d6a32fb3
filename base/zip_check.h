/* zip_check: libzip's opinion of an archive. It stands apart because libzip has a struct zip of its own. */
#ifndef BASE_ZIP_CHECK_H
#define BASE_ZIP_CHECK_H

#include "base/zip.h"

/* -1 unless libzip, at its strictest, opens the bytes and finds the same members. */
int zip_check(struct str bytes, const struct zip_member *members, uint32_t n, const char *what,
              struct err *e);

#endif
