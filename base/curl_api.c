#include "base/curl_api.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#ifdef __APPLE__
#define LIBRARY "libcurl.4.dylib"
#else
#define LIBRARY "libcurl.so.4"
#endif

static const struct {
    const char *name;
    size_t offset; /* in struct curl_api */
} functions[] = {
#define X(name) {"curl_" #name, offsetof(struct curl_api, name)},
    CURL_FUNCTIONS(X)
#undef X
};

int curl_api_load(struct curl_api *api, struct err *e) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return err_fail(e, "the network needs libcurl, which cannot be loaded: %s", dlerror());
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *f = dlsym(library, functions[i].name);
        if (!f)
            return err_fail(e, LIBRARY " has no %s: version 7.68 or newer is needed", functions[i].name);
        memcpy((char *)api + functions[i].offset, &f, sizeof f); /* ISO C knows no cast for this */
    }
    if (api->global_init(CURL_GLOBAL_DEFAULT))
        return err_fail(e, LIBRARY " could not be initialized");
    return 0;
}
