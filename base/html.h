/* html: the anchors of a page as a browser would see them (gumbo, HTML5 parsing: index pages in the wild are
   not well formed). */
#ifndef BASE_HTML_H
#define BASE_HTML_H

#include "base/err.h"
#include "base/str.h"

struct html_attribute {
    struct str name, value; /* entities decoded; live for the call */
};

struct html_handler {
    /* <base href>, at most once, before any anchor is told. */
    int (*base)(void *ctx, struct str href);
    /* <meta name= content=> */
    int (*meta)(void *ctx, struct str name, struct str content);
    /* <a ...>text</a>: its attributes, its text trimmed. Non-zero stops. */
    int (*anchor)(void *ctx, const struct html_attribute *attributes, unsigned n, struct str text);
};

/* Members may be NULL. A page beyond the limits of size and memory is an error. A handler that stopped makes
   it return -1 with *e as it was: telling why is the handler's. `what` names the page in errors. */
int html_anchors(struct str page, const struct html_handler *h, void *ctx, const char *what, struct err *e);

#endif
