#include "base/map.h"
#include "base/zip.h"
#include "tests/unit/test.h"
#include "tests/unit/zip_maker.h"

static int collect(void *ctx, const void *p, size_t n) {
    buf_add(ctx, p, n);
    return 0;
}

static int refuse(void *ctx, const void *p, size_t n) {
    (void)p;
    *(size_t *)ctx += n;
    return 1;
}

static void add(struct made *z, const char *name, const char *text, bool deflate) {
    made_add(z, (struct made_member){.name = name, .data = str_of(text), .deflate = deflate});
}

/* Inflated at once, in pieces and appended: the same bytes. */
static void check_content(const struct zip *z, const char *name, struct str want) {
    struct err e;
    struct buf streamed = {0}, appended = {0};
    uint32_t i = zip_find(z, str_of(name));
    CHECK(i != MAP_NONE);
    if (i == MAP_NONE)
        return;
    char *whole = mem_alloc(want.n);
    CHECK_INT(zip_member(z, i)->size, want.n);
    CHECK_INT(zip_inflate(z, i, whole, &e), 0);
    CHECK(!memcmp(whole, want.p, want.n));
    CHECK_INT(zip_stream(z, i, collect, &streamed, &e), 0);
    CHECK(str_eq(buf_view(&streamed), want));
    buf_c(&appended, "x");
    CHECK_INT(zip_read(z, i, want.n, &appended, &e), 0);
    CHECK(str_eq(str_from(buf_view(&appended), 1), want));
    if (want.n)
        CHECK_INT(zip_read(z, i, want.n - 1, &appended, &e), -1);
    CHECK_INT(appended.n, want.n + 1);
    free(whole);
    buf_free(&streamed);
    buf_free(&appended);
}

TEST(reads_what_was_put_in) {
    struct made m = {0};
    struct buf noise = made_noise(700000);
    struct zip *z;
    struct err e;
    made_add(&m, (struct made_member){.name = "pkg/", .mode = S_IFDIR | 0755});
    add(&m, "pkg/stored.txt", "as it is", false);
    add(&m, "pkg/empty.py", "", true);
    add(&m, "pkg/nothing.py", "", false);
    made_add(&m, (struct made_member){
                     .name = "pkg/big", .data = buf_view(&noise), .deflate = true, .mode = S_IFREG | 0755});
    made_add(&m, (struct made_member){.name = "pkg/big-stored", .data = buf_view(&noise), .mode = 0755});
    made_add(&m, (struct made_member){.name = "pkg/link", .data = STR("x"), .mode = S_IFLNK | 0777});
    struct str bytes = made_end(&m);
    CHECK_INT(zip_open_whole(bytes, "a.whl", &z, &e), 0);
    if (z) {
        CHECK_INT(zip_count(z), 7);
        check_content(z, "pkg/stored.txt", STR("as it is"));
        check_content(z, "pkg/empty.py", STR(""));
        check_content(z, "pkg/nothing.py", STR(""));
        check_content(z, "pkg/big", buf_view(&noise));
        check_content(z, "pkg/big-stored", buf_view(&noise));
        CHECK(zip_member(z, 0)->directory && !zip_member(z, 1)->directory);
        CHECK(zip_member(z, 4)->executable && !zip_member(z, 5)->executable && !zip_member(z, 0)->executable);
        CHECK(zip_member(z, 6)->symlink && !zip_member(z, 4)->symlink);
        CHECK_INT(zip_find(z, STR("pkg")), MAP_NONE);
        size_t seen = 0;
        CHECK_INT(zip_stream(z, 4, refuse, &seen, &e), -1);
        CHECK(seen > 0 && seen < noise.n);
    }
    zip_free(z);
    made_free(&m);
    buf_free(&noise);
}

TEST(an_empty_archive_is_one) {
    struct made m = {0};
    struct zip *z;
    struct err e;
    int opened = zip_open_whole(made_end(&m), "a.whl", &z, &e);
    CHECK_INT(opened, 0);
    CHECK(z && zip_count(z) == 0 && zip_find(z, STR("x")) == MAP_NONE);
    zip_free(z);
    made_free(&m);
}

