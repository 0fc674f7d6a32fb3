#include "executor/events.h"

#include <time.h>

double events_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void events_tell(struct events *e, struct event event) {
    event.time = events_now();
    for (uint32_t i = 0; i < e->listeners.n; i++)
        e->listeners.p[i].tell(e->listeners.p[i].ctx, &e->scene, &event);
}
