"""./plan where indexes lie, machines lack something, and secrets must stay secret."""
import hashlib
import os
import signal
import subprocess
import threading
import time
import unittest

from harness import BIN, environment
from index import JSON_TYPE, Index
from planning import Planning
from wheels import core_metadata, sdist, wheel


class Secrets(Planning):
    def check(self, result):
        self.assertNotIn("pass-word", result.out + result.err)
        self.assertNotIn(b"pass-word", self.cache_text())

    def setUp(self):
        super().setUp()
        self.a = wheel("a", "1.0", ["b"])
        self.index = self.serve(self.a, wheel("b", "1.0"), auth=("me", "pass-word"))
        self.url = self.index.url.replace("//", "//me:pass-word@")

    def plan_with(self, *arguments, lines="a"):
        self.write("requirements.txt", lines + "\n")
        return self.plan("--retries", "0", *arguments, "requirements.txt")

    def test_of_an_index(self):
        for switches in ({}, {"json": False}, {"metadata": False}, {"hashes": False}):
            with self.subTest(switches):
                vars(self.index).update(dict(json=True, metadata=True, hashes=True), **switches)
                result = self.plan_with("-i", self.url, "--refresh")
                self.assertEqual(self.pins(result), {"a": "1.0", "b": "1.0"})
                self.check(result)

    def test_of_every_format(self):
        for form in ("env.lock", "requirements", "dot", "json"):
            result = self.plan_with("-i", self.url, "--format", form)
            self.assertEqual(result.code, 0)
            self.check(result)

    def test_of_a_direct_url(self):
        direct = self.index.file_url(self.a).replace("//", "//me:pass-word@")
        for form in ("env.lock", "requirements", "dot", "json"):
            for line in ("a @ " + direct, direct, direct + "[x]"):
                with self.subTest(form + " " + line):
                    result = self.plan_with("-i", self.url, "--format", form, lines=line)
                    self.assertEqual(result.code, 0, result.err)
                    self.check(result)

    def test_of_a_direct_url_in_errors(self):
        direct = self.index.file_url(self.a).replace("//", "//me:pass-word@")
        for line in ("a @ " + direct + "\na>=2", "c @ " + direct, "a @ " + direct[:-4], direct[:-4] + "/x.txt",
                     "-r %s.txt" % direct, "-e " + direct, "a @ " + direct + "\na @ http://other/" + self.a.filename):
            with self.subTest(line):
                result = self.plan_with("-i", self.url, lines=line)
                self.assertIn(result.code, (1, 2), result.err)
                self.check(result)

    def test_of_an_index_that_fails(self):
        for status in (401, 403, 404, 500):
            self.index.fail["/simple/a/"] = status
            with self.subTest(status):
                result = self.plan_with("-i", self.url)
                self.unsolved(result, r"\ba\b")
                self.check(result)
        self.index.fail.clear()
        self.index.replace["/simple/a/"] = (JSON_TYPE, b"{")
        self.check(self.plan_with("-i", self.url))
        self.index.replace["/simple/a/"] = ("application/pdf", b"{")
        self.check(self.plan_with("-i", self.url))

    def test_of_an_index_that_is_no_url(self):
        result = self.plan_with("-i", "//me:pass-word@%s/simple" % self.index.host)
        self.assertEqual(result.code, 2)
        self.check(result)

    def test_wrong_ones(self):
        result = self.plan_with("-i", self.index.url.replace("//", "//me:wrong-word@"))
        self.unsolved(result, "401", "credentials")
        self.assertNotIn("wrong-word", result.err)

    def test_lock_of_a_failed_file(self):
        """Hash and size are asked for at the end: these errors name the file, too."""
        self.index.hashes = False
        self.index.json = False
        self.index.fail["/files/" + self.a.filename] = 500
        result = self.plan_with("-i", self.url)
        self.unsolved(result, "500", "a-1.0")
        self.check(result)


