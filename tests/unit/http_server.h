/* http_server: a small HTTP/1.1 server on loopback, inside the test program. A path is answered by a function
   of the test, which sends what it likes, malformed answers included. One thread per connection. */
#ifndef TESTS_UNIT_HTTP_SERVER_H
#define TESTS_UNIT_HTTP_SERVER_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_CONNECTIONS = 256 };

struct server;

struct exchange {
    struct server *server;
    int fd;
    const char *request; /* from the request line to the empty line */
    const char *path;
    int hit; /* how often this route was asked before */
};

struct route {
    const char *path;
    bool (*answer)(struct exchange *x); /* true: the connection may be used again */
    _Atomic int hits;
};

struct server {
    int fd, port;
    struct route *routes; /* ends with a NULL path */
    pthread_t thread;
    pthread_mutex_t lock;
    int fds[SERVER_CONNECTIONS];
    pthread_t threads[SERVER_CONNECTIONS];
    int connections; /* locked */
    bool stop;       /* locked */
};

struct connection {
    struct server *server;
    int index;
};

static inline bool send_all(struct exchange *x, const void *data, size_t n) {
    for (const char *p = data; n;) {
        ssize_t sent = send(x->fd, p, n, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

static inline bool send_text(struct exchange *x, const char *text) {
    return send_all(x, text, strlen(text));
}

/* The value of a header of the request, or NULL; into out. */
static inline const char *request_header(const struct exchange *x, const char *name, char *out, size_t n) {
    char start[100];
    snprintf(start, sizeof start, "\r\n%s: ", name);
    const char *line = strcasestr(x->request, start);
    if (!line)
        return NULL;
    line += strlen(start);
    snprintf(out, n, "%.*s", (int)strcspn(line, "\r\n"), line);
    return out;
}

/* Blocks until the client has closed the connection. */
static inline void wait_for_close(struct exchange *x) {
    char c;
    while (recv(x->fd, &c, 1, 0) > 0)
        ;
}

static inline bool server_answer(struct server *s, int fd, char *request) {
    char path[256] = "";
    sscanf(request, "%*s %255s", path);
    for (struct route *r = s->routes; r->path; r++)
        if (!strcmp(r->path, path))
            return r->answer(&(struct exchange){s, fd, request, path, atomic_fetch_add(&r->hits, 1)});
    return send_text(&(struct exchange){s, fd, request, path, 0},
                     "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
}

static inline void *server_connection(void *arg) {
    struct connection c = *(struct connection *)arg;
    free(arg);
    int fd = c.server->fds[c.index];
    char request[8192];
    size_t n = 0;
    for (bool again = true; again;) {
        ssize_t got = recv(fd, request + n, sizeof request - 1 - n, 0);
        if (got <= 0)
            break;
        request[n += (size_t)got] = 0;
        if (!strstr(request, "\r\n\r\n"))
            continue;
        n = 0;
        again = server_answer(c.server, fd, request);
    }
    shutdown(fd, SHUT_RDWR); /* closed by server_stop, so that its number stays taken */
    return NULL;
}

static inline void *server_main(void *arg) {
    struct server *s = arg;
    for (int fd; (fd = accept(s->fd, NULL, NULL)) >= 0;) {
        /* Header and body are sent apart: the body must not wait until the header is acknowledged. */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        pthread_mutex_lock(&s->lock);
        if (s->stop || s->connections == SERVER_CONNECTIONS) {
            close(fd);
        } else {
            struct connection *c = malloc(sizeof *c);
            *c = (struct connection){s, s->connections++};
            s->fds[c->index] = fd;
            pthread_create(&s->threads[c->index], NULL, server_connection, c);
        }
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

static inline void server_start(struct server *s, struct route *routes) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    memset(s, 0, sizeof *s);
    s->routes = routes;
    for (struct route *r = routes; r->path; r++)
        atomic_store(&r->hits, 0);
    pthread_mutex_init(&s->lock, NULL);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->fd, (struct sockaddr *)&a, n) || listen(s->fd, 128) ||
        getsockname(s->fd, (struct sockaddr *)&a, &n)) {
        perror("loopback server");
        exit(1);
    }
    s->port = ntohs(a.sin_port);
    pthread_create(&s->thread, NULL, server_main, s);
}

static inline int server_connections(struct server *s) {
    pthread_mutex_lock(&s->lock);
    int n = s->connections;
    pthread_mutex_unlock(&s->lock);
    return n;
}

static inline int server_hits(struct server *s, const char *path) {
    for (struct route *r = s->routes; r->path; r++)
        if (!strcmp(r->path, path))
            return atomic_load(&r->hits);
    return -1;
}

static inline void server_stop(struct server *s) {
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    for (int i = 0; i < s->connections; i++)
        shutdown(s->fds[i], SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    for (int i = 0; i < s->connections; i++) {
        pthread_join(s->threads[i], NULL);
        close(s->fds[i]);
    }
    close(s->fd);
    pthread_mutex_destroy(&s->lock);
}

#endif
