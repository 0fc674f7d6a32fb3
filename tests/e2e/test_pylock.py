"""./execute with a pylock.toml (PEP 751): written by hand, and by ./plan."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from test_execute import HERE, Execution
from wheels import sdist, wheel

HEAD = 'lock-version = "1.0"\ncreated-by = "a test"\n'


class Pylock(Execution):
    """packages: texts in TOML, what stands in [[packages]]."""

    def pylock(self, *packages, head="", name="pylock.toml"):
        return self.write(name, HEAD + head + "".join("\n[[packages]]\n" + p + "\n" for p in packages))

    def file(self, dist, sha256=None, key="url", where=None):
        return '{ %s = "%s", size = %d, hashes = { sha256 = "%s" } }' % (
            key, where or self.index.file_url(dist), len(dist.data), sha256 or dist.sha256)

    def of(self, *wheels, more=""):
        version = wheels[0].filename.split("-")[1]
        return 'name = "%s"\nversion = "%s"\nwheels = [%s]\n%s' % (
            wheels[0].project, version, ", ".join(self.file(w) for w in wheels), more)

    def run_ok(self, *options, lock="pylock.toml"):
        return self.execute_ok(*options, lock)

    def refuses(self, *texts, code=2, options=()):
        result = self.fails(*texts, arguments=(*options, "pylock.toml"), code=code)
        self.assertFalse(os.path.exists(self.path(".venv")))
        return result

    def requested(self, name):
        return os.path.exists(self.site(name + ".dist-info", "REQUESTED"))


class Installing(Pylock):
    def test_fresh_then_nothing_to_do(self):
        a, b = wheel("a", "1.0"), wheel("b", "2.0")
        self.serve(a, b)
        self.pylock(self.of(a, more='dependencies = [{ name = "b" }, { name = "elsewhere" }]'), self.of(b))
        self.assertIn("installed 2 packages", self.run_ok().err)
        self.assertEqual(self.installed(), {"a": "1.0", "b": "2.0"})
        self.assertEqual((self.requested("a-1.0"), self.requested("b-2.0")), (True, False))
        self.assertEqual(self.run_ok().err, "nothing to do\n")

    def test_without_edges_all_are_requested(self):
        a, b = wheel("a", "1.0"), wheel("b", "2.0")
        self.serve(a, b)
        self.pylock(self.of(a), self.of(b), name="pylock.web.toml")
        self.run_ok(lock="pylock.web.toml")
        self.assertTrue(self.requested("a-1.0") and self.requested("b-2.0"))

    def test_the_wheel_that_fits_best(self):
        plain, best = wheel("a", "1.0"), wheel("a", "1.0", tag="py%d%d-none-any" % sys.version_info[:2])
        other = wheel("a", "1.0", tag="cp27-cp27m-win_amd64")
        self.serve(plain, best, other)
        self.pylock(self.of(other, plain, best, more="sdist = " + self.file(sdist("a", "1.0"))))
        self.run_ok()
        self.assertEqual([r.path for r in self.index.requests("/files/")], ["/files/" + best.filename])

    def test_paths_begin_at_the_lock_and_names_count(self):
        a, b = wheel("a", "1.0"), wheel("b", "1.0")
        self.serve()
        self.write("sub/wheels/" + a.filename, a.data)
        self.write("sub/x:y/b", b.data)
        self.pylock('name = "a"\nwheels = [%s]' % self.file(a, key="path", where="wheels/" + a.filename),
                    'name = "b"\nwheels = [{ name = "%s", %s]' % (b.filename, self.file(b, key="path", where="x:y/b")[1:]),
                    name="sub/pylock.toml")
        self.assertIn("2 from local files", self.run_ok(lock="sub/pylock.toml").err)
        self.assertEqual(self.installed(), {"a": "1.0", "b": "1.0"})

    def test_archive(self):
        self.serve(a := wheel("a", "1.0"))
        self.pylock('name = "a"\narchive = ' + self.file(a))
        self.run_ok()
        with open(self.site("a-1.0.dist-info/direct_url.json"), encoding="utf-8") as f:
            origin = json.load(f)
        self.assertEqual(origin["url"], self.index.file_url(a))
        self.assertEqual(origin["archive_info"]["hashes"], {"sha256": a.sha256})

    def test_archive_by_path(self):
        """Its origin is the file, wherever the command was started."""
        self.serve()
        a = wheel("a", "1.0")
        self.write("sub/" + a.filename, a.data)
        self.pylock('name = "a"\narchive = ' + self.file(a, key="path", where=a.filename), name="sub/pylock.toml")
        self.run_ok(lock="sub/pylock.toml")
        with open(self.site("a-1.0.dist-info/direct_url.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f)["url"], "file://" + self.path("sub", a.filename))

    def test_another_hash(self):
        self.serve(a := wheel("a", "1.0"))
        self.pylock('name = "a"\nwheels = [%s]' % self.file(a, sha256="0" * 64))
        self.fails("is not the file that was locked", arguments=("pylock.toml",))

    def test_as_plan_writes_it(self):
        local = wheel("c", "1.0")
        self.serve(wheel("a", "1.0", ["b"]), wheel("b", "2.0"))
        self.write(local.filename, local.data)
        self.write("requirements.txt", "-i %s\na\n./%s\n" % (self.index.url, local.filename))
        for format, lock in (("env.lock", "env.lock"), ("pylock", "pylock.toml")):
            planned = self.plan("requirements.txt", "--format", format, "-o", lock)
            self.assertEqual(planned.code, 0, planned.err)
        self.run_ok()
        self.assertEqual(self.installed(), {"a": "1.0", "b": "2.0", "c": "1.0"})
        before = {n: self.requested(n) for n in ("a-1.0", "b-2.0", "c-1.0")}
        self.assertEqual(before, {"a-1.0": True, "b-2.0": False, "c-1.0": True})
        self.assertEqual(self.execute_ok("env.lock").err, "nothing to do\n")

    def test_the_python_of_a_lock_for_one(self):
        """Nothing else names an interpreter: the one that requires-python asks for is looked for."""
        self.pylock(head='requires-python = "==2.1.*"\npackages = []\n')
        self.refuses("2.1", code=1)


class Choosing(Pylock):
    """What a lock for many environments leaves to the installer."""

    def setUp(self):
        super().setUp()
        self.a, self.b, self.b2 = wheel("a", "1.0"), wheel("b", "1.0"), wheel("b", "2.0")
        self.serve(self.a, self.b, self.b2)

    def test_markers(self):
        self.pylock(self.of(self.a, more="marker = \"sys_platform == 'nowhere'\""),
                    self.of(self.b, more="marker = \"python_version < '3'\""),
                    self.of(self.b2, more="marker = \"python_version >= '3'\""))
        self.run_ok()
        self.assertEqual(self.installed(), {"b": "2.0"})

    def test_two_of_a_name(self):
        self.pylock(self.of(self.b, more="marker = \"python_version >= '3'\""), self.of(self.b2))
        self.refuses("b: the markers of two of its versions hold", code=1)
        self.pylock(self.of(self.b), self.of(self.b2))
        self.refuses("pylock.toml:10:3: the package b stands twice without a marker")

    def test_groups_and_extras(self):
        """The default groups, no other group, and no extra."""
        self.pylock(self.of(self.a, more="marker = \"'Main' in dependency_groups\""),
                    self.of(self.b, more="marker = \"'dev' in dependency_groups or 'x' in extras\""),
                    head='extras = ["x"]\ndependency-groups = ["dev"]\ndefault-groups = ["main"]\n')
        self.run_ok()
        self.assertEqual(self.installed(), {"a": "1.0"})

    def test_environments(self):
        fits, fits_not = "sys_platform == 'linux'", "sys_platform == 'nowhere'"
        self.pylock(self.of(self.a), head='environments = ["%s"]\n' % fits_not)
        self.refuses("the lock is for other environments than", fits_not, "--python", code=1)
        self.pylock(self.of(self.a), head='environments = ["%s", "%s"]\n' % (fits_not, fits))
        self.run_ok()

    def test_requires_python(self):
        self.pylock(self.of(self.a), head='requires-python = ">=4"\n')
        self.refuses("the lock is for Python >=4, and ", "--python", code=1)
        self.pylock(self.of(self.a, more='requires-python = "<3"'))
        self.refuses("a 1.0 is for Python <3, and ", code=1)
        self.pylock(self.of(self.a, more='requires-python = ">=3"'), head='requires-python = "==%s.*"\n' % HERE)
        self.run_ok()


class Refused(Pylock):
    def setUp(self):
        super().setUp()
        self.serve()

    def test_what_cannot_be_installed_counts_where_its_marker_holds(self):
        sha512 = '{ path = "x-1-py3-none-any.whl", hashes = { sha512 = "00" } }'
        for text, why in (('directory = { path = "." }', "pylock.toml:6:13: x: installing from a folder is not supported yet"),
                          ('vcs = { type = "git", url = "https://example.org/r", commit-id = "0" }',
                           "pylock.toml:6:7: x: installing from version control is not supported yet"),
                          ("wheels = [%s]" % sha512, "x-1-py3-none-any.whl has no sha256 here")):
            self.pylock('name = "x"\n' + text)
            self.refuses(why)
            self.pylock('name = "x"\n%s\nmarker = "os_name == \'nt\'"' % text)
            self.execute_ok("-n", "pylock.toml")

    def test_an_sdist_alone(self):
        self.pylock('name = "a"\nversion = "1.0"\nsdist = ' + self.file(sdist("a", "1.0")))
        self.refuses("a 1.0", "source distribution", code=1)

    def test_malformed(self):
        for text, why in (("lock-version = ", "pylock.toml:1:16: "),
                          ('lock-version = "2.0"', "pylock.toml:1:16: this pylock.toml is of version 2.0"),
                          ('[project]\nname = "x"', 'this is not a pylock.toml (PEP 751): "lock-version" is missing')):
            self.write("pylock.toml", text)
            self.refuses(why)


if __name__ == "__main__":
    unittest.main()
