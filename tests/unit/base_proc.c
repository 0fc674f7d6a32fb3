#include "base/proc.h"
#include <signal.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "tests/unit/test.h"

static struct proc_result run(struct str input, int timeout_s, const char *script) {
    const char *argv[] = {"sh", "-c", script, NULL};
    struct proc_result r = {0};
    struct err e;
    CHECK_INT(proc_run(argv, input, timeout_s, &r, &e), 0);
    return r;
}

static void done(struct proc_result *r) {
    buf_free(&r->out);
    buf_free(&r->errs);
}

TEST(status_and_both_streams_come_back) {
    struct proc_result r = run(STR(""), 0, "echo out; echo err >&2; exit 3");
    CHECK_INT(r.status, 3);
    CHECK_STR(buf_view(&r.out), "out\n");
    CHECK_STR(buf_view(&r.errs), "err\n");
    done(&r);
    r = run(STR(""), 100, "kill -TERM $$");
    CHECK_INT(r.status, 128 + SIGTERM);
    done(&r);
}

TEST(input_is_read_in_full_or_not_at_all) {
    struct buf big = {0};
    for (int i = 0; i < 300000; i++)
        buf_fmt(&big, "%d\n", i);
    struct proc_result r = run(buf_view(&big), 0, "cat; cat >/dev/null");
    CHECK_INT(r.status, 0);
    CHECK(str_eq(buf_view(&r.out), buf_view(&big)));
    done(&r);
    r = run(buf_view(&big), 0, "exit 0"); /* nobody gets SIGPIPE */
    CHECK_INT(r.status, 0);
    done(&r);
    r = run(STR(""), 0, "cat");
    CHECK_INT(r.out.n, 0);
    done(&r);
    buf_free(&big);
}

TEST(both_streams_may_be_large_at_once) {
    struct proc_result r =
        run(STR(""), 0,
            "i=0; while [ $i -lt 3000 ]; do echo oooooooooooooooooooooooooooooooooooooooooooooooo;"
            " echo eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee >&2; i=$((i+1)); done");
    CHECK_INT(r.status, 0);
    CHECK_INT(r.out.n, 3000 * 49);
    CHECK_INT(r.errs.n, 3000 * 49);
    done(&r);
}

TEST(time_is_up_for_the_whole_group) {
    struct proc_result r = run(STR(""), 1, "echo before; sleep 1000 & echo $!; wait");
    CHECK_INT(r.status, 124);
    CHECK(str_starts(buf_view(&r.out), STR("before\n")));
    int child = atoi(str_from(buf_view(&r.out), 7).p), gone = 0;
    for (int i = 0; i < 500 && !gone; i++) { /* init has to reap it first */
        struct arena a = {0};
        struct buf stat = {0};
        struct err e;
        gone = kill(child, 0) < 0 || file_read(arena_fmt(&a, "/proc/%d/stat", child), &stat, &e) < 0 ||
               str_search(buf_view(&stat), STR(") Z ")) >= 0;
        buf_free(&stat);
        arena_free(&a);
        usleep(10000);
    }
    CHECK(child > 0 && gone);
    done(&r);
    r = run(STR(""), 1, "exec >&- 2>&-; exec sleep 1000"); /* its pipes end long before it does */
    CHECK_INT(r.status, 124);
    done(&r);
}

/* It is gone, and something it started holds its pipes: what it said is all there is. */
TEST(a_daemon_that_stays_is_not_waited_for) {
    struct proc_result r = run(STR(""), 0, "echo said; sleep 1000 & echo $!; exit 5");
    CHECK_INT(r.status, 5);
    CHECK(str_starts(buf_view(&r.out), STR("said\n")));
    int daemon = atoi(str_from(buf_view(&r.out), 5).p);
    CHECK(daemon > 0 && kill(daemon, SIGKILL) == 0);
    done(&r);
}

TEST(neither_our_signals_nor_our_files_reach_the_child) {
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &block, &old);
    struct proc_result r = run(STR(""), 0, "kill -TERM $$; echo blocked");
    CHECK_INT(r.status, 128 + SIGTERM);
    done(&r);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    signal(SIGPIPE, SIG_IGN);
    r = run(STR(""), 0, "kill -PIPE $$; echo ignored");
    CHECK_INT(r.status, 128 + SIGPIPE);
    signal(SIGPIPE, SIG_DFL);
    done(&r);
    r = run(STR("input"), 0, "ls -l /proc/$$/fd | grep -c -e memfd");
    CHECK_STR(buf_view(&r.out), "1\n"); /* its standard input, and not ours behind it */
    done(&r);
}

TEST(what_cannot_start_is_an_error) {
    const char *argv[] = {"/not/there", NULL};
    struct proc_result r;
    struct err e;
    CHECK_INT(proc_run(argv, STR("x"), 0, &r, &e), -1);
    CHECK(strstr(e.text, "/not/there"));
    CHECK(!r.out.p && !r.errs.p);
}

TEST(programs_are_found_as_a_shell_finds_them) {
    struct arena a = {0};
    struct err e;
    char dir[] = "/tmp/envgraph-test-XXXXXX", *old = getenv("PATH");
    char *path = arena_fmt(&a, "%s", old ? old : "");
    CHECK(mkdtemp(dir) != NULL);
    char *first = arena_fmt(&a, "%s/1", dir), *second = arena_fmt(&a, "%s/2", dir);
    CHECK_INT(file_mkdirs(arena_fmt(&a, "%s/tool", first), &e), 0); /* a folder is none */
    CHECK_INT(file_mkdirs(second, &e), 0);
    CHECK_INT(file_write(path_join(&a, first, "plain"), STR(""), 0666, &e), 0);
    CHECK_INT(file_write(path_join(&a, second, "tool"), STR(""), 0777, &e), 0);
    setenv("PATH", arena_fmt(&a, "/not/there:%s:%s", first, second), 1);
    CHECK_STR(str_of(proc_which(&a, "tool")), path_join(&a, second, "tool"));
    CHECK(!proc_which(&a, "plain"));
    CHECK(!proc_which(&a, "none"));
    CHECK(!proc_which(&a, ""));
    CHECK(!proc_which(&a, path_join(&a, first, "plain")));
    CHECK_STR(str_of(proc_which(&a, arena_fmt(&a, "%s/../2/tool", second))), path_join(&a, second, "tool"));
    setenv("PATH", path, 1);
    file_remove_tree(-1, dir, &e);
    arena_free(&a);
}

TEST_MAIN
