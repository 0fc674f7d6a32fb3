/* An archive that libzip reads otherwise than zip_directory.c is one that other installers may read otherwise
   too: it is refused. */
#include "base/zip_check.h"

#include <zip.h>

static bool same(const struct zip_member *m, const zip_stat_t *st) {
    const zip_uint64_t want =
        ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD;
    return (st->valid & want) == want && str_eq(m->name, str_of(st->name)) && m->size == st->size &&
           m->packed == st->comp_size && m->crc == st->crc && m->method == st->comp_method;
}

static int compare(zip_t *archive, const struct zip_member *members, uint32_t n, const char *what,
                   struct err *e) {
    if (zip_get_num_entries(archive, 0) != n)
        return err_fail(e, "%s is not a sound zip archive: its number of members is ambiguous", what);
    for (uint32_t i = 0; i < n; i++) {
        zip_stat_t st;
        if (zip_stat_index(archive, i, ZIP_FL_ENC_RAW, &st) < 0 || !same(&members[i], &st))
            return err_fail(e, "%s is not a sound zip archive: its member %u is ambiguous", what, i);
    }
    return 0;
}

int zip_check(struct str bytes, const struct zip_member *members, uint32_t n, const char *what,
              struct err *e) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes.p, bytes.n, 0, &error);
    zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) : NULL;
    int result = -1;
    if (archive) {
        result = compare(archive, members, n, what, e);
        zip_discard(archive);
    } else {
        err_fail(e, "%s is not a sound zip archive: %s", what, zip_error_strerror(&error));
        zip_source_free(source);
    }
    zip_error_fini(&error);
    return result;
}
