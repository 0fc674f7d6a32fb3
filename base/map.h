/* map: strings to dense ids (0, 1, 2 … in the order of first sight), and back. Open addressing; keys are
 * copied. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

#define MAP_NONE UINT32_MAX

/* All zero is an empty map. */
struct map {
    struct arena keys_arena;
    struct str *keys; /* by id; NUL-terminated copies, stable until map_free */
    uint32_t n, cap;
    uint32_t *slots; /* id + 1, 0 free */
    uint32_t nslots;
};

/* The id of key, made if it is new. */
uint32_t map_id(struct map *m, struct str key);
/* The id of key, or MAP_NONE. */
uint32_t map_find(const struct map *m, struct str key);
void map_free(struct map *m);

#endif
