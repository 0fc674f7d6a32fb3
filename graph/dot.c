#include "graph/graph.h"

/* As a quoted DOT string: a line end becomes \n, other control characters blanks. */
static void quote(struct str s, struct buf *out) {
    buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '"' || c == '\\')
            buf_char(out, '\\');
        if (c == '\n')
            buf_c(out, "\\n");
        else
            buf_char(out, (unsigned char)c < 0x20 || c == 0x7f ? ' ' : c);
    }
    buf_char(out, '"');
}

void graph_dot(const struct graph *g, void (*label)(void *ctx, uint32_t node, struct buf *out), void *ctx,
               struct buf *out) {
    struct buf text = {0};
    buf_c(out, "digraph {\n    rankdir=LR;\n    node [shape=box];\n");
    for (uint32_t i = 0; i < g->n; i++) {
        text.n = 0;
        label(ctx, i, &text);
        buf_fmt(out, "    n%u [label=", i);
        quote(buf_view(&text), out);
        buf_c(out, "];\n");
    }
    for (uint32_t i = 0; i < g->nedges; i++)
        buf_fmt(out, "    n%u -> n%u;\n", g->from[i], g->to[i]);
    buf_c(out, "}\n");
    buf_free(&text);
}
