"""Questions to a plan (--tree, --why, --diff, --check) and what it is exported as."""
import json
import re
import sys
import unittest

import lockfile
from harness import Case
from index import Index
from wheels import sdist, wheel

try:
    import tomllib
except ImportError:  # before Python 3.11
    tomllib = None
try:
    from packaging import pylock
except ImportError:
    pylock = None

DIFFERENT = 3


class Showing(Case):
    def serve(self, *dists, **switches):
        self.index = Index(dists, **switches)
        self.index.__enter__()
        self.addCleanup(self.index.__exit__, None, None, None)

    def plan_for(self, requirements, *arguments, **options):
        self.write("requirements.txt", requirements + "\n")
        return self.plan("-i", self.index.url, "--retries", "0", *arguments, "requirements.txt", **options)

    def lock(self, requirements="web\ntool>=1", *arguments):
        """Makes env.lock of three packages and more; the index is silent from then on."""
        self.serve(wheel("web", "1.0", ["lib", "util"]), wheel("tool", "2.0", ["lib"]), wheel("lib", "1.5", ["util"]),
                   wheel("util", "3.0"))
        result = self.plan_for(requirements, "-o", "env.lock", *arguments)
        self.assertEqual(result.code, 0, result.err)
        self.index.forget()

    def says(self, result, out, code=0):
        self.assertEqual((result.code, result.out), (code, out), result.err)


TREE = """\
tool 2.0
└── lib 1.5
    └── util 3.0
web 1.0
├── lib 1.5 (above)
└── util 3.0
"""


class Trees(Showing):
    def test_of_a_lock_without_the_network(self):
        self.lock()
        self.says(self.plan("--tree", "env.lock"), TREE)
        self.says(self.plan("--tree", "--lock", "env.lock"), TREE)
        self.says(self.plan("--tree", "--lock", "-", stdin=self.read("env.lock")), TREE)
        self.assertEqual(self.index.log, [])

    def test_of_requirements(self):
        """The lock is not printed; where it goes to a file, it is written."""
        self.lock()
        before = self.read("env.lock")
        self.says(self.plan_for("web\ntool>=1", "--tree"), TREE)
        self.says(self.plan_for("web\ntool>=1", "--tree", "-o", "other.lock"), TREE)
        self.assertEqual(self.read("other.lock"), before)

    def test_names(self):
        self.lock()
        self.says(self.plan("--tree", "--lock", "env.lock", "Lib"), "lib 1.5\n└── util 3.0\n")
        self.says(self.plan("-i", self.index.url, "--tree", "-r", "requirements.txt", "util"), "util 3.0\n")
        self.refused(self.plan("--tree", "--lock", "env.lock", "nothing"), 1, "nothing is not in the plan")

    def test_inverted(self):
        self.lock()
        self.says(self.plan("--tree", "--invert", "--lock", "env.lock", "lib"),
                  "lib 1.5\n├── tool 2.0 (requested)\n└── web 1.0 (requested)\n")

    def test_lines_of_ascii(self):
        self.lock()
        for locale in ({"LC_ALL": "C"}, {"LC_ALL": None}, {"LC_ALL": "", "LANG": "de_DE.ISO-8859-1@euro"}):
            self.says(self.plan("--tree", "--lock", "env.lock", "tool", env=locale),
                      "tool 2.0\n`-- lib 1.5\n    `-- util 3.0\n")
        self.assertIn("└", self.plan("--tree", "env.lock", env={"LC_ALL": None, "LANG": "de_DE.utf8"}).out)

    def test_a_long_chain(self):
        """Its depth is no depth of calls."""
        packages = ["  - {name: p%d, version: 1, depends: [%s], files: [{url: p.zip, sha256: %s}]}"
                    % (i, "p%d" % (i + 1) if i < 2999 else "", "0" * 64) for i in range(3000)]
        self.write("long.lock", "\n".join(["lock-version: 1", "packages:", *packages]) + "\n")
        self.assertEqual(len(self.plan("--tree", "long.lock").out.splitlines()), 3000)
        self.assertEqual(self.plan("--why", "p2999", "long.lock").code, 0)

    def test_what_is_no_lock(self):
        self.write("env.lock", "web==1.0\n")
        self.refused(self.plan("--tree", "--lock", "env.lock"), 2, r"env\.lock")
        self.refused(self.plan("--tree", "--lock", "absent.lock"), 1, r"absent\.lock")


