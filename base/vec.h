/* vec: a growing array of any type. VEC(int) v = {0}; vec_push(&v, 3); v.p[0]; v.n; vec_free(&v); */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"

#define VEC(type)                                                                                            \
    struct {                                                                                                 \
        type *p;                                                                                             \
        uint32_t n, cap;                                                                                     \
    }

#define vec_reserve(v, more)                                                                                 \
    do {                                                                                                     \
        if ((v)->n + (more) > (v)->cap) {                                                                    \
            (v)->cap = (v)->n + (more) > 2 * (v)->cap ? (v)->n + (more) + 7 : 2 * (v)->cap;                  \
            (v)->p = mem_grow((v)->p, (v)->cap * sizeof *(v)->p);                                            \
        }                                                                                                    \
    } while (0)

#define vec_push(v, ...)                                                                                     \
    do {                                                                                                     \
        vec_reserve(v, 1);                                                                                   \
        (v)->p[(v)->n++] = (__VA_ARGS__);                                                                    \
    } while (0)

#define vec_free(v)                                                                                          \
    do {                                                                                                     \
        free((v)->p);                                                                                        \
        (v)->p = NULL;                                                                                       \
        (v)->n = (v)->cap = 0;                                                                               \
    } while (0)

#endif
