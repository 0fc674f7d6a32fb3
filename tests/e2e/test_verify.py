"""./execute --verify and --repair: damage of every kind is named, and put back."""
import glob
import json
import os
import shutil
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from test_execute import SITE, Execution
from wheels import wheel

MODES = ("copy", "hardlink", "symlink", "auto")


class Verify(Execution):
    """A lock of a and b, installed."""

    def setUp(self):
        super().setUp()
        self.a = wheel("a", "1.0", scripts={"hello": "a:hello"},
                       files={"a/x.py": b"X = 1\n", "a/deep/y.py": b"Y = 2\n",
                              "a-1.0.data/scripts/tool": b"#!python\nprint('tool')\n",
                              "a-1.0.data/scripts/plain": b"#!/bin/sh\necho plain\n",
                              "a-1.0.data/data/share/a.txt": b"shared\n"})
        self.b = wheel("b", "2.0", files={"b/large.bin": bytes(3 << 20)})
        self.serve(self.a, self.b)
        self.lock(self.package(self.a, depends=["b"]), self.package(self.b, requested=False))

    def install(self, *arguments):
        self.execute_ok(*arguments, "env.lock")

    def verify(self, *arguments, **options):
        return self.execute("--verify", *arguments, "env.lock", **options)

    def assert_sound(self, *arguments, **options):
        result = self.verify(*arguments, **options)
        self.assertEqual((result.code, result.out), (0, ""), result.err)
        self.assertIn("all as the lock says", result.err)
        return result

    def assert_lines(self, *lines, arguments=(), **options):
        result = self.verify(*arguments, **options)
        self.assertEqual(result.out.splitlines(), sorted(lines), result.err)
        self.assertEqual(result.code, 1, result.err)
        self.assertIn("%d difference" % len(lines), result.err)
        return result

    def repair(self, *arguments, code=0):
        result = self.execute("--repair", *arguments, "env.lock")
        self.assertEqual(result.code, code, result.out + result.err)
        return result

    def assert_repaired(self, *arguments):
        result = self.repair(*arguments)
        self.assert_sound()
        self.assertEqual(self.execute_ok().err, "nothing to do\n")
        return result

    def replace(self, path, data):
        """As an editor does it: another file of that name."""
        os.remove(path)
        with open(path, "wb") as f:
            f.write(data)

    def overwrite(self, path, data):
        """In place, through whatever link there is."""
        with open(path, "r+b") as f:
            f.write(data)

    def cached(self, dist, *parts):
        found = glob.glob(os.path.join(self.base, "cache", "v1", "wheels", "*", dist.sha256, "tree"))
        return os.path.join(*found, *parts)


