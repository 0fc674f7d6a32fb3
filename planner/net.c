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

/* The client, made if it is the first time. Called with the lock held. */
static struct http *client(struct net *n, struct err *e) {
    if (n->offline)
        err_fail(e, "not in the cache, and --offline forbids to ask the network");
    else if (n->closed)
        err_fail(e, "cancelled");
    else if (!n->http)
        n->http = http_new(&n->options, e);
    return n->http;
}

/* Under the lock, so that the client cannot go between. */
int net_start(struct net *n, const struct http_request *q, struct err *e) {
    pthread_mutex_lock(&n->lock);
    struct http *h = client(n, e);
    if (h)
        http_start(h, q);
    pthread_mutex_unlock(&n->lock);
    return h ? 0 : -1;
}

int net_get(struct net *n, const char *url, const char *accept, uint64_t max_body, struct buf *body,
            struct err *e) {
    pthread_mutex_lock(&n->lock);
    struct http *h = client(n, e);
    pthread_mutex_unlock(&n->lock);
    return h ? http_get(h, url, accept, max_body, body, e) : -1;
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
    pthread_mutex_lock(&n->lock);
    struct http *h = n->http;
    n->http = NULL;
    n->closed = true;
    pthread_mutex_unlock(&n->lock);
    http_free(h); /* without the lock: the callbacks it makes may ask for the client */
}
