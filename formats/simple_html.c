#include "base/html.h"
#include "base/url.h"
#include "formats/simple_internal.h"

struct page {
    struct simple_builder *b;
    const char *what;
    struct err *e;
};

static int on_base(void *ctx, struct str href) {
    struct page *p = ctx;
    p->b->base = url_join(p->b->a, p->b->base, str_trim(href));
    return 0;
}

static int on_meta(void *ctx, struct str name, struct str content) {
    struct page *p = ctx;
    return str_is(name, "pypi:repository-version") ? simple_check_version(str_trim(content), p->what, p->e)
                                                   : 0;
}

/* "true" or "sha256=hex"; PEP 714: the newer attribute goes before the older. */
static void add_metadata(struct simple_file *f, struct str core, struct str old) {
    struct str value = core.p ? core : old;
    if (str_starts(value, STR("sha256=")))
        simple_add_metadata(f, str_from(value, sizeof "sha256=" - 1));
    else if (str_ieq(value, STR("true")))
        f->metadata = SIMPLE_METADATA;
}

static void add_hashes(struct simple_builder *b, struct simple_file *f, struct str fragment) {
    struct str piece, kind;
    while (str_cut(&fragment, '&', &piece))
        if (str_cut(&piece, '=', &kind) && piece.p)
            simple_add_hash(b, f, kind, piece);
}

static int on_anchor(void *ctx, const struct html_attribute *attributes, unsigned n, struct str text) {
    struct page *p = ctx;
    struct simple_file f = {0};
    struct str href = {0}, core = {0}, old = {0};
    (void)text; /* PEP 503 has the file's name here; installers go by the link, and so do their users */
    for (unsigned i = 0; i < n; i++) {
        struct str name = attributes[i].name, value = attributes[i].value;
        if (str_is(name, "href")) {
            href = str_trim(value);
        } else if (str_is(name, "data-requires-python")) {
            f.requires_python = simple_requires(p->b, value);
        } else if (str_is(name, "data-yanked")) {
            f.yanked = true;
            f.yanked_reason = simple_line(p->b, value);
        } else if (str_is(name, "data-core-metadata")) {
            core = str_trim(value);
        } else if (str_is(name, "data-dist-info-metadata")) {
            old = str_trim(value);
        }
    }
    f.filename = url_filename(p->b->a, href);
    add_metadata(&f, core, old);
    add_hashes(p->b, &f, url_fragment(href));
    simple_add(p->b, &f, href);
    return 0;
}

int simple_read_html(struct simple_builder *b, struct str body, const char *what, struct err *e) {
    static const struct html_handler h = {on_base, on_meta, on_anchor};
    struct page p = {b, what, e};
    return html_anchors(body, &h, &p, what, e);
}
