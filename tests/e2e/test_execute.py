"""./execute: hand-written locks, wheels made on the spot, a server on loopback."""
import json
import os
import pty
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import unittest

from harness import BIN, Case, environment
from index import Index
from wheels import sdist, wheel

HERE = "%d.%d" % sys.version_info[:2]
SITE = "lib/python%s/site-packages" % HERE
EMPTY_SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class Execution(Case):
    """A server in self.index, a lock in env.lock, the environment in .venv."""

    def serve(self, *dists):
        self.index = Index(dists)
        self.index.__enter__()
        self.addCleanup(self.index.__exit__)
        return self.index

    def package(self, dist, depends=(), requested=True, url=None, sha256=None, size=None, name=None, marker=None):
        version = dist.filename[:-7].split("-")[-1] if dist.filename.endswith(".tar.gz") else dist.filename.split("-")[1]
        lines = ["  - name: " + (name or dist.project), '    version: "%s"' % version,
                 "    requested: " + ("true" if requested else "false"), "    depends: [%s]" % ", ".join(depends)]
        if marker:
            lines.append("    marker: " + json.dumps(marker))
        lines += ["    files:", "      - url: " + json.dumps(url or self.index.file_url(dist)),
                  "        sha256: " + (sha256 or dist.sha256), "        size: %d" % (size or len(dist.data))]
        return dist.project, "\n".join(lines)

    def lock(self, *packages, python=HERE, name="env.lock", implementation=sys.implementation.name):
        """packages: dists, or what package() made of them."""
        made = sorted(p if isinstance(p, tuple) else self.package(p) for p in packages)
        head = ['lock-version: 1', 'target:', '  python: "%s"' % python, '  implementation: ' + implementation]
        body = ["packages:"] + [text for _, text in made] if made else ["packages: []"]
        return self.write(name, "\n".join(head + body) + "\n")

    def execute_ok(self, *arguments, **options):
        result = self.execute(*(arguments or ("env.lock",)), **options)
        self.assertEqual(result.code, 0, result.err)
        return result

    def fails(self, *texts, arguments=("env.lock",), code=1, **options):
        result = self.execute(*arguments, **options)
        self.assertEqual(result.code, code, result.out + result.err)
        for text in texts:
            self.assertIn(text, result.err)
        return result

    def site(self, *parts):
        return self.path(".venv", SITE, *parts)

    def installed(self):
        """{name: version} by the folders that are there and whole."""
        try:
            names = os.listdir(self.site())
        except FileNotFoundError:
            return {}
        whole = [n[:-len(".dist-info")] for n in names
                 if n.endswith(".dist-info") and os.path.exists(self.site(n, "RECORD"))]
        return dict(n.rsplit("-", 1) for n in whole)

    def everything(self):
        """{path: (mtime, inode)} of all that is in the test's folder, to see that nothing was touched."""
        found = {}
        for folder, _, files in os.walk(self.dir):
            for name in files + ["."]:
                status = os.lstat(os.path.join(folder, name))
                found[os.path.join(folder, name)] = (status.st_mtime_ns, status.st_ino)
        return found


