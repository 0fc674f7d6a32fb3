#include "formats/wheel.h"

#include "formats/headers.h"

/* "1.0": small numbers. */
static bool parse_version(struct str s, int *major, int *minor) {
    struct str head;
    uint64_t x, y;
    if (!str_cut(&s, '.', &head) || !str_u64(head, &x) || !str_u64(s, &y) || x > 1000 || y > 1000)
        return false;
    *major = (int)x;
    *minor = (int)y;
    return true;
}

int wheel_file_parse(struct str text, const char *what, struct wheel_file *out, struct err *e) {
    struct str name, value, version = {0};
    *out = (struct wheel_file){0};
    while (headers_next(&text, &name, &value)) {
        if (str_ieq(name, STR("Wheel-Version")) && !version.p)
            version = value;
        else if (str_ieq(name, STR("Root-Is-Purelib")))
            out->root_is_purelib = str_ieq(value, STR("true"));
    }
    if (!version.p || !parse_version(version, &out->major, &out->minor))
        return err_fail(e, "%s: no valid Wheel-Version: the wheel is broken", what);
    if (out->major != 1)
        return err_fail(e, "%s: wheel format %d.%d is not understood, only 1.x: a newer envgraph may", what,
                        out->major, out->minor);
    return 0;
}