class Looking(Verify):
    def test_all_modes_are_sound(self):
        for mode in MODES:
            self.install("--link-mode", mode, "--venv", mode)
            self.assert_sound("--venv", mode)
            self.assert_sound("--venv", mode, "-j1")

    def test_nothing_is_written(self):
        self.install()
        self.replace(self.site("a", "x.py"), b"X = 2\n")
        before = self.everything()
        self.verify()
        self.execute("--repair", "-n", "env.lock")
        self.assertEqual(self.everything(), before)

    def test_read_only(self):
        self.install()
        folders = [folder for folder, _, _ in os.walk(self.path(".venv"))]
        for folder in folders:
            os.chmod(folder, 0o555)
        try:
            self.assert_sound()
        finally:
            for folder in folders:
                os.chmod(folder, 0o755)

    def test_no_environment(self):
        self.assert_lines("%s: no environment is there" % self.path(".venv"), "a 1.0: it is not there",
                          "b 2.0: it is not there")
        self.assertFalse(os.path.exists(self.path(".venv")))

    def test_other_places(self):
        for place in ("--target", "--prefix"):
            self.install(place, "there")
            self.assert_sound(place, "there")
            path = glob.glob(self.path("there", "**", "x.py"), recursive=True)[0]
            self.replace(path, b"X = 2\n")
            self.assert_lines("%s: altered (a 1.0)" % os.path.relpath(path, self.path("there")),
                              arguments=(place, "there"))
            self.execute_ok("--repair", place, "there", "env.lock")
            self.assert_sound(place, "there")
            shutil.rmtree(self.path("there"))

    def test_bytecode_is_passed_over(self):
        self.install()
        os.mkdir(self.site("a", "__pycache__"))
        with open(self.site("a", "__pycache__", "x.cpython-311.pyc"), "wb") as f:
            f.write(b"anything")
        self.assert_sound()

    def test_version_and_mark(self):
        self.install()
        newer = wheel("b", "2.1")
        self.index.__exit__()
        self.serve(self.a, newer)
        self.lock(self.package(self.a, requested=False), newer)
        self.assert_lines("a 1.0: nothing asks for it by name any more",
                          "b 2.1: version 2.0 is there, the lock says 2.1")
        self.assert_repaired()

    def test_without_the_cache(self):
        self.install("--link-mode", "copy")
        shutil.rmtree(os.path.join(self.base, "cache"))
        self.assertIn("has not got the wheel: a, b", self.assert_sound().err)
        self.replace(self.site("a", "x.py"), b"X = 2\n")
        self.assert_lines(SITE + "/a/x.py: altered (a 1.0)")
        asked = len(self.index.log)
        self.assert_repaired()
        self.assertGreater(len(self.index.log), asked)

    def test_a_copy_of_an_environment(self):
        """The state no longer knows it; its files do."""
        self.install("--link-mode", "copy")
        shutil.move(self.path(".venv"), self.path("was"))
        shutil.copytree(self.path("was"), self.path(".venv"), symlinks=True)
        self.assert_sound()
        self.repair()
        self.assertEqual(self.execute_ok().err, "nothing to do\n")
        shutil.rmtree(os.path.join(self.base, "cache"))
        shutil.rmtree(self.path(".venv"))
        shutil.copytree(self.path("was"), self.path(".venv"), symlinks=True)
        self.assertEqual(self.verify().out.count("whether it is the lock's cannot be told"), 2)
        self.assert_repaired()

    def test_shared_path(self):
        a, c = wheel("a", "1.0", files={"both/x.py": b"a\n"}), wheel("c", "1.0", files={"both/x.py": b"c\n"})
        self.serve(a, c)
        for depends in ([], ["c"]):
            self.lock(self.package(a, depends=depends), c)
            self.install()
            self.assert_sound()
            self.replace(self.site("both", "x.py"), b"?\n")
            self.assertIn("both/x.py: altered", self.verify().out)
            self.assert_repaired()
            with open(self.site("both", "x.py")) as f:
                self.assertEqual(f.read(), "a\n" if depends else "c\n")
            shutil.rmtree(self.path(".venv"))

    def test_direct(self):
        """What a path leads to does not hang on where the program was started."""
        self.write("w/" + self.b.filename, self.b.data)
        name, text = self.package(self.b, url="../w/" + self.b.filename)
        os.mkdir(self.path("locks"))
        self.lock((name, text.replace("    depends", "    direct: true\n    depends")), name="locks/env.lock")
        self.execute_ok("locks/env.lock")
        with open(self.site("b-2.0.dist-info/direct_url.json")) as f:
            self.assertEqual(json.load(f)["url"], "file://" + self.path("w", self.b.filename))
        result = self.execute_ok("-C", "locks", "--venv", "../.venv", "--verify", "env.lock")
        self.assertIn("all as the lock says", result.err)

    def test_json(self):
        self.install()
        os.remove(self.site("a", "x.py"))
        lines = [json.loads(line) for line in self.verify("--json").out.splitlines()]
        self.assertEqual([(x["event"], x["text"]) for x in lines], [("note", SITE + "/a/x.py: missing (a 1.0)")])

    def test_options(self):
        self.fails("only one of", arguments=("--verify", "--repair", "env.lock"), code=2)


