/* json: the run's events on a stream, one JSON object a line (--json). A listener. */
#ifndef EXECUTOR_JSON_H
#define EXECUTOR_JSON_H

#include <stdio.h>

#include "executor/events.h"

struct json_lines {
    FILE *out;
    double began, told; /* seconds: the listener was made; bytes were told last */
};

void json_open(struct json_lines *j, FILE *out);
struct listener json_listener(struct json_lines *j);

#endif
