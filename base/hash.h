/* hash: digests (OpenSSL's libcrypto) and their spellings. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 64, HASH_MAX = 64 };

enum hash_kind {
    HASH_SHA256,
    HASH_SHA224,
    HASH_SHA384,
    HASH_SHA512,
    HASH_SHA1,
    HASH_MD5,
    HASH_BLAKE2B,
    HASH_KINDS
};

struct hash; /* a digest under way */

/* Never fails for the kinds above; out of memory ends the program. */
struct hash *hash_new(enum hash_kind kind);
void hash_add(struct hash *h, const void *p, size_t n);
/* Writes the digest (hash_size bytes) and frees h. */
void hash_end(struct hash *h, uint8_t out[HASH_MAX]);
void hash_free(struct hash *h); /* gives up a digest under way; NULL is no error */

size_t hash_size(enum hash_kind kind);
/* "sha256" and the other names that pip's --hash and PEP 503 fragments use. */
bool hash_kind_of(struct str name, enum hash_kind *out);
const char *hash_name(enum hash_kind kind);

/* One call for SHA-256. */
void sha256(const void *p, size_t n, uint8_t out[SHA256_BYTES]);
/* Its hexadecimal spelling, NUL-terminated. */
void sha256_hex(const void *p, size_t n, char out[SHA256_HEX + 1]);

/* Lower-case hexadecimal of n bytes, NUL-terminated: out has 2n+1 bytes. */
void hex_encode(const uint8_t *p, size_t n, char *out);
/* Exactly 2n hex digits (either case) into n bytes; false otherwise. */
bool hex_decode(struct str hex, uint8_t *out, size_t n);
/* URL-safe base64 without padding (RECORD, PEP 376 and the wheel specification): appended. */
void base64url(const uint8_t *p, size_t n, struct buf *out);

#endif
