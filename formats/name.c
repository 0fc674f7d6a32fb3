#include "formats/name.h"

static bool is_separator(char c) {
    return c == '-' || c == '_' || c == '.';
}

bool name_is_valid(struct str s) {
    if (!s.n || !char_alnum(s.p[0]) || !char_alnum(s.p[s.n - 1]))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!char_alnum(s.p[i]) && !is_separator(s.p[i]))
            return false;
    return true;
}

/* The next byte of the normalized form, read from s at *i on; -1 behind the last. */
static int next(struct str s, size_t *i) {
    if (*i >= s.n)
        return -1;
    char c = s.p[(*i)++];
    if (!is_separator(c))
        return (unsigned char)char_lower(c);
    while (*i < s.n && is_separator(s.p[*i]))
        (*i)++;
    return '-';
}

static struct str rewrite(struct arena *a, struct str s, char separator) {
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0, i = 0;
    for (int c; (c = next(s, &i)) >= 0;)
        p[n++] = c == '-' ? separator : (char)c;
    return (struct str){p, n};
}

struct str name_normalize(struct arena *a, struct str s) {
    return rewrite(a, s, '-');
}

struct str name_escape(struct arena *a, struct str s) {
    return rewrite(a, s, '_');
}

bool name_same(struct str a, struct str b) {
    for (size_t i = 0, j = 0;;) {
        int x = next(a, &i), y = next(b, &j);
        if (x != y)
            return false;
        if (x < 0)
            return true;
    }
}
