#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FORMAT_INTO(e, k, fmt)                                                                               \
    do {                                                                                                     \
        va_list ap;                                                                                          \
        va_start(ap, fmt);                                                                                   \
        (e)->kind = (k);                                                                                     \
        vsnprintf((e)->text, sizeof(e)->text, fmt, ap);                                                      \
        va_end(ap);                                                                                          \
    } while (0)

int err_fail(struct err *e, const char *fmt, ...) {
    FORMAT_INTO(e, ERR_FAIL, fmt);
    return -1;
}

int err_input(struct err *e, const char *fmt, ...) {
    FORMAT_INTO(e, ERR_INPUT, fmt);
    return -1;
}

int err_errno(struct err *e, const char *fmt, ...) {
    int number = errno;
    FORMAT_INTO(e, ERR_FAIL, fmt);
    size_t n = strlen(e->text);
    snprintf(e->text + n, sizeof e->text - n, ": %s", strerror(number));
    return -1;
}

int err_at(struct err *e, const char *file, struct str text, size_t offset, const char *fmt, ...) {
    char message[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    if (offset > text.n)
        offset = text.n;
    size_t line = 1, start = 0, column = 1;
    for (size_t i = 0; i < offset; i++)
        if (text.p[i] == '\n')
            line++, start = i + 1;
    for (size_t i = start; i < offset; i++)
        column += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    struct str rest = str_from(text, start);
    ptrdiff_t eol = str_find(rest, '\n');
    struct str shown = str_head(rest, eol < 0 ? rest.n : (size_t)eol);
    size_t cut = column > 160 ? offset - start - 150 : 0; /* keep the caret in sight on a very long line */
    shown = str_head(str_from(shown, cut), 200);
    e->kind = ERR_INPUT;
    snprintf(e->text, sizeof e->text, "%s:%zu:%zu: %s\n    " STR_FMT "\n    %*s", file, line, column, message,
             STR_ARG(shown), (int)(cut ? 151 : column), "^");
    for (char *p = strchr(e->text, '\n'); p && *p; p++) /* nothing of the input may steer a terminal */
        if ((unsigned char)*p < 0x20 && *p != '\n')
            *p = ' ';
    return -1;
}

int err_prefix(struct err *e, const char *fmt, ...) {
    struct buf whole = {0};
    va_list ap;
    va_start(ap, fmt);
    buf_vfmt(&whole, fmt, ap);
    va_end(ap);
    buf_fmt(&whole, ": %s", e->text);
    size_t n = whole.n < sizeof e->text ? whole.n : sizeof e->text - 1;
    memcpy(e->text, whole.p, n);
    e->text[n] = 0;
    buf_free(&whole);
    return -1;
}
