"""./execute --compile-bytecode: valid, made once a machine, and never a reason to fail."""
import importlib.util
import json
import os
import py_compile
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import BIN, environment
from test_execute import SITE, Execution
from wheels import wheel

OPTION = "--compile-bytecode"
TAG = sys.implementation.cache_tag


class Compiling(Execution):
    def pyc(self, source, venv=".venv"):
        return importlib.util.cache_from_source(self.path(venv, SITE, source))

    def all_pycs(self, venv=".venv"):
        """{path below site-packages: bytes}"""
        found, site = {}, self.path(venv, SITE)
        for folder, _, files in os.walk(site):
            for name in files:
                path = os.path.join(folder, name)
                if name.endswith(".pyc"):
                    with open(path, "rb") as f:
                        found[os.path.relpath(path, site)] = f.read()
        return found

    def nodes(self, *arguments, **options):
        """The kinds of the nodes that ran."""
        out = self.execute_ok("--json", OPTION, *arguments, "env.lock", **options).out
        events = [json.loads(line) for line in out.splitlines()]
        return [e["action"] for e in events if e["event"] == "finished"]

    def python(self, code, venv=".venv", *flags):
        done = subprocess.run([self.path(venv, "bin/python"), "-v", *flags, "-c", code], cwd=self.dir,
                              env=environment(self.base, PYTHONDONTWRITEBYTECODE="1"), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=True)
        return done.stdout.decode(), done.stderr.decode()

    def assert_used(self, source, venv=".venv"):
        """An import takes the bytecode, and knows where its source is."""
        module = source[:-3].replace("/", ".").replace(".__init__", "")
        out, err = self.python("import %s as m; print(compile.__name__, m.__file__); f = getattr(m, 'f', None); "
                               "print(f.__code__.co_filename if f else m.__file__)" % module, venv)
        path = self.path(venv, SITE, source)
        self.assertIn("%s matches %s" % (self.pyc(source, venv), path), err)
        self.assertEqual(out.splitlines()[1], path)


