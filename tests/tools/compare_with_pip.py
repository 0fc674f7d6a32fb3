#!/usr/bin/env python3
"""Compare an environment that execute made with the one that pip makes of the same pins.

    compare_with_pip.py --lock env.lock --venv DIR --python PY --requirements FILE... [--work DIR] [--scripts]

Makes a fresh venv with PY, brings its pip up to date, installs the lock's pins by name, version and hash
(`pip install --no-compile --no-deps`), and compares every installed file of both: which there are, their
bytes and modes. Then runs `pip check` on DIR and, with --scripts, starts every console script of both with
--help. Prints each difference and a last line "N files compared, N differ"; exit 1 if anything differs.

What differs by design and is not told: the first line of scripts, what INSTALLER says, the order of RECORD's
rows and those rows that follow from the two; REQUESTED, which pip gives to every pin, is compared with what
the requirement files name. Left out: what makes a venv a venv, pip itself (an older one installed it), the
setuptools that came with the venv, bytecode, .envgraph. Needs PyYAML; pip's index and certificates are
configured as for pip itself.
"""

import argparse
import collections
import concurrent.futures
import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import yaml
except ImportError:
    sys.exit("compare_with_pip.py: needs PyYAML (pip install pyyaml)")

VENV_FILES = re.compile(
    r"pyvenv\.cfg|\.gitignore|lib64|bin/(python[0-9.]*t?|\N{MATHEMATICAL ITALIC SMALL PI}thon)|bin/[aA]ctivate(\.[a-z0-9]+)?"
)
SCRIPT_TIMEOUT_S = 20


def normalize(name):
    return re.sub(r"[-_.]+", "-", name).lower()


# The lock, the requirement files


def read_pins(lock):
    """Requirement lines of the lock's packages, and their names."""
    lines, names = [], set()
    for package in yaml.load(Path(lock).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["packages"]:
        files = package.get("files") or [package["file"] if "file" in package else package]
        if isinstance(files, dict):
            files = [files]
        direct = package.get("direct") == "true"
        line = f"{package['name']} @ {files[0]['url']}" if direct else f"{package['name']}=={package['version']}"
        if package.get("marker"):
            line += f" ; {package['marker']}"
        lines.append(line + "".join(f" --hash=sha256:{f['sha256']}" for f in files))
        names.add(normalize(package["name"]))
    return "\n".join(lines) + "\n", names


def read_roots(path, seen=None):
    """Normalized names that a requirement file asks for, with those of the files it includes."""
    seen = set() if seen is None else seen
    path = Path(path).resolve()
    roots = set()
    if path in seen:
        return roots
    seen.add(path)
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        include = re.match(r"(?:-r|--requirement)[ =]*(\S+)", line)
        name = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line)
        wheel = re.search(r"([^/]+?)-[^/-]+-[^/]*\.whl$", line)
        if include:
            roots |= read_roots(path.parent / include.group(1), seen)
        elif wheel and "@" not in line:
            roots.add(normalize(wheel.group(1)))
        elif name and not line.startswith("-"):
            roots.add(normalize(name.group()))
    return roots


# pip's environment


def run(*argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(argv)}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


def make_pip_venv(work, python, pins):
    """A venv below work with the pins; the one of an earlier run is taken if it has the same."""
    venv, written, finished = work / "pip-venv", work / "pins.txt", work / "finished"
    if finished.exists() and finished.read_text() == pins:
        return venv
    shutil.rmtree(venv, ignore_errors=True)
    finished.unlink(missing_ok=True)
    written.write_text(pins)
    run(python, "-m", "venv", str(venv))
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q"]
    run(*pip, "install", "-U", "pip")
    run(*pip, "uninstall", "-y", "setuptools", "wheel")  # what ensurepip brings must not help a script to start
    run(*pip, "install", "--no-compile", "--no-deps", "--require-hashes", "-r", str(written))
    finished.write_text(pins)
    return venv


# Comparison


