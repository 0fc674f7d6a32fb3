/* net: the planner's one HTTP client, made when the first request needs it: a warm plan never loads the
   network library. */
#ifndef PLANNER_NET_H
#define PLANNER_NET_H

#include <pthread.h>

#include "base/err.h"
#include "base/http.h"
#include "planner/options.h"

struct net {
    pthread_mutex_t lock;
    struct http_options options;
    bool offline, closed;
    struct http *http;
};

void net_init(struct net *n, const struct options *o, struct arena *a);
/* Starts a request (http_start), from any thread. -1 when offline or after net_close: then nothing was
   started, and no callback comes. */
int net_start(struct net *n, const struct http_request *q, struct err *e);
/* One request, waited for (http_get); not from a callback. */
int net_get(struct net *n, const char *url, const char *accept, uint64_t max_body, struct buf *body,
            struct err *e);
/* Requests sent and bytes received so far. */
uint64_t net_requests(struct net *n);
uint64_t net_received(struct net *n);
/* Ends all requests under way (their callbacks are called) and frees the client. From then on there is none:
   jobs that still wait in the pool get an error. */
void net_close(struct net *n);

#endif
