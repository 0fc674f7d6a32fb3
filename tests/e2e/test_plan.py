"""./plan against an index on loopback: what it answers, and what it asks for."""
import os
import re
import sys
import unittest

from index import JSON_TYPE, Index
from planning import Planning
from wheels import sdist, wheel

HERE = "%d.%d" % sys.version_info[:2]


class Lock(Planning):
    def test_pins_edges_and_files(self):
        b = wheel("b", "2.0")
        self.serve(wheel("a", "1.0", ["b>=1"]), b, wheel("b", "1.0"))
        lock = self.solved(self.plan_for("a"))
        self.assertEqual([p["name"] for p in lock["packages"]], ["a", "b"])
        first, second = lock["packages"]
        self.assertEqual((first["version"], second["version"]), ("1.0", "2.0"))
        self.assertEqual(first["depends"], ["b"])
        file = (second.get("files") or [second])[0]
        self.assertEqual(file["url"], self.index.file_url(b))
        self.assertEqual(file["sha256"], b.sha256)
        self.assertEqual(file["size"], str(len(b.data)))

    def test_names_are_normalized(self):
        self.serve(wheel("Zope.Interface", "7.0"))
        self.assertEqual(self.pins(self.plan_for("ZOPE_interface")), {"zope-interface": "7.0"})

    def test_same_bytes_twice(self):
        self.serve(*[wheel("p%d" % i, "1.%d" % v, ["p%d" % (i + 1)] if i < 9 else [])
                     for i in range(10) for v in range(3)])
        first = self.plan_for("p0\np5<1.2")
        again = self.plan_for("p0\np5<1.2")
        fresh = self.plan_for("p0\np5<1.2", env={"ENVGRAPH_CACHE": self.path("other-cache")})
        self.solved(first)
        self.assertEqual(first.out, again.out)
        self.assertEqual(first.out, fresh.out)

    def test_changes_with_the_input_alone(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0"))
        self.assertNotEqual(self.plan_for("a").out, self.plan_for("a<2").out)

    def test_standard_input(self):
        self.serve(wheel("a", "1.0"))
        self.assertEqual(self.pins(self.plan("-i", self.index.url, "-", stdin="a\n")), {"a": "1.0"})

    def test_empty_requirements(self):
        self.serve()
        lock = self.solved(self.plan_for("# nothing yet"))
        self.assertIn(lock["packages"], ("", [], ["[]"]))

    def test_output_file(self):
        self.serve(wheel("a", "1.0"))
        result = self.plan_for("a", "-o", "env.lock")
        self.assertEqual((result.code, result.out), (0, ""))
        self.assertIn("sha256", self.read("env.lock"))
        self.assertEqual([f for f in os.listdir(self.dir) if "env.lock" in f], ["env.lock"])

    def test_output_file_is_kept_when_there_is_no_solution(self):
        self.serve(wheel("a", "1.0"))
        self.plan_for("a", "-o", "env.lock")
        before = self.read("env.lock")
        self.unsolved(self.plan_for("a>1", "-o", "env.lock"))
        self.assertEqual(self.read("env.lock"), before)

    def test_old_pins_are_preferences(self):
        self.serve(wheel("a", "1.0"), wheel("b", "1.0"))
        self.plan_for("a\nb", "-o", "env.lock")
        self.index.add(wheel("a", "2.0"))
        self.index.add(wheel("b", "2.0"))

        def versions(*arguments):
            self.assertEqual(self.plan_for("a\nb", "-o", "env.lock", "--refresh", *arguments).code, 0)
            return re.findall(r"^\s*version: \W*(\d\.\d)", self.read("env.lock").split("packages:")[1], re.M)

        self.assertEqual(versions(), ["1.0", "1.0"])
        self.assertEqual(versions("--upgrade-package", "a"), ["2.0", "1.0"])
        self.assertEqual(versions("--upgrade"), ["2.0", "2.0"])

    def test_a_pin_that_no_longer_fits_is_let_go(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0"))
        self.plan_for("a<2", "-o", "env.lock")
        self.assertEqual(self.plan_for("a>=2", "-o", "env.lock").code, 0)
        self.assertRegex(self.read("env.lock"), r"version: \W*2\.0")


class Usage(Planning):
    def test_unknown_option(self):
        self.refused(self.plan("--no-such-option", "x"), 2, "no-such-option")

    def test_nothing_to_plan(self):
        self.refused(self.plan(), 2, "requirements")

    def test_missing_file(self):
        self.serve()
        self.refused(self.plan("-i", self.index.url, "absent.txt"), 2, r"absent\.txt")

    def test_malformed_requirement_shows_the_place(self):
        self.serve(wheel("a", "1.0"))
        result = self.plan_for("a\na >>> 1\n")
        self.refused(result, 2, r"requirements\.txt:2:\d+: ")
        shown = [line for line in result.err.splitlines() if line.strip() == "^" or "^" in line]
        self.assertTrue(shown, result.err)
        self.assertIn("a >>> 1", result.err)

    def test_place_in_a_nested_file(self):
        self.serve(wheel("a", "1.0"))
        self.write("sub/more.txt", "a\n\n\na==\n")
        self.refused(self.plan_for("-r sub/more.txt"), 2, r"sub/more\.txt:4")

    def test_unknown_option_in_a_file(self):
        self.serve(wheel("a", "1.0"))
        self.refused(self.plan_for("a\n--no-such-option"), 2, r"requirements\.txt:2")

    def test_malformed_marker(self):
        self.serve(wheel("a", "1.0"))
        self.refused(self.plan_for('a; python_version ~ "3"'), 2, r"requirements\.txt:1:\d+")

    def test_help_and_version(self):
        self.assertEqual(self.plan("--help").code, 0)
        result = self.plan("--version")
        self.assertEqual(result.code, 0)
        self.assertRegex(result.out, r"\d+\.\d+")


class Files(Planning):
    def test_nested_files_and_constraints(self):
        self.serve(wheel("a", "1.0", ["b"]), wheel("b", "1.0"), wheel("b", "2.0"), wheel("c", "1.0"), wheel("d", "1.0"))
        self.write("sub/base.txt", "a\n-r deep/more.txt\n")
        self.write("sub/deep/more.txt", "c\n")
        self.write("limits.txt", "b<2\nd==1.0\n")
        result = self.plan_for("-r sub/base.txt\n-c limits.txt")
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0", "c": "1.0"})

    def test_files_that_name_each_other(self):
        self.serve(wheel("a", "1.0"))
        self.write("other.txt", "-r requirements.txt\n")
        self.assertEqual(self.pins(self.plan_for("a\n-r other.txt")), {"a": "1.0"})

    def test_several_files(self):
        self.serve(wheel("a", "1.0"), wheel("b", "1.0"))
        self.write("more.txt", "b\n")
        self.assertEqual(self.pins(self.plan_for("a", "-r", "more.txt")), {"a": "1.0", "b": "1.0"})

    def test_comments_and_continued_lines(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0"))
        self.assertEqual(self.pins(self.plan_for("# why\na \\\n  <2  # not yet\n")), {"a": "1.0"})

    def test_variables(self):
        index = self.serve(wheel("a", "1.0"), auth=("me", "pass-word"))
        self.write("requirements.txt", "-i http://${WHO}:${SECRET}@%s/simple/\na\n" % index.host)
        result = self.plan("requirements.txt", env={"WHO": "me", "SECRET": "pass-word"})
        self.assertEqual(self.pins(result), {"a": "1.0"})
        self.assertNotIn("pass-word", result.out + result.err)

    def test_index_named_in_the_file(self):
        index = self.serve(wheel("a", "1.0"))
        self.write("requirements.txt", "--index-url %s\na\n" % index.url)
        self.assertEqual(self.pins(self.plan("requirements.txt")), {"a": "1.0"})


class Requirements(Planning):
    def test_extras(self):
        self.serve(wheel("a", "1.0", ["b"], extras={"x": ["c"], "y": ["d"]}), *[wheel(n, "1.0") for n in "bcd"])
        result = self.plan_for("a[x]")
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0", "c": "1.0"})
        self.assertEqual(self.solved(result)["packages"][0]["depends"], ["b", "c"])

    def test_extras_of_dependencies_and_of_themselves(self):
        self.serve(wheel("a", "1.0", ["b[all]"]), wheel("b", "1.0", extras={"all": ["b[x]"], "x": ["c"]}),
                   wheel("c", "1.0"))
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0", "b": "1.0", "c": "1.0"})

    def test_unknown_extra_is_no_error(self):
        self.serve(wheel("a", "1.0"))
        result = self.plan_for("a[nothing]")
        self.assertEqual(self.pins(result), {"a": "1.0"})

    def test_markers(self):
        self.serve(wheel("a", "1.0", ['b; python_version < "3"', 'c; sys_platform == "%s"' % sys.platform]),
                   wheel("b", "1.0"), wheel("c", "1.0"), wheel("d", "1.0"))
        result = self.plan_for('a\nd; python_version == "2.7"')
        self.assertEqual(self.pins(result), {"a": "1.0", "c": "1.0"})

    def test_backtracking(self):
        self.serve(wheel("a", "2.0", ["c>=2"]), wheel("a", "1.0", ["c"]), wheel("b", "1.0", ["c<2"]),
                   wheel("c", "1.0"), wheel("c", "2.0"))
        self.assertEqual(self.pins(self.plan_for("b\na")), {"a": "1.0", "b": "1.0", "c": "1.0"})

    def test_cycles(self):
        self.serve(wheel("a", "1.0", ["b"]), wheel("b", "1.0", ["a"]))
        lock = self.solved(self.plan_for("a"))
        self.assertEqual([p["depends"] for p in lock["packages"]], [["b"], ["a"]])

    def test_yanked_only_when_pinned(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0", yanked="broken"))
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0"})
        self.assertEqual(self.pins(self.plan_for("a==2.0")), {"a": "2.0"})

    def test_requires_python(self):
        self.serve(wheel("a", "1.0", requires_python=">=3"), wheel("a", "2.0", requires_python=">=3.99"))
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0"})
        self.unsolved(self.plan_for("a>=2"), "python", r"3\.99")

    def test_another_python_version(self):
        self.serve(wheel("a", "1.0", ['b; python_version < "3.9"']), wheel("a", "2.0", requires_python=">=3.9"),
                   wheel("b", "1.0"))
        result = self.plan_for("a", "--python-version", "3.8", "--only-binary", ":all:")
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0"})

    def test_tags(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0", tag="cp27-cp27m-win32"))
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0"})

    def test_the_most_specific_wheel_is_taken(self):
        best = "cp%d%d-none-any" % sys.version_info[:2]
        self.serve(wheel("a", "1.0"), wheel("a", "1.0", tag=best))
        self.assertIn("a-1.0-%s.whl" % best, self.plan_for("a").out)

    def test_prereleases(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0rc1"), wheel("only", "0.1b1"))
        self.assertEqual(self.pins(self.plan_for("a\nonly")), {"a": "1.0", "only": "0.1b1"})
        self.assertEqual(self.pins(self.plan_for("a>=2.0rc1")), {"a": "2.0rc1"})
        self.assertEqual(self.pins(self.plan_for("a", "--pre")), {"a": "2.0rc1"})
        self.assertEqual(self.pins(self.plan_for("--pre\na")), {"a": "2.0rc1"})

    def test_a_prerelease_where_nothing_else_fits(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0rc1"))
        self.assertEqual(self.pins(self.plan_for("a>1.5")), {"a": "2.0rc1"})

    def test_lowest(self):
        self.serve(wheel("a", "1.0", ["b>=2"]), wheel("a", "2.0", ["b>=2"]),
                   *[wheel("b", v) for v in ("1.0", "2.0", "3.0")])
        self.assertEqual(self.pins(self.plan_for("a", "--resolution", "lowest")), {"a": "1.0", "b": "2.0"})
        self.assertEqual(self.pins(self.plan_for("a", "--resolution", "lowest-direct")), {"a": "1.0", "b": "3.0"})

    def test_exclude_newer(self):
        old, new = wheel("a", "1.0"), wheel("a", "2.0")
        new.upload_time = "2024-06-01T00:00:00.000000Z"
        self.serve(old, new)
        self.assertEqual(self.pins(self.plan_for("a", "--exclude-newer", "2024-03-01")), {"a": "1.0"})
        self.assertEqual(self.pins(self.plan_for("a", "--exclude-newer", "2024-07-01T00:00:00Z")), {"a": "2.0"})


class Conflicts(Planning):
    def test_explanation_names_both_requirements(self):
        self.serve(wheel("a", "1.0", ["c>=2"]), wheel("b", "1.0", ["c<2"]), wheel("c", "1.0"), wheel("c", "2.0"))
        result = self.plan_for("a\nb")
        self.unsolved(result, r"\ba\b.*", r"c ?>= ?2", r"c ?< ?2", r"requirements\.txt:1", r"requirements\.txt:2")

    def test_two_requirements_on_one_package(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0"))
        self.unsolved(self.plan_for("a<2\na>=2"), "a<2", "a>=2")

    def test_no_such_version(self):
        self.serve(wheel("a", "1.0"))
        self.unsolved(self.plan_for("a>=7"), "a ?>= ?7", r"1\.0")

    def test_no_such_package(self):
        self.serve()
        self.unsolved(self.plan_for("nowhere"), "nowhere")

    def test_dependency_that_is_nowhere(self):
        self.serve(wheel("a", "1.0", ["nowhere>=2"]))
        self.unsolved(self.plan_for("a"), "nowhere", r"\ba\b")

    def test_only_wheels_for_other_machines(self):
        self.serve(wheel("a", "1.0", tag="cp27-cp27m-win32"))
        self.unsolved(self.plan_for("a"), r"\ba\b")


class Metadata(Planning):
    """Where the dependencies of a version come from; the index's log tells."""

    def setUp(self):
        super().setUp()
        self.wheel = wheel("a", "1.0", ["b"], padding=400_000)
        self.dists = [self.wheel, wheel("b", "1.0", padding=400_000)]

    def check(self, **switches):
        self.serve(*self.dists, **switches)
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0", "b": "1.0"})
        return self.index

    def test_metadata_file(self):
        index = self.check()
        self.assertEqual(len(index.requests(r"a-1\.0.*\.metadata$")), 1)
        self.assertEqual(index.requests(r"\.whl$"), [])

    def test_metadata_file_from_an_html_page(self):
        index = self.check(json=False)
        self.assertEqual(len(index.requests(r"a-1\.0.*\.metadata$")), 1)
        # Such a page does not tell sizes: asking for a few bytes does.
        self.assertLess(sum(r.sent for r in index.requests(r"\.whl$")), 100)

    def test_ranges(self):
        index = self.check(metadata=False)
        wheels = index.requests(r"a-1\.0.*\.whl$")
        self.assertTrue(wheels)
        self.assertEqual({r.status for r in wheels}, {206})
        self.assertLess(sum(r.sent for r in wheels), len(self.wheel.data) // 2)

    def test_whole_wheel(self):
        index = self.check(metadata=False, ranges=False)
        wheels = [r for r in index.requests(r"a-1\.0.*\.whl$") if r.status == 200]
        self.assertEqual([r.sent for r in wheels], [len(self.wheel.data)])

    def test_json_page_is_asked_for(self):
        index = self.check()
        pages = index.requests(r"^/simple/")
        self.assertEqual(sorted(r.path for r in pages), ["/simple/a/", "/simple/b/"])
        self.assertIn(JSON_TYPE, pages[0].accept)

    def test_html_and_json_give_the_same_lock(self):
        def packages(lock):
            return re.sub(r"127\.0\.0\.1:\d+", "host", lock.split("packages:")[1])

        self.serve(*self.dists)
        one = self.plan_for("a", env={"ENVGRAPH_CACHE": self.path("one")})
        self.index.json = False
        two = self.plan_for("a", env={"ENVGRAPH_CACHE": self.path("two")})
        self.solved(two)
        sizes = re.compile(r"^\s+size: .*\n", re.M)  # HTML pages do not tell sizes
        self.assertEqual(sizes.sub("", packages(one.out)), sizes.sub("", packages(two.out)))

    def test_wheel_without_metadata_is_told(self):
        broken = wheel("a", "1.0", metadata=b"nonsense\n")
        self.serve(broken)
        self.unsolved(self.plan_for("a"), r"\ba\b")

    def test_sdist_with_static_metadata(self):
        source = sdist("a", "1.0", ["b"])
        self.serve(source, wheel("b", "1.0"))
        result = self.plan_for("a")
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0"})
        self.assertIn(source.filename, result.out)

    def test_a_wheel_comes_before_an_sdist_of_its_version(self):
        self.serve(sdist("a", "1.0", ["b"]), wheel("a", "1.0"))
        self.assertIn("a-1.0-py3-none-any.whl", self.plan_for("a").out)

    def test_only_binary(self):
        self.serve(sdist("a", "2.0"), wheel("a", "1.0"))
        self.assertEqual(self.pins(self.plan_for("a", "--only-binary", ":all:")), {"a": "1.0"})
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "2.0"})

    def test_no_binary(self):
        self.serve(sdist("a", "1.0"), wheel("a", "1.0"))
        self.assertIn("a-1.0.tar.gz", self.plan_for("a", "--no-binary", "a").out)


class Places(Planning):
    """What is not taken from an index by name."""

    def test_direct_url(self):
        direct = wheel("a", "1.0", ["b"])
        self.serve(direct, wheel("a", "2.0"), wheel("b", "1.0"))
        result = self.plan_for("a @ %s" % self.index.file_url(direct))
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0"})
        self.assertIn(direct.sha256, result.out)

    def test_direct_url_with_a_wrong_hash(self):
        """plan need not download the wheel to see it; but then execute, which does, must."""
        direct = wheel("a", "1.0")
        self.serve(direct)
        result = self.plan_for("a @ %s#sha256=%s" % (self.index.file_url(direct), "0" * 64))
        if result.code == 0:
            self.write("env.lock", result.out)
            result = self.execute("--python", sys.executable, "env.lock")
            self.assertFalse(os.path.exists(self.path(".venv/lib/python%s/site-packages/a" % HERE)))
        self.assertEqual(result.code, 1, result.err)
        self.assertRegex(result.err, "sha256|hash")

    def test_local_wheel(self):
        local = wheel("a", "1.0", ["b"])
        self.serve(wheel("a", "2.0"), wheel("b", "1.0"))
        self.write("wheels/" + local.filename, local.data)
        result = self.plan_for("./wheels/" + local.filename)
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0"})
        self.assertIn(local.sha256, result.out)

    def test_find_links_without_an_index(self):
        for dist in (wheel("a", "1.0", ["b"]), wheel("b", "1.0"), wheel("b", "2.0")):
            self.write("wheels/" + dist.filename, dist.data)
        self.write("requirements.txt", "a\n")
        result = self.plan("--no-index", "--find-links", "wheels", "requirements.txt")
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "2.0"})

    def test_find_links_beside_the_index(self):
        newer = wheel("a", "2.0")
        self.write("wheels/" + newer.filename, newer.data)
        self.serve(wheel("a", "1.0"))
        self.assertEqual(self.pins(self.plan_for("a", "-f", "wheels")), {"a": "2.0"})

    def test_missing_find_links_folder_is_tolerated(self):
        self.serve(wheel("a", "1.0"))
        self.assertEqual(self.pins(self.plan_for("a", env={"PIP_FIND_LINKS": "/no/such/folder"})), {"a": "1.0"})

    def test_extra_index(self):
        self.serve(wheel("a", "1.0", ["b"]))
        other = self.enter(Index([wheel("b", "3.0")]))
        self.assertEqual(self.pins(self.plan_for("a", "--extra-index-url", other.url)), {"a": "1.0", "b": "3.0"})

    def test_settings_of_pip(self):
        index = self.serve(wheel("a", "1.0"))
        self.write("requirements.txt", "a\n")
        result = self.plan("requirements.txt", env={"PIP_INDEX_URL": index.url})
        self.assertEqual(self.pins(result), {"a": "1.0"})
        self.write("pip.conf", "[global]\nindex-url = %s\n" % index.url)
        result = self.plan("requirements.txt", env={"PIP_CONFIG_FILE": self.path("pip.conf")})
        self.assertEqual(self.pins(result), {"a": "1.0"})

    def test_netrc(self):
        index = self.serve(wheel("a", "1.0"), auth=("me", "pass-word"))
        self.write("netrc", "machine 127.0.0.1 login me password pass-word\n")
        os.chmod(self.path("netrc"), 0o600)
        result = self.plan_for("a", env={"NETRC": self.path("netrc")})
        self.assertEqual(self.pins(result), {"a": "1.0"})
        self.assertTrue(index.requests(r"/simple/a/"))

    def test_no_credential_in_the_lock(self):
        index = self.serve(wheel("a", "1.0"), auth=("me", "pass-word"))
        self.write("requirements.txt", "a\n")
        result = self.plan("-i", "http://me:pass-word@%s/simple/" % index.host, "requirements.txt")
        self.assertEqual(self.pins(result), {"a": "1.0"})
        self.assertNotIn("pass-word", result.out + result.err)


class Hashes(Planning):
    def test_right_hash(self):
        a = wheel("a", "1.0")
        self.serve(a)
        self.assertEqual(self.pins(self.plan_for("a==1.0 --hash=sha256:%s" % a.sha256)), {"a": "1.0"})

    def test_hash_chooses_the_file(self):
        plain, other = wheel("a", "1.0"), wheel("a", "1.0", tag="cp%d%d-none-any" % sys.version_info[:2])
        self.serve(plain, other)
        self.assertIn(plain.filename, self.plan_for("a==1.0 --hash=sha256:%s" % plain.sha256).out)

    def test_wrong_hash(self):
        self.serve(wheel("a", "1.0"))
        self.unsolved(self.plan_for("a==1.0 --hash=sha256:" + "0" * 64), "hash", r"\ba\b")

    def test_require_hashes(self):
        self.serve(wheel("a", "1.0", ["b"]), wheel("b", "1.0"))
        result = self.plan_for("a==1.0", "--require-hashes")
        self.assertIn(result.code, (1, 2))
        self.assertEqual(result.out, "")
        self.assertRegex(result.err, "hash")


class Faults(Planning):
    def test_unauthorized(self):
        self.serve(wheel("a", "1.0"), auth=("me", "pass-word"))
        self.unsolved(self.plan_for("a"), "401")

    def test_server_error(self):
        self.serve(wheel("a", "1.0"))
        self.index.fail["/simple/a/"] = 500
        result = self.plan_for("a")
        self.unsolved(result, "500")
        self.assertNotRegex(result.err, r"no (such )?(package|project)")

    def test_metadata_server_error(self):
        self.serve(wheel("a", "1.0"))
        self.index.fail["/files/a-1.0-py3-none-any.whl.metadata"] = 503
        self.index.fail["/files/a-1.0-py3-none-any.whl"] = 503
        self.unsolved(self.plan_for("a"), "503")

    def test_a_passing_fault_is_retried(self):
        self.serve(wheel("a", "1.0"))
        self.index.fail_once("/simple/a/", 503)
        self.write("requirements.txt", "a\n")
        result = self.plan("-i", self.index.url, "--retries", "2", "requirements.txt")
        self.assertEqual(self.pins(result), {"a": "1.0"})

    def test_nobody_listens(self):
        self.serve()
        self.index.__exit__()
        self.unsolved(self.plan_for("a"), "127.0.0.1")

    def test_page_that_is_no_page(self):
        self.serve(wheel("a", "1.0"))
        self.index.replace["/simple/a/"] = (JSON_TYPE, b'{"files": [{"filename": ')
        self.unsolved(self.plan_for("a"), r"/simple/a")


class Cache(Planning):
    def setUp(self):
        super().setUp()
        self.serve(wheel("a", "1.0", ["b"]), wheel("b", "1.0"))
        self.index.cache_control = "max-age=600"

    def test_warm_plan_asks_nothing(self):
        first = self.plan_for("a")
        self.solved(first)
        self.index.forget()
        second = self.plan_for("a")
        self.assertEqual(second.out, first.out)
        self.assertEqual(self.index.requests(), [])

    def test_refresh_asks_again(self):
        self.solved(self.plan_for("a"))
        self.index.add(wheel("b", "2.0"))
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0", "b": "1.0"})
        self.assertEqual(self.pins(self.plan_for("a", "--refresh")), {"a": "1.0", "b": "2.0"})

    def test_offline(self):
        self.unsolved(self.plan_for("a", "--offline"), "offline")
        self.assertEqual(self.index.requests(), [])
        self.solved(self.plan_for("a"))
        self.index.forget()
        self.assertEqual(self.pins(self.plan_for("a", "--offline")), {"a": "1.0", "b": "1.0"})
        self.assertEqual(self.index.requests(), [])

    def test_torn_cache_entries_are_no_harm(self):
        first = self.plan_for("a")
        for folder, _, files in os.walk(os.path.join(self.base, "cache")):
            for name in files:
                path = os.path.join(folder, name)
                os.truncate(path, os.path.getsize(path) // 2)
        self.assertEqual(self.plan_for("a").out, first.out)

    def test_no_place_to_cache(self):
        result = self.plan_for("a", env={"ENVGRAPH_CACHE": None, "HOME": None})
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0"})


class ThisPython(Planning):
    def test_lock_says_what_it_is_for(self):
        self.serve(wheel("a", "1.0"))
        self.assertRegex(self.plan_for("a").out, r"python: \W*%s" % re.escape(HERE))


if __name__ == "__main__":
    unittest.main()
