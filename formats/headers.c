#include "formats/headers.h"

/* Without its line break, of whichever kind. */
static struct str cut_line(struct str *rest) {
    struct str line;
    str_cut(rest, '\n', &line);
    if (!rest->p)
        *rest = str_from(line, line.n);
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool is_continuation(struct str rest) {
    return rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t');
}

/* Where the colon stands, or -1: names are printable ASCII without spaces. */
static ptrdiff_t name_length(struct str line) {
    for (size_t i = 0; i < line.n && line.p[i] > ' ' && line.p[i] < 0x7f; i++)
        if (line.p[i] == ':')
            return (ptrdiff_t)i;
    return -1;
}

bool headers_next(struct str *rest, struct str *name, struct str *value) {
    if (str_starts(*rest, STR("\xef\xbb\xbf")))
        *rest = str_from(*rest, 3);
    struct str line = rest->n ? cut_line(rest) : *rest;
    ptrdiff_t colon = name_length(line);
    if (colon < 0)
        return false;
    *name = str_head(line, (size_t)colon);
    *value = str_from(line, (size_t)colon + 1);
    while (is_continuation(*rest)) {
        line = cut_line(rest);
        value->n = (size_t)(line.p + line.n - value->p);
    }
    *value = str_trim(*value);
    return true;
}
