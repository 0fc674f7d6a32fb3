#include "executor/environment.h"

#include "tests/unit/test.h"

static struct arena arena;
static struct err err;

static struct python python(void) {
    return (struct python){
        .executable = STR("/opt/py/bin/python3"),
        .prefix = STR("/opt/py"),
        .base_prefix = STR("/opt/py"),
        .major = 3,
        .minor = 11,
        .paths = {.purelib = STR("/opt/py/lib/python3.11/site-packages"),
                  .platlib = STR("/opt/py/lib64/python3.11/site-packages"),
                  .scripts = STR("/opt/py/bin"),
                  .data = STR("/opt/py"),
                  .include = STR("/opt/py/include/python3.11d")},
        .venv_paths_lib = STR("lib/python3.11/site-packages"),
    };
}

static struct environment describe(const struct python *p, enum environment_kind kind, const char *dir) {
    struct environment env;
    CHECK_INT(environment_describe(&arena, kind, dir, p, &env, &err), 0);
    return env;
}

static void check(const struct environment *env, const char *const want[SCHEMES], const char *interpreter) {
    for (int i = 0; i < SCHEMES; i++)
        CHECK_STR(str_of(env->dirs[i]), want[i]);
    CHECK_STR(str_of(env->interpreter), interpreter);
}

TEST(venv) {
    struct python p = python();
    struct environment env = describe(&p, ENV_VENV, "/v/x/../env/");
    CHECK_STR(str_of(env.root), "/v/env");
    check(&env,
          (const char *const[]){"/v/env/lib/python3.11/site-packages", "/v/env/lib/python3.11/site-packages",
                                "/v/env/bin", "/v/env", "/v/env/include/site/python3.11"},
          "/v/env/bin/python");
}

TEST(target) {
    struct python p = python();
    struct environment env = describe(&p, ENV_TARGET, "/t");
    check(&env, (const char *const[]){"/t", "/t", "/t/bin", "/t", "/t/include/python"},
          "/opt/py/bin/python3");
}

TEST(prefix_keeps_lib64_and_include_name) {
    struct python p = python();
    struct environment env = describe(&p, ENV_PREFIX, "/p");
    check(&env,
          (const char *const[]){"/p/lib/python3.11/site-packages", "/p/lib64/python3.11/site-packages",
                                "/p/bin", "/p", "/p/include/python3.11d"},
          "/opt/py/bin/python3");
    env = describe(&p, ENV_PREFIX, "/");
    CHECK_STR(str_of(env.dirs[SCHEME_SCRIPTS]), "/bin");
    CHECK_STR(str_of(env.dirs[SCHEME_PURELIB]), "/lib/python3.11/site-packages");
}

TEST(system) {
    struct python p = python();
    struct environment env = describe(&p, ENV_SYSTEM, NULL);
    CHECK_STR(str_of(env.root), "/opt/py");
    CHECK_STR(str_of(env.dirs[SCHEME_PLATLIB]), "/opt/py/lib64/python3.11/site-packages");
    CHECK_STR(str_of(env.dirs[SCHEME_HEADERS]), "/opt/py/include/python3.11d");
    p.prefix = p.paths.data = STR("/v");
    env = describe(&p, ENV_SYSTEM, NULL); /* --system of a venv's own interpreter */
    CHECK_STR(str_of(env.dirs[SCHEME_HEADERS]), "/v/include/site/python3.11");
}

TEST(refused) {
    struct python p = python();
    struct environment env;
    CHECK_INT(environment_describe(&arena, ENV_VENV, "/a\nb", &p, &env, &err), -1);
    CHECK_INT(err.kind, ERR_INPUT);
    CHECK_INT(environment_describe(&arena, ENV_TARGET, "", &p, &env, &err), -1);
}

TEST(holds) {
    struct python p = python();
    struct environment env = describe(&p, ENV_VENV, "/v/env");
    CHECK(environment_holds(&env, STR("/v/env/bin/x")));
    CHECK(!environment_holds(&env, STR("/v/env")));
    CHECK(!environment_holds(&env, STR("/v/env2/x")));
    CHECK(!environment_holds(&env, STR("/etc/passwd")));
    env = describe(&p, ENV_PREFIX, "/");
    CHECK(environment_holds(&env, STR("/etc/x")));
}

TEST(record_paths) {
    struct python p = python();
    struct environment env = describe(&p, ENV_VENV, "/v");
    static const char *const table[][2] = {
        {"/v/bin/x", "../../../bin/x"},
        {"/v/lib/python3.11/site-packages/a/b.py", "a/b.py"},
        {"/v/lib/python3.11/site-packages/", ""},
        {"/v/lib/python3.11/site-packages2/a", "../site-packages2/a"},
        {"/v/lib/python3.11/x", "../x"},
        {"/v/", "../../../"},
        {"/elsewhere/x", "/elsewhere/x"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        CHECK_STR(environment_record_path(&arena, &env, SCHEME_PURELIB, str_of(table[i][0])), table[i][1]);
    env = describe(&p, ENV_TARGET, "/t");
    CHECK_STR(environment_record_path(&arena, &env, SCHEME_PURELIB, STR("/t/bin/x")), "bin/x");
    arena_free(&arena);
}

TEST_MAIN
