#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Most arenas stay small and some grow large: each block is twice as large as the one before. */
enum { FIRST_BLOCK = 1024, BLOCK = 64 * 1024, LARGE = BLOCK / 4, ALIGN = 16 };

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

/* A large piece has a block of its own, behind the one in use. */
static void *take_large(struct arena *a, struct arena_block *b) {
    struct arena_block **behind = a->blocks ? &a->blocks->next : &a->blocks;
    b->next = *behind;
    *behind = b;
    return b->data;
}

static void *take_small(struct arena *a, size_t n) {
    if (!a->size || n > a->size - a->used) {
        size_t size = !a->size ? FIRST_BLOCK : a->size < BLOCK ? 2 * a->size : BLOCK;
        size = n > size ? n : size;
        struct arena_block *b = mem_alloc(sizeof *b + size);
        b->next = a->blocks;
        a->blocks = b;
        a->used = 0;
        a->size = size;
    }
    void *p = a->blocks->data + a->used;
    a->used += n;
    return p;
}

static size_t rounded(size_t n) {
    return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* n bytes as they come, to be written over. */
static void *take(struct arena *a, size_t n) {
    n = rounded(n);
    return n > LARGE ? take_large(a, mem_alloc(sizeof(struct arena_block) + n)) : take_small(a, n);
}

/* calloc knows of memory that is zero already: a large table that is hardly used costs nothing. */
void *arena_alloc(struct arena *a, size_t n) {
    n = rounded(n);
    return n > LARGE ? take_large(a, mem_zero(sizeof(struct arena_block) + n))
                     : memset(take_small(a, n), 0, n);
}

void *arena_copy(struct arena *a, const void *p, size_t n) {
    void *copy = take(a, n);
    if (n)
        memcpy(copy, p, n);
    return copy;
}

struct str arena_str(struct arena *a, struct str s) {
    char *p = take(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return (struct str){p, s.n};
}

char *arena_vfmt(struct arena *a, const char *fmt, va_list ap) {
    va_list again;
    va_copy(again, ap);
    char *p = NULL;
    int n = vsnprintf(p, 0, fmt, ap);
    p = take(a, (size_t)n + 1);
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
