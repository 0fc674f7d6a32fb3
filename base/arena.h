/* arena: memory with one owner, freed all at once. Not thread-safe: one arena, one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct str;

struct arena_block;

/* All zero is an empty arena, ready for use. */
struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used, size;          /* of the newest block, bytes */
};

/* n zeroed bytes, aligned for any type. Never NULL: out of memory ends the program. */
void *arena_alloc(struct arena *a, size_t n);

/* Space for n objects of a type, zeroed. */
#define arena_new(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

/* A copy of n bytes. */
void *arena_copy(struct arena *a, const void *p, size_t n);

/* A copy of s, NUL-terminated (the NUL is not counted in n). */
struct str arena_str(struct arena *a, struct str s);

/* A formatted string, NUL-terminated. */
char *arena_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vfmt(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Gives everything back; the arena is empty and usable again. */
void arena_free(struct arena *a);

/* malloc, calloc and realloc that end the program when memory is out. */
void *mem_alloc(size_t n);
void *mem_zero(size_t n);
void *mem_grow(void *p, size_t n);

#endif
