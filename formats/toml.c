#include "formats/toml.h"

#include "base/utf8.h"
#include "formats/toml_internal.h"

/* How a table or an array came about decides who may still add to it. */
enum shape {
    SHAPE_IMPLIED, /* a header named something in it: it may get a header, or dotted keys, of its own */
    SHAPE_STATED,  /* it had its header, [t] or [[t]] */
    SHAPE_DOTTED,  /* dotted keys made it: more of them may add to it, for no header comes between */
    SHAPE_CLOSED   /* a value, written whole */
};

struct toml_node {
    struct toml toml;       /* first: what the users see */
    struct toml_node *last; /* child */
    enum shape shape;
    uint32_t number; /* of a table, in the names */
    int depth;
};

int toml_fail(struct toml_reader *r, size_t offset, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    char *text = arena_vfmt(r->a, fmt, ap);
    va_end(ap);
    return err_at(r->e, r->file, r->text, offset, "%s", text);
}

/* The tree. */

static uint32_t line_of(struct toml_reader *r, size_t offset) {
    for (; r->line_at < offset; r->line_at++)
        r->line += r->text.p[r->line_at] == '\n';
    return r->line;
}

static void make(struct toml_reader *r, struct toml_node *n, enum toml_type type, enum shape shape) {
    n->toml.type = type;
    n->shape = shape;
    n->number = r->tables++;
}

/* A new last child of parent, still without a type; NULL is an error. */
static struct toml_node *add(struct toml_reader *r, struct toml_node *parent, struct str key, size_t offset) {
    struct toml_node *n = arena_new(r->a, struct toml_node, 1);
    n->toml.key = key;
    n->toml.key_offset = n->toml.offset = offset;
    n->toml.line = line_of(r, offset);
    n->depth = parent->depth + 1;
    *(parent->last ? &parent->last->toml.next : &parent->toml.child) = &n->toml;
    parent->last = n;
    parent->toml.n++;
    if (n->depth <= TOML_DEPTH)
        return n;
    toml_fail(r, offset, "nested deeper than %d", TOML_DEPTH);
    return NULL;
}

/* The place for a key of a table, NULL in it if there is none yet. One map for all tables: the search takes
   the same time however many keys a hostile file has. */
static struct toml_node **find(struct toml_reader *r, const struct toml_node *table, struct str key) {
    r->scratch.n = 0;
    buf_add(&r->scratch, &table->number, sizeof table->number);
    buf_str(&r->scratch, key);
    uint32_t id = map_id(&r->names, buf_view(&r->scratch));
    if (id == r->by_name.n)
        vec_push(&r->by_name, NULL);
    return &r->by_name.p[id];
}

/* White space and ends of lines. */

static void skip_blanks(struct toml_reader *r) {
    while (toml_peek(r, 0) == ' ' || toml_peek(r, 0) == '\t')
        r->at++;
}

static int skip_comment(struct toml_reader *r) {
    if (toml_peek(r, 0) != '#')
        return 0;
    for (; r->at < r->text.n && !toml_newline(r); r->at++)
        if (toml_is_control(toml_peek(r, 0)))
            return toml_fail(r, r->at, "a control character does not belong into a comment");
    return 0;
}

static int skip_rest_of_line(struct toml_reader *r) {
    skip_blanks(r);
    if (skip_comment(r) < 0)
        return -1;
    size_t newline = toml_newline(r);
    if (!newline && r->at < r->text.n)
        return toml_fail(r, r->at, "the line should end here");
    r->at += newline;
    return 0;
}

/* In an array: white space, comments and newlines. */
static int skip_lines(struct toml_reader *r) {
    for (;;) {
        skip_blanks(r);
        if (skip_comment(r) < 0)
            return -1;
        size_t newline = toml_newline(r);
        if (!newline)
            return 0;
        r->at += newline;
    }
}

static bool accept(struct toml_reader *r, char c) {
    if (toml_peek(r, 0) != c)
        return false;
    r->at++;
    return true;
}

/* Keys. */

static bool is_bare(char c) {
    return char_alnum(c) || c == '-' || c == '_';
}

/* One part of a key, and white space around it. */
static int read_key(struct toml_reader *r, struct str *key, size_t *offset) {
    skip_blanks(r);
    *offset = r->at;
    char c = toml_peek(r, 0);
    if (c == '"' || c == '\'') {
        if (toml_read_text(r, false, key) < 0)
            return -1;
    } else {
        while (is_bare(toml_peek(r, 0)))
            r->at++;
        *key = arena_str(r->a, str_head(str_from(r->text, *offset), r->at - *offset));
        if (!key->n)
            return toml_fail(r, r->at,
                             "a key should stand here: letters, digits, '-' and '_', or a text in quotes");
    }
    skip_blanks(r);
    return 0;
}

