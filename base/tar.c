#include "base/tar.h"

#include <archive.h>
#include <archive_entry.h>

enum { MAX_MEMBERS = 100000 };

static int read_member(struct archive *ar, uint64_t limit, const char *what, struct buf *out, struct err *e) {
    for (;;) {
        buf_reserve(out, 64 * 1024);
        la_ssize_t got = archive_read_data(ar, out->p + out->n, 64 * 1024);
        if (got < 0)
            return err_fail(e, "%s: %s", what, archive_error_string(ar));
        if (got == 0)
            return 1;
        out->n += (size_t)got;
        out->p[out->n] = 0;
        if (out->n > limit)
            return err_fail(e, "%s: a member is larger than %llu bytes", what, (unsigned long long)limit);
    }
}

int tar_find(struct str bytes, const char *what, bool (*match)(struct str name), uint64_t limit,
             struct buf *out, struct err *e) {
    struct archive *ar = archive_read_new();
    struct archive_entry *entry;
    int result = 0, got, members = 0;
    archive_read_support_filter_gzip(ar);
    archive_read_support_filter_bzip2(ar);
    archive_read_support_filter_xz(ar);
    archive_read_support_format_tar(ar);
    archive_read_support_format_zip(ar);
    if (archive_read_open_memory(ar, bytes.p, bytes.n) != ARCHIVE_OK)
        result = err_fail(e, "%s: %s", what, archive_error_string(ar));
    while (result == 0 && (got = archive_read_next_header(ar, &entry)) != ARCHIVE_EOF) {
        const char *name = got == ARCHIVE_OK || got == ARCHIVE_WARN ? archive_entry_pathname(entry) : NULL;
        if (got < ARCHIVE_WARN)
            result = err_fail(e, "%s: %s", what, archive_error_string(ar));
        else if (++members > MAX_MEMBERS)
            result = err_fail(e, "%s: more than %d members", what, MAX_MEMBERS);
        else if (name && archive_entry_filetype(entry) == AE_IFREG && match(str_of(name)))
            result = read_member(ar, limit, what, out, e);
    }
    archive_read_free(ar);
    return result;
}