class Why(Showing):
    def test_chains_from_the_requirements(self):
        self.lock()
        self.says(self.plan("--why", "util", "env.lock"), "util 3.0\n  web: web 1.0 -> util 3.0\n"
                  "  tool>=1: tool 2.0 -> lib 1.5 -> util 3.0\n")
        self.says(self.plan_for("tool>=1", "--why", "lib"), "lib 1.5\n  tool>=1: tool 2.0 -> lib 1.5\n")

    def test_what_is_not_in_the_plan(self):
        self.lock()
        self.refused(self.plan("--why", "absent", "env.lock"), 1, "absent is not in the plan")


class Diff(Showing):
    def test_groups(self):
        self.lock()
        self.index.add(wheel("util", "4.0", ["extra"]))
        self.index.add(wheel("extra", "0.1"))
        self.assertEqual(self.plan_for("web", "-o", "new.lock", "--refresh").code, 0)
        result = self.plan("--diff", "env.lock", "new.lock")
        self.assertEqual(result.code, DIFFERENT)
        self.assertIn("added\n  extra 0.1\nremoved\n  tool 2.0\nupgraded\n  util 3.0 -> 4.0\n"
                      "edges\n  util 4.0: +extra\nplanned for\n  requirement - tool>=1\n", result.out)
        again = self.plan("--diff", "-", "new.lock", stdin=self.read("env.lock"))
        self.says(again, result.out, DIFFERENT)

    def test_no_difference(self):
        self.lock()
        self.says(self.plan("--diff", "env.lock", "env.lock"), "")

    def test_another_file(self):
        self.lock()
        text = self.read("env.lock")
        self.write("new.lock", re.sub(r"sha256: \S{60}(\S{4}\n\s+size)", "sha256: %s\\1" % ("ab" * 30), text, count=1))
        result = self.plan("--diff", "env.lock", "new.lock")
        self.assertEqual(result.code, DIFFERENT)
        self.assertRegex(result.out, r"^other files\n  lib 1\.5: sha256 \w{12} -> abababababab\n$")

    def test_no_escapes_reach_the_terminal(self):
        self.write("old.lock", "lock-version: 1\npackages: []\n")
        self.write("new.lock", 'lock-version: 1\nrequires: ["a\\e[31m"]\npackages: []\n')
        result = self.plan("--diff", "old.lock", "new.lock")
        self.says(result, "planned for\n  requirement + a [31m\n", DIFFERENT)


class Check(Showing):
    def check(self, requirements, *arguments):
        return self.plan_for(requirements, "--check", "-o", "env.lock", *arguments)

    def test_it_is_what_the_inputs_ask_for(self):
        self.lock()
        self.says(self.check("web\ntool>=1"), "")

    def test_newer_versions_do_not_count(self):
        """But with --upgrade they do: the pins are let go."""
        self.lock()
        self.index.add(wheel("util", "4.0"))
        self.says(self.check("web\ntool>=1", "--refresh"), "")
        self.says(self.check("web\ntool>=1", "--refresh", "--upgrade"), "upgraded\n  util 3.0 -> 4.0\n", DIFFERENT)

    def test_the_inputs_changed(self):
        self.lock()
        before = self.read("env.lock")
        result = self.check("web\ntool>=1\nutil<3.5")
        self.assertEqual(result.code, DIFFERENT)
        self.assertIn("util 3.0: now requested", result.out)
        self.assertIn("requirement + util<3.5", result.out)
        self.assertIn("plan -o env.lock", result.err)
        self.assertEqual(self.read("env.lock"), before)

    def test_local_files_are_as_the_lock_has_them(self):
        self.lock()
        self.write("wheels/c-1.0-py3-none-any.whl", wheel("c", "1.0", ["util"]).data)
        self.assertEqual(self.plan_for("./wheels/c-1.0-py3-none-any.whl", "-o", "sub.lock").code, 0)
        self.says(self.plan_for("./wheels/c-1.0-py3-none-any.whl", "--check", "-o", "sub.lock"), "")

    def test_without_a_lock(self):
        self.lock()
        self.refused(self.plan_for("web", "--check", "-o", "absent.lock"), 2, r"absent\.lock")
        self.assertEqual(self.index.log, [])
        self.unsolved(self.check("web>1"))


class Usage(Showing):
    def test_questions_that_do_not_fit(self):
        for words in ("--tree --why a r.txt", "--diff one.lock", "--diff a b c", "--invert r.txt", "--check r.txt",
                      "--check --lock env.lock -o env.lock", "--lock env.lock r.txt", "--why", "--lock a -r b"):
            self.refused(self.plan(*words.split()), 2, "--")


