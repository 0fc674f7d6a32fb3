#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/http_internal.h"

static const char *const system_folders[] = {"/etc/ssl/certs", "/etc/pki/tls/certs", NULL};
static const char *const system_bundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                             "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                             "/etc/ssl/cert.pem", NULL};

/* "002c0b4f.0", as openssl rehash names them. */
static bool hashed_name(const char *name) {
    for (int i = 0; i < 8; i++)
        if (!char_digit(name[i]) && !(name[i] >= 'a' && name[i] <= 'f'))
            return false;
    return name[8] == '.' && char_digit(name[9]) && !name[10];
}

static bool hashed_folder(const char *path) {
    DIR *d = opendir(path);
    bool found = false;
    for (struct dirent *f; d && !found && (f = readdir(d));)
        found = hashed_name(f->d_name);
    if (d)
        closedir(d);
    return found;
}

static const char *first_hashed(const char *const *folders) {
    while (*folders && !hashed_folder(*folders))
        folders++;
    return *folders;
}

static const char *first_there(const char *const *files) {
    while (*files && !file_exists(*files))
        files++;
    return *files;
}

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static struct http_trust trust_system(void) {
    struct http_trust t = {NULL, first_hashed(system_folders), first_there(system_bundles)};
    if (!t.folder)
        t.file = t.fallback_file, t.fallback_file = NULL;
    return t;
}

/* What the user named: a folder, the system's own bundle by its name, or another bundle. */
static struct http_trust trust_named(const char *path) {
    if (file_is_dir(path))
        return (struct http_trust){.folder = path};
    struct http_trust system = trust_system();
    if (system.folder && system.fallback_file && same_file(path, system.fallback_file))
        return system;
    return (struct http_trust){.file = path};
}

struct http_trust http_trust_find(const char *ca_file) {
    if (ca_file)
        return trust_named(ca_file);
    const char *file = environment("SSL_CERT_FILE"), *folder = environment("SSL_CERT_DIR");
    if (!file)
        file = environment("REQUESTS_CA_BUNDLE");
    if (!file)
        file = environment("CURL_CA_BUNDLE");
    if (folder && hashed_folder(folder))
        return (struct http_trust){NULL, folder, file};
    return file ? trust_named(file) : trust_system();
}
