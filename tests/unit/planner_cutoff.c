#include "planner/cutoff.h"

#include "tests/unit/test.h"

TEST(dates_and_moments) {
    static const struct {
        const char *text;
        long long last;
    } cases[] = {{"1970-01-01", 86399},
                 {"1970-01-02T00:00:00Z", 86399},
                 {"1970-01-02t00:00:00z", 86399},
                 {"1970-01-02T02:00:00+02:00", 86399},
                 {"1970-01-01T22:30:00-01:30", 86399},
                 {"2026-02-28", 1772323199}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = 0;
        struct err e;
        CHECK(cutoff_parse(cases[i].text, &got, &e) == 0);
        CHECK_INT(got, cases[i].last);
    }
}

TEST(what_is_no_date) {
    static const char *const bad[] = {"",
                                      "yesterday",
                                      "2026-13-01",
                                      "2026-01-00",
                                      "2026-01-01x",
                                      "2026-01-01T25:00:00Z",
                                      "2026-01-01T10:00:00",
                                      "2026-01-01T10:00:00+99:00"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t got;
        struct err e;
        CHECK(cutoff_parse(bad[i], &got, &e) < 0);
        CHECK_INT(e.kind, ERR_INPUT);
    }
}

TEST_MAIN