/* Opens, and inflates all there is. */
static int judge(struct str bytes, struct err *e) {
    struct zip *z;
    char *copy = mem_alloc(bytes.n); /* exactly as long: the sanitizer sees what is read beyond */
    memcpy(copy, bytes.p, bytes.n);
    int result = zip_open_whole((struct str){copy, bytes.n}, "a.whl", &z, e);
    for (uint32_t i = 0; result == 0 && i < zip_count(z); i++) {
        struct buf out = {0};
        struct err other;
        size_t n = 0;
        result = zip_read(z, i, 1 << 20, &out, e);
        buf_free(&out);
        if (result < 0)
            CHECK_INT(zip_stream(z, i, collect, &out, &other), -1);
        else
            CHECK(zip_stream(z, i, refuse, &n, &other) == 0 || n);
        buf_free(&out);
    }
    zip_free(z);
    free(copy);
    return result;
}

static void check_refused(struct made_member m, const char *why) {
    struct made z = {0};
    struct err e = {0};
    add(&z, "first", "the first member", true);
    made_add(&z, m);
    add(&z, "last", "the last member", true);
    CHECK_INT(judge(made_end(&z), &e), -1);
    if (!strstr(e.text, why))
        printf("got \"%s\", want \"%s\"\n", e.text, why);
    CHECK(strstr(e.text, why));
    CHECK(!strchr(e.text, '\033'));
    made_free(&z);
}

