#!/usr/bin/env python3
"""Times plan and execute beside uv and pip, on this machine, in one run, and prints a table.

    bench/bench.py [--set web,science] [--runs N] [--tools envgraph,uv,pip] [--python PY] [--uv PATH] [--pip PATH]

Cases: cold and warm plan; execute with a cold cache, with a warm cache into a new environment, and again
where nothing is to be done. All tools install the pins that envgraph planned. Each has caches of its own, in
folders never used before; every run gets new environments; nothing is deleted before the last run is over
(deleting makes later creations slow on some file systems); the order of the tools changes from run to run.
"""
import argparse
import collections
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
sys.dont_write_bytecode = True
import lockfile  # noqa: E402

CASES = ["cold plan", "warm plan", "cold execute", "warm execute", "no-op execute"]


class Failed(Exception):
    pass


class Clock:
    """Runs commands; seconds counts wall time and CPU time of them and their children."""

    def __init__(self, env, log):
        self.env, self.log = env, log
        self.wall = self.cpu = 0.0

    def run(self, *command, out=None, **env):
        with open(out or os.devnull, "wb") as stdout, open(self.log, "wb") as stderr:
            before = os.times()
            begin = time.perf_counter()
            status = subprocess.call(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                                     env=dict(self.env, **env))
            self.wall += time.perf_counter() - begin
            after = os.times()
            self.cpu += sum(after[2:4]) - sum(before[2:4])
        if status:
            with open(self.log, "rb") as stderr:
                told = stderr.read().decode("utf-8", "replace")[-1500:]
            raise Failed("%s: exit status %d\n%s" % (" ".join(command), status, told))


class Tool:
    """A run of one tool is one object: its folders are its own and new."""

    def __init__(self, options, folder, requirements, pins):
        self.options, self.folder, self.requirements, self.pins = options, folder, requirements, pins
        os.makedirs(folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def case(self, name, clock):
        getattr(self, name.replace(" ", "_").replace("-", ""))(clock)

    def cold_execute(self, clock):
        self.install(clock, "first")

    def warm_execute(self, clock):
        self.install(clock, "second")

    def noop_execute(self, clock):
        self.install(clock, "second")


class Envgraph(Tool):
    def plan(self, clock, *more):
        clock.run(os.path.join(self.options.bin, "plan"), "--python", self.options.python, *more, self.requirements,
                  out=self.path("env.lock"), ENVGRAPH_CACHE=self.path("plan-cache"))

    def cold_plan(self, clock):
        self.plan(clock)

    def warm_plan(self, clock):
        self.plan(clock, "--offline")

    def install(self, clock, venv):
        clock.run(os.path.join(self.options.bin, "execute"), "--python", self.options.python, "--link-mode", "hardlink",
                  "--venv", self.path(venv), self.pins["lock"], ENVGRAPH_CACHE=self.path("cache"))


class Uv(Tool):
    def uv(self, clock, cache, *arguments):
        clock.run(self.options.uv, "--cache-dir", self.path(cache), *arguments)

    def plan(self, clock, *more):
        self.uv(clock, "plan-cache", "pip", "compile", "--python", self.options.python, "-o",
                self.path("lock-%d.txt" % len(more)), *more, self.requirements)

    def cold_plan(self, clock):
        self.plan(clock)

    def warm_plan(self, clock):
        self.plan(clock, "--offline")

    def install(self, clock, venv):
        if not os.path.exists(self.path(venv)):
            self.uv(clock, "cache", "venv", "--python", self.options.python, self.path(venv))
        offline = ["--offline"] if venv == "second" else []
        self.uv(clock, "cache", "pip", "sync", "--python", self.path(venv + "/bin/python"), "--link-mode=hardlink",
                *offline, self.pins["requirements"])


class Pip(Tool):
    def pip(self, clock, cache, *arguments):
        clock.run(*self.options.pip, "--disable-pip-version-check", "--cache-dir", self.path(cache), *arguments)

    def cold_plan(self, clock):
        self.pip(clock, "plan-cache", "install", "-q", "--dry-run", "--ignore-installed", "--report",
                 self.path("report.json"), "-r", self.requirements)

    warm_plan = cold_plan

    def install(self, clock, venv):
        if not os.path.exists(self.path(venv)):
            clock.run(self.options.python, "-m", "venv", "--without-pip", self.path(venv))
        self.pip(clock, "cache", "--python", self.path(venv + "/bin/python"), "install", "-q", "--no-deps",
                 "--no-compile", "-r", self.pins["requirements"])


TOOLS = {"envgraph": Envgraph, "uv": Uv, "pip": Pip}


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", default="web", help="of examples/, or paths of requirement files; with commas")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tools", default="envgraph,uv,pip")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--python", default="python3", help="what the environments are for")
    parser.add_argument("--uv", default=shutil.which("uv"))
    parser.add_argument("--pip", help="a pip program; default: the Python's own")
    parser.add_argument("--bin", default=ROOT, help="the folder of plan and execute")
    parser.add_argument("--work", help="where to work; must not exist; default: a temporary folder")
    parser.add_argument("--cpu", action="store_true", help="CPU seconds instead of wall seconds")
    options = parser.parse_args()
    # The interpreter itself, never a shim that looks for one each time.
    ask = [options.python, "-c", "import sys; print(sys.executable)"]
    options.python = subprocess.check_output(ask).decode().strip()
    options.pip = [options.pip] if options.pip else [options.python, "-m", "pip"]
    options.cases = [c for c in CASES if c in options.cases.split(",")]
    options.tools = [t for t in TOOLS if t in options.tools.split(",") and (t != "uv" or options.uv)]
    return options


