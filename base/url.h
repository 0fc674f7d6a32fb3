/* url: as far as indexes need it (RFC 3986): joining, percent decoding, credentials, file: URLs. Pure text.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* "scheme://" or "file:" in front. */
bool url_is(struct str s);
struct str url_scheme(struct str url); /* without ':'; empty if none */
struct str url_host(struct str url);   /* host[:port], without user and password */
/* reference resolved against base (RFC 3986 section 5.2); the fragment stays. */
struct str url_join(struct arena *a, struct str base, struct str reference);
/* Without / only the fragment (the part behind '#'). */
struct str url_without_fragment(struct str url);
struct str url_fragment(struct str url);
/* The value of key in a fragment like "sha256=...&egg=...": empty if absent. */
struct str url_fragment_value(struct str url, struct str key);
/* Last path segment, percent-decoded, without query and fragment. */
struct str url_filename(struct arena *a, struct str url);
struct str url_decode(struct arena *a, struct str s); /* percent decoding */
/* Without user:password@: for locks, messages and cache keys. */
struct str url_redact(struct arena *a, struct str url);
/* file: URL of an absolute path (percent-encoded), and the path of a file: URL (empty if it is not one). */
struct str url_of_path(struct arena *a, const char *path);
struct str url_to_path(struct arena *a, struct str url);

#endif
