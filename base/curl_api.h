/* curl_api: libcurl, loaded when the first client is made. It brings some thirty libraries that cost several
   milliseconds of start-up, and most runs of `execute` need no network at all. Types come from curl's header,
   so calls are checked; `long` options must be given as long, as with the library itself. */
#ifndef BASE_CURL_API_H
#define BASE_CURL_API_H

#include <curl/curl.h>

#include "base/err.h"

#define CURL_FUNCTIONS(X)                                                                                    \
    X(global_init)                                                                                           \
    X(easy_init)                                                                                             \
    X(easy_setopt)                                                                                           \
    X(easy_getinfo)                                                                                          \
    X(easy_reset)                                                                                            \
    X(easy_cleanup)                                                                                          \
    X(easy_strerror)                                                                                         \
    X(multi_init)                                                                                            \
    X(multi_setopt)                                                                                          \
    X(multi_add_handle)                                                                                      \
    X(multi_remove_handle)                                                                                   \
    X(multi_perform)                                                                                         \
    X(multi_poll)                                                                                            \
    X(multi_wakeup)                                                                                          \
    X(multi_info_read)                                                                                       \
    X(multi_cleanup)                                                                                         \
    X(share_init)                                                                                            \
    X(share_setopt)                                                                                          \
    X(share_cleanup)                                                                                         \
    X(slist_append)                                                                                          \
    X(slist_free_all)                                                                                        \
    X(url)                                                                                                   \
    X(url_set)                                                                                               \
    X(url_get)                                                                                               \
    X(url_cleanup)                                                                                           \
    X(free)                                                                                                  \
    X(getdate)

/* api.easy_init is curl_easy_init, and so on. */
struct curl_api {
#define X(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(X)
#undef X
};

/* Loads the library (a second time costs nothing) and initializes it. It stays loaded: what it brings along
   registers functions that run at exit. */
int curl_api_load(struct curl_api *api, struct err *e);

#endif
