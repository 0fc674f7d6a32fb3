#!/usr/bin/env python3
"""Plans a requirements file with envgraph and with uv, for the Python that runs this and with the same
cut-off date; prints where the versions differ, and checks that each result holds: all requirements of all
its packages, nothing missing, nothing superfluous. Needs the `packaging` library (build/test-venv has it).

    build/test-venv/bin/python bench/compare_uv.py [--exclude-newer DATE] [--uv PATH] FILE...
"""
import argparse
import concurrent.futures
import datetime
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile

from packaging.markers import default_environment
from packaging.metadata import parse_email
from packaging.requirements import Requirement
from packaging.tags import sys_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
sys.dont_write_bytecode = True
import lockfile  # noqa: E402

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
TAGS = frozenset(sys_tags())


def get(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        return answer.read()


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit("%s\n%s" % (" ".join(command), done.stderr.decode("utf-8", "replace")))
    return done.stdout.decode()


class Metadata:
    """METADATA of pinned versions, from the index."""

    def __init__(self, index):
        self.index = index.rstrip("/") + "/"
        self.urls = {}  # (name, version): wheel
        self.known = {}

    def learn(self, pins):
        missing = [pin for pin in pins.items() if pin not in self.known]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.known.update(zip(missing, pool.map(self.read, missing)))

    def read(self, pin):
        url = self.urls.get(pin) or self.find(*pin)
        try:
            text = get(url + ".metadata")
        except urllib.error.HTTPError:
            text = from_wheel(url)
        raw, _ = parse_email(text)
        return raw

    def find(self, name, version):
        page = json.loads(get(self.index + name + "/", Accept=JSON_TYPE))
        for file in page["files"]:
            if file["filename"].endswith(".whl"):
                _, found, _, tags = parse_wheel_filename(file["filename"])
                if str(found) == version and tags & TAGS:
                    return urllib.parse.urljoin(self.index + name + "/", file["url"])
        sys.exit("%s %s: no wheel on its page" % (name, version))


def from_wheel(url):
    with zipfile.ZipFile(io.BytesIO(get(url))) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return archive.read(name)


def roots_of(path):
    for line in open(path, encoding="utf-8"):
        line = re.sub(r"(^|\s+)#.*$", "", line).strip()
        nested = re.match(r"-r\s*(.+)", line)
        if nested:
            yield from roots_of(os.path.join(os.path.dirname(path), nested[1]))
        elif line and not line.startswith("-"):  # other options are for the tools
            yield Requirement(line)


def problems(path, pins, metadata):
    """What is wrong with the pins as an answer to the requirements file."""
    environment = default_environment()
    queue = [(r, os.path.basename(path), {""}) for r in roots_of(path)]
    seen, reached = set(), set()
    while queue:
        requirement, origin, extras = queue.pop()
        marker = requirement.marker
        if marker and not any(marker.evaluate(dict(environment, extra=e)) for e in extras):
            continue
        name = canonicalize_name(requirement.name)
        if name not in pins:
            yield "%s needs %s, which is missing" % (origin, requirement)
            continue
        reached.add(name)
        if not requirement.specifier.contains(pins[name], prereleases=True):
            yield "%s needs %s, but %s is planned" % (origin, requirement, pins[name])
        key = (name, frozenset(map(canonicalize_name, requirement.extras)))
        if key not in seen:
            seen.add(key)
            told = metadata.known[name, pins[name]].get("requires_dist", [])
            queue += [(Requirement(r), "%s %s" % (name, pins[name]), key[1] | {""}) for r in told]
    for name in sorted(set(pins) - reached):
        yield "%s %s is needed by nothing" % (name, pins[name])


def plan_envgraph(options, path, metadata):
    out = run([os.path.join(options.bin, "plan"), "--python", sys.executable, "--only-binary", ":all:",
               "--exclude-newer", options.exclude_newer, path])
    packages = lockfile.load(out)["packages"]
    for p in packages:
        metadata.urls[p["name"], p["version"]] = (p.get("files") or [p])[0]["url"]
    return {p["name"]: p["version"] for p in packages}


def plan_uv(options, path):
    with tempfile.TemporaryDirectory() as folder:
        lock = os.path.join(folder, "lock.txt")
        run([options.uv, "pip", "compile", "-q", "--no-annotate", "--no-header", "--python", sys.executable,
             "--only-binary", ":all:", "--exclude-newer", options.exclude_newer, "-o", lock, path])
        pairs = re.findall(r"^([^\s=]+)==([^\s;\\]+)", open(lock, encoding="utf-8").read(), re.M)
    return {canonicalize_name(n): v for n, v in pairs}


def compare(options, path, metadata):
    ours, theirs = plan_envgraph(options, path, metadata), plan_uv(options, path)
    metadata.learn(ours)
    metadata.learn(theirs)
    print("%s: envgraph %d packages, uv %d" % (path, len(ours), len(theirs)))
    for name in sorted(set(ours) | set(theirs)):
        if ours.get(name) != theirs.get(name):
            print("  %-30s envgraph %-14s uv %s" % (name, ours.get(name, "-"), theirs.get(name, "-")))
    wrong = list(problems(path, ours, metadata))
    for tool, found in (("envgraph", wrong), ("uv", problems(path, theirs, metadata))):
        for problem in found:
            print("  %s: %s" % (tool, problem))
    return not wrong


def main():
    week_ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=7)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--exclude-newer", default=week_ago.strftime("%Y-%m-%dT00:00:00Z"), metavar="DATE")
    parser.add_argument("--uv", default=shutil.which("uv", path=os.path.dirname(sys.executable)) or "uv")
    parser.add_argument("--bin", default=ROOT, help="the folder of plan and execute")
    parser.add_argument("--index", help="default: pip's own")
    options = parser.parse_args()
    metadata = Metadata(options.index or run([os.path.join(ROOT, "tools/default-index")]).strip())
    print("cut-off: %s" % options.exclude_newer)
    good = [compare(options, path, metadata) for path in options.files]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
