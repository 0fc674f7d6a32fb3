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
    bool offline;
    struct http *http;
};

void net_init(struct net *n, const struct options *o, struct arena *a);
/* The client; NULL with an error when offline. From any thread. */
struct http *net_http(struct net *n, struct err *e);
/* Requests sent and bytes received so far. */
uint64_t net_requests(struct net *n);
uint64_t net_received(struct net *n);
/* Ends all requests under way (their callbacks are called) and frees the client. */
void net_close(struct net *n);

#endif
