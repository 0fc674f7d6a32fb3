"""./execute against demanding users and hostile wheels: shared files, upgrades, killed runs, odd surroundings."""
import hashlib
import io
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from harness import BIN, environment
from test_execute import HERE, SITE, Execution
from wheels import Dist, core_metadata, record, wheel


def zipped(name, members, version="1.0", compress=zipfile.ZIP_DEFLATED, with_record=True, tag="py3-none-any",
           stream=False, force_zip64=False, modes=None):
    """A wheel with exactly these members and the three that it must have."""
    info = "%s-%s.dist-info" % (name, version)
    members = dict(members)
    members[info + "/METADATA"] = core_metadata(name, version)
    members[info + "/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: %s\n" % tag.encode()
    rows = record(members, info + "/RECORD") if with_record else b""
    members[info + "/RECORD"] = rows
    out = Pipe() if stream else io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for path, data in members.items():
            entry = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            entry.compress_type = compress
            entry.external_attr = ((modes or {}).get(path, 0o100644)) << 16
            with archive.open(entry, "w", force_zip64=force_zip64) as f:
                f.write(data)
    return Dist("%s-%s-%s.whl" % (name, version, tag), out.getvalue(), members[info + "/METADATA"])


class Pipe(io.RawIOBase):
    """What cannot be sought: zipfile then writes data descriptors."""

    def __init__(self):
        self.parts = []

    def writable(self):
        return True

    def write(self, data):
        self.parts.append(bytes(data))
        return len(data)

    def getvalue(self):
        return b"".join(self.parts)


class More(Execution):
    def tree(self, root=".venv", whole=False):
        """{path: what is there}, but for the state, and for what carries the folder's own name."""
        found = {}
        root = self.path(root)
        for folder, folders, files in os.walk(root):
            if ".envgraph" in folders:
                folders.remove(".envgraph")
            for name in folders + files:
                path = os.path.join(folder, name)
                shown = os.path.relpath(path, root)
                status = os.lstat(path)
                if os.path.islink(path):
                    found[shown] = "-> " + os.readlink(path)
                elif os.path.isdir(path):
                    found[shown] = "%o" % status.st_mode
                else:
                    with open(path, "rb") as f:
                        data = f.read().replace(root.encode(), b"ROOT")
                    found[shown] = ("%o" % status.st_mode, hashlib.sha256(data).hexdigest())
        return found

    def comparable(self, root=".venv"):
        """Without rows of RECORD that hash a path of the environment's, and its activation scripts."""
        tree = self.tree(root)
        return {k: v for k, v in tree.items() if not k.startswith("bin/") and not k.endswith("/RECORD")
                and k != "pyvenv.cfg"}, sorted(tree)

    def assert_as_fresh(self):
        """The environment is what the lock alone would have made."""
        shutil.move(self.path(".venv"), self.path("was"))
        self.execute_ok()
        fresh = self.tree()
        shutil.move(self.path(".venv"), self.path("fresh"))
        shutil.move(self.path("was"), self.path(".venv"))
        self.assertEqual(self.tree(), fresh)
        shutil.rmtree(self.path("fresh"))

    def site_tree(self):
        found = {}
        for folder, _, files in os.walk(self.site()):
            for name in files + ["."]:
                status = os.lstat(os.path.join(folder, name))
                found[os.path.join(folder, name)] = (status.st_mtime_ns, status.st_ino)
        return found

    def text(self, *parts):
        with open(os.path.join(self.dir, *parts), encoding="utf-8") as f:
            return f.read()


class Sharing(More):
    def test_the_same_script_in_two_packages(self):
        a = wheel("a", "1.0", scripts={"run": "a:main", "only-a": "a:main"})
        b = wheel("b", "1.0", scripts={"run": "b:main"})
        self.serve(a, b)
        for winner, packages in (("b", (a, b)), ("a", (self.package(a, depends=["b"]), b))):
            self.lock(*packages)
            for attempt in range(5):
                result = self.execute_ok("-j8", "env.lock")
                self.assertIn("from %s import main" % winner, self.text(".venv/bin/run"))
                self.assertIn("bin/run", result.err)
                shutil.rmtree(self.path(".venv"))

    def test_the_same_script_made_and_brought(self):
        a = wheel("a", "1.0", scripts={"run": "a:main"})
        b = wheel("b", "1.0", files={"b-1.0.data/scripts/run": b"#!python\nprint('b')\n"})
        c = wheel("c", "1.0", files={"c-1.0.data/scripts/run": b"#!/bin/sh\necho c\n"})
        self.serve(a, b, c)
        for packages, text in (((a, b), "print('b')"), ((a, b, c), "echo c"), ((a, c), "echo c"),
                               ((self.package(a, depends=["b"]), b), "import main")):
            self.lock(*packages)
            self.execute_ok("-j8", "--venv", "v", "env.lock")
            self.assertIn(text, self.text("v/bin/run"))
            shutil.rmtree(self.path("v"))

    def test_equal_scripts_are_no_conflict(self):
        a = wheel("a", "1.0", scripts={"run": "shared:main"})
        b = wheel("b", "1.0", scripts={"run": "shared:main"})
        self.serve(a, b)
        self.lock(a, b)
        self.assertNotIn("bin/run", self.execute_ok().err)

    def pair(self):
        a = wheel("a", "1.0", files={"space/x.py": b"a\n", "space/__init__.py": b""}, scripts={"run": "a:main"})
        b = wheel("b", "1.0", files={"space/x.py": b"b\n", "space/__init__.py": b""}, scripts={"run": "b:main"})
        self.serve(a, b)
        return a, b

    def test_removal_leaves_what_another_package_has_too(self):
        a, b = self.pair()
        for gone, kept in ((b, a), (a, b)):
            self.lock(a, b)
            self.execute_ok()
            self.lock(kept)
            self.execute_ok()
            self.assertEqual(self.text(self.site("space/x.py")), kept.project + "\n")
            self.assertIn("from %s import" % kept.project, self.text(".venv/bin/run"))
            self.assert_as_fresh()

    def test_upgrade_leaves_what_another_package_has_too(self):
        a, b = self.pair()
        newer = wheel("b", "2.0")
        self.index.files[newer.filename] = newer
        self.lock(a, b)
        self.execute_ok()
        self.lock(a, newer)
        self.execute_ok()
        self.assertEqual(self.text(self.site("space/x.py")), "a\n")
        self.assert_as_fresh()
        self.lock(a, b)
        self.execute_ok()
        self.assertEqual(self.text(self.site("space/x.py")), "b\n")
        self.assert_as_fresh()

    def test_adding_a_package_that_shares(self):
        a, b = self.pair()
        self.lock(b)
        self.execute_ok()
        self.lock(a, b)
        self.execute_ok()
        self.assertEqual(self.text(self.site("space/x.py")), "b\n")
        self.assertIn("from b import", self.text(".venv/bin/run"))
        self.assert_as_fresh()

    def test_a_shared_file_survives_without_the_cache(self):
        a, b = self.pair()
        self.lock(a, b)
        self.execute_ok()
        shutil.rmtree(os.path.join(self.base, "cache"))
        self.lock(a)
        self.execute_ok()
        self.assertTrue(os.path.exists(self.site("space/x.py")))
        self.assertTrue(os.path.exists(self.path(".venv/bin/run")))


class Requested(More):
    def test_requested_follows_the_lock(self):
        a, b = wheel("a", "1.0"), wheel("b", "1.0")
        self.serve(a, b)
        self.lock(self.package(a, depends=["b"]), self.package(b, requested=False))
        self.execute_ok()
        inode = os.stat(self.site("b/__init__.py")).st_ino
        for requested in (True, False):
            self.lock(self.package(a, depends=["b"]), self.package(b, requested=requested))
            self.assertIn("mark b 1.0\n", self.execute_ok("-n", "env.lock").out)
            self.execute_ok("-d", "explain", "env.lock")
            self.assertEqual(os.path.exists(self.site("b-1.0.dist-info/REQUESTED")), requested)
            self.assertEqual(os.stat(self.site("b/__init__.py")).st_ino, inode)
            self.assertEqual(self.execute_ok().err, "nothing to do\n")
            self.assert_as_fresh()


class Failing(More):
    def test_a_failing_run_leaves_site_packages_alone(self):
        old, new, c = wheel("a", "1.0"), wheel("a", "2.0"), wheel("c", "1.0")
        self.serve(old, c)
        self.lock(old)
        self.execute_ok()
        before = self.site_tree()
        self.lock(new, c)
        self.fails("a: ", "404")
        self.assertEqual(self.site_tree(), before)
        self.lock(old)
        self.assertEqual(self.execute_ok().err, "nothing to do\n")
        self.assertEqual(self.site_tree(), before)

    def test_what_cannot_be_removed_is_told_before_anything_is_done(self):
        a, b, new = wheel("a", "1.0"), wheel("b", "1.0"), wheel("a", "2.0")
        self.serve(a, b, new)
        self.lock(a, b)
        self.execute_ok()
        self.lock(new)
        asked = len(self.index.log)
        for leftover in ("zz-1.0-py%s.egg-info" % HERE, "zz.egg-link"):
            with open(self.site(leftover), "w"):
                pass
            before = self.site_tree()
            self.fails("zz", leftover, "remove it with the tool that installed it")
            self.assertEqual(self.site_tree(), before)
            self.assertEqual(len(self.index.log), asked)
            os.unlink(self.site(leftover))
        self.execute_ok("--inexact", "env.lock")
        self.assertEqual(self.installed(), {"a": "2.0", "b": "1.0"})


class Caches(More):
    def test_a_file_that_was_changed_through_a_link(self):
        """The remedy that the message names works."""
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok("--link-mode", "hardlink", "env.lock")
        with open(self.site("a/__init__.py"), "a") as f:
            f.write("changed")
        result = self.fails("was changed", arguments=("--link-mode", "copy", "--venv", "other", "env.lock"))
        entry = re.search(r"delete (\S+) and run again", result.err)[1]
        os.rename(os.path.join(entry, "tree"), os.path.join(self.base, "gone"))  # half of it is no obstacle either
        for link_mode in ("copy", "hardlink"):
            self.execute_ok("--link-mode", link_mode, "--venv", "v" + link_mode, "env.lock")
            self.assertNotIn("changed", self.text("v" + link_mode, SITE, "a/__init__.py"))


class Wheels(More):
    def test_every_way_to_write_a_zip(self):
        files = {"m.py": b"x = 1\n" * 100, "empty.py": b"", "pkg/sub/deep/er.txt": b"deep"}
        for number, options in enumerate(({"compress": zipfile.ZIP_STORED}, {"stream": True}, {"force_zip64": True},
                                          {"stream": True, "force_zip64": True}, {"with_record": False})):
            with self.subTest(**options):
                dist = zipped("m", files, version="%d.0" % number, **options)
                self.serve(dist)
                self.lock(dist)
                self.execute_ok()
                for path, data in files.items():
                    with open(self.site(path), "rb") as f:
                        self.assertEqual(f.read(), data)

    def test_data_folders(self):
        dist = zipped("d", {
            "d-1.0.data/scripts/tool": b"#!python -u\nprint('tool')\n", "d-1.0.data/scripts/sh": b"#!/bin/sh\necho sh\n",
            "d-1.0.data/data/share/d/x.txt": b"x", "d-1.0.data/headers/d.h": b"h",
            "d-1.0.data/purelib/pure.py": b"", "d-1.0.data/platlib/plat.py": b"", "ns/one.py": b"", "d.pth": b"import os\n"})
        self.serve(dist)
        self.lock(dist)
        self.execute_ok()
        self.assertEqual(subprocess.check_output([self.path(".venv/bin/tool")]), b"tool\n")
        self.assertEqual(subprocess.check_output([self.path(".venv/bin/sh")]), b"sh\n")
        for path in (".venv/share/d/x.txt", ".venv/include/site/python%s/d/d.h" % HERE):
            self.assertTrue(os.path.exists(self.path(path)), path)
        subprocess.check_call([self.path(".venv/bin/python"), "-c", "import pure, plat, ns.one"])
        self.lock()
        self.execute_ok()
        shutil.rmtree(self.path(".venv/.envgraph"))
        shutil.move(self.path(".venv"), self.path("emptied"))
        self.execute_ok()
        self.assertEqual([p for p in sorted(self.tree("emptied")) if "include/" not in p],
                         [p for p in sorted(self.tree()) if "include/" not in p])

    def test_unicode_and_long_names(self):
        name = "\u00fcml\u00e4ut/\u6587\u4ef6.py"
        dist = zipped("u", {name: b"x", "deep/" * 60 + "x.py": b"", "n" * 250 + ".py": b"", 'quo"te, comma.txt': b"q"})
        self.serve(dist)
        self.lock(dist)
        self.execute_ok()
        self.assertTrue(os.path.exists(self.site(name)))
        self.lock()
        self.execute_ok()
        self.assertEqual([n for n in os.listdir(self.site()) if not n.startswith(".")], [])

    def test_a_script_may_not_take_the_interpreters_place(self):
        for dist in (wheel("a", "1.0", scripts={"python": "a:main"}),
                     wheel("a", "1.0", scripts={"python3": "a:main"}),
                     zipped("a", {"a-1.0.data/scripts/python3.11": b"#!python\n"}),
                     zipped("a", {"a-1.0.data/data/bin/python": b"#!/bin/sh\n"}),
                     zipped("a", {"a-1.0.data/data/pyvenv.cfg": b"home = /\n"}),
                     zipped("a", {"a-1.0.data/data/lib64": b""}),
                     zipped("a", {"a-1.0.data/data/.envgraph/state": b"x\n"})):
            self.serve(dist)
            self.lock(dist)
            self.fails("a: ", "environment's own")
            self.assertEqual(self.installed(), {})
            self.assertTrue(os.path.islink(self.path(".venv/bin/python")))


class Killed(More):
    """However a run ends, the next one makes the tree that an uninterrupted one makes."""

    def many(self, version, n=12):
        return [wheel("p%d" % i, version, scripts={"s%d" % i: "p%d:main" % i, "shared": "p%d:main" % i},
                      files={"p%d/%s_%d.py" % (i, "v" + version[0], k): b"x = %d\n" % k for k in range(40)})
                for i in range(n)]

    def run_and_kill(self, after, number):
        process = subprocess.Popen([os.path.join(BIN, "execute"), "-q", "env.lock"], cwd=self.dir,
                                   env=environment(self.base), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(after)
        process.send_signal(number)
        process.communicate(timeout=60)
        return process.returncode

    def test_killed_anywhere(self):
        old, new = self.many("1.0"), self.many("2.0", 10)
        self.serve(*old, *new)
        self.lock(*old)
        self.execute_ok()
        self.lock(*new)
        self.execute_ok()
        fresh = {}
        for name, dists in (("old", old), ("new", new)):
            self.lock(*dists)
            shutil.rmtree(self.path(".venv"))
            self.execute_ok()
            fresh[name] = self.tree()
        chance = random.Random(8189)
        for attempt in range(24):
            name, dists = ("old", old) if attempt % 2 else ("new", new)
            self.lock(*dists)
            if attempt % 8 == 7:
                shutil.rmtree(self.path(".venv"), ignore_errors=True)
            self.run_and_kill(chance.uniform(0.001, 0.06), (signal.SIGKILL, signal.SIGINT)[attempt % 3 == 2])
            if attempt % 4 == 0:  # back to what was there before: nothing of it may be missing
                name = "old" if name == "new" else "new"
                self.lock(*(old if name == "old" else new))
                self.execute_ok("-q", "env.lock")
                there = self.tree()
                self.assertEqual({k: there.get(k) for k in fresh[name]}, fresh[name], "attempt %d" % attempt)
                shutil.rmtree(self.path(".venv"))
            self.execute_ok("-q", "env.lock")
            differs = set(self.tree().items()) ^ set(fresh[name].items())
            self.assertEqual(differs, set(), "attempt %d" % attempt)


class Places(More):
    def test_paths_with_spaces_and_long_ones(self):
        self.serve(a := wheel("a", "1.0", scripts={"run": "a:main"}, files={"a/__init__.py": b"def main(): print('ran')\n"}))
        self.lock(a)
        for venv in ("with a space", "l" * 120 + "/" + "m" * 60, "spaced " * 30, "\u00fcnic\u00f6de"):
            self.execute_ok("--venv", venv, "env.lock")
            self.assertEqual(subprocess.check_output([self.path(venv, "bin/run")]), b"ran\n")

    def test_umask(self):
        self.serve(a := wheel("a", "1.0", scripts={"run": "a:main"}))
        self.lock(a)
        for mask in (0o077, 0o002, 0o022):
            for mode in ("copy", "auto"):
                command = [os.path.join(BIN, "execute"), "-q", "--link-mode", mode, "--venv", "u%o%s" % (mask, mode), "env.lock"]
                env = environment(self.base, ENVGRAPH_CACHE=os.path.join(self.base, "cache%o" % mask))
                old = os.umask(mask)
                try:
                    subprocess.check_call(command, cwd=self.dir, env=env)
                finally:
                    os.umask(old)
                for path, most in (("bin/run", 0o777), (SITE + "/a/__init__.py", 0o666), (SITE + "/a-1.0.dist-info/RECORD", 0o666)):
                    mode_there = os.stat(self.path("u%o%s" % (mask, mode), path)).st_mode & 0o777
                    self.assertEqual(mode_there, most & ~mask, "%o %s %s" % (mask, mode, path))

    def test_every_link_mode_and_a_cache_elsewhere(self):
        self.serve(a := wheel("a", "1.0", scripts={"run": "a:main"}))
        self.lock(a)
        for mode in ("auto", "hardlink", "copy", "symlink"):
            self.execute_ok("--link-mode", mode, "--venv", mode, "env.lock")
            subprocess.check_call([self.path(mode, "bin/python"), "-c", "import a"])
        shm = "/dev/shm"
        if os.path.isdir(shm) and os.stat(shm).st_dev != os.stat(self.dir).st_dev and os.access(shm, os.W_OK):
            cache = os.path.join(shm, os.path.basename(self.base))
            self.addCleanup(shutil.rmtree, cache, ignore_errors=True)
            self.execute_ok("--venv", "other", "env.lock", env={"ENVGRAPH_CACHE": cache})
            subprocess.check_call([self.path("other/bin/python"), "-c", "import a"])
            self.fails("--link-mode=copy", arguments=("--link-mode", "hardlink", "--venv", "no", "env.lock"),
                       env={"ENVGRAPH_CACHE": cache})

    def test_target_has_no_bin_without_scripts(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        self.execute_ok("--target", "t", "--python", sys.executable, "env.lock")
        self.assertEqual(sorted(os.listdir(self.path("t"))), [".envgraph", "a", "a-1.0.dist-info"])

    def test_pip_in_a_venv_of_another_tool_stays(self):
        self.serve(a := wheel("a", "1.0"))
        self.lock(a)
        subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", self.path(".venv")])
        for name in ("pip", "other"):
            info = os.path.relpath(self.site(name + "-9.0.dist-info"), self.dir)
            self.write(info + "/METADATA", core_metadata(name, "9.0"))
            self.write(info + "/INSTALLER", "pip\n")
            self.write(info + "/RECORD", "".join("%s-9.0.dist-info/%s,,\n" % (name, f) for f in ("METADATA", "INSTALLER", "RECORD")))
        self.execute_ok()
        self.assertEqual(self.installed(), {"a": "1.0", "pip": "9.0"})
        self.assertEqual(self.execute_ok().err, "nothing to do\n")

    def test_two_at_once_with_one_cache(self):
        dists = [wheel("p%d" % i, "1.0", padding=50000) for i in range(8)]
        self.serve(*dists)
        self.lock(*dists)
        runs = [subprocess.Popen([os.path.join(BIN, "execute"), "--venv", "v%d" % i, "env.lock"], cwd=self.dir,
                                 env=environment(self.base), stderr=subprocess.PIPE) for i in range(4)]
        for run in runs:
            self.assertEqual(run.communicate(timeout=60) and run.returncode, 0)
        self.assertEqual(self.comparable("v0"), self.comparable("v3"))


if __name__ == "__main__":
    unittest.main()
