/* headers: the fields of METADATA, PKG-INFO and WHEEL files, as Python's email parser finds them. RFC 822. */
#ifndef FORMATS_HEADERS_H
#define FORMATS_HEADERS_H

#include <stdbool.h>

#include "base/str.h"

/* The next field of *rest, which then stands behind it: name as written, value trimmed, with the line breaks
   of its continuation lines; both slices of the text. False at the empty line that ends the fields, at a line
   that is none, and at the end. A byte order mark in front is passed over. */
bool headers_next(struct str *rest, struct str *name, struct str *value);

#endif