class Repairing(Verify):
    def damage(self, act, *lines, modes=("copy", "hardlink", "symlink")):
        for mode in modes:
            self.install("--link-mode", mode)
            act()
            self.assert_lines(*lines)
            self.assert_repaired("--link-mode", mode)
            shutil.rmtree(self.path(".venv"))

    def test_altered(self):
        self.damage(lambda: self.replace(self.site("a", "x.py"), b"X = 2\n"), SITE + "/a/x.py: altered (a 1.0)",
                    modes=("copy", "hardlink"))
        self.damage(lambda: self.replace(self.site("b", "large.bin"), b"short"),
                    SITE + "/b/large.bin: altered, 5 bytes instead of 3145728 (b 2.0)")

    def test_missing(self):
        self.damage(lambda: (os.remove(self.site("a", "x.py")), os.remove(self.path(".venv/bin/hello"))),
                    SITE + "/a/x.py: missing (a 1.0)", "bin/hello: missing (a 1.0)")
        self.damage(lambda: shutil.rmtree(self.site("a")), *(SITE + "/a/%s: missing (a 1.0)" % name
                                                           for name in ("__init__.py", "x.py", "deep/y.py")))

    def test_not_the_file(self):
        def link_away():
            os.rename(self.site("a", "x.py"), self.path("elsewhere"))
            os.symlink(self.path("elsewhere"), self.site("a", "x.py"))
        self.damage(link_away, SITE + "/a/x.py: altered, not the file it should be (a 1.0)", modes=("copy",))

    def test_a_folder_in_its_place(self):
        def put_folder():
            os.remove(self.site("a", "x.py"))
            os.mkdir(self.site("a", "x.py"))
        self.damage(put_folder, SITE + "/a/x.py: altered, not the file it should be (a 1.0)")
        self.install()
        put_folder()
        self.write(os.path.join(self.site("a", "x.py"), "work"), "somebody's")
        self.assertIn("a folder is in the place of a file; remove it", self.repair(code=1).err)
        self.assertTrue(os.path.exists(self.site("a", "x.py", "work")))
        shutil.rmtree(self.site("a", "x.py"))
        self.execute_ok()  # a run that failed at its very end is not taken for done
        self.assert_sound()

    def test_not_executable(self):
        self.damage(lambda: os.chmod(self.path(".venv/bin/hello"), 0o644),
                    "bin/hello: altered, not executable (a 1.0)")

    def test_altered_scripts(self):
        self.damage(lambda: (self.replace(self.path(".venv/bin/hello"), b""),
                             os.chmod(self.path(".venv/bin/hello"), 0o755)),
                    *["bin/hello: altered, 0 bytes instead of %d (a 1.0)" % self.size_of("hello")])
        self.damage(lambda: self.overwrite(self.path(".venv/bin/tool"), b"#?"), "bin/tool: altered (a 1.0)")

    def size_of(self, script):
        self.install("--venv", ".venv")
        size = os.path.getsize(self.path(".venv/bin", script))
        shutil.rmtree(self.path(".venv"))
        return size

    def test_through_a_link(self):
        """The cache is the same file: it is bad as well, and fetched anew."""
        for mode in ("hardlink", "symlink"):
            self.install("--link-mode", mode)
            self.overwrite(self.site("a", "x.py"), b"X = 9\n")
            self.assert_lines(SITE + "/a/x.py: altered (a 1.0)",
                              self.cached(self.a, "a", "x.py") + ": altered in the cache (a 1.0)")
            told = self.execute("--repair", "-n", "env.lock")
            self.assertIn("replace a 1.0 (to be downloaded)", told.out)
            asked = len(self.index.log)
            result = self.assert_repaired("--link-mode", mode)
            self.assertIn("1 downloaded", result.err)
            self.assertEqual(len(self.index.log), asked + 1)
            with open(self.site("a", "x.py")) as f:
                self.assertEqual(f.read(), "X = 1\n")
            shutil.rmtree(self.path(".venv"))

    def test_a_bad_cache_offline(self):
        self.install("--link-mode", "hardlink")
        self.overwrite(self.site("a", "x.py"), b"X = 9\n")
        self.assertIn("not in the cache", self.repair("--offline", code=1).err)

    def test_the_source_of_a_script(self):
        self.install("--link-mode", "copy")
        self.overwrite(self.cached(self.a, "a-1.0.data/scripts/tool"), b"#!python\nPRINT")
        self.assertIn("tool: altered in the cache", self.verify().out)
        self.assert_repaired()

    def test_missing_dist_info(self):
        self.damage(lambda: shutil.rmtree(self.site("a-1.0.dist-info")), "a 1.0: it is not there")
        self.damage(lambda: os.remove(self.site("a-1.0.dist-info/RECORD")),
                    "a 1.0: an earlier run did not finish it: it has no RECORD")

    def test_altered_record(self):
        record = "a-1.0.dist-info/RECORD"

        def append():
            with open(self.site(record), "a") as f:
                f.write("b/__init__.py,,\n../../../../precious,,\na/extra.py,,\n")
        self.install()
        size = os.path.getsize(self.site(record))
        shutil.rmtree(self.path(".venv"))
        self.write("precious", "kept")
        self.damage(append, "%s/%s: altered, %d bytes instead of %d (a 1.0)" % (SITE, record, size + 52, size))
        self.damage(lambda: self.replace(self.site(record), b'"'),
                    "%s/%s: altered, 1 bytes instead of %d (a 1.0)" % (SITE, record, size))
        self.assertEqual(self.read("precious"), "kept")

    def test_altered_marks(self):
        self.damage(lambda: self.replace(self.site("a-1.0.dist-info/INSTALLER"), b"somebody\n"),
                    SITE + "/a-1.0.dist-info/INSTALLER: altered (a 1.0)")

    def test_foreign_package(self):
        def install_more():
            self.lock(self.a, self.b, self.c, name="more.lock")
            self.execute_ok("more.lock")
        self.c = wheel("c", "3.0", scripts={"c": "c:c"})
        self.index.__exit__()
        self.serve(self.a, self.b, self.c)
        self.lock(self.a, self.b)
        self.damage(install_more, "c 3.0: the lock does not name it")
        install_more()
        self.assert_sound("--inexact")
        self.repair("--inexact")
        self.assertIn("c", self.installed())

    def test_foreign_file(self):
        """It may be somebody's work: it is named, and left."""
        self.install()
        for name in ("evil.pth", "a/extra\n.py"):
            with open(self.site(name), "w") as f:
                f.write("x = 1\n")
        lines = [SITE + "/%s: foreign, no package of the lock has it" % name for name in ("evil.pth", "a/extra?.py")]
        self.assert_lines(*lines)
        self.assert_sound("--inexact")
        self.assertEqual(self.repair(code=1).out.splitlines(), sorted(lines))
        self.assertTrue(os.path.exists(self.site("evil.pth")))

    def test_only_what_differs(self):
        self.install()
        self.replace(self.site("a", "x.py"), b"X = 2\n")
        before = os.lstat(self.site("b", "large.bin")).st_ctime_ns
        asked = len(self.index.log)
        result = self.assert_repaired()
        self.assertEqual(result.out.splitlines(), [SITE + "/a/x.py: altered (a 1.0)"])
        self.assertEqual(os.lstat(self.site("b", "large.bin")).st_ctime_ns, before)
        self.assertEqual(len(self.index.log), asked)

    def test_nothing_there(self):
        self.assert_repaired()
        self.assertEqual(self.repair().out, "")

    def test_missing_interpreter(self):
        self.install()
        os.remove(self.path(".venv/bin/python"))
        self.assertIn("bin/python: missing", self.verify("--python", sys.executable).out)


if __name__ == "__main__":
    unittest.main()
