#include "base/coproc.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "tests/unit/test.h"

extern char **environ;

static struct err e;

static struct coproc start(const char *script) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct coproc c;
    CHECK_INT(coproc_start(&c, argv, (const char *const *)(uintptr_t)environ, &e), 0);
    return c;
}

static int ask(struct coproc *c, struct str question, int timeout_s, const atomic_bool *stop,
               struct buf *answer) {
    return coproc_ask(c, question, timeout_s, stop, answer, &e);
}

TEST(questions_come_back_one_after_the_other) {
    struct coproc c = start("exec cat"); /* a message is its own answer */
    struct buf big = {0}, answer = {0};
    for (int i = 0; i < 20000; i++)
        buf_fmt(&big, "%d\n", i); /* less than the socket holds twice: cat answers while it is asked */
    CHECK_INT(ask(&c, STR("one"), 10, NULL, &answer), 0);
    CHECK_STR(buf_view(&answer), "one");
    CHECK_INT(ask(&c, STR(""), 10, NULL, &answer), 0);
    CHECK_STR(buf_view(&answer), "one");
    answer.n = 0;
    CHECK_INT(ask(&c, buf_view(&big), 10, NULL, &answer), 0);
    CHECK(str_eq(buf_view(&answer), buf_view(&big)));
    coproc_end(&c);
    CHECK_INT(c.pid, 0);
    coproc_end(&c); /* there is none: nothing to do */
    buf_free(&big);
    buf_free(&answer);
}

static void fails(const char *script, int timeout_s, const atomic_bool *stop, const char *text) {
    struct coproc c = start(script);
    struct buf answer = {0};
    CHECK_INT(ask(&c, STR("?"), timeout_s, stop, &answer), -1);
    CHECK(strstr(e.text, text) != NULL);
    CHECK_INT(c.pid, 0);
    buf_free(&answer);
}

TEST(one_that_hangs_crashes_or_talks_nonsense_is_given_up) {
    atomic_bool stop = true;
    int64_t began = proc_now_ms();
    fails("sleep 60 & sleep 60", 1, NULL, "no answer after 1 s");
    fails("sleep 60", 60, &stop, "stopped");
    fails("head -c 5 >/dev/null; kill -SEGV $$", 60, NULL, "without an answer");
    fails("head -c 5 >/dev/null; printf '\\377\\377\\377\\377'", 60, NULL, "no answer");
    fails("head -c 5 >/dev/null; printf '\\004\\000\\000\\000ab'", 60, NULL, "without an answer");
    CHECK(proc_now_ms() - began < 20000);
}

TEST(one_that_does_not_end_by_itself_is_killed) {
    struct coproc c = start("trap '' TERM; sleep 60");
    coproc_end(&c);
    CHECK_INT(c.pid, 0);
}

TEST(a_program_that_is_not_there) {
    const char *const argv[] = {"/nowhere/at/all", NULL}, *const none[] = {NULL};
    struct coproc c;
    CHECK_INT(coproc_start(&c, argv, none, &e), -1);
    CHECK(strstr(e.text, "/nowhere/at/all") != NULL);
    coproc_end(&c);
}

TEST_MAIN