class Lies(Planning):
    """Indexes whose words and files do not agree."""

    def test_hashes_that_the_index_does_not_tell(self):
        a = wheel("a", "1.0")
        self.serve(a, hashes=False)
        self.assertIn(a.sha256, self.plan_for("a").out)
        self.assertIn(a.sha256, self.plan_for("a --hash=sha256:" + a.sha256).out)
        self.unsolved(self.plan_for("a --hash=sha256:" + "0" * 64), "hash", r"\ba\b")

    def test_weak_hashes(self):
        a = wheel("a", "1.0")
        self.serve(a)
        page = '<a href="../../files/%s#md5=%s">x</a>' % (a.filename, hashlib.md5(a.data).hexdigest())
        self.index.replace["/simple/a/"] = ("text/html", page.encode())
        for lines in ("a", "a --hash=sha256:" + a.sha256):
            result = self.plan_for(lines)
            self.assertIn("sha256: " + a.sha256, result.out, result.err)
            self.assertIn("size: %d" % len(a.data), result.out)

    def test_metadata_file_with_another_hash(self):
        a = wheel("a", "2.0")
        self.serve(a, wheel("a", "1.0"))
        self.index.replace["/files/%s.metadata" % a.filename] = ("text/plain", core_metadata("a", "2.0", ["evil"]))
        result = self.plan_for("a")
        self.unsolved(result, r"a-2\.0", "metadata", "hash")

    def test_wheel_with_another_hash(self):
        a = wheel("a", "2.0")
        self.serve(a, wheel("a", "1.0"), metadata=False, ranges=False)
        self.index.files[a.filename] = wheel("a", "2.0", ["evil"])
        self.unsolved(self.plan_for("a"), r"a-2\.0", "sha-?256", a.sha256)

    def test_metadata_of_another_project(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0", metadata=core_metadata("b", "2.0")))
        result = self.plan_for("a")
        self.assertEqual(self.pins(result), {"a": "1.0"})
        self.assertRegex(result.err, r"warning: a 2\.0 .*metadata is that of b")
        self.unsolved(self.plan_for("a==2.0"), "that of b")

    def test_metadata_of_another_version(self):
        self.serve(wheel("a", "2.0", metadata=core_metadata("a", "3.0")))
        self.unsolved(self.plan_for("a"), r"that of version 3\.0")

    def test_unreadable_requirement_in_metadata(self):
        self.serve(wheel("a", "1.0"), wheel("a", "2.0", metadata=core_metadata("a", "2.0", ["??? nonsense"])))
        result = self.plan_for("a")
        self.assertEqual(self.pins(result), {"a": "1.0"})
        self.assertRegex(result.err, r"warning: a 2\.0 ")

    def test_wheel_that_is_none(self):
        a = wheel("a", "1.0")
        self.serve(a, metadata=False)
        a.data = b"no zip at all" * 1000
        self.unsolved(self.plan_for("a"), r"a-1\.0")

    def test_truncated_wheel(self):
        a = wheel("a", "1.0", padding=200_000)
        self.serve(a, metadata=False, hashes=False)
        a.data = a.data[:-1000]
        self.unsolved(self.plan_for("a"), r"a-1\.0")

    def test_page_of_another_project(self):
        self.serve(wheel("b", "1.0"))
        self.index.replace["/simple/a/"] = self.index.page("b", True)
        self.unsolved(self.plan_for("a"), "a has no files")

    def test_file_names_that_climb(self):
        page = (b'{"meta": {"api-version": "1.0"}, "name": "a", "files": [{"filename": "../../a-1.0-py3-none-any.whl",'
                b' "url": "/files/a-1.0-py3-none-any.whl", "hashes": {}}]}')
        self.serve()
        self.index.replace["/simple/a/"] = (JSON_TYPE, page)
        self.unsolved(self.plan_for("a"), "a has no files")

    def test_newer_api(self):
        self.serve()
        self.index.replace["/simple/a/"] = (JSON_TYPE, b'{"meta": {"api-version": "2.0"}, "files": []}')
        self.unsolved(self.plan_for("a"), "version 1")

    def test_index_page_may_not_lead_to_local_files(self):
        """A remote page that links to file:///... must not make plan read local files."""
        a = wheel("a", "1.0")
        self.local(a)
        self.serve()
        page = '<a href="file://%s">x</a>' % self.path("wheels", a.filename)
        self.index.replace["/simple/a/"] = ("text/html", page.encode())
        self.unsolved(self.plan_for("a"), r"\ba\b")

    def test_deep_json(self):
        self.serve()
        self.index.replace["/simple/a/"] = (JSON_TYPE, b"[" * 1_000_000)
        self.unsolved(self.plan_for("a"), "/simple/a")

    def test_page_with_terminal_escapes(self):
        self.serve(wheel("a", "1.0", yanked="\x1b[2Jgone"))
        result = self.plan_for("a")
        self.unsolved(result, "yanked")
        self.assertNotIn("\x1b", result.err)
        result = self.plan_for("a==1.0")
        self.assertEqual(result.code, 0)
        self.assertNotIn("\x1b", result.err)


class Sdists(Planning):
    def test_dynamic_ones_are_told(self):
        self.serve(sdist("a", "2.0", dynamic=["Requires-Dist"]), wheel("a", "1.0"))
        result = self.plan_for("a")
        self.assertEqual(self.pins(result), {"a": "1.0"})
        self.assertRegex(result.err, r"a 2\.0 is newer")
        self.unsolved(self.plan_for("a>=2"), "source distribution")

    def test_local(self):
        a = sdist("a", "1.0", ["b"])
        self.local(a)
        self.serve(wheel("b", "1.0"))
        self.assertEqual(self.pins(self.plan_for("./wheels/" + a.filename)), {"a": "1.0", "b": "1.0"})
        self.assertEqual(self.pins(self.plan_for("a", "-f", "wheels")), {"a": "1.0", "b": "1.0"})

    def test_torn(self):
        a = sdist("a", "1.0")
        self.serve(a)
        a.data = a.data[:60]
        self.index.hashes = False
        self.unsolved(self.plan_for("a"), r"a-1\.0")


class Machine(Planning):
    """What the machine may not have or allow."""

    def setUp(self):
        super().setUp()
        self.serve(wheel("a", "1.0", ["b"]), wheel("b", "1.0"))
        self.write("requirements.txt", "a\n")
        self.command = [os.path.join(BIN, "plan"), "-i", self.index.url, "requirements.txt"]

    def shell(self, text, **env):
        return subprocess.run(["sh", "-c", text, "sh", *self.command], cwd=self.dir, env=environment(self.base, **env),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)

    def test_closed_output(self):
        done = self.shell('"$@" >&-')
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, b"standard output")
        self.assertEqual(self.shell('"$@" -o env.lock >&-').returncode, 0)
        self.assertIn("packages:", self.read("env.lock"))

    def test_closed_input_and_errors(self):
        done = self.shell('"$@" <&- 2>&-')
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"packages:", done.stdout)
        self.assertNotIn(b"planned", done.stdout)

    def test_full_disk(self):
        done = self.shell('"$@" >/dev/full')
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, b"No space")

    def test_output_that_is_no_plain_file(self):
        """Devices and links stay what they are."""
        os.symlink("real.lock", self.path("link.lock"))
        self.assertEqual(self.shell('"$@" -o link.lock').returncode, 0)
        self.assertTrue(os.path.islink(self.path("link.lock")))
        self.assertIn("packages:", self.read("real.lock"))
        os.mkfifo(self.path("pipe"))
        done = self.shell('cat pipe & "$@" -o pipe; wait')
        self.assertIn(b"packages:", done.stdout, done.stderr)
        done = self.shell('"$@" -o missing/folder/env.lock')
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, b"missing/folder/env.lock: No such file")

    def test_output_that_is_something_else(self):
        self.write("notes.txt", "do not lose me\n")
        done = self.shell('"$@" -o notes.txt')
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, b"notes.txt")
        self.assertEqual(self.read("notes.txt"), "do not lose me\n")

    def test_output_that_is_an_input(self):
        done = self.shell('"$@" --format requirements -o ./requirements.txt')
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertRegex(done.stderr, b"overwrite the requirement file")
        self.assertEqual(self.read("requirements.txt"), "a\n")

    def test_cache_that_cannot_be_written(self):
        self.write("file", "")
        done = self.shell('"$@"', ENVGRAPH_CACHE=self.path("file", "cache"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_two_plans_at_once_with_one_cache(self):
        started = [subprocess.Popen(self.command, cwd=self.dir, env=environment(self.base), stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE) for _ in range(8)]
        outputs = {p.communicate(timeout=60)[0] for p in started}
        self.assertEqual({p.returncode for p in started}, {0})
        self.assertEqual(len(outputs), 1)

    def test_signals(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        answer = self.index.answer
        self.index.answer = lambda *arguments: gate.wait(20) and answer(*arguments)
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                running = subprocess.Popen([*self.command, "-o", "env.lock"], cwd=self.dir, env=environment(self.base),
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                time.sleep(0.6)
                running.send_signal(number)
                out, err = running.communicate(timeout=20)
                self.assertEqual((running.returncode, out), (128 + number, b""), err)
                self.assertEqual([f for f in os.listdir(self.dir) if "lock" in f], [])


class Servers(Planning):
    def test_http_1_0_without_ranges(self):
        self.serve(wheel("a", "1.0", ["b"], padding=100_000), wheel("b", "1.0"), ranges=False, metadata=False)
        self.index.server.RequestHandlerClass.protocol_version = "HTTP/1.0"
        self.assertEqual(self.pins(self.plan_for("a")), {"a": "1.0", "b": "1.0"})

    def test_redirects(self):
        """Links are relative to where the page came from; credentials in a Location stay out of everything."""
        other = self.enter(Index([wheel("a", "1.0")], auth=("me", "pass-word")))
        self.serve()
        target = other.url.replace("//", "//me:pass-word@") + "a/"
        respond = self.index.server.RequestHandlerClass.respond

        def redirecting(handler, status, headers, data):
            respond(handler, 302, dict(headers, Location=target), b"")

        self.index.server.RequestHandlerClass.respond = redirecting
        result = self.plan_for("a")
        self.assertNotIn("pass-word", result.out + result.err)
        self.assertNotIn(b"pass-word", self.cache_text())

    def test_redirect_to_another_path(self):
        index = self.serve(wheel("a", "1.0"))
        respond = index.server.RequestHandlerClass.respond

        def redirecting(handler, status, headers, data):
            if handler.path == "/pages/a/":
                respond(handler, 301, dict(headers, Location="/simple/a/"), b"")
            else:
                respond(handler, status, headers, data)

        index.server.RequestHandlerClass.respond = redirecting
        self.write("requirements.txt", "a\n")
        result = self.plan("-i", "http://%s/pages" % index.host, "requirements.txt")
        self.assertEqual(self.pins(result), {"a": "1.0"})


if __name__ == "__main__":
    unittest.main()