def site_packages(venv):
    found = sorted(venv.glob("lib/python*/site-packages"))
    if len(found) != 1:
        sys.exit(f"{venv}: has {len(found)} site-packages folders")
    return found[0]


def read_record(path):
    with open(path, encoding="utf-8", newline="") as f:
        return [row for row in csv.reader(f) if row]


def files_of(venv, names):
    """Files that the RECORDs of these projects name, relative to the venv."""
    site, found = site_packages(venv), set()
    for record in site.glob("*.dist-info/RECORD"):
        if normalize(record.parent.name.split("-")[0]) in names:
            for row in read_record(record):
                found.add(os.path.relpath(os.path.normpath(site / row[0]), venv))
    return found


def list_files(venv, without):
    found = set()
    for folder, folders, files in os.walk(venv):
        folders[:] = [d for d in folders if d not in ("__pycache__", ".envgraph") and not (Path(folder) / d).is_symlink()]
        for name in files:
            path = os.path.relpath(os.path.join(folder, name), venv)
            if not VENV_FILES.fullmatch(path) and path not in without:
                found.add(path)
    return found


def without_first_line(data):
    """A script's bytes without its first line, or without the three that stand for one too long."""
    if data.startswith(b"#!/bin/sh\n'''exec' "):
        return data.split(b"\n", 3)[3]
    return data.split(b"\n", 1)[1] if data.startswith(b"#!") and b"\n" in data else data


class Comparison:
    def __init__(self, ours, theirs, roots, locked):
        self.ours, self.theirs, self.roots = ours, theirs, roots
        self.tools = {"pip"} | ({"setuptools", "wheel"} - locked)
        self.installers = {str(p.relative_to(ours)) for p in site_packages(ours).glob("*.dist-info/INSTALLER")}
        self.compared = 0
        self.differences = collections.OrderedDict()  # path -> what
        self.private = set()  # paths whose bytes, and so their rows in RECORD, rightly differ

    def differ(self, path, what):
        self.differences.setdefault(path, []).append(what)
        print(f"{path}: {what}")

    def run(self):
        ours = list_files(self.ours, files_of(self.ours, self.tools))
        theirs = list_files(self.theirs, files_of(self.theirs, self.tools))
        requested = {p for p in ours | theirs if p.endswith(".dist-info/REQUESTED")}
        for path in sorted(ours - theirs - requested):
            self.differ(path, "only in ours")
        for path in sorted(theirs - ours - requested):
            self.differ(path, "only in pip's")
        both = sorted(ours & theirs)
        for path in both:
            if os.path.basename(path) != "RECORD":
                self.file(path)
        for path in both:
            if os.path.basename(path) == "RECORD":
                self.record(path)
        self.requested()

    def file(self, path):
        self.compared += 1
        a, b = self.ours / path, self.theirs / path
        self.mode(path, a, b)
        ours, theirs = a.read_bytes(), b.read_bytes()
        if path in self.installers:
            if ours != b"envgraph\n":
                self.differ(path, f"says {ours!r}")
        elif ours != theirs:
            if path.startswith("bin/") and without_first_line(ours) == without_first_line(theirs):
                self.private.add(path)
            else:
                self.differ(path, f"other bytes ({len(ours)} ours, {len(theirs)} pip's)")

    def mode(self, path, a, b):
        ours, theirs = a.stat().st_mode, b.stat().st_mode
        if ours != theirs:
            self.differ(path, f"mode {ours & 0o7777:o}, pip's {theirs & 0o7777:o}")

    def rows(self, venv, path):
        """RECORD as {path below the venv: (hash, size)}, without the rows that must differ."""
        site, rows = site_packages(venv), {}
        for row in read_record(venv / path):
            target = os.path.relpath(os.path.normpath(site / row[0]), venv)
            if target.endswith((".dist-info/REQUESTED", ".pyc")):
                continue
            free = target in self.private or target in self.installers
            if target in rows:
                self.differ(path, f"two rows of {target}")
            rows[target] = ("", "") if free else tuple((row + ["", ""])[1:3])
        return rows

    def record(self, path):
        self.compared += 1
        self.mode(path, self.ours / path, self.theirs / path)
        ours, theirs = self.rows(self.ours, path), self.rows(self.theirs, path)
        for target in sorted(ours.keys() | theirs.keys()):
            if ours.get(target) != theirs.get(target):
                self.differ(path, f"row of {target}: {ours.get(target)}, pip's {theirs.get(target)}")

    def requested(self):
        for dist_info in sorted(site_packages(self.ours).glob("*.dist-info")):
            asked = normalize(dist_info.name.split("-")[0]) in self.roots
            if (dist_info / "REQUESTED").exists() != asked:
                path = str((dist_info / "REQUESTED").relative_to(self.ours))
                self.differ(path, "missing" if asked else "no requirement file names the project")


