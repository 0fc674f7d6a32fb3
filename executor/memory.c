#include "executor/memory.h"

/* Those with a wheel of the entries, one for each package of the diff. */
static int write_state(const struct memory *m, struct state_entry *entries, const char *stamp,
                       struct err *e) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->diff->n; i++)
        if (entries[i].sha256.n)
            entries[n++] = entries[i];
    return state_write(m->env, str_of(stamp), entries, n, e);
}

static struct state_entry *entries_of_old(const struct memory *m) {
    struct state_entry *entries = arena_new(m->arena, struct state_entry, m->diff->n);
    for (uint32_t i = 0; i < m->diff->n; i++)
        if (m->diff->p[i].nold == 1)
            entries[i] = (struct state_entry){m->diff->p[i].name, m->diff->p[i].old->version,
                                              m->diff->p[i].old->sha256};
    return entries;
}

int memory_forget(const struct memory *m, struct err *e) {
    struct state_entry *entries = entries_of_old(m);
    for (uint32_t i = 0; i < m->diff->n; i++)
        if (!change_keeps(m->diff->p[i].kind))
            entries[i] = (struct state_entry){0};
    return write_state(m, entries, "", e);
}

int memory_before(const struct memory *m, struct err *e) {
    bool any = m->diff->count[CHANGE_REPLACE] || m->diff->count[CHANGE_REMOVE];
    return any ? memory_forget(m, e) : 0;
}

int memory_after(const struct memory *m, const struct package *packages, const struct actions *actions,
                 const char *stamp, struct err *e) {
    struct state_entry *entries = entries_of_old(m);
    for (uint32_t i = 0; i < actions->graph.n; i++) {
        const struct action *a = &actions->p[i];
        const struct package *p = a->package == MAP_NONE ? NULL : &packages[a->package];
        if (a->kind == ACTION_REMOVE && a->state != ACTION_WANT && a->state != ACTION_SKIPPED)
            entries[a->package] = (struct state_entry){0};
        else if (a->kind == ACTION_RECORD && a->state == ACTION_DONE)
            entries[a->package] = (struct state_entry){p->name, p->version, p->file->sha256};
    }
    return write_state(m, entries, stamp, e);
}
