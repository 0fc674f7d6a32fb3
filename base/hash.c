#include "base/hash.h"

#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name, *openssl;
    uint8_t size;
} kinds[HASH_KINDS] = {
    [HASH_SHA256] = {"sha256", "SHA2-256", 32},
    [HASH_SHA224] = {"sha224", "SHA2-224", 28},
    [HASH_SHA384] = {"sha384", "SHA2-384", 48},
    [HASH_SHA512] = {"sha512", "SHA2-512", 64},
    [HASH_SHA1] = {"sha1", "SHA1", 20},
    [HASH_MD5] = {"md5", "MD5", 16},
    [HASH_BLAKE2B] = {"blake2b", "BLAKE2B-512", 64},
};

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "libcrypto cannot compute %s\n", what);
        abort();
    }
}

/* OpenSSL 3 looks an algorithm up by its name each time it is not told which one; that costs more than
   hashing a small file does. So each is fetched once: constants of the process, filled in when first wanted.
 */
static const EVP_MD *algorithm(enum hash_kind kind) {
    static _Atomic(EVP_MD *) fetched[HASH_KINDS];
    EVP_MD *md = atomic_load_explicit(&fetched[kind], memory_order_acquire);
    if (md)
        return md;
    md = EVP_MD_fetch(NULL, kinds[kind].openssl, NULL);
    check(md, kinds[kind].name);
    EVP_MD *other = NULL;
    if (!atomic_compare_exchange_strong(&fetched[kind], &other, md)) {
        EVP_MD_free(md);
        return other;
    }
    return md;
}

/* struct hash is OpenSSL's context under our name: one allocation less for each file. */
static EVP_MD_CTX *context(struct hash *h) {
    return (EVP_MD_CTX *)h;
}

struct hash *hash_new(enum hash_kind kind) {
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    check(c && EVP_DigestInit_ex2(c, algorithm(kind), NULL), kinds[kind].name);
    return (struct hash *)c;
}

void hash_add(struct hash *h, const void *p, size_t n) {
    check(EVP_DigestUpdate(context(h), p, n), "a digest");
}

void hash_end(struct hash *h, uint8_t out[HASH_MAX]) {
    check(EVP_DigestFinal_ex(context(h), out, NULL), "a digest");
    hash_free(h);
}

void hash_free(struct hash *h) {
    EVP_MD_CTX_free(context(h));
}

size_t hash_size(enum hash_kind kind) {
    return kinds[kind].size;
}

bool hash_kind_of(struct str name, enum hash_kind *out) {
    for (int i = 0; i < HASH_KINDS; i++)
        if (str_ieq(name, str_of(kinds[i].name))) {
            *out = (enum hash_kind)i;
            return true;
        }
    return false;
}

const char *hash_name(enum hash_kind kind) {
    return kinds[kind].name;
}

void sha256(const void *p, size_t n, uint8_t out[SHA256_BYTES]) {
    check(EVP_Digest(p, n, out, NULL, algorithm(HASH_SHA256), NULL), "sha256");
}

void sha256_hex(const void *p, size_t n, char out[SHA256_HEX + 1]) {
    uint8_t digest[SHA256_BYTES];
    sha256(p, n, digest);
    hex_encode(digest, sizeof digest, out);
}

void hex_encode(const uint8_t *p, size_t n, char *out) {
    for (size_t i = 0; i < n; i++) {
        *out++ = "0123456789abcdef"[p[i] >> 4];
        *out++ = "0123456789abcdef"[p[i] & 15];
    }
    *out = 0;
}

static int hex_value(char c) {
    if (char_digit(c))
        return c - '0';
    c = char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool hex_decode(struct str hex, uint8_t *out, size_t n) {
    if (hex.n % 2 || hex.n / 2 != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = hex_value(hex.p[2 * i]), low = hex_value(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void base64url(const uint8_t *p, size_t n, struct buf *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    buf_reserve(out, n / 3 * 4 + 4);
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i < 3 ? n - i : 3;
        uint32_t bits = (uint32_t)p[i] << 16;
        if (left > 1)
            bits |= (uint32_t)p[i + 1] << 8;
        if (left > 2)
            bits |= p[i + 2];
        for (size_t k = 0; k <= left; k++)
            buf_char(out, digits[bits >> (18 - 6 * k) & 63]);
    }
}
