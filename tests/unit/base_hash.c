#include "tests/unit/test.h"

#include "base/hash.h"

/* Digests of "abc" (FIPS 180-4, RFC 1321, RFC 7693). */
static const struct {
    enum hash_kind kind;
    const char *name, *digest;
} known[] = {
    {HASH_SHA256, "sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HASH_SHA224, "sha224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {HASH_SHA384, "sha384",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {HASH_SHA512, "sha512",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
     "454d4423643ce80e2a9ac94fa54ca49f"},
    {HASH_SHA1, "sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {HASH_MD5, "md5", "900150983cd24fb0d6963f7d28e17f72"},
    {HASH_BLAKE2B, "blake2b",
     "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc95"
     "18d38aa8dbf1925ab92386edd4009923"},
};

TEST(known_digests) {
    CHECK_INT(sizeof known / sizeof *known, HASH_KINDS);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t digest[HASH_MAX];
        char hex[2 * HASH_MAX + 1];
        struct hash *h = hash_new(known[i].kind);
        hash_add(h, "a", 1);
        hash_add(h, "", 0);
        hash_add(h, "bc", 2);
        hash_end(h, digest);
        hex_encode(digest, hash_size(known[i].kind), hex);
        CHECK_STR(str_of(hex), known[i].digest);
        CHECK_STR(str_of(hash_name(known[i].kind)), known[i].name);
    }
}

TEST(names) {
    enum hash_kind kind;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        CHECK(hash_kind_of(str_of(known[i].name), &kind));
        CHECK_INT(kind, known[i].kind);
    }
    CHECK(hash_kind_of(STR("SHA256"), &kind) && kind == HASH_SHA256);
    CHECK(!hash_kind_of(STR("sha-256"), &kind));
    CHECK(!hash_kind_of(STR("sha25"), &kind));
    CHECK(!hash_kind_of(STR(""), &kind));
}

TEST(one_call) {
    char hex[SHA256_HEX + 1];
    sha256_hex("abc", 3, hex);
    CHECK_STR(str_of(hex), known[0].digest);
    sha256_hex("", 0, hex);
    CHECK_STR(str_of(hex), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(a_digest_can_be_given_up) {
    struct hash *h = hash_new(HASH_SHA256);
    hash_add(h, "abc", 3);
    hash_free(h);
    hash_free(NULL);
}

TEST(hexadecimal) {
    static const struct {
        const char *hex;
        bool good;
    } cases[] = {{"00ff7F", true},  {"00ff7", false},  {"00ff7f0", false}, {"00ff7f00", false},
                 {"00ff7g", false}, {"0x0f7f", false}, {"00 f7f", false},  {"", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t out[3] = {1, 2, 3};
        CHECK_INT(hex_decode(str_of(cases[i].hex), out, 3), cases[i].good);
        CHECK(!cases[i].good || (out[0] == 0 && out[1] == 0xff && out[2] == 0x7f));
    }
    CHECK(hex_decode(STR(""), NULL, 0));
}

/* RFC 4648 section 10, and the two digits that differ in the URL-safe alphabet. */
TEST(base64) {
    static const struct {
        const char *bytes, *text;
    } cases[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
                 {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf", "-_-_"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        buf_c(&out, "=");
        base64url((const uint8_t *)cases[i].bytes, strlen(cases[i].bytes), &out);
        CHECK_STR(str_from(buf_view(&out), 1), cases[i].text);
        buf_free(&out);
    }
}

TEST_MAIN
