#include "base/json.h"
#include "formats/simple_internal.h"

/* {"meta": {"api-version": ...}, "name": ..., "files": [{...}, ...]}: the depths at which these stand. */
enum { IN_PAGE = 1, IN_META = 2, FILE_ITSELF = 2, IN_FILE = 3, IN_FILE_PART = 4 };

enum top { TOP_OTHER, TOP_META, TOP_NAME, TOP_FILES };

enum field {
    FIELD_OTHER,
    FIELD_FILENAME,
    FIELD_URL,
    FIELD_HASHES,
    FIELD_REQUIRES_PYTHON,
    FIELD_SIZE,
    FIELD_UPLOAD_TIME,
    FIELD_YANKED,
    FIELD_CORE_METADATA,
    FIELD_OLD_METADATA
};

struct page {
    struct simple_builder *b;
    const char *what;
    struct str *name;
    struct err *e;
    enum top top;
    bool in_version, seen_files;
    enum field field;
    bool core_metadata; /* said under its own name, which goes before the older ones (PEP 714) */
    char part[64];      /* key within hashes or metadata */
    size_t npart;
    struct simple_file file;
    struct buf url;
};

static enum top top_of(struct str key) {
    return str_is(key, "files")  ? TOP_FILES
           : str_is(key, "meta") ? TOP_META
           : str_is(key, "name") ? TOP_NAME
                                 : TOP_OTHER;
}

static enum field field_of(struct str key) {
    static const struct {
        struct str key;
        enum field field;
    } fields[] = {{STR_INIT("filename"), FIELD_FILENAME},
                  {STR_INIT("url"), FIELD_URL},
                  {STR_INIT("hashes"), FIELD_HASHES},
                  {STR_INIT("requires-python"), FIELD_REQUIRES_PYTHON},
                  {STR_INIT("size"), FIELD_SIZE},
                  {STR_INIT("upload-time"), FIELD_UPLOAD_TIME},
                  {STR_INIT("yanked"), FIELD_YANKED},
                  {STR_INIT("core-metadata"), FIELD_CORE_METADATA},
                  {STR_INIT("dist-info-metadata"), FIELD_OLD_METADATA},
                  {STR_INIT("data-dist-info-metadata"), FIELD_OLD_METADATA}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (str_eq(key, fields[i].key))
            return fields[i].field;
    return FIELD_OTHER;
}

static int on_key(void *ctx, int depth, struct str key) {
    struct page *p = ctx;
    if (depth == IN_PAGE) {
        p->top = top_of(key);
    } else if (p->top == TOP_FILES && depth == IN_FILE) {
        p->field = field_of(key);
    } else if (p->top == TOP_FILES && depth == IN_FILE_PART) {
        p->npart = key.n < sizeof p->part ? key.n : 0;
        memcpy(p->part, key.p, p->npart);
    } else if (p->top == TOP_META && depth == IN_META) {
        p->in_version = str_is(key, "api-version");
    }
    return 0;
}

/* Digits of s at `at`; -1 if one is none. */
static int64_t digits(struct str s, size_t at, size_t n) {
    uint64_t v;
    return str_u64(str_head(str_from(s, at), n), &v) && at + n <= s.n ? (int64_t)v : -1;
}

/* Days from 1970-01-01 in the Gregorian calendar, with years that begin in March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "2023-01-02T03:04:05.678901Z" (PEP 700) or with an offset "+02:00"; 0 if it is no such time. */
static int64_t parse_time(struct str s) {
    int64_t year = digits(s, 0, 4), month = digits(s, 5, 2), day = digits(s, 8, 2);
    int64_t hour = digits(s, 11, 2), minute = digits(s, 14, 2), second = digits(s, 17, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60)
        return 0;
    int64_t t = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    size_t i = 19;
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && char_digit(s.p[i]);)
            i++;
    if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) {
        int64_t h = digits(s, i + 1, 2), m = digits(s, i + 4, 2);
        int64_t ahead = h < 0 ? 0 : h * 3600 + (m < 0 ? 0 : m * 60);
        t -= s.p[i] == '+' ? ahead : -ahead;
    }
    return t;
}

