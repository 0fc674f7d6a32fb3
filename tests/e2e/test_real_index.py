"""plan and execute against the default index: skipped where there is none or where it can't be reached."""
import os
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

from harness import ROOT, Case

NETWORK = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "PIP_PROXY",
           "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
REQUIREMENTS = """\
requests[socks]>=2.31
rich>=13
pytest>=8
python-dateutil
PyYAML>=6
markupsafe
"""


def default_index():
    done = subprocess.run([os.path.join(ROOT, "tools/default-index")], stdout=subprocess.PIPE, check=False,
                          env=dict(os.environ, PYTHON=sys.executable))
    return done.stdout.decode().strip()


def why_not():
    """None, or why these tests can't run."""
    index = default_index()
    if not index:
        return "no default index is known on this machine"
    try:
        with urllib.request.urlopen(index.rstrip("/") + "/six/", timeout=15) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        return "the default index answers with %d" % error.code
    except OSError as error:
        return "the default index can't be reached: %s" % error
    return None


class RealIndex(Case):
    @classmethod
    def setUpClass(cls):
        why = why_not()
        if why:
            raise unittest.SkipTest(why)
        cls.network = {name: os.environ[name] for name in NETWORK if name in os.environ}

    def test_plan_and_execute(self):
        self.write("requirements.txt", REQUIREMENTS)
        first = self.plan("requirements.txt", env=self.network)
        pins = self.pins(first)
        wanted = {"requests", "urllib3", "pysocks", "rich", "pygments", "pytest", "pyyaml"}
        self.assertLessEqual(wanted, set(pins))
        for package in self.solved(first)["packages"]:
            file = (package.get("files") or [package])[0]
            self.assertRegex(file["sha256"], "^[0-9a-f]{64}$")

        with self.subTest("the second plan is the same, and needs no network"):
            self.assertEqual(self.plan("--offline", "requirements.txt", env=self.network).out, first.out)

        self.write("env.lock", first.out)
        done = self.execute("env.lock", env=self.network)
        self.assertEqual(done.code, 0, done.err)
        with self.subTest("the environment works"):
            self.check_environment(pins)
        with self.subTest("a second execute does nothing, a second environment needs no network"):
            self.assertEqual(self.execute("env.lock", env=self.network).code, 0)
            again = self.execute("--offline", "--venv", "second", "env.lock", env=self.network)
            self.assertEqual(again.code, 0, again.err)

    def check_environment(self, pins):
        python = self.path(".venv/bin/python")
        names = "from importlib.metadata import distributions as d; print(*sorted(x.metadata['Name'].lower()" \
                ".replace('_', '-') + ' ' + x.version for x in d()), sep=chr(10))"
        out = subprocess.run([python, "-I", "-c", names], stdout=subprocess.PIPE, check=True).stdout.decode()
        self.assertEqual(dict(line.split() for line in out.splitlines()), pins)
        code = "import requests, rich, yaml, markupsafe, dateutil; assert yaml.__with_libyaml__"
        subprocess.run([python, "-I", "-c", code], check=True)
        shown = subprocess.run([self.path(".venv/bin/pytest"), "--version"], stdout=subprocess.PIPE, check=True)
        self.assertIn(pins["pytest"], shown.stdout.decode())


if __name__ == "__main__":
    unittest.main()
