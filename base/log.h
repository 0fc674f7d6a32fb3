/* log: what a person reads on standard error. Colour only on a terminal, without NO_COLOR and TERM=dumb. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

struct log {
    bool tty, colour;
    int verbosity; /* -1 quiet, 0 normal, 1 verbose */
};

/* Looks at standard error and the environment, once. */
struct log log_open(int verbosity);

/* "error: ...", "warning: ..." and plain lines; a newline is added. Control characters in what is printed are
   the caller's to keep out. log_note is silent under -q, log_verbose is silent but under -v. */
void log_error(const struct log *l, const char *program, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void log_warn(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_note(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_verbose(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "12.3 MB", "1.2 s", "34 ms": for people. buf has at least 32 bytes; returns buf. */
char *log_bytes(char *buf, unsigned long long bytes);
char *log_seconds(char *buf, double seconds);

#endif
