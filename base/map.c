#include "base/map.h"

#include <stdlib.h>

static uint32_t slot_of(const struct map *m, struct str key) {
    uint32_t i = (uint32_t)str_hash(key) & (m->nslots - 1);
    while (m->slots[i] && !str_eq(m->keys[m->slots[i] - 1], key))
        i = (i + 1) & (m->nslots - 1);
    return i;
}

static void grow(struct map *m) {
    m->nslots = m->nslots ? m->nslots * 2 : 64;
    free(m->slots);
    m->slots = mem_zero(m->nslots * sizeof *m->slots);
    m->cap = m->nslots / 2;
    m->keys = mem_grow(m->keys, m->cap * sizeof *m->keys);
    for (uint32_t id = 0; id < m->n; id++)
        m->slots[slot_of(m, m->keys[id])] = id + 1;
}

uint32_t map_find(const struct map *m, struct str key) {
    return m->nslots ? m->slots[slot_of(m, key)] - 1 : MAP_NONE; /* a free slot holds 0: 0 - 1 is MAP_NONE */
}

uint32_t map_id(struct map *m, struct str key) {
    if (m->n == m->cap)
        grow(m);
    uint32_t i = slot_of(m, key);
    if (!m->slots[i]) {
        m->keys[m->n] = arena_str(&m->keys_arena, key);
        m->slots[i] = ++m->n;
    }
    return m->slots[i] - 1;
}

void map_free(struct map *m) {
    free(m->keys);
    free(m->slots);
    arena_free(&m->keys_arena);
    *m = (struct map){0};
}
