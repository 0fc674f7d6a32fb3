"""What the end-to-end tests stand on: a folder of their own, programs run in a bare environment."""
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import lockfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("ENVGRAPH_BIN", ROOT)
SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")

Result = collections.namedtuple("Result", "code out err")


def environment(folder, **more):
    """The machine's settings do not count: no proxy, no pip.conf, no cache but the test's own."""
    env = {k: os.environ[k] for k in SANITIZERS if k in os.environ}
    env.update(HOME=os.path.join(folder, "home"), ENVGRAPH_CACHE=os.path.join(folder, "cache"), LC_ALL="C.UTF-8",
               PATH=os.path.dirname(sys.executable) + ":/usr/local/bin:/usr/bin:/bin",
               TMPDIR=os.path.join(folder, "tmp"), PIP_CONFIG_FILE=os.devnull)
    env.update(more)
    return {k: v for k, v in env.items() if v is not None}


class Case(unittest.TestCase):
    """A test with a folder: self.dir is also the working directory of what it runs."""

    maxDiff = None

    def setUp(self):
        self.base = tempfile.mkdtemp(prefix="envgraph-test-")
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.dir = os.path.join(self.base, "project")
        for folder in ("project", "home", "tmp"):
            os.mkdir(os.path.join(self.base, folder))

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def write(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return name

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read().decode()

    def run_program(self, name, *arguments, stdin="", env=None, timeout=240):
        command = [os.path.join(BIN, name), *arguments]
        done = subprocess.run(command, cwd=self.dir, env=environment(self.base, **(env or {})), input=stdin.encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        self.assertNotIn(done.returncode, (99, -6, -11), "%s crashed:\n%s" % (name, err))
        return Result(done.returncode, out, err)

    def plan(self, *arguments, **options):
        return self.run_program("plan", *arguments, **options)

    def execute(self, *arguments, **options):
        return self.run_program("execute", *arguments, **options)

    def solved(self, result):
        """The lock as a dict, of a plan that must have succeeded."""
        self.assertEqual(result.code, 0, result.err)
        return lockfile.load(result.out)

    def pins(self, result):
        """{name: version} of a plan that must have succeeded."""
        return {p["name"]: p["version"] for p in self.solved(result)["packages"]}

    def unsolved(self, result, *texts):
        """A plan that ended with 1, said nothing on stdout, and each of the texts (in any case) on stderr."""
        self.refused(result, 1, *texts)

    def refused(self, result, code, *texts):
        self.assertEqual(result.code, code, result.out + result.err)
        self.assertEqual(result.out, "")
        for text in texts:
            self.assertRegex(result.err, re.compile(text, re.I))
