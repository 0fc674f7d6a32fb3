"""./plan at the edges: awkward inputs, and what pip's users expect of it."""
import json
import os
import unittest

from index import JSON_TYPE, Index
from planning import Planning
from wheels import sdist, wheel


class LocalFiles(Planning):
    def setUp(self):
        super().setUp()
        self.serve(wheel("b", "1.0"), wheel("c", "1.0"))
        self.wheel = wheel("a", "1.0", ["b"], extras={"x": ["c"]})
        self.local(self.wheel)
        self.name = self.wheel.filename

    def test_path_with_extras(self):
        self.assertEqual(sorted(self.pins(self.plan_for("./wheels/%s[x]" % self.name))), ["a", "b", "c"])

    def test_path_with_a_marker(self):
        line = './wheels/%s ; python_version > "3"' % self.name
        self.assertEqual(sorted(self.pins(self.plan_for(line))), ["a", "b"])
        line = './wheels/%s ; python_version < "3"' % self.name
        self.assertEqual(sorted(self.pins(self.plan_for(line))), [])

    def test_path_with_extras_marker_and_hash(self):
        line = './wheels/%s[x] ; python_version > "3" --hash=sha256:%s' % (self.name, self.wheel.sha256)
        self.refused(self.plan_for(line), 1, "hashes are required", "b==1.0")
        self.assertEqual(sorted(self.pins(self.plan_for(line, "--no-deps"))), ["a"])

    def test_name_at_a_path(self):
        for place in ("./wheels/" + self.name, "wheels/" + self.name, "file://" + self.path("wheels", self.name),
                      "file:wheels/" + self.name):
            with self.subTest(place):
                self.assertEqual(sorted(self.pins(self.plan_for("a @ " + place))), ["a", "b"])
                line = 'a[x] @ %s ; python_version > "3"' % place
                self.assertEqual(sorted(self.pins(self.plan_for(line))), ["a", "b", "c"])

    def test_relative_to_the_file_that_says_so(self):
        self.write("sub/more.txt", "../wheels/%s\n" % self.name)
        self.assertEqual(sorted(self.pins(self.plan_for("-r sub/more.txt"))), ["a", "b"])

    def test_absent(self):
        for line in ("./wheels/no-1.0-py3-none-any.whl", "no @ ./wheels/no-1.0-py3-none-any.whl"):
            with self.subTest(line):
                self.refused(self.plan_for(line), 2, r"requirements\.txt:1", "no-1.0")

    def test_wrong_hash(self):
        wrong = "0" * 64
        for line in ("a @ file://%s#sha256=%s" % (self.path("wheels", self.name), wrong),
                     "./wheels/%s --hash=sha256:%s" % (self.name, wrong)):
            with self.subTest(line):
                self.unsolved(self.plan_for(line, "--no-deps"), "sha-?256|hash", self.wheel.sha256)

    def test_one_of_several_hashes(self):
        for hashes in ((self.wheel.sha256, "0" * 64), ("0" * 64, self.wheel.sha256)):
            line = "./wheels/%s %s" % (self.name, " ".join("--hash=sha256:" + h for h in hashes))
            result = self.plan_for(line, "--no-deps")
            self.assertEqual(sorted(self.pins(result)), ["a"])
            self.assertIn(self.wheel.sha256, result.out)

    def test_one_of_several_hashes_of_a_url(self):
        index = self.enter(Index([self.wheel]))
        for hashes in ((self.wheel.sha256, "0" * 64), ("0" * 64, self.wheel.sha256)):
            line = "a @ %s %s" % (index.file_url(self.wheel), " ".join("--hash=sha256:" + h for h in hashes))
            result = self.plan_for(line, "--no-deps")
            self.assertEqual(sorted(self.pins(result)), ["a"])
            self.assertIn(self.wheel.sha256, result.out)

    def test_hash_in_upper_case(self):
        line = "./wheels/%s --hash=sha256:%s" % (self.name, self.wheel.sha256.upper())
        self.assertIn(self.wheel.sha256, self.plan_for(line, "--no-deps").out)

    def test_not_a_wheel(self):
        self.write("wheels/bad-1.0-py3-none-any.whl", b"PK\x03\x04 nonsense")
        self.unsolved(self.plan_for("./wheels/bad-1.0-py3-none-any.whl"), "bad-1.0")

    def test_for_another_platform(self):
        other = wheel("d", "1.0", tag="cp27-cp27m-win32")
        self.local(other)
        self.unsolved(self.plan_for("./wheels/" + other.filename), "cp27-cp27m-win32")

    def test_for_another_python(self):
        old = wheel("d", "1.0", requires_python="<3")
        self.local(old)
        self.unsolved(self.plan_for("./wheels/" + old.filename), "needs Python <3")

    def test_spaces_in_the_path(self):
        self.write("my wheels/" + self.name, self.wheel.data)
        result = self.plan_for("-f 'my wheels'\na")
        self.assertEqual(sorted(self.pins(result)), ["a", "b"])