class Installing(Execution):
    def test_fresh(self):
        a, b = wheel("a", "1.0", scripts={"hello": "a:hello"}, files={"a/x.py": b"X = 1\n"}), wheel("b", "2.0")
        self.serve(a, b)
        self.lock(self.package(a, depends=["b"]), self.package(b, requested=False))
        result = self.execute_ok()
        self.assertEqual(self.installed(), {"a": "1.0", "b": "2.0"})
        self.assertIn("installed 2 packages", result.err)
        self.assertIn("2 downloaded", result.err)
        self.assertEqual(result.out, "")
        self.assertTrue(os.path.exists(self.site("a-1.0.dist-info/REQUESTED")))
        self.assertFalse(os.path.exists(self.site("b-2.0.dist-info/REQUESTED")))
        self.assertTrue(os.access(self.path(".venv/bin/hello"), os.X_OK))
        done = subprocess.run([self.path(".venv/bin/python"), "-c", "import a, b, a.x; print(a.__version__, b.__version__)"],
                              stdout=subprocess.PIPE, check=True)
        self.assertEqual(done.stdout, b"1.0 2.0\n")

    def test_second_run_does_nothing_and_says_so(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok()
        before, asked = self.everything(), len(self.index.log)
        self.assertEqual(self.execute_ok().err, "nothing to do\n")
        self.assertEqual(self.everything(), before)
        self.assertEqual(len(self.index.log), asked)

    def test_quiet_says_nothing(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        result = self.execute_ok("-q", "env.lock")
        self.assertEqual((result.out, result.err), ("", ""))

    def test_what_is_cached_is_not_downloaded_again(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok()
        result = self.execute_ok("--venv", "other", "env.lock")
        self.assertIn("1 from the cache", result.err)
        self.assertEqual(len(self.index.requests("/files/")), 1)

    def test_offline(self):
        a, b = wheel("a", "1.0"), wheel("b", "1.0")
        self.serve(a, b)
        self.lock(a)
        self.execute_ok()
        self.index.forget()
        self.execute_ok("--offline", "--venv", "other", "env.lock")
        self.lock(a, b)
        self.fails("b 1.0", "not in the cache", "--offline", arguments=("--offline", "--venv", "third", "env.lock"))
        self.assertFalse(os.path.exists(self.path("third")))
        self.assertEqual(self.index.log, [])

    def test_local_files(self):
        a, b = wheel("a", "1.0"), wheel("b", "1.0")
        self.serve()
        self.write("wheels/" + a.filename, a.data)
        self.write("wheels/" + b.filename, b.data)
        self.lock(self.package(a, url="wheels/" + a.filename),
                  self.package(b, url="file://" + self.path("wheels", b.filename)))
        result = self.execute_ok("--offline", "env.lock")
        self.assertIn("2 from local files", result.err)
        self.assertEqual(self.installed(), {"a": "1.0", "b": "1.0"})

    def test_the_folder_of_C(self):
        self.serve(a := wheel("a", "1.0"))
        self.write("sub/" + a.filename, a.data)
        self.lock(self.package(a, url=a.filename), name="sub/env.lock")
        self.execute_ok("-C", "sub", "env.lock")
        self.assertTrue(os.path.exists(self.path("sub/.venv", SITE, "a/__init__.py")))

    def test_one_job_at_a_time_and_many(self):
        dists = [wheel("p%d" % i, "1.0", padding=20000) for i in range(12)]
        self.serve(*dists)
        self.lock(*dists)
        for jobs in ("-j1", "-j8"):
            self.execute_ok(jobs, "--venv", "v" + jobs, "env.lock", env={"ENVGRAPH_CACHE": self.path("c" + jobs)})
            self.assertEqual(len([n for n in os.listdir(self.path("v" + jobs, SITE)) if n.endswith("-info")]), 12)

    def test_a_large_wheel_is_unpacked_by_several_threads(self):
        big = wheel("big", "1.0", padding=3 << 20, files={"big/f%d.py" % i: b"x = %d\n" % i for i in range(300)})
        self.serve(big)
        self.lock(big)
        self.execute_ok("-j4", "env.lock")
        with open(self.site("big/f299.py"), "rb") as f:
            self.assertEqual(f.read(), b"x = 299\n")

    def test_empty_lock_makes_the_venv(self):
        self.serve()
        self.lock()
        self.assertIn("made ", self.execute_ok().err)
        self.assertTrue(os.path.exists(self.path(".venv/bin/python")))
        self.assertEqual(self.execute_ok().err, "nothing to do\n")

    def test_venv_only(self):
        self.assertIn("made ", self.execute_ok("--venv-only", "--python", sys.executable).err)
        self.assertTrue(os.path.exists(self.path(".venv/pyvenv.cfg")))

    def test_target_and_prefix(self):
        self.serve(a := wheel("a", "1.0", scripts={"hello": "a:hello"}))
        self.lock(a)
        self.execute_ok("--target", "t", "--python", sys.executable, "env.lock")
        self.assertTrue(os.path.exists(self.path("t/a/__init__.py")))
        self.execute_ok("--prefix", "p", "--python", sys.executable, "env.lock")
        self.assertTrue(os.path.exists(self.path("p", SITE, "a/__init__.py")))
        self.assertTrue(os.path.exists(self.path("p/bin/hello")))

    def test_packages_may_share_files(self):
        a = wheel("a", "1.0", files={"shared/x.py": b"a\n", "same.py": b"same\n"})
        b = wheel("b", "1.0", files={"shared/x.py": b"b\n", "same.py": b"same\n"})
        self.serve(a, b)
        for winner, packages in (("b", (a, b)), ("a", (self.package(a, depends=["b"]), b))):
            self.lock(*packages)
            result = self.execute_ok("--venv", "v" + winner, "env.lock")
            with open(self.path("v" + winner, SITE, "shared/x.py")) as f:
                self.assertEqual(f.read(), winner + "\n")
            self.assertIn("shared/x.py", result.err)
            self.assertNotIn("same.py", result.err)

    def test_markers_choose(self):
        a, b = wheel("a", "1.0"), wheel("b", "1.0")
        self.serve(a, b)
        self.lock(self.package(a, marker="python_version >= '3'"), self.package(b, marker="python_version < '3'"))
        self.execute_ok()
        self.assertEqual(self.installed(), {"a": "1.0"})


class Changing(Execution):
    def test_upgrade_and_removal(self):
        old = wheel("a", "1.0", files={"a/old.py": b"", "a/both.py": b"1"}, scripts={"old": "a:x"})
        new = wheel("a", "2.0", files={"a/new.py": b"", "a/both.py": b"2"})
        b, c = wheel("b", "1.0"), wheel("c", "1.0")
        self.serve(old, new, b, c)
        self.lock(old, b, c)
        self.execute_ok()
        self.lock(new, c)
        result = self.execute_ok("-d", "explain", "env.lock")
        self.assertEqual(self.installed(), {"a": "2.0", "c": "1.0"})
        self.assertIn("replace a 2.0: version 1.0 is there, the lock says 2.0", result.err)
        self.assertIn("remove b 1.0: the lock does not name it", result.err)
        self.assertNotIn("explain: keep", result.err)
        self.assertIn("removed 1", result.err)
        for gone in ("a/old.py", "b", "a-1.0.dist-info"):
            self.assertFalse(os.path.exists(self.site(gone)), gone)
        self.assertFalse(os.path.exists(self.path(".venv/bin/old")))
        with open(self.site("a/both.py")) as f:
            self.assertEqual(f.read(), "2")

    def test_files_may_move_to_another_package(self):
        old, new = wheel("old-name", "1.0", files={"mod.py": b"1"}), wheel("new-name", "1.0", files={"mod.py": b"2"})
        self.serve(old, new)
        self.lock(old)
        self.execute_ok()
        self.lock(new)
        self.execute_ok()
        with open(self.site("mod.py")) as f:
            self.assertEqual(f.read(), "2")
        self.assertEqual(self.installed(), {"new_name": "1.0"})

    def test_inexact_keeps(self):
        a, b = wheel("a", "1.0"), wheel("b", "1.0")
        self.serve(a, b)
        self.lock(a, b)
        self.execute_ok()
        self.lock(b)
        self.execute_ok("--inexact", "env.lock")
        self.assertEqual(self.installed(), {"a": "1.0", "b": "1.0"})
        self.execute_ok("env.lock")
        self.assertEqual(self.installed(), {"b": "1.0"})

    def test_same_version_from_another_wheel(self):
        one, two = wheel("a", "1.0", files={"a/x.py": b"1"}), wheel("a", "1.0", files={"a/x.py": b"2"})
        self.serve(one)
        self.lock(one)
        self.execute_ok()
        self.index.files[two.filename] = two
        self.lock(two)
        self.execute_ok()
        with open(self.site("a/x.py")) as f:
            self.assertEqual(f.read(), "2")

    def test_unfinished_package_is_done_again(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok()
        os.unlink(self.site("a-1.0.dist-info/RECORD"))
        os.unlink(self.site("a/__init__.py"))
        os.mkdir(self.site("something"))  # a change that shows in site-packages itself
        self.execute_ok()
        self.assertTrue(os.path.exists(self.site("a/__init__.py")))
        self.assertEqual(self.installed(), {"a": "1.0"})

    def test_a_failure_leaves_what_is_there(self):
        old, new, other = wheel("a", "1.0"), wheel("a", "2.0"), wheel("b", "1.0")
        self.serve(old, other)
        self.lock(old)
        self.execute_ok()
        before = self.everything()
        self.lock(self.package(new), self.package(other))  # there is no a 2.0 on the server
        self.fails("a: ", "404")
        self.assertEqual(self.installed(), {"a": "1.0"})
        after = self.everything()
        self.assertEqual([p for p in before if SITE + "/a" in p and before[p] != after.get(p)], [])
        self.lock(old)
        self.execute_ok()
        self.assertEqual(self.installed(), {"a": "1.0"})

    def test_dry_run_changes_nothing(self):
        a, b, c = wheel("a", "1.0"), wheel("a", "2.0"), wheel("c", "1.0")
        self.serve(a, b, c)
        self.lock(a, c)
        result = self.execute_ok("-n", "env.lock")
        self.assertEqual(result.out, "install a 1.0 (to be downloaded)\ninstall c 1.0 (to be downloaded)\n")
        self.assertFalse(os.path.exists(self.path(".venv")))
        self.assertEqual(self.index.log, [])
        self.execute_ok()
        self.lock(b)
        before = self.everything()
        self.assertEqual(self.execute_ok("-n", "env.lock").out, "replace a 2.0 (to be downloaded)\nremove c 1.0\n")
        self.assertEqual(self.everything(), before)

    def test_graph(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        result = self.execute_ok("-t", "graph", "env.lock")
        self.assertIn("digraph", result.out)
        self.assertIn("fetch a", result.out)
        self.assertFalse(os.path.exists(self.path(".venv")))


class Refusing(Execution):
    def assert_nothing_of(self, name):
        self.assertEqual([n for n in os.listdir(self.site()) if n.startswith(name)] if os.path.isdir(self.site()) else [], [])

    def test_hash_mismatch(self):
        a, b = wheel("a", "1.0"), wheel("b", "1.0")
        self.serve(a, b)
        wrong = "0" * 64
        self.lock(self.package(a, sha256=wrong), b)
        self.fails("execute: error: a: ", self.index.file_url(a), wrong, a.sha256)
        self.assert_nothing_of("a")
        self.lock(b)
        self.execute_ok()
        self.assertEqual(self.installed(), {"b": "1.0"})

    def test_hash_mismatch_of_a_local_file(self):
        a = wheel("a", "1.0")
        self.write(a.filename, a.data[:-1] + b"!")
        self.lock(self.package(a, url=a.filename))
        self.fails("a: ", a.filename, "expected sha256")
        self.assert_nothing_of("a")

    def test_truncated(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.index.replace["/files/" + a.filename] = ("application/zip", a.data[:-20])
        self.fails("a: ", a.filename, "%d bytes" % (len(a.data) - 20), str(len(a.data)))
        self.assert_nothing_of("a")

    def test_statuses(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        for status in (404, 403):
            self.index.fail["/files/" + a.filename] = status
            self.fails("a: ", str(status), a.filename)
        self.assert_nothing_of("a")

    def test_server_error_that_passes(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.index.fail_once("/files/" + a.filename, 500)
        self.execute_ok()

    def test_server_error_that_stays(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.index.fail["/files/" + a.filename] = 500
        self.fails("a: ", "500")
        self.assert_nothing_of("a")

    def test_nobody_listens(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(self.package(a, url="http://127.0.0.1:1/" + a.filename))
        self.fails("a: ", "127.0.0.1:1")

    def test_paths_that_escape(self):
        for path in ("../evil.py", "/evil.py", "a/../../evil.py"):
            bad, good = wheel("bad", "1.0", files={path: b"evil"}), wheel("good", "1.0")
            self.serve(bad, good)
            self.lock(bad, good)
            self.fails("bad: ", "evil.py", arguments=("-k0", "env.lock"))
            self.assert_nothing_of("bad")
            self.assertEqual(self.installed(), {"good": "1.0"})
            self.assertFalse(os.path.exists(self.path(".venv/evil.py")) or os.path.exists("/evil.py"))

    def test_corrupt_zip(self):
        a = wheel("a", "1.0")
        middle = len(a.data) // 3
        for data in (b"this is no archive", a.data[:middle] + b"\0" * 64 + a.data[middle + 64:], a.data[:-30]):
            a.data = data
            self.serve(a)
            self.lock(a)
            self.fails("a: ")
            self.assert_nothing_of("a")

    def test_corrupt_member_that_several_threads_unpack(self):
        a = wheel("a", "1.0", padding=3 << 20, files={"a/f%d.py" % i: b"x = %d\n" % i for i in range(300)})
        middle = a.data.index(b"a/padding.bin") + 50000
        a.data = a.data[:middle] + b"\0" * 64 + a.data[middle + 64:]
        self.serve(a)
        self.lock(a)
        for jobs in ("-j1", "-j4"):
            self.fails("a: ", arguments=(jobs, "env.lock"))
            self.assert_nothing_of("a")
        tmp = os.path.join(self.base, "cache/v1/tmp")
        self.assertEqual(os.listdir(tmp) if os.path.isdir(tmp) else [], [])

    def test_source_distributions_are_named_before_anything_starts(self):
        a, s = wheel("a", "1.0"), sdist("s", "1.0")
        self.serve(a, s)
        self.lock(a, s)
        self.fails("s 1.0", "a source distribution; building is not supported yet")
        self.assertFalse(os.path.exists(self.path(".venv")))
        self.assertEqual(self.index.log, [])

    def test_wheel_of_another_platform(self):
        self.serve(a := wheel("a", "1.0", tag="cp27-cp27m-win32"))
        self.lock(a)
        self.fails("a (a-1.0-cp27-cp27m-win32.whl)", "no wheel fits")
        self.assertFalse(os.path.exists(self.path(".venv")))

    def test_python_of_another_version(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a, python="3.99.1")
        self.fails("3.99")
        self.fails("the lock is for Python 3.99.1", HERE, arguments=("--python", sys.executable, "env.lock"))
        self.lock(a, implementation="pypy")
        self.fails("the lock is for pypy", arguments=("--python", sys.executable, "env.lock"))

    def test_malformed_locks(self):
        for text, place in (("packages: [\n", "env.lock:"), ("lock-version: 1\npackages: 7\n", "env.lock:2:"),
                            ("lock-version: 99\npackages: []\n", "99"), ("\0", "env.lock:1:")):
            self.write("env.lock", text)
            result = self.fails(place, code=2)
            self.assertEqual(result.out, "")
        self.assertFalse(os.path.exists(self.path(".venv")))

    def test_usage(self):
        self.fails("no lock", arguments=(), code=2)
        self.fails("missing.lock", arguments=("missing.lock",), code=2)
        self.fails("--frobnicate", arguments=("--frobnicate", "env.lock"), code=2)
        self.fails("pylock.toml", arguments=("pylock.toml",), code=2)

    def test_a_folder_that_is_no_venv(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.write("mine/notes.txt", "mine")
        self.fails("mine", arguments=("--venv", "mine", "env.lock"))
        self.assertEqual(os.listdir(self.path("mine")), ["notes.txt"])

    def test_keep_going(self):
        good, bad = [wheel("good%d" % i, "1.0") for i in range(3)], [wheel("bad%d" % i, "1.0") for i in range(2)]
        self.serve(*good)
        self.lock(*good, *bad)
        result = self.fails("bad0: ", "bad1: ", arguments=("-k0", "env.lock"))
        self.assertEqual(set(self.installed()), {"good0", "good1", "good2"})
        self.assertIn("2 jobs failed", result.err)


class Surroundings(Execution):
    def test_read_only_cache(self):
        a, b = wheel("a", "1.0"), wheel("b", "1.0")
        self.serve(a, b)
        self.lock(a)
        self.execute_ok()
        self.protect(os.path.join(self.base, "cache"))
        self.lock(a, b)
        done = subprocess.run(self.as_mortal() + [os.path.join(BIN, "execute"), "--venv", "other", "env.lock"],
                              cwd=self.dir, env=environment(self.base), stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"1 from the cache, 1 downloaded", done.stderr)

    def as_mortal(self):
        """What goes before a command that shall be bound by file modes: root is not."""
        if os.geteuid():
            return []
        if not shutil.which("setpriv"):
            self.skipTest("root writes everywhere, and there is no setpriv to drop that")
        return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]

    def protect(self, folder):
        def modes(mode):
            for path, _, _ in list(os.walk(folder)):
                os.chmod(path, mode)
        self.addCleanup(modes, 0o755)
        modes(0o555)

    def test_cache_that_is_no_folder(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok(env={"ENVGRAPH_CACHE": "/dev/null/cache"})
        self.assertEqual(self.installed(), {"a": "1.0"})

    def test_no_home(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok(env={"HOME": None, "ENVGRAPH_CACHE": None, "XDG_CACHE_HOME": None})
        self.assertEqual(self.installed(), {"a": "1.0"})

    def test_no_terminal_no_escapes(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(self.package(a, sha256=EMPTY_SHA))
        for env in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
            result = self.fails("execute: error: a: ", env=env)
            self.assertNotIn("\033", result.err)
            self.assertNotIn("\r", result.err)

    def test_terminal(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        master, slave = pty.openpty()
        done = subprocess.run([os.path.join(BIN, "execute"), "env.lock"], cwd=self.dir, stderr=slave,
                              env=environment(self.base, TERM="xterm"), timeout=60)
        os.close(slave)
        seen = os.read(master, 65536).decode()
        os.close(master)
        self.assertEqual(done.returncode, 0, seen)
        self.assertIn("installed 1 package", seen.splitlines()[-1])

    def test_verbose_and_stats(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        result = self.execute_ok("-v", "-d", "stats", "env.lock")
        for text in ("fetch a 1.0", "unpack a 1.0", "link a 1.0", "record a 1.0", "stats: "):
            self.assertIn(text, result.err)

    def test_json(self):
        a, b = wheel("a", "1.0"), wheel("b", "1.0")
        self.serve(a, b)
        self.lock(a, self.package(b, sha256=EMPTY_SHA))
        result = self.execute("--json", "-k0", "env.lock")
        events = [json.loads(line) for line in result.out.splitlines()]
        self.assertEqual(events[0]["event"], "planned")
        self.assertEqual(events[0]["nodes"], 10)
        self.assertEqual(events[-1]["event"], "end")
        self.assertEqual((events[-1]["installed"], events[-1]["failed"], events[-1]["skipped"]), (1, 1, 4))
        failed = [e for e in events if e["event"] == "failed"]
        self.assertEqual([(e["action"], e["package"], e["version"]) for e in failed], [("fetch", "b", "1.0")])
        self.assertIn(EMPTY_SHA, failed[0]["text"])
        self.assertEqual({e["because"] for e in events if e["event"] == "skipped"}, {failed[0]["node"]})
        self.assertEqual([e["package"] for e in events if e["event"] == "package"], ["a"])

    def test_lock_from_standard_input(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok("-", stdin=self.read("env.lock"))
        self.assertEqual(self.installed(), {"a": "1.0"})

    def start_slow(self):
        """An execute whose download does not end, once it has begun."""
        a, b = wheel("a", "1.0"), wheel("b", "1.0", padding=1000)
        self.serve(a, b)
        self.lock(a, b)
        hold, index, answer = self.hold(), self.index, self.index.answer
        self.index.answer = lambda path, accept: (hold.wait(30), answer(path, accept))[1] if "b-1.0" in path \
            else answer(path, accept)
        process = subprocess.Popen([os.path.join(BIN, "execute"), "env.lock"], cwd=self.dir,
                                   env=environment(self.base), stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.until(lambda: index.requests("a-1.0") and "a" in self.installed())
        return process, hold

    def hold(self):
        event = threading.Event()
        self.addCleanup(event.set)
        return event

    def until(self, condition):
        end = time.monotonic() + 60
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)
        self.assertTrue(condition())

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                process, hold = self.start_slow()
                process.send_signal(number)
                self.assertEqual(process.wait(60), 128 + number)
                self.assertIn(b"interrupted", process.stderr.read())
                self.assertEqual(self.installed(), {"a": "1.0"})
                hold.set()
                del self.index.answer
                self.execute_ok()  # goes on where it was stopped
                self.assertEqual(self.installed(), {"a": "1.0", "b": "1.0"})
                shutil.rmtree(self.path(".venv"))
                shutil.rmtree(os.path.join(self.base, "cache"))

    def test_two_at_once_in_one_environment(self):
        process, hold = self.start_slow()
        second = subprocess.Popen([os.path.join(BIN, "execute"), "env.lock"], cwd=self.dir,
                                  env=environment(self.base), stderr=subprocess.PIPE)
        self.addCleanup(second.stderr.close)
        self.addCleanup(second.kill)
        line = second.stderr.readline()
        self.assertIn(b"another execute works on", line)
        hold.set()
        self.assertEqual((process.wait(60), second.wait(60)), (0, 0))
        self.assertIn(b"nothing to do", second.stderr.read())
        self.assertEqual(self.installed(), {"a": "1.0", "b": "1.0"})

    def test_modes_follow_the_archive_and_the_umask(self):
        self.serve(a := wheel("a", "1.0", scripts={"run-a": "a:x"}))
        self.lock(a)
        self.execute_ok("--link-mode", "copy", "env.lock")
        self.assertTrue(stat.S_IMODE(os.stat(self.path(".venv/bin/run-a")).st_mode) & 0o100)
        self.assertFalse(stat.S_IMODE(os.stat(self.site("a/__init__.py")).st_mode) & 0o111)


if __name__ == "__main__":
    unittest.main()