class Exports(Showing):
    def export(self, format, *arguments, **options):
        result = self.plan("--lock", "env.lock", "--format", format, *arguments, **options)
        self.assertEqual(result.code, 0, result.err)
        return result.out

    def test_the_lock_itself(self):
        self.lock()
        self.assertEqual(self.export("env.lock"), self.read("env.lock"))

    def test_json_is_a_lock_too(self):
        self.lock()
        self.write("env.json", self.export("json"))
        self.says(self.plan("--diff", "env.lock", "env.json"), "")
        self.assertEqual([p["name"] for p in json.loads(self.read("env.json"))["packages"]],
                         [p["name"] for p in lockfile.load(self.read("env.lock"))["packages"]])

    def test_same_from_the_lock_as_from_the_plan(self):
        self.lock()
        for format in ("pylock", "cyclonedx", "json", "requirements", "dot"):
            planned = self.plan_for("web\ntool>=1", "--format", format)
            self.assertEqual(planned.out, self.export(format), planned.err)

    def test_paths_move_with_the_file(self):
        self.lock()
        self.write("wheels/c-1.0-py3-none-any.whl", wheel("c", "1.0").data)
        self.assertEqual(self.plan_for("./wheels/c-1.0-py3-none-any.whl", "-o", "env.lock").code, 0)
        self.write("sub/keep", "")
        self.assertIn('path = "wheels/c-1.0-py3-none-any.whl"', self.export("pylock"))
        self.export("pylock", "-o", "sub/pylock.toml")
        self.assertIn('url = "file://%s"' % self.path("wheels/c-1.0-py3-none-any.whl"), self.read("sub/pylock.toml"))

    def test_no_credentials(self):
        self.lock()
        secret = self.index.file_url(wheel("util", "3.0")).replace("http://", "http://user:secret@")
        for format in ("env.lock", "pylock", "cyclonedx", "json", "requirements", "dot"):
            result = self.plan_for("util @ " + secret, "--format", format)
            self.assertEqual(result.code, 0, result.err)
            self.assertNotIn("secret", result.out)

    def test_graphviz_with_one_name_twice(self):
        self.write("env.lock", FORKED)
        self.assertEqual(re.findall(r"n\d -> n\d", self.export("dot")), ["n1 -> n0", "n2 -> n0", "n3 -> n2"])

    def test_requirements_with_markers(self):
        self.write("env.lock", FORKED)
        self.assertRegex(self.export("requirements"), r'(?m)^b==1 ; os_name == "nt" \\\n    --hash=sha256:0+$')


class Pylock(Showing):
    def load(self, text):
        if not tomllib or not pylock:
            self.skipTest("needs Python 3.11 and packaging 26")
        return pylock.Pylock.from_dict(tomllib.loads(text))

    def test_packages(self):
        self.lock()
        result = self.plan("--lock", "env.lock", "--format", "pylock")
        lock = self.load(result.out)
        self.assertEqual(lock.created_by, "envgraph")
        self.assertEqual([(p.name, str(p.version)) for p in lock.packages],
                         [("lib", "1.5"), ("tool", "2.0"), ("util", "3.0"), ("web", "1.0")])
        self.assertEqual(list(lock.packages[3].dependencies), [{"name": "lib"}, {"name": "util"}])
        util = wheel("util", "3.0")
        file = lock.packages[2].wheels[0]
        self.assertEqual((file.name, file.url, file.size, file.hashes["sha256"]),
                         (util.filename, self.index.file_url(util), len(util.data), util.sha256))

    def test_environment(self):
        self.lock()
        lock = self.load(self.plan("--lock", "env.lock", "--format", "pylock").out)
        here = lockfile.load(self.read("env.lock"))["target"]
        self.assertEqual(str(lock.requires_python), "==%s.%s.*" % tuple(here["python"].split(".")[:2]))
        self.assertTrue(all(marker.evaluate() for marker in lock.environments))
        self.assertIn("sys_platform", str(lock.environments[0]))
        if here["python"].split(".")[:2] == ["%d" % n for n in sys.version_info[:2]]:
            self.assertEqual([p.name for p, _ in lock.select()], ["lib", "tool", "util", "web"])

    def test_platforms(self):
        for tag, marker in (("macosx_14_0_arm64", 'sys_platform == "darwin" and platform_machine == "arm64"'),
                            ("win_amd64", 'sys_platform == "win32"'),
                            ("musllinux_1_2_aarch64", 'sys_platform == "linux" and platform_machine == "aarch64"'),
                            ("manylinux_2_17_i686", 'sys_platform == "linux"')):
            self.write("env.lock", "lock-version: 1\ntarget: {platform: %s}\npackages: []\n" % tag)
            lock = self.load(self.plan("--lock", "env.lock", "--format", "pylock").out)
            self.assertEqual([str(m) for m in lock.environments], [marker])
            self.assertIsNone(lock.requires_python)

    def test_source_distributions_and_direct_ones(self):
        self.serve(sdist("a", "1.0"), wheel("b", "1.0"))
        url = self.index.file_url(wheel("b", "1.0"))
        lock = self.load(self.plan_for("a\nb @ " + url, "--format", "pylock").out)
        self.assertEqual(lock.packages[0].sdist.name, "a-1.0.tar.gz")
        self.assertEqual((lock.packages[1].archive.url, lock.packages[1].wheels), (url, None))

    def test_markers(self):
        self.write("env.lock", FORKED)
        lock = self.load(self.plan("--lock", "env.lock", "--format", "pylock").out)
        self.assertEqual([str(p.marker) for p in lock.packages[1:3]], ['os_name == "nt"', 'os_name == "posix"'])
        self.assertEqual([d["version"] for d in lock.packages[0].dependencies], ["1", "2"])
        self.assertIsNone(lock.environments)