static void on_part(struct page *p, struct str value) {
    struct str key = {p->part, p->npart};
    if (p->field == FIELD_HASHES)
        simple_add_hash(p->b, &p->file, key, value);
    else if (str_is(key, "sha256") &&
             (p->field == FIELD_CORE_METADATA || (p->field == FIELD_OLD_METADATA && !p->core_metadata)))
        simple_add_metadata(&p->file, value);
}

static void on_field(struct page *p, struct str value) {
    struct simple_file *f = &p->file;
    switch (p->field) {
    case FIELD_FILENAME:
        f->filename = arena_str(p->b->a, value);
        break;
    case FIELD_URL:
        p->url.n = 0;
        buf_str(&p->url, value);
        break;
    case FIELD_REQUIRES_PYTHON:
        f->requires_python = simple_requires(p->b, value);
        break;
    case FIELD_UPLOAD_TIME:
        f->upload_time = parse_time(value);
        break;
    case FIELD_YANKED:
        f->yanked = true;
        f->yanked_reason = simple_line(p->b, value);
        break;
    default:
        break;
    }
}

static int on_string(void *ctx, int depth, struct str value) {
    struct page *p = ctx;
    if (p->top == TOP_FILES && depth == IN_FILE)
        on_field(p, value);
    else if (p->top == TOP_FILES && depth == IN_FILE_PART)
        on_part(p, value);
    else if (p->top == TOP_META && depth == IN_META && p->in_version)
        return simple_check_version(value, p->what, p->e);
    else if (p->top == TOP_NAME && depth == IN_PAGE)
        *p->name = arena_str(p->b->a, value);
    return 0;
}

static int on_number(void *ctx, int depth, struct str text) {
    struct page *p = ctx;
    if (p->top == TOP_FILES && depth == IN_FILE && p->field == FIELD_SIZE && !str_u64(text, &p->file.size))
        p->file.size = 0;
    return 0;
}

/* The older keys say nothing once core-metadata has spoken, in whichever order they come. */
static void set_metadata(struct page *p, bool there) {
    if (p->field == FIELD_CORE_METADATA)
        p->core_metadata = true;
    else if (p->field != FIELD_OLD_METADATA || p->core_metadata)
        return;
    p->file.metadata = there ? SIMPLE_METADATA : SIMPLE_NO_METADATA;
}

static int on_boolean(void *ctx, int depth, bool value) {
    struct page *p = ctx;
    if (p->top != TOP_FILES || depth != IN_FILE)
        return 0;
    if (p->field == FIELD_YANKED)
        p->file.yanked = value;
    set_metadata(p, value);
    return 0;
}

static int on_open(void *ctx, int depth, char kind) {
    struct page *p = ctx;
    if (depth == IN_PAGE && p->top == TOP_FILES && kind == '[')
        p->seen_files = true;
    if (p->top != TOP_FILES || kind != '{')
        return 0;
    if (depth == FILE_ITSELF) {
        p->file = (struct simple_file){0};
        p->url.n = 0;
        p->core_metadata = false;
    } else if (depth == IN_FILE) {
        set_metadata(p, true);
    }
    return 0;
}

static int on_close(void *ctx, int depth, char kind) {
    struct page *p = ctx;
    if (p->top == TOP_FILES && depth == FILE_ITSELF && kind == '{')
        simple_add(p->b, &p->file, buf_view(&p->url));
    return 0;
}

int simple_read_json(struct simple_builder *b, struct str body, const char *what, struct str *name,
                     struct err *e) {
    static const struct json_handler h = {.key = on_key,
                                          .string = on_string,
                                          .number = on_number,
                                          .boolean = on_boolean,
                                          .open = on_open,
                                          .close = on_close};
    struct page p = {.b = b, .what = what, .name = name, .e = e};
    int result = json_events(body, &h, &p, what, e);
    if (result == 0 && !p.seen_files)
        result = err_fail(e, "%s: JSON without \"files\": is this the URL of a package index?", what);
    buf_free(&p.url);
    return result;
}
