/* marker_set: sets of environments, given by markers: what universal locks are reckoned with. A set is a
   number, and two markers that hold in the same environments have the same number in one space, so that
   comparing sets is comparing numbers. Behind it stand decision diagrams, reduced, ordered and shared: a node
   asks one variable and has an edge for each interval of versions, for each string that is named and one for
   every other, or for false and true.

   Specifications: dependency specifiers (PEP 508) for variables and operators, with the meaning that
   marker_eval gives them; version specifiers (PEP 440) for their order; PEP 685 for extras, PEP 751 for
   `extras` and `dependency_groups`.

   What an environment is taken to be:
   - python_version and python_full_version are one variable: python_version is the full version's first two
     numbers, so python_version == "3.8" is python_full_version == "3.8.*", pre-releases with it, and
     python_full_version >= "3.8" has less than python_version >= "3.8".
   - It, implementation_version and platform_release are X.Y.Z with or without a pre-release (a, b, rc); what
     else stands behind (a post-release, a local label, a fourth number) counts as the X.Y.Z that it follows.
     platform_release can also be no version at all, where its version comparisons are false: the text for
     that is `"no version" != platform_release`.
   - `"win" in sys_platform`, `sys_platform in "linux darwin"` and each extra are variables of their own, true
     or false, unless the string they look at is known. So such a set can be empty or contained without
     being found so; it is never found so wrongly. Of python_version and python_full_version,
     `in "3.8, 3.9"` is the versions that are named (numbers up to 9999).
   - With `related`, some variables decide others, as they do in every Python there is; the table is
     `relations` in marker_set_make.c: sys_platform decides os_name and platform_system, and
     platform_python_implementation decides implementation_name. platform_system == "Linux" is then
     sys_platform == "linux". Markers formatted in such a space mean the same only where that is true.

   Not thread-safe: one space, one thread at a time. */
#ifndef FORMATS_MARKER_SET_H
#define FORMATS_MARKER_SET_H

#include "base/err.h"
#include "formats/marker.h"

struct marker_space;

/* Two sets have the same number in every space. */
enum { MARKER_NEVER = 0, MARKER_ALWAYS = 1 };

struct marker_space *marker_space_new(bool related);
void marker_space_free(struct marker_space *s);
/* A diagram can grow with the product of its parts. A space ends at 100,000 nodes, a text at 4096
   comparisons: from there on this returns -1, and no answer of the space means anything (no set is found
   empty or contained in another). Asked once behind many operations, as ferror is. */
int marker_space_check(const struct marker_space *s, struct err *e);

/* Where the marker (NULL: always) holds. */
uint32_t marker_set_of(struct marker_space *s, const struct marker *m);
/* Where python_full_version is in a Requires-Python. */
uint32_t marker_set_of_python(struct marker_space *s, const struct specifiers *python);
uint32_t marker_set_and(struct marker_space *s, uint32_t x, uint32_t y);
uint32_t marker_set_or(struct marker_space *s, uint32_t x, uint32_t y);
uint32_t marker_set_not(struct marker_space *s, uint32_t x);
/* Every environment of x is one of y. */
bool marker_set_implies(struct marker_space *s, uint32_t x, uint32_t y);
bool marker_set_disjoint(struct marker_space *s, uint32_t x, uint32_t y);
/* A simpler set that is the same as x inside of `known`, and whatever is simple outside of it: what is left
   to ask of a Python that `known` already holds for. ALWAYS if `known` implies x, NEVER if they are disjoint.
 */
uint32_t marker_set_given(struct marker_space *s, uint32_t x, uint32_t known);
/* x where exactly env's extras and groups are active; nothing else of env counts. No extra is asked in it. */
uint32_t marker_set_with_extras(struct marker_space *s, uint32_t x, const struct marker_env *env);
/* env is in x: marker_eval of a marker of x. */
bool marker_set_has(const struct marker_space *s, uint32_t x, const struct marker_env *env);
/* The Pythons of x lie in low <= key < high, order keys as in struct version; low is "" where all older ones
   are in it too, high where all newer ones are. False if x is MARKER_NEVER. Valid until marker_space_free. */
bool marker_set_python(const struct marker_space *s, uint32_t x, struct str *low, struct str *high);
/* Nodes below x: a measure of how complicated it is. */
uint32_t marker_set_size(const struct marker_space *s, uint32_t x);
/* A short marker that is x, the same in every space; empty for ALWAYS, as marker_format's. NEVER is
   `python_version < "0"`. */
void marker_set_format(struct marker_space *s, uint32_t x, struct buf *out);

#endif
