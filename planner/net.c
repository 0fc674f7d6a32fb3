#include "planner/net.h"

void net_init(struct net *n, const struct options *o, struct arena *a) {
    const char **trusted = arena_new(a, const char *, o->trusted_hosts.n + 1);
    for (uint32_t i = 0; i < o->trusted_hosts.n; i++)
        trusted[i] = o->trusted_hosts.p[i];
    *n = (struct net){
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .offline = o->offline,
        .options = {.user_agent = "envgraph/" VERSION,
                    .proxy = o->proxy,
                    .ca_file = o->cert,
                    .client_cert = o->client_cert,
                    .trusted_hosts = o->trusted_hosts.n ? trusted : NULL,
                    .timeout_s = o->timeout > 0 ? o->timeout : 0,
                    .retries = o->retries,
                    .netrc = true,
                    .streams = 0},
    };
}

struct http *net_http(struct net *n, struct err *e) {
    if (n->offline) {
        err_fail(e, "not in the cache, and --offline forbids to ask the network");
        return NULL;
    }
    pthread_mutex_lock(&n->lock);
    if (!n->http)
        n->http = http_new(&n->options, e);
    struct http *h = n->http;
    pthread_mutex_unlock(&n->lock);
    return h;
}

static struct http *current(struct net *n) {
    pthread_mutex_lock(&n->lock);
    struct http *h = n->http;
    pthread_mutex_unlock(&n->lock);
    return h;
}

uint64_t net_requests(struct net *n) {
    struct http *h = current(n);
    return h ? http_requests(h) : 0;
}

uint64_t net_received(struct net *n) {
    struct http *h = current(n);
    return h ? http_received(h) : 0;
}

void net_close(struct net *n) {
    http_free(n->http);
    n->http = NULL;
}