TEST(refuses_members_that_lie) {
    static const struct {
        struct made_member m;
        const char *why;
    } cases[] = {
        {{.name = "first", .data = STR_INIT("x")}, "twice"},
        {{.name = "e", .data = STR_INIT("x"), .flags = 1}, "encrypted"},
        {{.name = "e", .data = STR_INIT("x"), .method = 12}, "method"},
        {{.name = "e", .data = STR_INIT("x"), .method = 9}, "method"},
        {{.name = "e\033[31m", .data = STR_INIT("x"), .method = 14}, "e?[31m"},
        {{.name = "", .data = STR_INIT("x")}, "name"},
        {{.name = "folder/", .data = STR_INIT("x")}, "folder with contents"},
        {{.name = "e", .data = STR_INIT("some text"), .crc = 1}, "CRC"},
        {{.name = "e", .data = STR_INIT("some text"), .deflate = true, .crc = 1}, "CRC"},
        {{.name = "e", .data = STR_INIT("some text"), .size = 10}, "size"},
        {{.name = "e", .data = STR_INIT("some text"), .deflate = true, .size = 8}, "inflate"},
        {{.name = "e", .data = STR_INIT("some text"), .deflate = true, .size = 10}, "inflate"},
        {{.name = "e", .data = STR_INIT("some text"), .deflate = true, .size = 1 << 30}, "size"},
        {{.name = "e", .data = STR_INIT("some text"), .deflate = true, .packed = 20}, "overlaps"},
        {{.name = "e", .data = STR_INIT("some text"), .deflate = true, .packed = 5}, "inflate"},
        {{.name = "e", .data = STR_INIT("some text"), .deflate = true, .packed = 1 << 20, .size = 1 << 20},
         "outside"},
        {{.name = "e", .data = STR_INIT("x"), .offset = 1}, "overlaps"},
        {{.name = "e", .data = STR_INIT("x"), .offset = 0xfffffff0}, "outside"},
        {{.name = "e", .data = STR_INIT("x"), .local_name = "f"}, "header"},
        {{.name = "e", .data = STR_INIT("not deflated"), .method = 8}, "inflate"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_refused(cases[i].m, cases[i].why);
}

TEST(refuses_two_members_in_one_place) {
    struct made z = {0};
    struct err e;
    add(&z, "aa", "text", false);
    size_t second = z.bytes.n;
    add(&z, "bb", "more", false);
    made_add(&z, (struct made_member){.name = "bb", .data = STR("more"), .offset = (uint32_t)second});
    z.directory.p[z.directory.n - 1] = 'c'; /* so that it is not merely a name that is there twice */
    CHECK_INT(judge(made_end(&z), &e), -1);
    made_free(&z);
}

TEST(refuses_bytes_around_the_archive) {
    struct made z = {0};
    struct err e;
    struct buf moved = {0};
    add(&z, "a", "text", true);
    struct str bytes = made_end(&z);
    CHECK_INT(judge(bytes, &e), 0);
    buf_c(&moved, "#!");
    buf_str(&moved, bytes);
    CHECK_INT(judge(buf_view(&moved), &e), -1);
    moved.n = 0;
    buf_str(&moved, bytes);
    buf_c(&moved, "!");
    CHECK_INT(judge(buf_view(&moved), &e), -1);
    buf_free(&moved);
    made_free(&z);
}

/* Whatever is cut off or turned over, nothing is read beyond the end, and what still opens reads the same. */
TEST(survives_every_cut_and_flip) {
    struct made z = {0};
    struct err e;
    struct buf flipped = {0};
    add(&z, "a/b.py", "print('hello hello hello')", true);
    add(&z, "a/c.txt", "hello", false);
    struct str bytes = made_end(&z);
    for (size_t n = 0; n < bytes.n; n++)
        CHECK_INT(judge(str_head(bytes, n), &e), -1);
    for (size_t bit = 0; bit < bytes.n * 8; bit++) {
        flipped.n = 0;
        buf_str(&flipped, bytes);
        flipped.p[bit / 8] = (char)(flipped.p[bit / 8] ^ 1 << bit % 8);
        judge(buf_view(&flipped), &e);
    }
    buf_free(&flipped);
    made_free(&z);
}

TEST(zip64_records_are_read_and_compared) {
    struct made z = {0};
    struct err e;
    struct buf wide = {0};
    add(&z, "a", "text", true);
    size_t directory = z.bytes.n;
    struct str bytes = made_end(&z);
    for (int lie = 0; lie < 2; lie++) {
        wide.n = 0;
        buf_str(&wide, str_head(bytes, bytes.n - 22));
        size_t record = wide.n;
        made_number(&wide, 0x06064b50, 4);
        made_number(&wide, 44, 8);
        made_number(&wide, 45 | 45 << 16, 4);
        made_number(&wide, 0, 8);
        made_number(&wide, 1, 8);
        made_number(&wide, 1, 8);
        made_number(&wide, record - directory, 8);
        made_number(&wide, directory, 8);
        made_number(&wide, 0x07064b50, 4);
        made_number(&wide, 0, 4);
        made_number(&wide, record, 8);
        made_number(&wide, 1, 4);
        made_number(&wide, 0x06054b50, 4);
        made_number(&wide, 0, 4);
        made_number(&wide, 0xffff, 2);
        made_number(&wide, 0xffff, 2);
        made_number(&wide, 0xffffffff, 4);
        made_number(&wide, lie ? directory + 1 : 0xffffffff, 4);
        made_number(&wide, 0, 2);
        CHECK_INT(judge(buf_view(&wide), &e), lie ? -1 : 0);
    }
    buf_free(&wide);
    made_free(&z);
}

TEST(a_tail_tells_what_is_missing) {
    struct made m = {0};
    struct buf noise = made_noise(5000), text = {0};
    struct zip *z;
    struct err e;
    uint64_t need = 0, from, to;
    add(&m, "x.dist-info/METADATA", "Name: x", true);
    made_add(&m, (struct made_member){.name = "big", .data = buf_view(&noise)});
    size_t wheel = m.bytes.n;
    add(&m, "x.dist-info/WHEEL", "Wheel-Version: 1.0", true);
    size_t directory = m.bytes.n;
    struct str bytes = made_end(&m);

    CHECK_INT(zip_open_tail(str_from(bytes, directory + 10), bytes.n, "a.whl", &z, &need, &e), -1);
    CHECK_INT(need, directory);
    CHECK(!z);
    CHECK_INT(zip_open_tail(str_from(bytes, bytes.n - 10), bytes.n, "a.whl", &z, &need, &e), -1);
    CHECK_INT(need, 0);
    CHECK_INT(zip_open_tail(bytes, bytes.n - 1, "a.whl", &z, &need, &e), -1);

    CHECK_INT(zip_open_tail(str_from(bytes, wheel), bytes.n, "a.whl", &z, &need, &e), 0);
    uint32_t i = zip_find(z, STR("x.dist-info/WHEEL"));
    CHECK(!zip_needs(z, i, &from, &to));
    CHECK_INT(zip_read(z, i, 100, &text, &e), 0);
    CHECK_STR(buf_view(&text), "Wheel-Version: 1.0");
    text.n = 0;
    i = zip_find(z, STR("x.dist-info/METADATA"));
    CHECK(zip_needs(z, i, &from, &to)); /* although it begins at byte 0 */
    CHECK_INT(from, 0);
    CHECK(to > from && to < wheel);
    CHECK_INT(zip_read(z, i, 100, &text, &e), -1);
    struct str span = str_head(str_from(bytes, (size_t)from), (size_t)(to - from));
    CHECK_INT(zip_read_span(z, i, str_head(span, span.n - 1), 100, &text, &e), -1);
    CHECK_INT(zip_read_span(z, i, span, 100, &text, &e), 0);
    CHECK_STR(buf_view(&text), "Name: x");
    zip_free(z);
    buf_free(&noise);
    buf_free(&text);
    made_free(&m);
}

TEST_MAIN
