#include "formats/simple.h"

#include "base/file.h"
#include "base/json.h"
#include "base/url.h"
#include "formats/simple_internal.h"

static bool is_printable(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

/* Only a local page may lead to local files. */
static bool is_usable(const struct simple_builder *b, struct str scheme) {
    return str_ieq(scheme, STR("https")) || str_ieq(scheme, STR("http")) ||
           (str_ieq(scheme, STR("file")) && str_ieq(url_scheme(b->page), STR("file")));
}

/* Links in the wild hold spaces and letters beyond ASCII: encoded, as a browser would. */
static struct str encode(struct arena *a, struct str url) {
    size_t odd = 0;
    for (size_t i = 0; i < url.n; i++)
        odd += (unsigned char)url.p[i] >= 0x80 || url.p[i] == ' ';
    if (!odd)
        return url;
    char *p = arena_alloc(a, url.n + 2 * odd + 1);
    size_t n = 0;
    for (size_t i = 0; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];
        if (c >= 0x80 || c == ' ') {
            p[n++] = '%';
            p[n++] = "0123456789ABCDEF"[c >> 4];
            p[n++] = "0123456789ABCDEF"[c & 15];
        } else {
            p[n++] = (char)c;
        }
    }
    return (struct str){p, n};
}

/* A link that is whole already, as nearly all are, is only copied. */
static struct str resolve(struct simple_builder *b, struct str url) {
    url = url_without_fragment(str_trim(url));
    bool whole = str_starts(url, STR("https://")) || str_starts(url, STR("http://"));
    return encode(b->a, whole ? arena_str(b->a, url) : url_join(b->a, b->base, url));
}

void simple_add(struct simple_builder *b, struct simple_file *f, struct str url) {
    if (!path_is_safe(f->filename) || str_find(f->filename, '/') >= 0 || !url.n ||
        !is_printable(str_trim(url)))
        return;
    f->url = resolve(b, url);
    if (is_usable(b, url_scheme(f->url)))
        vec_push(&b->files, *f);
}

/* Smaller is better; those that are not known do not come here. */
static int rank(enum hash_kind kind) {
    static const int ranks[HASH_KINDS] = {
        [HASH_SHA256] = 0,  [HASH_SHA512] = 1, [HASH_SHA384] = 2, [HASH_SHA224] = 3,
        [HASH_BLAKE2B] = 4, [HASH_SHA1] = 5,   [HASH_MD5] = 6};
    return ranks[kind];
}

static bool is_hex(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!char_digit(s.p[i]) && !(char_lower(s.p[i]) >= 'a' && char_lower(s.p[i]) <= 'f'))
            return false;
    return true;
}

void simple_add_hash(struct simple_builder *b, struct simple_file *f, struct str kind, struct str hex) {
    enum hash_kind k;
    if (!hash_kind_of(kind, &k) || hex.n != 2 * hash_size(k) || !is_hex(hex))
        return;
    if (f->hash.n && rank(f->hash_kind) <= rank(k))
        return;
    char *p = arena_copy(b->a, hex.p, hex.n);
    for (size_t i = 0; i < hex.n; i++)
        p[i] = char_lower(p[i]);
    f->hash = (struct str){p, hex.n};
    f->hash_kind = k;
}

void simple_add_metadata(struct simple_file *f, struct str sha256) {
    f->metadata =
        hex_decode(sha256, f->metadata_sha256, SHA256_BYTES) ? SIMPLE_METADATA_SHA256 : SIMPLE_METADATA;
}

struct str simple_line(struct simple_builder *b, struct str text) {
    char *p = arena_copy(b->a, text.p, text.n);
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
            p[i] = ' ';
    return str_trim((struct str){p, text.n});
}

struct str simple_requires(struct simple_builder *b, struct str requires_python) {
    requires_python = str_trim(requires_python);
    if (!str_eq(requires_python, b->last_requires))
        b->last_requires = simple_line(b, requires_python);
    return b->last_requires;
}

int simple_check_version(struct str version, const char *what, struct err *e) {
    ptrdiff_t dot = str_find(version, '.');
    struct str major = str_head(version, dot < 0 ? version.n : (size_t)dot);
    if (str_is(major, "1"))
        return 0;
    struct buf quoted = {0};
    json_quote(&quoted, str_head(version, 40));
    err_fail(e, "%s: the index speaks version %s of the repository API; version 1 is understood here", what,
             quoted.p);
    buf_free(&quoted);
    return -1;
}

enum spelling { SPELLING_JSON, SPELLING_HTML, SPELLING_NONE };

/* By the media type; pages from files have none and are looked at. */
static enum spelling spelling_of(struct str type, struct str body) {
    if (str_starts(type, STR("application/vnd.pypi.simple.")))
        return str_ends(type, STR("+json")) ? SPELLING_JSON : SPELLING_HTML;
    if (str_is(type, "application/json"))
        return SPELLING_JSON;
    if (str_is(type, "text/html") || str_is(type, "application/xhtml+xml"))
        return SPELLING_HTML;
    char first = type.n ? 0 : str_trim(body).n ? str_trim(body).p[0] : '<';
    return first == '{' ? SPELLING_JSON : first == '<' ? SPELLING_HTML : SPELLING_NONE;
}

static int read_page(struct simple_builder *b, struct str body, struct str type, const char *what,
                     struct str *name, struct err *e) {
    switch (spelling_of(type, body)) {
    case SPELLING_JSON:
        return simple_read_json(b, body, what, name, e);
    case SPELLING_HTML:
        return simple_read_html(b, body, what, e);
    default:
        return err_fail(e, "%s: neither JSON nor HTML%s" STR_FMT ": is this the URL of a package index?",
                        what, type.n ? " but " : "", STR_ARG(str_head(type, 80)));
    }
}

int simple_parse(struct arena *a, struct str body, struct str type, struct str url, struct simple_page *out,
                 struct err *e) {
    struct simple_builder b = {.a = a, .page = url, .base = url};
    struct str shown = url_redact(a, url);
    *out = (struct simple_page){0};
    int result = read_page(&b, body, type, shown.n ? shown.p : "index page", &out->name, e);
    if (result == 0) {
        out->n = b.files.n;
        out->files = arena_copy(a, b.files.p, b.files.n * sizeof *b.files.p);
    }
    vec_free(&b.files);
    return result;
}
