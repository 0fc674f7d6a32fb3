#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct log log_open(int verbosity) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool tty = isatty(STDERR_FILENO);
    bool plain = (no_color && *no_color) || !term || !strcmp(term, "dumb");
    return (struct log){tty, tty && !plain, verbosity};
}

static void tell(const char *before, const char *after, const char *fmt, va_list ap) {
    flockfile(stderr); /* one line stays one line, whoever else writes */
    fputs(before, stderr);
    fputs(after, stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    funlockfile(stderr);
}

void log_error(const struct log *l, const char *program, const char *fmt, ...) {
    char head[128];
    snprintf(head, sizeof head, "%s: %s", program, l->colour ? "\033[1;31merror:\033[0m " : "error: ");
    va_list ap;
    va_start(ap, fmt);
    tell(head, "", fmt, ap);
    va_end(ap);
}

void log_warn(const struct log *l, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    tell(l->colour ? "\033[1;33mwarning:\033[0m" : "warning:", " ", fmt, ap);
    va_end(ap);
}

void log_note(const struct log *l, const char *fmt, ...) {
    if (l->verbosity < 0)
        return;
    va_list ap;
    va_start(ap, fmt);
    tell("", "", fmt, ap);
    va_end(ap);
}

void log_verbose(const struct log *l, const char *fmt, ...) {
    if (l->verbosity < 1)
        return;
    va_list ap;
    va_start(ap, fmt);
    tell("", "", fmt, ap);
    va_end(ap);
}

char *log_bytes(char *buf, unsigned long long bytes) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double v = (double)bytes;
    int u = 0;
    for (; v >= 999.5 && u < 4; u++)
        v /= 1000;
    snprintf(buf, 32, u && v < 99.95 ? "%.1f %s" : "%.0f %s", v, units[u]);
    return buf;
}

char *log_seconds(char *buf, double seconds) {
    if (seconds < 0.9995)
        snprintf(buf, 32, seconds < 0.00995 ? "%.1f ms" : "%.0f ms", seconds * 1000);
    else if (seconds < 99.95)
        snprintf(buf, 32, "%.1f s", seconds);
    else
        snprintf(buf, 32, "%.0f min %.0f s", (double)((long)seconds / 60), (double)((long)seconds % 60));
    return buf;
}