/* The part of a dotted key before a '.': the table it leads to, made if it is not there. NULL: an error. */
static struct toml_node *step_by_key(struct toml_reader *r, struct toml_node *table, struct str key,
                                     size_t offset) {
    struct toml_node **place = find(r, table, key), *n = *place;
    if (!n) {
        *place = n = add(r, table, key, offset);
        if (n)
            make(r, n, TOML_TABLE, SHAPE_DOTTED);
        return n;
    }
    if (n->toml.type == TOML_TABLE && (n->shape == SHAPE_DOTTED || n->shape == SHAPE_IMPLIED)) {
        n->shape = SHAPE_DOTTED;
        return n;
    }
    toml_fail(r, offset, "this was set in line %u already: nothing can be added to it here",
              (unsigned)n->toml.line);
    return NULL;
}

/* The same in a header: also the last element of an array of tables, and tables that others have made. */
static struct toml_node *step_by_header(struct toml_reader *r, struct toml_node *table, struct str key,
                                        size_t offset) {
    struct toml_node **place = find(r, table, key), *n = *place;
    if (!n) {
        *place = n = add(r, table, key, offset);
        if (n)
            make(r, n, TOML_TABLE, SHAPE_IMPLIED);
        return n;
    }
    if (n->toml.type < TOML_ARRAY || n->shape == SHAPE_CLOSED) {
        toml_fail(r, offset, "this was set in line %u already: it cannot have tables in it",
                  (unsigned)n->toml.line);
        return NULL;
    }
    return n->toml.type == TOML_ARRAY ? n->last : n;
}

typedef struct toml_node *step(struct toml_reader *r, struct toml_node *table, struct str key, size_t offset);

/* A dotted key: steps through all parts but the last, which it returns, and the table that this leads to. */
static int read_path(struct toml_reader *r, step *one_step, struct toml_node **table, struct str *key,
                     size_t *offset) {
    if (read_key(r, key, offset) < 0)
        return -1;
    while (accept(r, '.')) {
        *table = one_step(r, *table, *key, *offset);
        if (!*table || read_key(r, key, offset) < 0)
            return -1;
    }
    return 0;
}

/* Values. */

static int read_value(struct toml_reader *r, struct toml_node *n);

static int read_pair(struct toml_reader *r) {
    struct toml_node *table = r->table;
    struct str key;
    size_t offset;
    if (read_path(r, step_by_key, &table, &key, &offset) < 0)
        return -1;
    struct toml_node **place = find(r, table, key);
    if (*place)
        return toml_fail(r, offset, "this key stands twice: it was set in line %u already",
                         (unsigned)(*place)->toml.line);
    if (!accept(r, '='))
        return toml_fail(r, r->at, "a '=' should stand here, and a value");
    skip_blanks(r);
    *place = add(r, table, key, offset);
    return *place ? read_value(r, *place) : -1;
}

static int read_array(struct toml_reader *r, struct toml_node *array) {
    size_t open = r->at++;
    for (;;) {
        if (skip_lines(r) < 0)
            return -1;
        if (accept(r, ']'))
            return 0;
        if (r->at == r->text.n)
            return toml_fail(r, open, "this '[' has no ']'");
        struct toml_node *n = add(r, array, (struct str){0}, r->at);
        if (!n || read_value(r, n) < 0 || skip_lines(r) < 0)
            return -1;
        if (!accept(r, ',') && toml_peek(r, 0) != ']')
            return toml_fail(r, r->at, "a ',' or ']' should stand here, in the array of line %u",
                             (unsigned)array->toml.line);
    }
}

/* All on one line; no ',' before the '}'. */
static int read_pairs(struct toml_reader *r) {
    size_t open = r->at++;
    skip_blanks(r);
    if (accept(r, '}'))
        return 0;
    for (;;) {
        if (read_pair(r) < 0)
            return -1;
        skip_blanks(r);
        if (accept(r, '}'))
            return 0;
        if (r->at == r->text.n || toml_newline(r))
            return toml_fail(r, open, "this '{' has no '}' on its line");
        if (!accept(r, ','))
            return toml_fail(r, r->at, "a ',' or '}' should stand here");
    }
}

static int read_inline_table(struct toml_reader *r, struct toml_node *n) {
    struct toml_node *table = r->table;
    r->table = n;
    int result = read_pairs(r);
    r->table = table;
    return result;
}

