/* err: what went wrong, where, and what to do about it. Functions that can fail return 0 or -1 and fill the
   err that is their last parameter. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

/* The values are the exit codes of both programs. */
enum err_kind { ERR_FAIL = 1, ERR_INPUT = 2 };

struct err {
    enum err_kind kind;
    char text[2048]; /* one or more lines, no newline at the end; cut short if longer */
};

/* Fill *e and return -1, so that a caller can `return err_fail(e, ...)`. */
int err_fail(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));  /* ERR_FAIL */
int err_input(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* ERR_INPUT */
/* ERR_FAIL with strerror(errno) behind the text. */
int err_errno(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ERR_INPUT at a place in a text: "file:line:column: message", the line itself and a caret under the column.
   offset: in bytes from the start of text; columns count characters, from 1. */
int err_at(struct err *e, const char *file, struct str text, size_t offset, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Puts "prefix: " before the text that is there. Returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