def environment():
    """What the tools see, and what was changed for them."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("UV_", "VIRTUAL_ENV", "ENVGRAPH_"))}
    notes = []
    if env.get("SSL_CERT_FILE") and env.pop("SSL_CERT_DIR", None):
        notes.append("SSL_CERT_DIR is unset for all tools, SSL_CERT_FILE stays: uv reads every file of it at each start")
    if env.get("PIP_FIND_LINKS") and not os.path.exists(env["PIP_FIND_LINKS"]):
        del env["PIP_FIND_LINKS"]
    return env, notes


def requirements_of(name):
    known = os.path.join(ROOT, "examples", name, "requirements.in")
    return known if os.path.exists(known) else os.path.abspath(name)


def make_pins(options, env, folder, requirements):
    """Plans once, untimed, for what every tool installs."""
    os.makedirs(folder)
    pins = {"lock": os.path.join(folder, "env.lock"), "requirements": os.path.join(folder, "pins.txt")}
    Clock(env, os.path.join(folder, "log")).run(
        os.path.join(options.bin, "plan"), "--python", options.python, requirements, out=pins["lock"],
        ENVGRAPH_CACHE=os.path.join(folder, "cache"))
    with open(pins["lock"], encoding="utf-8") as lock, open(pins["requirements"], "w", encoding="utf-8") as out:
        packages = lockfile.load(lock.read())["packages"]
        out.writelines("%s==%s\n" % (p["name"], p["version"]) for p in packages)
    pins["count"] = len(packages)
    return pins


def measure(options, env, work, name):
    """{(tool, case): [seconds, ...]} and the pins; a tool that fails in a case is out of what follows."""
    requirements = requirements_of(name)
    pins = make_pins(options, env, os.path.join(work, "pins"), requirements)
    times = collections.defaultdict(list)
    for run in range(options.runs):
        order = options.tools[run % len(options.tools):] + options.tools[:run % len(options.tools)]
        tools = {t: TOOLS[t](options, os.path.join(work, "%s-%d" % (t, run)), requirements, pins) for t in order}
        for case in options.cases:
            for tool in order:
                clock = Clock(env, os.path.join(work, "log"))
                try:
                    tools[tool].case(case, clock)
                    times[tool, case].append(clock.cpu if options.cpu else clock.wall)
                except Failed as error:
                    print("%s, %s, %s: %s" % (name, case, tool, error), file=sys.stderr)
    return times, pins


def seconds(values):
    if not values:
        return "failed"
    text = "%.3f (%.3f)" if min(values) < 1 else "%.2f (%.2f)"
    return text % (statistics.median(values), min(values))


def ratio(ours, theirs):
    """How many times longer: of the medians."""
    return "%.1f" % (statistics.median(theirs) / statistics.median(ours)) if ours and theirs else "-"


def table(options, name, times, pins):
    others = [t for t in options.tools if t != "envgraph"]
    heads = ["case"] + options.tools + ["%s / envgraph" % t for t in others if "envgraph" in options.tools]
    lines = ["", "### %s: %d packages" % (name, pins["count"]), "", "| " + " | ".join(heads) + " |",
             "|" + "---|" * len(heads)]
    for case in options.cases:
        row = [case] + [seconds(times[t, case]) for t in options.tools]
        if "envgraph" in options.tools:
            row += [ratio(times["envgraph", case], times[t, case]) for t in others]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def main():
    options = read_options()
    env, notes = environment()
    work = options.work or tempfile.mkdtemp(prefix="envgraph-bench-")
    print("%s seconds: median (minimum) of %d runs; %d CPUs, load %.1f" % (
        "CPU" if options.cpu else "Wall", options.runs, os.cpu_count() or 1, os.getloadavg()[0]))
    notes.append("envgraph and uv plan warm with --offline (uv syncs so, too), as not every index sends cache headers; "
                 "pip has no such mode")
    notes.append("uv and pip: the environment's creation is counted, as execute makes its own")
    for note in notes:
        print("- " + note)
    try:
        for name in options.set.split(","):
            folder = os.path.join(work, os.path.basename(os.path.dirname(requirements_of(name))) or "set")
            times, pins = measure(options, env, folder, name)
            print(table(options, name, times, pins), flush=True)
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