static int read_value(struct toml_reader *r, struct toml_node *n) {
    char c = toml_peek(r, 0);
    n->toml.offset = r->at;
    n->toml.line = line_of(r, r->at);
    if (c == '[' || c == '{')
        make(r, n, c == '[' ? TOML_ARRAY : TOML_TABLE, SHAPE_CLOSED);
    if (c == '"' || c == '\'')
        return toml_read_text(r, true, &n->toml.text);
    return c == '[' ? read_array(r, n) : c == '{' ? read_inline_table(r, n) : toml_read_scalar(r, &n->toml);
}

/* Headers. */

/* [t]: a new table, or one that is only implied so far. */
static struct toml_node *state_table(struct toml_reader *r, struct toml_node *parent, struct str key,
                                     size_t offset) {
    struct toml_node **place = find(r, parent, key), *n = *place;
    if (!n) {
        *place = n = add(r, parent, key, offset);
        if (n)
            make(r, n, TOML_TABLE, SHAPE_STATED);
        return n;
    }
    if (n->toml.type != TOML_TABLE || n->shape != SHAPE_IMPLIED) {
        toml_fail(r, offset, "this stands twice: it was set in line %u already", (unsigned)n->toml.line);
        return NULL;
    }
    n->shape = SHAPE_STATED;
    return n;
}

/* [[t]]: one more table in an array of them. */
static struct toml_node *state_element(struct toml_reader *r, struct toml_node *parent, struct str key,
                                       size_t offset) {
    struct toml_node **place = find(r, parent, key), *array = *place;
    if (!array) {
        *place = array = add(r, parent, key, offset);
        if (!array)
            return NULL;
        make(r, array, TOML_ARRAY, SHAPE_STATED);
    }
    if (array->toml.type != TOML_ARRAY || array->shape != SHAPE_STATED) {
        toml_fail(r, offset, "this was set in line %u already, and not as an array of tables",
                  (unsigned)array->toml.line);
        return NULL;
    }
    struct toml_node *n = add(r, array, (struct str){0}, offset);
    if (n)
        make(r, n, TOML_TABLE, SHAPE_STATED);
    return n;
}

static int read_header(struct toml_reader *r, struct toml_node *root) {
    struct toml_node *table = root;
    struct str key;
    size_t offset;
    r->at++;
    bool array = accept(r, '[');
    if (read_path(r, step_by_header, &table, &key, &offset) < 0)
        return -1;
    if (!accept(r, ']') || (array && !accept(r, ']')))
        return toml_fail(r, r->at, "a '%s' should stand here, for the '%s' at the beginning of the line",
                         array ? "]]" : "]", array ? "[[" : "[");
    r->table = (array ? state_element : state_table)(r, table, key, offset);
    return r->table ? 0 : -1;
}

/* The document. */

static int read_document(struct toml_reader *r, struct toml_node *root) {
    while (r->at < r->text.n) {
        skip_blanks(r);
        char c = toml_peek(r, 0);
        bool empty = r->at == r->text.n || c == '#' || toml_newline(r);
        if (!empty && (c == '[' ? read_header(r, root) : read_pair(r)) < 0)
            return -1;
        if (skip_rest_of_line(r) < 0)
            return -1;
    }
    return 0;
}

static int check_utf8(struct toml_reader *r) {
    uint32_t code;
    for (size_t i = 0, n; i < r->text.n; i += n)
        if (!(n = utf8_char(str_from(r->text, i), &code)))
            return toml_fail(r, i, "this is no UTF-8 text; save the file as UTF-8");
    return 0;
}

int toml_parse(struct arena *a, struct str text, const char *file, struct toml **out, struct err *e) {
    struct toml_reader r = {.a = a, .text = text, .file = file, .e = e, .line = 1};
    struct toml_node *root = arena_new(a, struct toml_node, 1);
    root->toml.line = 1;
    make(&r, root, TOML_TABLE, SHAPE_STATED);
    r.table = root;
    r.at = str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
    int result = check_utf8(&r) < 0 ? -1 : read_document(&r, root);
    *out = &root->toml;
    map_free(&r.names);
    vec_free(&r.by_name);
    buf_free(&r.scratch);
    return result;
}

const struct toml *toml_get(const struct toml *table, const char *key) {
    if (!table || table->type != TOML_TABLE)
        return NULL;
    for (const struct toml *t = table->child; t; t = t->next)
        if (str_eq(t->key, str_of(key)))
            return t;
    return NULL;
}

size_t toml_place(struct str document, const struct toml *text, size_t at) {
    struct str written = str_head(str_from(document, text->offset + 1), text->text.n);
    return str_eq(written, text->text) ? text->offset + 1 + at : text->offset;
}

const char *toml_type_name(enum toml_type type) {
    static const char *const names[] = {"a text", "an integer", "a float", "a boolean",
                                        "a date", "an array",   "a table"};
    return names[type];
}
