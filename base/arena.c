#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { BLOCK = 64 * 1024, ALIGN = 16 };

struct arena_block {
    struct arena_block *next;
    _Alignas(ALIGN) char data[];
};

static void *checked(void *p) {
    if (!p) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_alloc(size_t n) {
    return checked(malloc(n ? n : 1));
}

void *mem_zero(size_t n) {
    return checked(calloc(1, n ? n : 1));
}

void *mem_grow(void *p, size_t n) {
    return checked(realloc(p, n ? n : 1));
}

void *arena_alloc(struct arena *a, size_t n) {
    n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!a->blocks || n > a->size - a->used) {
        size_t size = n > BLOCK ? n : BLOCK;
        struct arena_block *b = mem_zero(sizeof *b + size);
        if (n > BLOCK / 4 && a->blocks) { /* a large piece goes behind the block still in use */
            b->next = a->blocks->next;
            a->blocks->next = b;
            return b->data;
        }
        b->next = a->blocks;
        a->blocks = b;
        a->used = 0;
        a->size = size;
    }
    void *p = a->blocks->data + a->used;
    a->used += n;
    return p;
}

void *arena_copy(struct arena *a, const void *p, size_t n) {
    void *copy = arena_alloc(a, n);
    if (n)
        memcpy(copy, p, n);
    return copy;
}

struct str arena_str(struct arena *a, struct str s) {
    char *p = arena_alloc(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

char *arena_vfmt(struct arena *a, const char *fmt, va_list ap) {
    va_list again;
    va_copy(again, ap);
    char *p = NULL;
    int n = vsnprintf(p, 0, fmt, ap);
    p = arena_alloc(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

char *arena_fmt(struct arena *a, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    char *p = arena_vfmt(a, fmt, ap);
    va_end(ap);
    return p;
}

void arena_free(struct arena *a) {
    for (struct arena_block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *a = (struct arena){0};
}