class Same(Planning):
    """Two requirements on one project."""

    def test_contradictory_pins(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0"))
        self.unsolved(self.plan_for("a==1.0\nA==2.0"), r"requirements\.txt:1", r"requirements\.txt:2")

    def test_duplicates_are_no_error(self):
        self.serve(wheel("a-b", "1.0", extras={"x": ["c"]}), wheel("c", "1.0"))
        self.assertEqual(self.pins(self.plan_for("a.b\nA_B[X]\na--b>=1")), {"a-b": "1.0", "c": "1.0"})

    def test_hashes_of_both_count(self):
        first, second = wheel("a", "1.0"), wheel("a", "2.0")
        self.serve(first, second)
        self.write("limits.txt", "a --hash=sha256:%s\n" % first.sha256)
        lines = "-c limits.txt\na --hash=sha256:%s --hash=sha256:%s" % (second.sha256, first.sha256)
        self.assertEqual(self.pins(self.plan_for(lines)), {"a": "1.0"})

    def test_two_urls(self):
        first, second = wheel("a", "1.0"), wheel("a", "2.0")
        index = self.serve(first, second)
        url = index.file_url(first).replace("//", "//me:pass-word@")
        result = self.plan_for("a @ %s\na @ %s" % (url, index.file_url(second)))
        self.unsolved(result, "two places", r"requirements\.txt:2")
        self.assertNotIn("pass-word", result.err)

    def test_url_and_a_specifier_that_excludes_it(self):
        first = wheel("a", "1.0")
        self.serve(first, wheel("a", "2.0"))
        self.unsolved(self.plan_for("a @ %s\na>=2" % self.index.file_url(first)), "a>=2", r"1\.0")

    def test_constraint_with_a_url(self):
        first = wheel("a", "1.0", ["b"])
        self.serve(first, wheel("a", "2.0"), wheel("b", "1.0"))
        self.write("limits.txt", "a @ %s\nb[x]<2\n" % self.index.file_url(first))
        self.assertEqual(self.pins(self.plan_for("a\n-c limits.txt")), {"a": "1.0", "b": "1.0"})

    def test_conflict_with_a_constraint(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0"), wheel("b", "1.0", ["a>1"]))
        self.write("limits.txt", "a<2\n")
        self.unsolved(self.plan_for("a>=2\n-c limits.txt"), r"You require a>=2 \(requirements\.txt:1; constrained to "
                      r"a<2 at limits\.txt:1\), but that leaves none of its versions")
        self.unsolved(self.plan_for("b\n-c limits.txt"), r"depends on a>1", r"a<2 at limits\.txt:1")
        self.write("limits.txt", "a @ %s\n" % self.index.file_url(self.index.projects["a"][0]))
        self.unsolved(self.plan_for("a>=2\n-c limits.txt"), r"constrained to a @ http:.*a-1\.0")

    def test_url_in_metadata_that_the_user_names_too(self):
        a = wheel("a", "1.0")
        index = self.serve(a)
        index.add(wheel("b", "1.0", ["a @ %s#sha256=%s" % (index.file_url(a), a.sha256)]))
        self.unsolved(self.plan_for("b"), "by URL")
        self.assertEqual(self.pins(self.plan_for("b\na @ " + index.file_url(a))), {"a": "1.0", "b": "1.0"})


class Extras(Planning):
    def test_extras_that_name_their_own_project(self):
        self.serve(wheel("pkg", "1.0", extras={"all": ["pkg[a,b]"], "a": ["x"], "b": ["pkg[c]"], "c": ["y"]}),
                   *[wheel(n, "1.0") for n in "xy"])
        lock = self.solved(self.plan_for("pkg[all]"))
        self.assertEqual([p["name"] for p in lock["packages"]], ["pkg", "x", "y"])
        self.assertEqual(lock["packages"][0]["depends"], ["x", "y"])

    def test_extras_and_markers(self):
        self.serve(wheel("a", "1.0", extras={"x": ['b; python_version < "3"', 'c; python_version > "3"'],
                                             "Y_y": ["d"]}), *[wheel(n, "1.0") for n in "bcd"])
        self.assertEqual(sorted(self.pins(self.plan_for("a[x,y-Y]"))), ["a", "c", "d"])

    def test_extra_that_only_one_version_has(self):
        self.serve(wheel("a", "1.0", extras={"x": ["b"]}), wheel("a", "2.0"), wheel("b", "1.0"))
        result = self.plan_for("a[x]")
        self.assertEqual(self.pins(result), {"a": "2.0"})
        self.assertRegex(result.err, r'a 2\.0 has no extra "x"')

    def test_conflict_through_an_extra(self):
        self.serve(wheel("a", "1.0", extras={"x": ["b<1"]}), wheel("b", "1.0"), wheel("b", "0.5"))
        self.unsolved(self.plan_for("a[x]\nb>=1"), r"a\[x\]", "b<1", "b>=1")


class Indexes(Planning):
    def test_the_first_that_knows_the_name_wins(self):
        self.serve(wheel("a", "9.0"), wheel("b", "1.0"))
        private = self.enter(Index([wheel("a", "1.0")]))
        result = self.plan_for("a\nb", "--extra-index-url", private.url)
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0"})

    def test_fault_of_the_first_is_not_passed_over(self):
        self.serve(wheel("a", "9.0"))
        for status, text in ((401, "unauthorized"), (403, "forbidden"), (500, "500"), (429, "429")):
            private = self.enter(Index())
            private.fail["/simple/a/"] = status
            with self.subTest(status):
                self.unsolved(self.plan_for("a", "--extra-index-url", private.url), str(status), text, private.host)

    def test_offline_after_two_indexes(self):
        self.serve(wheel("a", "1.0", ["b"]), wheel("b", "1.0"))
        private = self.enter(Index([wheel("c", "1.0")]))
        more = ("--extra-index-url", private.url)
        first = self.plan_for("a\nc", *more)
        self.solved(first)
        self.index.forget()
        private.forget()
        again = self.plan_for("a\nc", *more, "--offline")
        self.assertEqual(again.out, first.out, again.err)
        self.assertEqual(self.index.requests() + private.requests(), [])

    def test_a_project_that_appears_is_found_at_once(self):
        self.serve()
        self.unsolved(self.plan_for("a"), "no project a")
        self.index.add(wheel("a", "1.0"))
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0"})

    def test_offline_says_what_is_missing(self):
        self.serve(wheel("a", "1.0"))
        self.unsolved(self.plan_for("a", "--offline"), "offline", r"\ba\b")

    def test_project_without_files(self):
        self.serve()
        self.index.replace["/simple/a/"] = (JSON_TYPE, b'{"meta": {"api-version": "1.0"}, "name": "a", "files": []}')
        self.unsolved(self.plan_for("a"), "a has no files")

    def test_later_settings_replace_lists_of_earlier_ones(self):
        self.serve(wheel("a", "1.0"))
        self.write("pip.conf", "[global]\nextra-index-url = http://127.0.0.1:9/one\n    http://127.0.0.1:9/two\n")
        env = {"PIP_CONFIG_FILE": self.path("pip.conf"), "PIP_EXTRA_INDEX_URL": self.index.url,
               "PIP_INDEX_URL": "http://127.0.0.1:9/three"}
        self.write("requirements.txt", "a\n")
        self.assertEqual(self.pins(self.plan("requirements.txt", env=env)), {"a": "1.0"})

    def test_sections_and_bad_lines_of_pip_conf(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0rc1"))
        self.write("requirements.txt", "a\n")
        self.write("pip.conf", "# mine\n[global]\nindex_url: http://127.0.0.1:9/\npre = no\n; then\n[install]\n"
                   "index-url = %s\npre = true\nno-such-key = 1\n[download]\nno-index = yes\n" % self.index.url)
        env = {"PIP_CONFIG_FILE": self.path("pip.conf")}
        self.assertEqual(self.pins(self.plan("requirements.txt", env=env)), {"a": "2.0rc1"})
        self.write("pip.conf", "[global]\nnonsense\n")
        self.refused(self.plan("requirements.txt", env=env), 2, r"pip\.conf:2:1")
        self.write("pip.conf", "[global]\ntimeout = soon\n")
        self.refused(self.plan("requirements.txt", env=env), 2, r"pip\.conf", "timeout", "soon")

    def test_fractions_of_seconds(self):
        self.serve(wheel("a", "1.0"))
        self.assertEqual(self.pins(self.plan_for("a", "--timeout", "2.5")), {"a": "1.0"})
        self.refused(self.plan_for("a", "--timeout", "soon"), 2, "--timeout", "soon")

    def test_index_that_is_no_url(self):
        self.write("requirements.txt", "a\n")
        self.refused(self.plan("-i", "example", "requirements.txt"), 2, "example", "URL")

    def test_no_index_and_nothing_else(self):
        self.write("requirements.txt", "a\n")
        self.unsolved(self.plan("--no-index", "requirements.txt"), "no project a", "find-links")

    def test_index_in_a_folder(self):
        a = wheel("a", "1.0")
        self.local(a, "mirror/a")
        self.write("mirror/a/index.html", '<a href="%s">x</a>' % a.filename)
        self.write("requirements.txt", "a\n")
        result = self.plan("-i", "file://" + self.path("mirror"), "requirements.txt")
        if result.code:  # an index in a folder may be refused, but it must say so
            self.assertRegex(result.err, "file:")
        else:
            self.assertEqual(self.pins(result), {"a": "1.0"})


class FindLinks(Planning):
    def test_page_with_relative_links_and_unclosed_tags(self):
        a, b = wheel("a", "1.0", ["b"]), wheel("b", "1.0")
        index = self.serve(a, b)
        page = "<!doctype html><p>Files<ul><li><A HREF='files/%s'>a<li><a href=files/%s#sha256=%s>b<li><a>none"
        page %= a.filename, b.filename, b.sha256
        index.replace["/links.html"] = ("text/html; charset=utf-8", page.encode())
        self.write("requirements.txt", "a\n")
        result = self.plan("--no-index", "-f", "http://%s/links.html" % index.host, "requirements.txt")
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0"})
        self.assertIn(a.sha256, result.out)

    def test_html_file(self):
        a = wheel("a", "1.0")
        self.local(a, "files")
        self.write("links.html", '<base href="files/"><a href="%s">a</a>' % a.filename)
        self.write("requirements.txt", "a\n")
        result = self.plan("--no-index", "-f", "links.html", "requirements.txt")
        self.assertEqual(self.pins(result), {"a": "1.0"})

    def test_page_that_is_not_there(self):
        index = self.serve(wheel("a", "1.0"))
        result = self.plan_for("a", "-f", "http://%s/nowhere" % index.host)
        self.assertIn(result.code, (0, 1))
        self.assertRegex(result.err, "/nowhere")

    def test_credentials_of_a_page_stay_secret(self):
        a = wheel("a", "1.0")
        index = self.serve(a, wheel("b", "1.0"), auth=("me", "pass-word"))
        index.replace["/links"] = ("text/html", b'<a href="files/%s">a</a>' % a.filename.encode())
        self.write("requirements.txt", "a\n")
        place = "http://me:pass-word@%s/links" % index.host
        result = self.plan("--no-index", "-f", place, "requirements.txt")
        self.assertEqual(self.pins(result), {"a": "1.0"})
        self.assertNotIn("pass-word", result.out + result.err)
        self.assertNotIn(b"pass-word", self.cache_text())
        for path in ("/links", "/files/" + a.filename):
            index.fail[path] = 500
            result = self.plan("--no-index", "--refresh", "--retries", "0", "-f", place, "requirements.txt")
            self.unsolved(result, "500")
            self.assertNotIn("pass-word", result.err)


class Choice(Planning):
    def test_exclude_newer_where_no_times_are_told(self):
        self.serve(wheel("a", "1.0"), json=False)
        self.unsolved(self.plan_for("a", "--exclude-newer", "2024-03-01"), "exclude-newer", "does not say when")
        self.refused(self.plan_for("a", "--exclude-newer", "soon"), 2, "exclude-newer", "soon")

    def test_yanked_everywhere(self):
        self.serve(wheel("a", "1.0", yanked="leaks"), wheel("b", "1.0", ["a==1.0"]))
        self.unsolved(self.plan_for("a"), "yanked", "leaks")
        self.unsolved(self.plan_for("b"), "yanked")
        result = self.plan_for("b\na==1.0")
        self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0"})
        self.assertRegex(result.err, "warning: a 1.0 was yanked: leaks")

    def test_python_that_only_metadata_asks_for(self):
        bare = wheel("a", "2.0", requires_python="<3")
        bare.requires_python = None
        self.serve(bare, wheel("a", "1.0"))
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0"})
        self.unsolved(self.plan_for("a>1"), "needs Python <3")

    def test_local_versions_and_epochs(self):
        self.serve(wheel("a", "1.0"), wheel("a", "1.0+cpu"), wheel("b", "1!1.0"), wheel("b", "2024.1"))
        self.assertEqual(self.pins(self.plan_for("a==1.0\nb")), {"a": "1.0+cpu", "b": "1!1.0"})
        self.assertEqual(self.pins(self.plan_for("a==1.0+cpu\nb<1!0")), {"a": "1.0+cpu", "b": "2024.1"})

    def test_arbitrary_equality(self):
        self.serve(wheel("a", "1.0"), wheel("a", "1.0.post1"))
        self.assertEqual(self.pins(self.plan_for("a===1.0")), {"a": "1.0"})

    def test_development_versions(self):
        self.serve(wheel("a", "1.0"), wheel("a", "1.1.dev3"))
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0"})
        self.assertEqual(self.pins(self.plan_for("a>=1.1.dev0")), {"a": "1.1.dev3"})

    def test_prefer_binary(self):
        self.serve(sdist("a", "2.0"), wheel("a", "1.0"))
        self.assertEqual(self.pins(self.plan_for("--prefer-binary\na")), {"a": "1.0"})
        self.assertEqual(self.pins(self.plan_for("--prefer-binary\na>1")), {"a": "2.0"})

    def test_options_of_files_reach_the_whole_plan(self):
        self.serve(sdist("b", "2.0"), wheel("b", "1.0"), wheel("a", "1.0", ["b"]))
        self.write("more.txt", "--only-binary=:all:\n")
        self.assertEqual(self.pins(self.plan_for("-r more.txt\na")), {"a": "1.0", "b": "1.0"})
        self.assertEqual(self.pins(self.plan_for("--only-binary :all:\n--no-binary B\na")), {"a": "1.0", "b": "2.0"})


class Formats(Planning):
    def setUp(self):
        super().setUp()
        self.serve(wheel("a", "1.0", ["b"]), wheel("b", "2.0"))

    def test_requirements_can_be_planned_again(self):
        first = self.plan_for("a", "--format", "requirements")
        self.assertEqual(first.code, 0)
        self.write("pinned.txt", first.out)
        again = self.plan("-i", self.index.url, "--require-hashes", "pinned.txt")
        self.assertEqual(self.pins(again), {"a": "1.0", "b": "2.0"})

    def test_requirements_with_a_local_wheel(self):
        """pip reads no relative path behind '@'."""
        self.local(wheel("c", "1.0", ["b"]))
        first = self.plan_for("./wheels/c-1.0-py3-none-any.whl", "--format", "requirements")
        self.assertIn("c @ file://" + self.path("wheels", "c-1.0-py3-none-any.whl"), first.out)
        self.write("sub/pinned.txt", first.out)
        again = self.plan("-i", self.index.url, "--require-hashes", "sub/pinned.txt")
        self.assertEqual(self.pins(again), {"b": "2.0", "c": "1.0"})

    def test_json_and_dot(self):
        told = json.loads(self.plan_for("a", "--format=json").out)
        self.assertEqual([(p["name"], p["version"], p["depends"]) for p in told["packages"]],
                         [("a", "1.0", ["b"]), ("b", "2.0", [])])
        self.assertRegex(self.plan_for("a", "--format", "dot").out, r"(?s)^digraph.*->.*}\s*$")
        self.refused(self.plan_for("a", "--format", "xml"), 2, "xml", r"env\.lock\|")


class Texts(Planning):
    """Requirement files as editors leave them."""

    def setUp(self):
        super().setUp()
        self.serve(wheel("a", "1.0"), wheel("b", "1.0"))

    def test_line_ends_and_marks(self):
        for text in (b"\xef\xbb\xbfa\r\nb\r\n", b"a\rb", b"a\n\n  b  ", b"a#c\n", b"a \\\r\n>=1\r\nb"):
            with self.subTest(text):
                result = self.plan_for(text)
                if text == b"a#c\n":
                    self.refused(result, 2, r"requirements\.txt:1:2")
                else:
                    self.assertEqual(sorted(self.pins(result)), ["a", "b"])

    def test_nothing(self):
        for text in (b"", b"# only\n  # comments", b"\xef\xbb\xbf", b"\n\n\r\n", b"--pre"):
            with self.subTest(text):
                self.assertEqual(self.pins(self.plan_for(text)), {})

    def test_errors_show_no_credentials(self):
        self.refused(self.plan_for("a\n-i https://me:pass-word@example.org/simple --bogus"), 2, "txt:2:44", "--bogus")
        result = self.plan_for("a @ https://me:pass-word@example.org/a-1.0-py3-none-any.whl b")
        self.refused(result, 2, "txt:1:", "example.org")
        self.assertNotIn("pass-word", result.err)

    def test_not_utf8(self):
        self.refused(self.plan_for(b"a\n# caf\xe9\n"), 2, r"requirements\.txt:2:6", "UTF-8")
        self.refused(self.plan_for(b"a\0b\n"), 2, r"requirements\.txt:1:2")

    def test_long_lines(self):
        long = b" " * 1_000_000
        self.assertEqual(self.pins(self.plan_for(b"a" + long + b">=1" + long + b"# x" + long)), {"a": "1.0"})
        result = self.plan_for(b"a" + long + b"!")
        self.refused(result, 2, r"requirements\.txt:1:1000002")
        self.assertLess(len(result.err), 2000)
        result = self.plan_for(b"a" * 1_000_000)
        self.unsolved(result, "aaaa")

    def test_many_lines(self):
        self.assertEqual(self.pins(self.plan_for(b"a>=0.1\n" * 5000)), {"a": "1.0"})

    def test_a_folder_for_a_file(self):
        self.write("folder/x", "")
        self.refused(self.plan("folder"), 2, "folder", "directory")

    def test_files_that_name_themselves(self):
        self.assertEqual(self.pins(self.plan_for("a\n-r requirements.txt\n-r ./requirements.txt\n-c requirements.txt")),
                         {"a": "1.0"})

    def test_endless_recursion(self):
        os.symlink(".", self.path("loop"))
        result = self.plan_for("a\n-r loop/requirements.txt")
        self.refused(result, 2, "nest deeper than 30", "loop/requirements.txt")
        self.assertLess(len(result.err), 2000)

    def test_place_of_a_missing_file(self):
        self.write("sub/one.txt", "\n-r two.txt\n")
        self.refused(self.plan_for("a\n-r sub/one.txt"), 2, r"requirements\.txt:2.*sub/one\.txt:2.*sub/two\.txt")

    def test_nested_file_from_standard_input(self):
        self.write("more.txt", "b\n")
        result = self.plan("-i", self.index.url, "-r", "-", stdin="a\n-r more.txt\n")
        self.assertEqual(sorted(self.pins(result)), ["a", "b"])
        self.refused(self.plan("-", stdin="a=1\n"), 2, r"<stdin>:1:2")

    def test_common_slips(self):
        for text, wanted in (("a=1.0", "=="), ("a => 1", ":1:"), ("a[x", r"\]"),
                             ("a b", ":1:3"), ("==1.0", "name"), ("a==1.*.2", ":1:"), ("a>=1.x", ":1:"),
                             ("a --hash=sha256:zz", "sha256"), ("a --hash=md5:" + "0" * 32, "sha256"),
                             ("--index-url", "value"), ("-r", "value"), ("a; python_version", "marker|:1:"),
                             ("pip install a", ":1:5")):
            with self.subTest(text):
                result = self.plan_for(text)
                self.refused(result, 2, r"requirements\.txt:1", wanted)


class Again(Planning):
    """The same bytes, whatever the way."""

    def test_cold_and_warm_json_and_html(self):
        self.serve(wheel("a", "1.0", ["b", "s"]), wheel("b", "1.0"), wheel("b", "0.9"), sdist("s", "1.0"))
        locks = set()
        for as_json in (True, False):
            self.index.json = as_json
            for metadata in (True, False):
                self.index.metadata = metadata
                for _ in range(2):
                    result = self.plan_for("a", env={"ENVGRAPH_CACHE": self.path("cache-%s-%s" % (as_json, metadata))})
                    self.solved(result)
                    locks.add(result.out)
        self.assertEqual(len(locks), 1)

    def test_an_old_lock_given_back_is_the_same(self):
        self.serve(wheel("a", "1.0", ["b"], extras={"x": ["c"]}), wheel("b", "1.0"), wheel("c", "1.0"))
        self.assertEqual(self.plan_for("a[x]", "-o", "env.lock").code, 0)
        first = self.read("env.lock")
        self.index.add(wheel("b", "2.0"))
        self.assertEqual(self.plan_for("a[x]", "-o", "env.lock", "--refresh").code, 0)
        self.assertEqual(self.read("env.lock"), first)
        self.assertEqual(self.plan_for("a[x]", "-o", "env.lock", "--refresh", "-P", "B").code, 0)
        self.assertIn("version: \"2.0\"", self.read("env.lock"))


if __name__ == "__main__":
    unittest.main()
