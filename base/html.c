#include "base/html.h"

#include <gumbo.h>
#include <setjmp.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/vec.h"

/* Gumbo builds a tree and cannot report a failure, and HTML5's rules for tags that are not closed make some
   pages cost the square of their size. So its memory comes from an arena with a limit, of memory and of
   processor time, which is left by a jump. The tree is given back with the arena: gumbo's own release
   recurses as deep as the page nests. */
struct parse {
    struct arena memory;
    size_t left;
    unsigned calls;
    time_t deadline; /* on the thread's processor clock: how busy the machine is does not count */
    jmp_buf full;
};

enum {
    MAX_PAGE = 256 << 20,
    MEMORY_BASE = 16 << 20,
    MEMORY_PER_BYTE = 64,
    ALIGNMENT = 16,
    MAX_SECONDS = 20,
    CALLS_PER_LOOK = 256,
    TEXT_NODES = 1000
};

static time_t processor_seconds(void) {
    struct timespec t;
    return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0 ? t.tv_sec : 0;
}

static void *allocate(void *ctx, size_t n) {
    struct parse *p = ctx;
    bool late = ++p->calls % CALLS_PER_LOOK == 0 && processor_seconds() > p->deadline;
    if (late || n + ALIGNMENT > p->left)
        longjmp(p->full, 1);
    p->left -= n + ALIGNMENT;
    return arena_alloc(&p->memory, n);
}

static void release(void *ctx, void *memory) {
    (void)ctx;
    (void)memory;
}

/* NULL if the limit is reached. */
static const GumboOutput *parse(struct parse *p, struct str page) {
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = allocate;
    options.deallocator = release;
    options.userdata = p;
    options.max_errors = 0;
    if (setjmp(p->full))
        return NULL;
    return gumbo_parse_with_options(&options, page.p, page.n);
}

static const GumboVector *children(const GumboNode *n) {
    if (n->type == GUMBO_NODE_DOCUMENT)
        return &n->v.document.children;
    if (n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_TEMPLATE)
        return &n->v.element.children;
    return NULL;
}

/* The node behind n in document order within root, or NULL; without recursion, for pages nest as they like.
 */
static const GumboNode *next_node(const GumboNode *n, const GumboNode *root) {
    const GumboVector *below = children(n);
    if (below && below->length)
        return below->data[0];
    for (; n != root; n = n->parent) {
        const GumboVector *beside = children(n->parent);
        if (n->index_within_parent + 1 < beside->length)
            return beside->data[n->index_within_parent + 1];
    }
    return NULL;
}

static bool is_tag(const GumboNode *n, GumboTag tag) {
    return n->type == GUMBO_NODE_ELEMENT && n->v.element.tag == tag &&
           n->v.element.tag_namespace == GUMBO_NAMESPACE_HTML;
}

static const char *attribute(const GumboNode *n, const char *name) {
    const GumboAttribute *x = gumbo_get_attribute(&n->v.element.attributes, name);
    return x ? x->value : NULL;
}

static int tell_head(const GumboNode *root, const struct html_handler *h, void *ctx) {
    bool based = false;
    for (const GumboNode *n = root; n; n = next_node(n, root)) {
        const char *href = is_tag(n, GUMBO_TAG_BASE) ? attribute(n, "href") : NULL;
        if (href && !based && h->base && h->base(ctx, str_of(href)) != 0)
            return -1;
        based = based || href;
        const char *name = is_tag(n, GUMBO_TAG_META) ? attribute(n, "name") : NULL;
        const char *content = name ? attribute(n, "content") : NULL;
        if (content && h->meta && h->meta(ctx, str_of(name), str_of(content)) != 0)
            return -1;
    }
    return 0;
}

static void collect_text(const GumboNode *anchor, struct buf *out) {
    unsigned seen = 0; /* anchors can nest, in tables: bounded, or the sum would be quadratic */
    for (const GumboNode *n = anchor; n && seen < TEXT_NODES; n = next_node(n, anchor), seen++)
        if (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_WHITESPACE || n->type == GUMBO_NODE_CDATA)
            buf_c(out, n->v.text.text);
}

struct scratch {
    VEC(struct html_attribute) attributes;
    struct buf text;
};

static int tell_anchor(const GumboNode *n, const struct html_handler *h, void *ctx, struct scratch *s) {
    const GumboVector *all = &n->v.element.attributes;
    s->attributes.n = 0;
    s->text.n = 0;
    for (unsigned i = 0; i < all->length; i++) {
        const GumboAttribute *x = all->data[i];
        vec_push(&s->attributes, (struct html_attribute){str_of(x->name), str_of(x->value)});
    }
    collect_text(n, &s->text);
    return h->anchor(ctx, s->attributes.p, s->attributes.n, str_trim(buf_view(&s->text)));
}

static int tell_anchors(const GumboNode *root, const struct html_handler *h, void *ctx) {
    struct scratch s = {0};
    int result = 0;
    for (const GumboNode *n = root; n && result == 0; n = next_node(n, root))
        if (h->anchor && is_tag(n, GUMBO_TAG_A))
            result = tell_anchor(n, h, ctx, &s);
    vec_free(&s.attributes);
    buf_free(&s.text);
    return result ? -1 : 0;
}

int html_anchors(struct str page, const struct html_handler *h, void *ctx, const char *what, struct err *e) {
    if (page.n > MAX_PAGE)
        return err_fail(e, "%s: an HTML page of more than %d MiB", what, MAX_PAGE >> 20);
    struct parse p = {.left = MEMORY_BASE + page.n * MEMORY_PER_BYTE,
                      .deadline = processor_seconds() + MAX_SECONDS};
    const GumboOutput *tree = parse(&p, page);
    int result;
    if (!tree)
        result = err_fail(e, "%s: the HTML page is too tangled to be read", what);
    else if ((result = tell_head(tree->document, h, ctx)) == 0)
        result = tell_anchors(tree->document, h, ctx);
    arena_free(&p.memory);
    return result;
}
