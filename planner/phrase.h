/* phrase: packages, versions and facts in words, for explanations. */
#ifndef PLANNER_PHRASE_H
#define PLANNER_PHRASE_H

#include <stdbool.h>

#include "base/str.h"
#include "planner/incompat.h"
#include "planner/provider.h"

struct phrase {
    const struct provider *provider;
    struct arena *arena; /* for the provider's texts */
    struct buf *out;     /* what is said is appended here */
    const struct incompat *const
        *facts; /* all facts of the proof: sets of versions are named in their words */
    uint32_t nfacts;
};

/* "django 4.0 to 4.2.9", "every version of django", "django>=4" (if the listing has more before). True if it
   takes a verb in the singular. */
bool phrase_versions(const struct phrase *p, uint32_t package, const struct set *versions);
/* The same, where all versions are just "django". */
bool phrase_package(const struct phrase *p, uint32_t package, const struct set *versions);
/* "django 4.0 depends on sqlparse>=0.2", "a 1.1 cannot be used (why)" */
void phrase_fact(const struct phrase *p, const struct incompat *fact);
/* Do both say something of the very same versions? Then the second one may be told in short, by its
   requirement alone: "django 4.0 depends on sqlparse>=0.2 and asgiref". */
bool phrase_continues(const struct incompat *fact, const struct incompat *next);
void phrase_further(const struct phrase *p, const struct incompat *fact);
/* Many facts about versions of one package and another: "a 1.0 to 9.0 depend on various versions of b". */
void phrase_facts(const struct phrase *p, const struct incompat *const *facts, uint32_t n);
/* The user's own: "django>=4 (requirements.txt:3)", and why nothing satisfies it, if nothing does. */
void phrase_requirement(const struct phrase *p, const struct incompat *fact);
/* "a and b cannot be installed together". The root's term is left out. */
void phrase_conclusion(const struct phrase *p, const struct incompat *learned);
/* What stands between the i-th and the next of n: ", ", " and " or nothing. */
const char *phrase_between(uint32_t i, uint32_t n);

#endif
