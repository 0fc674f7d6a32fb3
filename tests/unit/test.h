/* test: the little that a unit test needs. A test program is: #include "tests/unit/test.h", functions
   TEST(name) {...} with CHECK..., and at the end TEST_MAIN. It prints failures and "N passed, N failed",
   exits 1 if any failed. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct test_case {
    const char *name;
    void (*run)(void);
    struct test_case *next;
};

static struct test_case *test_cases, **test_tail = &test_cases;
static bool test_failed_now;

#define TEST(name)                                                                                           \
    static void test_##name(void);                                                                           \
    __attribute__((constructor)) static void test_add_##name(void) {                                         \
        static struct test_case c = {#name, test_##name, NULL};                                              \
        *test_tail = &c;                                                                                     \
        test_tail = &c.next;                                                                                 \
    }                                                                                                        \
    static void test_##name(void)

/* A failed check is told and the test goes on. */
#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            printf("%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                                   \
            test_failed_now = true;                                                                          \
        }                                                                                                    \
    } while (0)
#define CHECK_STR(got, want)                                                                                 \
    do {                                                                                                     \
        struct str got_ = (got), want_ = str_of(want);                                                       \
        if (!str_eq(got_, want_)) {                                                                          \
            printf("%s:%d: got \"" STR_FMT "\", want \"" STR_FMT "\"\n", __FILE__, __LINE__, STR_ARG(got_),  \
                   STR_ARG(want_));                                                                          \
            test_failed_now = true;                                                                          \
        }                                                                                                    \
    } while (0)
#define CHECK_INT(got, want)                                                                                 \
    do {                                                                                                     \
        long long got_ = (long long)(got), want_ = (long long)(want);                                        \
        if (got_ != want_) {                                                                                 \
            printf("%s:%d: %s is %lld, want %lld\n", __FILE__, __LINE__, #got, got_, want_);                 \
            test_failed_now = true;                                                                          \
        }                                                                                                    \
    } while (0)

#define TEST_MAIN                                                                                            \
    int main(void) {                                                                                         \
        int passed = 0, failed = 0;                                                                          \
        for (struct test_case *c = test_cases; c; c = c->next) {                                             \
            test_failed_now = false;                                                                         \
            c->run();                                                                                        \
            if (test_failed_now)                                                                             \
                printf("FAILED %s\n", c->name);                                                              \
            test_failed_now ? failed++ : passed++;                                                           \
        }                                                                                                    \
        printf("%d passed, %d failed\n", passed, failed);                                                    \
        return failed != 0;                                                                                  \
    }

#endif