class Sbom(Showing):
    def sbom(self, **env):
        result = self.plan("--lock", "env.lock", "--format", "cyclonedx", env=env)
        self.assertEqual(result.code, 0, result.err)
        return json.loads(result.out)

    def test_components_and_their_graph(self):
        self.lock()
        bom = self.sbom()
        self.assertEqual((bom["bomFormat"], bom["specVersion"], bom["version"]), ("CycloneDX", "1.6", 1))
        util = bom["components"][2]
        self.assertEqual((util["name"], util["version"], util["purl"]), ("util", "3.0", "pkg:pypi/util@3.0"))
        self.assertEqual(util["hashes"], [{"alg": "SHA-256", "content": wheel("util", "3.0").sha256}])
        graph = {d["ref"]: d["dependsOn"] for d in bom["dependencies"]}
        self.assertEqual(graph["environment"], ["pkg:pypi/tool@2.0", "pkg:pypi/web@1.0"])
        self.assertEqual(graph["pkg:pypi/web@1.0"], ["pkg:pypi/lib@1.5", "pkg:pypi/util@3.0"])
        refs = [c["bom-ref"] for c in bom["components"]]
        self.assertEqual(sorted(graph), sorted([*refs, "environment"]))

    def test_the_same_bytes(self):
        self.lock()
        self.assertEqual(self.sbom(), self.sbom())
        self.assertNotIn("timestamp", self.sbom()["metadata"])
        self.assertRegex(self.sbom()["serialNumber"], r"^urn:uuid:\w{8}-\w{4}-8\w{3}-[89ab]\w{3}-\w{12}$")
        self.assertEqual(self.sbom(SOURCE_DATE_EPOCH="1700000000")["metadata"]["timestamp"], "2023-11-14T22:13:20Z")

    def test_references_are_unique(self):
        self.write("env.lock", FORKED.replace("version: 2\n", "version: 1\n"))
        refs = [c["bom-ref"] for c in self.sbom()["components"]]
        self.assertEqual(refs[1:3], ["pkg:pypi/b@1", "pkg:pypi/b@1#2"])

    def test_versions_and_urls_are_escaped(self):
        self.serve(wheel("b", "1.0+cpu"))
        url = self.index.file_url(wheel("b", "1.0+cpu"))
        bom = json.loads(self.plan_for("b @ " + url, "--format", "cyclonedx").out)
        self.assertRegex(bom["components"][0]["purl"], r"^pkg:pypi/b@1\.0%2Bcpu\?download_url=http%3A%2F%2F127")


# A name that stands twice, in front of another one.
FORKED = """\
lock-version: 1
packages:
  - name: a
    version: 1
    requested: true
    depends: [b]
    files: [{url: https://example.org/a-1-py3-none-any.whl, sha256: %(digest)s}]
  - name: b
    version: 1
    marker: os_name == "nt"
    depends: []
    files: [{url: https://example.org/b-1-py3-none-any.whl, sha256: %(digest)s}]
  - name: b
    version: 2
    marker: os_name == "posix"
    depends: [c]
    files: [{url: https://example.org/b-2.tar.gz, sha256: %(digest)s}]
  - name: c
    version: 1
    depends: []
    files: [{url: https://example.org/c-1-py3-none-any.whl, sha256: %(digest)s}]
""" % {"digest": "0" * 64}

if __name__ == "__main__":
    unittest.main()
