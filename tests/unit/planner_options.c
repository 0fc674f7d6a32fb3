#include "planner/options.h"

#include "base/file.h"
#include "tests/unit/test.h"

#include <unistd.h>

static struct arena a;
static struct options o;
static struct err e;

/* Options of an invocation: words separated by spaces, in an environment of its own. */
static int read_words(const char *words) {
    static char *argv[32];
    char *copy = arena_fmt(&a, "plan %s", words);
    int argc = 0;
    for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
        argv[argc++] = w;
    options_free(&o);
    return options_read(&a, argc, argv, &o, &e);
}

static void clear_environment(void) {
    clearenv();
    setenv("PIP_CONFIG_FILE", "/dev/null", 1);
}

TEST(spellings) {
    clear_environment();
    CHECK(read_words(
              "-r a.txt -rb.txt --requirement=c.txt --index-url https://example.org/simple d.txt -qq") == 0);
    CHECK_INT(o.requirements.n, 3);
    CHECK_STR(str_of(o.requirements.p[1]), "b.txt");
    CHECK_STR(str_of(o.requirements.p[2]), "c.txt");
    CHECK_STR(str_of(o.index_url), "https://example.org/simple");
    CHECK_INT(o.inputs.n, 1);
    CHECK_INT(o.verbosity, -2);
    CHECK(read_words("-- --pre") == 0);
    CHECK_STR(str_of(o.inputs.p[0]), "--pre");
    CHECK(read_words("-") == 0);
    CHECK_STR(str_of(o.inputs.p[0]), "-");
    CHECK(read_words("--resolution lowest-direct --format dot x") == 0);
    CHECK_INT(o.resolution, RESOLVE_LOWEST_DIRECT);
    CHECK_INT(o.format, FORMAT_DOT);
}

TEST(errors_are_bad_usage) {
    static const char *const bad[] = {"",
                                      "--no-such-option x",
                                      "-Z x",
                                      "x --index-url",
                                      "x -i",
                                      "x --resolution newest",
                                      "x --timeout soon",
                                      "x --pre=1",
                                      "x --universal",
                                      "--tree --why a x",
                                      "--invert x",
                                      "--diff x",
                                      "--diff x y --lock z",
                                      "--check x",
                                      "--check --format json -o y x",
                                      "--lock x y"};
    clear_environment();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(read_words(bad[i]) < 0);
        CHECK_INT(e.kind, ERR_INPUT);
    }
}

TEST(arguments_of_a_tree) {
    clear_environment();
    CHECK(read_words("--tree x.txt") == 0);
    CHECK(o.inputs.n == 1 && o.names.n == 0);
    CHECK(read_words("--tree -r x.txt y") == 0);
    CHECK(o.inputs.n == 0 && o.names.n == 1);
    CHECK(read_words("--lock x.lock --tree --invert y z") == 0);
    CHECK(o.inputs.n == 0 && o.names.n == 2 && o.invert);
    CHECK(read_words("--lock x.lock --format pylock") == 0);
}

TEST(variables_come_before_the_command_line) {
    clear_environment();
    setenv("PIP_INDEX_URL", "https://example.org/env", 1);
    setenv("PIP_EXTRA_INDEX_URL", "https://example.org/one https://example.org/two", 1);
    setenv("PIP_PRE", "yes", 1);
    setenv("PIP_NO_DEPS", "0", 1);
    setenv("PIP_REQUIREMENT", "not-for-plan.txt", 1);
    CHECK(read_words("x") == 0);
    CHECK_STR(str_of(o.index_url), "https://example.org/env");
    CHECK_INT(o.extra_index_urls.n, 2);
    CHECK(o.pre && !o.no_deps);
    CHECK_INT(o.requirements.n, 0);
    CHECK(read_words("x -i https://example.org/argv") == 0);
    CHECK_STR(str_of(o.index_url), "https://example.org/argv");
}

TEST(pip_conf_comes_before_variables) {
    char path[] = "/tmp/envgraph-pip-conf-XXXXXX";
    int fd = mkstemp(path);
    clear_environment();
    setenv("PIP_CONFIG_FILE", path, 1);
    CHECK(file_write(
              path,
              STR("[global]\nindex-url = https://example.org/conf\ntimeout = 7\n[install]\nno_index = true\n"
                  "[freeze]\ntimeout = 9\n"),
              0600, &e) == 0);
    CHECK(read_words("x") == 0);
    CHECK_STR(str_of(o.index_url), "https://example.org/conf");
    CHECK_INT(o.timeout, 7);
    CHECK(o.no_index);
    setenv("PIP_TIMEOUT", "8", 1);
    CHECK(read_words("x") == 0);
    CHECK_INT(o.timeout, 8);
    close(fd);
    unlink(path);
}

TEST(binary_policy) {
    clear_environment();
    CHECK(read_words("x --only-binary :all: --no-binary Foo_Bar") == 0);
    CHECK(!options_allow_sdist(&o, STR("six")) && options_allow_wheel(&o, STR("six")));
    CHECK(options_allow_sdist(&o, STR("foo-bar")) && !options_allow_wheel(&o, STR("foo-bar")));
    CHECK(read_words("x --only-binary a,b --only-binary :none: --only-binary c") == 0);
    CHECK(options_allow_sdist(&o, STR("a")) && !options_allow_sdist(&o, STR("c")));
    CHECK(read_words("x --no-build") == 0);
    CHECK(!options_allow_sdist(&o, STR("six")));
    CHECK(read_words("x") == 0);
    CHECK(options_allow_sdist(&o, STR("six")) && options_allow_wheel(&o, STR("six")));
}

TEST(options_in_requirement_files) {
    clear_environment();
    CHECK(read_words("x") == 0);
    CHECK(options_from_file(&o, &a, STR("--extra-index-url"), STR("https://example.org/more"), ".", "r.txt:1",
                            &e) == 0);
    CHECK_INT(o.extra_index_urls.n, 1);
    CHECK(options_from_file(&o, &a, STR("--use-feature"), STR("x"), ".", "r.txt:2", &e) == 0);
    CHECK(options_from_file(&o, &a, STR("--pre"), STR(""), ".", "r.txt:3", &e) == 0 && o.pre);
    options_free(&o);
    arena_free(&a);
}

TEST_MAIN