# Programs


def console_scripts(venv):
    names = set()
    for path in site_packages(venv).glob("*.dist-info/entry_points.txt"):
        section = None
        for line in path.read_text(encoding="utf-8").splitlines():
            heading = re.match(r"\s*\[(.*?)\]", line)
            if heading:
                section = heading.group(1).strip()
            elif section == "console_scripts" and "=" in line and not line.lstrip().startswith(("#", ";")):
                names.add(line.split("=")[0].strip())
    return names


def start(venv, name):
    """How a script ends with --help: its class, and the last line it said."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    env.update(PYTHONDONTWRITEBYTECODE="1", PATH=f"{venv}/bin:{env.get('PATH', '')}")
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as said:
        try:
            child = subprocess.Popen([str(venv / "bin" / name), "--help"], cwd=empty, env=env, start_new_session=True,
                                     stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        except OSError as e:
            return "does not start", str(e)
        try:
            status = child.wait(SCRIPT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return "runs on", ""
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return "ends well" if status == 0 else "fails", lines[-1] if lines else ""


def compare_scripts(c, names):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        pairs = {n: (pool.submit(start, c.ours, n), pool.submit(start, c.theirs, n)) for n in sorted(names)}
        classes = collections.Counter()
        for name, (ours, theirs) in pairs.items():
            (a, said), (b, pip_said) = ours.result(), theirs.result()
            classes[a] += 1
            if a != b:
                c.differ(f"bin/{name}", f"--help {a} ({said}), pip's {b} ({pip_said})")
    print(f"{len(names)} scripts started: " + ", ".join(f"{n} {k}" for k, n in sorted(classes.items())))


def pip_check(c):
    python = str(c.theirs / "bin" / "python")
    done = subprocess.run([python, "-m", "pip", "--disable-pip-version-check", "--python", str(c.ours / "bin" / "python"),
                           "check"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        c.differ("pip check", "\n  " + "\n  ".join(done.stdout.strip().splitlines()))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--lock", required=True)
    p.add_argument("--venv", required=True, type=Path, help="the environment that execute made")
    p.add_argument("--python", required=True, help="the interpreter it was made with")
    p.add_argument("--requirements", required=True, action="append", metavar="FILE", help="what the lock was planned from")
    p.add_argument("--work", type=Path, help="keep pip's environment here, and take it again for the same pins")
    p.add_argument("--scripts", action="store_true", help="start every console script of both")
    o = p.parse_args()
    pins, locked = read_pins(o.lock)
    roots = set().union(*(read_roots(f) for f in o.requirements))
    site_packages(o.venv)  # at once, if it is no venv
    with tempfile.TemporaryDirectory(prefix="envgraph-pip-") as scratch:
        work = Path(o.work or scratch).resolve()
        work.mkdir(parents=True, exist_ok=True)
        theirs = make_pip_venv(work, o.python, pins)
        c = Comparison(o.venv.resolve(), theirs, roots, locked)
        c.run()
        pip_check(c)
        if o.scripts:
            compare_scripts(c, console_scripts(c.ours))
    print(f"{c.compared} files compared, {len(c.differences)} differ")
    return 1 if c.differences else 0


if __name__ == "__main__":
    sys.exit(main())
