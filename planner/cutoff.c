#include "planner/cutoff.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

enum { DAY = 24 * 60 * 60 };

static int zone_seconds(const char *zone, int64_t *out) {
    int hours, minutes, used = 0;
    *out = 0;
    if ((zone[0] == 'Z' || zone[0] == 'z') && !zone[1])
        return 0;
    if ((zone[0] != '+' && zone[0] != '-') || sscanf(zone + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 ||
        zone[1 + used] || hours > 23 || minutes > 59)
        return -1;
    *out = (zone[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return 0;
}

int cutoff_parse(const char *text, int64_t *out, struct err *e) {
    struct tm t = {0};
    int used = 0;
    int64_t zone = 0;
    bool date = sscanf(text, "%4d-%2d-%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &used) == 3 && !text[used];
    bool moment = !date &&
                  sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &t.tm_year, &t.tm_mon, &t.tm_mday,
                         &t.tm_hour, &t.tm_min, &t.tm_sec, &used) == 6 &&
                  zone_seconds(text + used, &zone) == 0;
    if ((!date && !moment) || t.tm_mon < 1 || t.tm_mon > 12 || t.tm_mday < 1 || t.tm_mday > 31 ||
        t.tm_hour > 23 || t.tm_min > 59 || t.tm_sec > 60)
        return err_input(
            e, "--exclude-newer takes a date (2026-01-31) or a time (2026-01-31T12:00:00Z), not \"%s\"",
            text);
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    *out = (int64_t)timegm(&t) - zone + (date ? DAY : 0) - 1;
    return 0;
}