class Bytecode(Compiling):
    def test_it_is_there_and_valid(self):
        a = wheel("a", "1.0", files={"a/x.py": b"def f():\n    return {'p', 'q', 'r'}\n", "top.py": b"N = 1\n",
                                     "a/data.txt": b"no source\n"})
        self.serve(a, b := wheel("b", "1.0"))
        for venv, mode in (("v1", "auto"), ("v2", "copy"), ("v3", "symlink")):
            self.lock(a, b)
            self.execute_ok(OPTION, "--link-mode", mode, "--venv", venv, "env.lock")
            self.assertEqual(sorted(self.all_pycs(venv)), sorted([
                "__pycache__/top.%s.pyc" % TAG, "a/__pycache__/__init__.%s.pyc" % TAG,
                "a/__pycache__/x.%s.pyc" % TAG, "b/__pycache__/__init__.%s.pyc" % TAG]))
            for source in "a/__init__.py", "a/x.py", "top.py", "b/__init__.py":
                self.assert_used(source, venv)
            self.assertNotIn("__pycache__", self.read("%s/%s/a-1.0.dist-info/RECORD" % (venv, SITE)))

    def test_without_the_option_there_is_none(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok()
        self.assertEqual(self.all_pycs(), {})

    def test_the_second_environment_compiles_nothing(self):
        self.serve(a := wheel("a", "1.0"), b := wheel("b", "1.0"))
        self.lock(a, b)
        self.assertEqual(self.nodes("--venv", "v1").count("bytecode"), 2)
        result = self.execute_ok(OPTION, "-d", "stats", "--venv", "v2", "--trace", "t.json", "env.lock")
        self.assertNotIn("processes", result.err)
        self.assertNotIn("bytecode", self.read("t.json"))
        self.assertEqual(self.all_pycs("v1"), self.all_pycs("v2"))
        self.assert_used("a/__init__.py", "v2")

    def test_of_a_wheel_that_was_unpacked_before(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok()
        self.assertEqual(self.nodes("--venv", "v2"), ["bytecode", "link", "record"])
        self.assert_used("a/__init__.py", "v2")

    def test_bytes_depend_on_the_wheel_alone(self):
        many = {"big/m%d.py" % i: b"A%d = ('x', 'value', None, 1.5)\ndef f(value):\n    return value in {'a', 'b', %d}\n"
                % (i, i) for i in range(20)}
        self.serve(big := wheel("big", "1.0", files=many), a := wheel("a", "1.0", files={"a/value.py": b"value = 'A3'\n"}))
        self.lock(big)
        self.execute_ok(OPTION, "--venv", "v1", "env.lock")
        self.lock(big, a)
        self.execute_ok(OPTION, "-j1", "--venv", "v2", "env.lock", env={
            "ENVGRAPH_CACHE": self.path("other"), "PYTHONHASHSEED": "7", "PYTHONOPTIMIZE": "2"})
        one, two = self.all_pycs("v1"), self.all_pycs("v2")
        self.assertEqual(len(one), 21)
        for name in one:
            self.assertEqual(one[name][16:], two[name][16:], name)

    def test_sources_that_are_not_valid(self):
        a = wheel("a", "1.0", files={"a/good.py": b"G = 1\n", "a/bad.py": b"def (:\n", "a/null.py": b"\0",
                                     "a/coding.py": b"# coding: no-such\n", "a/raw.py": b"'\xff'\n",
                                     "a/loud.py": b"assert (1, 'x')\n"})
        self.serve(a)
        self.lock(a)
        result = self.execute_ok(OPTION, "-d", "stats", "env.lock")
        self.assertNotIn("warning", result.err)
        self.assertIn("bytecode of 3 files, 4 are not valid", result.err)
        self.assertEqual(sorted(os.path.basename(p).split(".")[0] for p in self.all_pycs()),
                         ["__init__", "good", "loud"])

    def test_by_hash_where_time_does_not_count(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok(OPTION, "--venv", "v1", "env.lock")
        self.execute_ok(OPTION, "--venv", "v2", "env.lock", env={"SOURCE_DATE_EPOCH": "1"})
        source, pyc = self.path("v2", SITE, "a/__init__.py"), self.pyc("a/__init__.py", "v2")
        with open(pyc, "rb") as f:
            made = f.read()
        py_compile.compile(source, self.path("own.pyc"), dfile="a/__init__.py",
                           invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
        with open(self.path("own.pyc"), "rb") as f:
            self.assertEqual(made[:16], f.read()[:16])
        self.assert_used("a/__init__.py", "v1")

    def test_what_a_wheel_brings_itself_stays(self):
        name = "a/__pycache__/__init__.%s.pyc" % TAG
        self.serve(a := wheel("a", "1.0", files={name: b"its own"}))
        self.lock(a)
        self.execute_ok(OPTION, "env.lock")
        self.assertEqual(self.all_pycs(), {name: b"its own"})

    def test_upgrade_and_removal(self):
        old, new = wheel("a", "1.0", files={"a/old.py": b""}), wheel("a", "2.0", files={"a/new.py": b""})
        self.serve(old, new, b := wheel("b", "1.0"))
        self.lock(old, b)
        self.execute_ok(OPTION, "env.lock")
        self.lock(new)
        self.execute_ok(OPTION, "env.lock")
        self.assertEqual(sorted(self.all_pycs()), ["a/__pycache__/%s.%s.pyc" % (n, TAG) for n in ("__init__", "new")])
        self.assertFalse(os.path.exists(self.site("b")))
        self.assert_used("a/__init__.py")

    def test_stale_bytecode_is_replaced(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        name = os.path.relpath(self.pyc("a/__init__.py"), self.dir)
        self.execute_ok("--venv-only")
        self.write(name, b"left behind")
        self.execute_ok(OPTION, "env.lock")
        self.assert_used("a/__init__.py")

    def test_of_a_shared_source_that_of_the_winner(self):
        """Same size, same second: Python could not tell them apart."""
        a, b = (wheel(n, "1.0", files={"shared/__init__.py": b"WHO = '%s'\n" % n.encode()}) for n in "ab")
        self.serve(a, b)
        for winner, packages in (("b", (a, b)), ("a", (self.package(a, depends=["b"]), b))):
            self.lock(*packages)
            for attempt in range(3):
                self.execute_ok(OPTION, "-j4", "env.lock")
                self.assertEqual(self.python("import shared; print(shared.WHO)")[0], winner + "\n")
                self.assert_used("shared/__init__.py")
                shutil.rmtree(self.path(".venv"))

    def test_the_winner_that_is_not_valid_has_none(self):
        a = wheel("a", "1.0", files={"shared/x.py": b"WHO = 1\n"})
        b = wheel("b", "1.0", files={"shared/x.py": b"WHO = (\n"})
        self.serve(a, b)
        self.lock(a, b)
        self.execute_ok(OPTION, "env.lock")
        self.assertEqual(self.read(".venv/%s/shared/x.py" % SITE), "WHO = (\n")
        self.assertFalse(os.path.exists(self.pyc("shared/x.py")))

    def test_read_only_cache(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok()
        self.addCleanup(subprocess.run, ["chmod", "-R", "u+w", self.base + "/cache"])
        subprocess.run(["chmod", "-R", "a-w", self.base + "/cache"], check=True)
        self.execute_ok(OPTION, "--venv", "v2", "env.lock")
        self.assert_used("a/__init__.py", "v2")

    def test_a_torn_entry_is_made_again(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok(OPTION, "env.lock")
        for folder, _, files in os.walk(self.base + "/cache"):
            if "manifest" in files and os.path.basename(folder).startswith("pyc-"):
                with open(os.path.join(folder, "manifest"), "r+b") as f:
                    f.truncate(10)
        self.assertIn("bytecode", self.nodes("--venv", "v2"))
        self.assertNotIn("bytecode", self.nodes("--venv", "v3"))
        self.assert_used("a/__init__.py", "v3")


class Killing(Compiling):
    SLOW = b"".join(b"def f%d(a, b=(1, 2)):\n    return [x for x in a if x not in b]\n" % i for i in range(8000))

    def start(self):
        self.serve(slow := wheel("slow", "1.0", files={"slow/big.py": self.SLOW}), b := wheel("b", "1.0"))
        self.lock(slow, b)
        self.program = subprocess.Popen([os.path.join(BIN, "execute"), OPTION, "env.lock"], cwd=self.dir,
                                    env=environment(self.base), stderr=subprocess.PIPE)
        self.addCleanup(self.program.stderr.close)

    def children(self, pid, task=None):
        try:
            with open("/proc/%d/task/%s/children" % (pid, task or pid)) as f:
                return [int(x) for x in f.read().split()]
        except OSError:
            return []

    def pages(self, pid):
        try:
            with open("/proc/%d/statm" % pid) as f:
                return int(f.read().split()[1])
        except OSError:
            return 0

    def compiling(self):
        """(worker, the child of it that is at work)"""
        for _ in range(1000):
            for task in os.listdir("/proc/%d/task" % self.program.pid):
                for worker in self.children(self.program.pid, task):
                    for child in self.children(worker):
                        if self.pages(child) > 6000:  # only the big one takes so many
                            return worker, child
            time.sleep(0.01)
        self.fail("nothing compiles")

    def lives(self, pid):
        """Still, after a second: nobody waits for the child of a child that is killed."""
        for _ in range(100):
            try:
                with open("/proc/%d/stat" % pid) as f:
                    if f.read().rpartition(")")[2].split()[0] == "Z":
                        return False
            except OSError:
                return False
            time.sleep(0.01)
        return True

    def end(self, code):
        err = self.program.communicate(timeout=120)[1].decode()
        self.assertEqual(self.program.returncode, code, err)
        return err

    def test_the_one_at_work(self):
        self.start()
        os.kill(self.compiling()[1], signal.SIGKILL)
        self.assertIn("slow is installed without bytecode", self.end(0))
        self.assertEqual(self.installed(), {"b": "1.0", "slow": "1.0"})
        self.assert_used("b/__init__.py")
        self.assertFalse(os.path.exists(self.pyc("slow/big.py")))
        self.assertEqual(self.nodes("--venv", "v2").count("bytecode"), 1)  # another time it may go well

    def test_the_worker(self):
        self.start()
        worker, child = self.compiling()
        os.kill(worker, signal.SIGKILL)
        self.assertIn("it ended without an answer", self.end(0))
        self.assertEqual(self.installed(), {"b": "1.0", "slow": "1.0"})
        self.assertFalse(self.lives(child))

    def test_interrupt(self):
        self.start()
        _, child = self.compiling()
        began = time.time()
        self.program.send_signal(signal.SIGINT)
        self.end(130)
        self.assertLess(time.time() - began, 5)
        self.assertFalse(self.lives(child))
        self.assertEqual(os.listdir(self.base + "/cache/v1/tmp"), [])
        self.execute_ok(OPTION, "env.lock")
        self.assert_used("slow/__init__.py")


if __name__ == "__main__":
    unittest.main()
