"""./plan with a pyproject.toml: dependencies, extras and dependency groups of a project."""
from harness import Case
from index import Index
from wheels import wheel

PROJECT = """\
[project]
name = "My.Project"
version = "1.0"
requires-python = ">=3.6"
dependencies = [
    "a>=1",
    "windows-only; os_name == 'nt'",
]

[project.optional-dependencies]
cli = ["b"]
all = ["my-project[cli]", "my_project[old]; python_version < '3'"]
old = ["absent"]

[dependency-groups]
test = ["c", {include-group = "Lint"}]
lint = ["d"]
"""


class Projects(Case):
    def setUp(self):
        super().setUp()
        self.index = Index([wheel(name, version) for name in "abcd" for version in ("1.0", "2.0")])
        self.index.__enter__()
        self.addCleanup(self.index.__exit__, None, None, None)

    def plan_project(self, text, *arguments, **options):
        self.write("pyproject.toml", text)
        return self.plan("-i", self.index.url, "--retries", "0", "pyproject.toml", *arguments, **options)

    def names(self, *arguments):
        return sorted(self.pins(self.plan_project(PROJECT, *arguments)))

    # What is planned.

    def test_dependencies(self):
        self.assertEqual(self.names(), ["a"])

    def test_the_project_itself_is_not_asked_for(self):
        self.names("--extra", "all", "--group", "test")
        self.assertFalse(self.index.requests("project"))

    def test_extra(self):
        self.assertEqual(self.names("--extra", "CLI"), ["a", "b"])

    def test_extra_that_names_others(self):
        self.assertEqual(self.names("--extra", "all"), ["a", "b"])

    def test_all_extras_under_their_markers(self):
        text = PROJECT.replace('"absent"', '"d"')
        self.assertEqual(sorted(self.pins(self.plan_project(text, "--all-extras"))), ["a", "b", "d"])

    def test_groups(self):
        self.assertEqual(self.names("--group", "test"), ["a", "c", "d"])
        self.assertEqual(self.names("--group", "Lint", "--extra=cli"), ["a", "b", "d"])

    def test_group_without_a_project(self):
        text = PROJECT[PROJECT.index("[dependency-groups]"):]
        self.assertEqual(sorted(self.pins(self.plan_project(text, "--group", "test"))), ["c", "d"])
        self.refused(self.plan_project(text), 2, r"no \[project\]", "--group")

    def test_with_requirement_files(self):
        self.write("more.txt", "-r sub/pyproject.toml\nc<2\n")
        self.write("sub/pyproject.toml", PROJECT)
        self.write("limits.txt", "a<2\n")
        pins = self.pins(self.plan("-i", self.index.url, "more.txt", "-c", "limits.txt", "--extra", "cli"))
        self.assertEqual(pins, {"a": "1.0", "b": "2.0", "c": "1.0"})

    def test_local_wheel_beside_the_file(self):
        e = wheel("e", "1.0")
        self.write("sub/" + e.filename, e.data)
        self.write("sub/pyproject.toml", '[project]\nname = "x"\nversion = "1"\ndependencies = ["e @ ./%s"]\n' % e.filename)
        self.assertEqual(self.pins(self.plan("-i", self.index.url, "sub/pyproject.toml")), {"e": "1.0"})

    def test_the_lock_says_what_was_asked(self):
        lock = self.solved(self.plan_project(PROJECT, "--group", "test", "--extra", "cli"))
        self.assertEqual(lock["options"], ["--extra cli", "--group test"])
        self.assertEqual(lock["requires"], ["a>=1", "b", "c", "d", "windows-only; os_name == 'nt'"])
        self.assertEqual([i["path"] for i in lock["inputs"]], ["pyproject.toml"])
        requested = [p["name"] for p in lock["packages"] if p.get("requested") == "true"]
        self.assertEqual(requested, ["a", "b", "c", "d"])

    def test_the_same_bytes_twice(self):
        self.assertEqual(self.plan_project(PROJECT, "--all-extras").out, self.plan_project(PROJECT, "--all-extras").out)

    # What is told.

    def test_an_explanation_names_the_line(self):
        self.unsolved(self.plan_project(PROJECT.replace("a>=1", "a>=3")), r"a>=3", r"pyproject\.toml:6\b")

    def test_an_explanation_names_the_line_of_a_group(self):
        result = self.plan_project(PROJECT.replace('["c"', '["a<2", "a>=2"'), "--group", "test")
        self.unsolved(result, r"pyproject\.toml:16\b")

    def test_python_that_does_not_fit(self):
        result = self.plan_project(PROJECT.replace(">=3.6", ">=3.99"))
        self.unsolved(result, r"pyproject\.toml:4: .*Python >=3\.99.*Python 3\.\d+\.\d+")

    def test_dynamic_dependencies(self):
        text = '[project]\nname = "x"\nversion = "1"\ndynamic = ["%s"]\n'
        self.unsolved(self.plan_project(text % "dependencies"), "dynamic", "not supported yet")
        self.assertEqual(self.pins(self.plan_project(text % "optional-dependencies")), {})
        self.unsolved(self.plan_project(text % "optional-dependencies", "--all-extras"), "dynamic")

    def test_malformed(self):
        self.refused(self.plan_project("[project\n"), 2, r"pyproject\.toml:1:9: ", r"\n +\^")
        self.refused(self.plan_project(PROJECT.replace("a>=1", "a>>1")), 2, r"pyproject\.toml:6:\d+: ")
        self.refused(self.plan_project("[tool.x]\n"), 2, r"no \[project\]")

    def test_unknown_extra_and_group(self):
        self.refused(self.plan_project(PROJECT, "--extra", "web"), 2, '"web"', "cli, all, old")
        self.refused(self.plan_project(PROJECT, "--group", "web"), 2, '"web"', "test, lint")

    def test_circle_of_groups(self):
        text = PROJECT.replace('["d"]', '["d", {include-group = "test"}]')
        self.refused(self.plan_project(text, "--group", "lint"), 2, r"pyproject\.toml:1[67]:\d+: ", "includes itself")
        self.assertEqual(self.plan_project(text).code, 0)

    def test_options_without_a_project(self):
        self.write("requirements.txt", "a\n")
        for option in (["--extra", "x"], ["--group", "x"], ["--all-extras"]):
            result = self.plan("-i", self.index.url, "requirements.txt", *option)
            self.refused(result, 2, option[0], r"pyproject\.toml")

    def test_not_as_constraints(self):
        self.write("requirements.txt", "a\n")
        self.write("pyproject.toml", PROJECT)
        self.refused(self.plan("-i", self.index.url, "requirements.txt", "-c", "pyproject.toml"), 2, "constraints")
