"""Cases for tests/oracle/driver.c with the answers of the packaging library (and, for requirement files, of pip;
for TOML documents, of Python).

    python tests/oracle/generate.py [--cases N] [--seed N]     prints them: the line for the driver, then "=> answer"

The same seed and number give the same cases. See driver.c for the protocol.
"""

import argparse
import contextlib
import itertools
import random
import re
from unittest import mock

from packaging import _manylinux, _musllinux, tags
from packaging.markers import InvalidMarker, Marker, UndefinedComparison
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

import requirement_files
import toml_documents
from protocol import INVALID, case, damaged

def is_version(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


# Versions


NUMBERS = ["0", "1", "2", "3", "9", "10", "11", "12", "99", "100", "101", "255", "256", "007", "00", "20240131"]
TOO_LONG = re.compile("[1-9][0-9]{200}")  # numbers end at 200 digits
LONG = ["1" + "0" * 17, "9" * 20, "18446744073709551616", "7" * 61, "1" * 200, "0" * 210 + "3"]


def some_number(r):
    if r.random() < 0.02:
        return r.choice(LONG)
    return r.choice(NUMBERS[:6]) if r.random() < 0.7 else r.choice(NUMBERS)


def some_case(r, text):
    return "".join(r.choice((c, c.upper())) for c in text) if r.random() < 0.15 else text


def some_phase(r, words):
    separators = ["", "", "", ".", "-", "_"]
    text = r.choice(separators) + some_case(r, r.choice(words)) + r.choice(separators)
    return text + (some_number(r) if r.random() < 0.8 else "")


def some_local(r):
    segments = [r.choice(["a", "ab", "abc", "1", "2", "10", "01", "a1", "1a", "ubuntu", "CU118", "0"])
                for _ in range(r.choice((1, 1, 2, 3)))]
    return "+" + r.choice(".-_").join(segments)


def some_version(r, local=True):
    """A version in one of its many spellings."""
    text = r.choice(["", "", "", "", "", "", "", "v", "V"])
    text += r.choice(["", "", "", "", "", "", "0!", "1!", "2!", "01!"])
    text += ".".join(some_number(r) for _ in range(r.choice((1, 2, 2, 3, 3, 3, 4, 6))))
    if r.random() < 0.35:
        text += some_phase(r, ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview"])
    if r.random() < 0.2:
        text += some_phase(r, ["post", "rev", "r"]) if r.random() < 0.8 else "-" + some_number(r)
    if r.random() < 0.2:
        text += some_phase(r, ["dev"])
    if local and r.random() < 0.15:
        text += some_local(r)
    return text


def version_answer(text):
    version = is_version(text)
    if not version:
        return INVALID
    return [version, int(version.is_prerelease), int(version.is_postrelease), int(version.local is not None),
            len(version.release)]


def version_cases(r, n):
    for _ in range(n):
        text = some_version(r)
        if r.random() < 0.3:
            text = damaged(r, text)
        if r.random() < 0.05:
            text = r.choice([" ", "\t", "\n", "  "]) + text + r.choice(["", " ", "\n"])
        yield case("version", [text], version_answer(text))


def neighbour(r, text):
    """Something near it in the order."""
    version = is_version(text)
    parts = [str(number) for number in version.release]
    what = r.randrange(6)
    if what == 0:
        parts.append("0")
    elif what == 1:
        parts[-1] = str(int(parts[-1]) + 1)
    elif what == 2 and int(parts[-1]) > 0:
        parts[-1] = str(int(parts[-1]) - 1)
    elif what == 3 and len(parts) > 1:
        parts.pop()
    elif what == 4:
        parts.append(r.choice("0123"))
    tail = r.choice(["", "", "a0", "a1", "b2", "rc1", ".post0", ".post1", ".dev0", ".dev1", "a1.dev2", "a1.post1",
                     ".post1.dev3", "a1.post1.dev1", "+a", "+1", "+ab.1", "a1+x", ".post1+x", ".dev1+x"])
    epoch = f"{version.epoch}!" if version.epoch else ""
    return epoch + ".".join(parts) + tail


def compare_cases(r, n):
    for _ in range(n):
        a = some_version(r)
        b = neighbour(r, a) if r.random() < 0.7 else some_version(r)
        x, y = Version(a), Version(b)
        yield case("compare", [a, b], "<" if x < y else ">" if x > y else "=")


# Specifiers


OPERATORS = ["==", "!=", "<=", ">=", "<", ">", "~=", "==="]


def some_specifier(r, version=None):
    version = version or some_version(r)
    op = r.choice(OPERATORS)
    if op in ("==", "!=") and r.random() < 0.4:
        parsed = is_version(version)
        epoch = f"{parsed.epoch}!" if parsed.epoch else ""
        version = epoch + ".".join(map(str, parsed.release[: r.choice((1, 2, 3))])) + ".*"
    elif op not in ("==", "!=", "===") and r.random() < 0.9:
        version = version.split("+")[0]
    return op + r.choice(["", "", "", " ", "  "]) + version


def specifiers_answer(text):
    try:
        specifiers = SpecifierSet(text)
    except InvalidSpecifier:
        return INVALID
    return [str(specifiers), int(bool(specifiers.prereleases))]


def some_set(r):
    parts = [some_specifier(r) for _ in range(r.choice((0, 1, 1, 2, 2, 3, 4)))]
    if parts and r.random() < 0.2:
        parts.append(r.choice(parts))
    if parts and r.random() < 0.2:
        parts.append(parts[0].replace(".0", "") if r.random() < 0.5 else parts[0] + ".0")
    return r.choice([",", ",", ", ", " , ", ",,"]).join(parts)


def specifier_cases(r, n):
    for _ in range(n):
        text = some_set(r)
        if r.random() < 0.25:
            text = damaged(r, text)
        yield case("specifiers", [text], specifiers_answer(text))


def contains_case(r):
    base = some_version(r)
    while True:
        near = [neighbour(r, base) for _ in range(3)]
        text = ",".join(some_specifier(r, r.choice([base, *near])) for _ in range(r.choice((1, 1, 1, 2, 3))))
        with contextlib.suppress(InvalidSpecifier):
            specifiers = SpecifierSet(text)
            break
    versions = [base, *near] + [neighbour(r, r.choice([base, *near])) for _ in range(12)]
    versions += [some_version(r) for _ in range(4)]
    answer = "".join(str(int(specifiers.contains(Version(v), prereleases=True))) for v in versions)
    return case("contains", [text, *versions], answer)


def contains_cases(r, n):
    for _ in range(n):
        yield contains_case(r)
    grid = [release + tail for release in ("0", "1", "1.0", "1.1", "1.0.1", "1!0", "2") for tail in
            ("", "a1", "a1.dev2", "a1.post2", "b1", "rc1", ".post0", ".post1", ".post1.dev1", ".dev0", ".dev1")]
    locals_ = [v + tail for v in grid[11:22] for tail in ("+a", "+1")]
    versions = [Version(v) for v in grid + locals_]
    for op, version in itertools.product(OPERATORS, grid + locals_):
        for spec in (op + version, op + version + ".*"):
            try:
                specifiers = SpecifierSet(spec)
                answer = "".join(str(int(specifiers.contains(v, prereleases=True))) for v in versions)
            except InvalidSpecifier:
                answer = INVALID
            yield case("contains", [spec, *map(str, versions)], answer)


# Markers


VARIABLES = ["os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_release",
             "platform_system", "platform_version", "python_version", "python_full_version", "implementation_name",
             "implementation_version"]
ENVIRONMENTS = [
    ["posix", "linux", "x86_64", "CPython", "6.1.0-18-amd64", "Linux", "#1 SMP Debian", "3.11", "3.11.4", "cpython",
     "3.11.4"],
    ["nt", "win32", "AMD64", "CPython", "10", "Windows", "10.0.19041", "3.8", "3.8.10", "cpython", "3.8.10"],
    ["posix", "darwin", "arm64", "CPython", "23.1.0", "Darwin", "Darwin Kernel Version", "3.13", "3.13.0rc1",
     "cpython", "3.13.0rc1"],
    ["posix", "linux", "aarch64", "PyPy", "5.10.0", "Linux", "", "2.7", "2.7.18", "pypy", "7.3.12"],
    ["java", "java17", "", "Jython", "", "Java", "1.0", "3.9", "3.9.0+local", "jython", "not a version"],
]
VALUES = ["posix", "nt", "linux", "linux2", "win32", "darwin", "x86_64", "AMD64 arm64", "CPython", "PyPy", "cpython",
          "Linux", "Windows", "2.7", "3", "3.8", "3.8.*", "3.*", "3.9", "3.10", "3.11", "3.11.4", "3.13.0rc1", "3.13",
          "2.7, 3.8", "3.8.10", "7.3.12", "6", "6.1.0-18-amd64", "10", "", "x", "3.8 ", " 3.8", "3.9.0+local", "v3.8",
          "=3.8", "it's", "é"]
LEGACY = {"os_name": "os.name", "sys_platform": "sys.platform", "platform_version": "platform.version",
          "platform_machine": "platform.machine",
          "platform_python_implementation": "platform.python_implementation"}
MARKER_OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in", "not  in"]


def blanks(r, least=0):
    return " " * least + r.choice(["", "", " ", "\t"])


def some_comparison(r):
    variable = r.choice(VARIABLES)
    value = r.choice(VALUES)
    if r.random() < 0.15:
        variable, value = "extra", r.choice(["x", "Foo_Bar", "foo.bar", "test", "", "a--b"])
    elif variable.endswith("version") and r.random() < 0.6:
        value = r.choice(["2.7", "3.8", "3.8.10", "3.9", "3.10", "3.11", "3.12", "3.8.*", "3.11.4", "4"])
    elif r.random() < 0.05:
        variable = "python_implementation"
    elif r.random() < 0.1:
        variable = LEGACY.get(variable, variable)
    quote = '"' if "'" in value else r.choice("'\"")
    op = r.choice(MARKER_OPERATORS)
    space = 1 if op[-1] == "n" or op[0] in "in" else 0
    left, right = variable, quote + value + quote
    if r.random() < 0.25:
        left, right = right, left
    return left + blanks(r, space) + op + blanks(r, space) + right


def some_marker(r, depth=0):
    text = some_comparison(r)
    if depth < 4 and r.random() < 0.35:
        text = "(" + blanks(r) + some_marker(r, depth + 1) + blanks(r) + ")"
    while r.random() < 0.35:
        right = some_comparison(r) if r.random() < 0.7 or depth > 3 else "(" + some_marker(r, depth + 1) + ")"
        text += " " + r.choice(["and", "or"]) + " " + blanks(r) + right
    return text


def has_one_variable(markers):
    """Each comparison has a variable and a string: the others mean nothing, and are refused."""
    for item in markers:
        if isinstance(item, list) and not has_one_variable(item):
            return False
        if isinstance(item, tuple) and (type(item[0]) is type(item[2])):
            return False
    return True


def is_plain(text):
    return "\\" not in text


def evaluate(markers, environment):
    """Marker.evaluate, but a comparison that is undefined is false, without ending the evaluation."""
    groups = [[]]
    for item in markers:
        if item == "or":
            groups.append([])
        elif isinstance(item, list):
            groups[-1].append(evaluate(item, environment))
        elif isinstance(item, tuple):
            marker = Marker._from_markers([item])
            try:
                groups[-1].append(marker.evaluate(environment))
            except UndefinedComparison:
                groups[-1].append(False)
    return any(all(group) for group in groups)


def marker_answer(text, extra):
    try:
        marker = Marker(text)
    except InvalidMarker:
        return INVALID
    if not has_one_variable(marker._markers) or not is_plain(text):
        return INVALID
    bits = [evaluate(marker._markers, {**dict(zip(VARIABLES, values)), "extra": extra}) for values in ENVIRONMENTS]
    return [str(marker), "".join(str(int(bit)) for bit in bits)]


def knows_only_env(text):
    return "extras" not in text and "dependency_groups" not in text


def marker_cases(r, n):
    for i, values in enumerate(ENVIRONMENTS):
        yield case("env", values, str(i + 1))
    for _ in range(n):
        text = blanks(r) + some_marker(r) + blanks(r)
        if r.random() < 0.15:
            text = damaged(r, text)
        extra = r.choice(["", "x", "foo-bar", "test", "other"])
        if knows_only_env(text):
            yield case("marker", [text, extra], marker_answer(text, extra))
    for op, value, variable, swapped in itertools.product(MARKER_OPERATORS[:10], VALUES, VARIABLES, (0, 1)):
        sides = [variable, '"' + value + '"']
        text = f"{sides[swapped]} {op} {sides[1 - swapped]}"
        if r.random() < n / 20000:
            yield case("marker", [text, ""], marker_answer(text, ""))


# Requirements and names


NAMES = ["foo", "Foo", "foo-bar", "Foo_Bar", "foo.bar", "a", "A1", "0x", "zope.interface", "foo--bar", "x_-.y"]


def some_extras(r):
    if r.random() < 0.6:
        return ""
    names = [r.choice(["a", "b", "Test", "foo_bar", "all.x", "b"]) for _ in range(r.choice((0, 1, 1, 2, 3)))]
    return blanks(r) + "[" + blanks(r) + r.choice([",", ", ", " , "]).join(names) + blanks(r) + "]"


def some_requirement(r):
    text = blanks(r) + r.choice(NAMES) + some_extras(r) + blanks(r)
    what = r.random()
    if what < 0.2:
        url = r.choice(["https://example.org/a-1.0.zip", "file:///x/y", "git+ssh://git@example.org/r@main#egg=x",
                        "./local", "https://example.org/a;b", "http://127.0.0.1:8/%20x?y=[z]"])
        text += "@" + blanks(r) + url + r.choice(["", " ", "  "])
    elif what < 0.75:
        specifiers = some_set(r).replace(",,", ",") + r.choice(["", "", "", ",", " , "])
        if r.random() < 0.2:
            specifiers = "(" + blanks(r) + specifiers + blanks(r) + ")"
        text += specifiers + blanks(r)
    if r.random() < 0.3:
        text += r.choice([";", " ;", " ; "]) + some_marker(r, 2)
    return text


def requirement_answer(text):
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return INVALID
    marker = requirement.marker
    if marker and not (has_one_variable(marker._markers) and is_plain(text)):
        return INVALID
    extras = ",".join(sorted({canonicalize_name(extra) for extra in requirement.extras}))
    return [canonicalize_name(requirement.name), requirement.name, extras, requirement.specifier,
            requirement.url or "", marker or ""]


def requirement_cases(r, n):
    for _ in range(n):
        text = some_requirement(r)
        if r.random() < 0.3:
            text = damaged(r, text)
        if knows_only_env(text):
            yield case("requirement", [text], requirement_answer(text))


def name_cases(r, n):
    for _ in range(n):
        text = "".join(r.choice("abzAZ019-_.") for _ in range(r.choice((1, 2, 3, 5, 9))))
        if r.random() < 0.2:
            text = damaged(r, text)
        try:
            canonicalize_name(text, validate=True)
            valid = 1
        except ValueError:
            valid = 0
        yield case("name", [text], [valid, canonicalize_name(text)])


# File names


def wheel_answer(text):
    try:
        name, version, build, _ = parse_wheel_filename(text)
    except InvalidWheelFilename:
        return INVALID
    parts = text[:-4].split("-")
    tag = f"{build[0]}{build[1]}" if build else ""
    number = build[0] if build else 0
    return ["wheel", name, version, parts[2] if build else tag, min(number, 2**32 - 1), "-".join(parts[-3:])]


def sdist_answer(text):
    try:
        name, version = parse_sdist_filename(text)
    except InvalidSdistFilename:
        return INVALID
    return ["sdist", name, version, "", 0, ""]


def some_wheel(r):
    name = r.choice(["foo", "Foo_Bar", "foo.bar", "a__b", "foo_", "_x", "9"])
    version = some_version(r).replace("-", r.choice("_-"))
    build = r.choice(["", "", "", "", "-1", "-01abc", "-x1", "-99999999999", "-3_4"])
    tag = "-".join((r.choice(["py3", "py2.py3", "cp311", "CP311", "3py", "pp39"]),
                    r.choice(["none", "abi3", "cp311", "cp36m.abi3", "none."]),
                    r.choice(["any", "manylinux1_x86_64.manylinux_2_5_x86_64", "win_amd64", ""])))
    return f"{name}-{version}{build}-{tag}" + r.choice([".whl", ".whl", ".whl", ".whl", ".WHL", ".whl.zip"])


def some_sdist(r):
    name = r.choice(NAMES + ["foo-bar-baz", ""])
    return name + r.choice(["-", "-", "-", "-", "_", ""]) + some_version(r) + r.choice([".tar.gz", ".zip"])


def filename_cases(r, n):
    for _ in range(n):
        wheel = r.random() < 0.6
        text = some_wheel(r) if wheel else some_sdist(r)
        if r.random() < 0.2:
            text = damaged(r, text)
        if " " in text or not text.endswith((".whl", ".tar.gz", ".zip")):
            continue
        yield case("filename", [text], wheel_answer(text) if text.endswith(".whl") else sdist_answer(text))


# Tags


def targets():
    linux = [("linux-x86_64", 64), ("linux-aarch64", 64), ("linux-x86_64", 32), ("linux-aarch64", 32),
             ("linux-armv7l", 32), ("linux-i686", 32), ("linux-ppc64le", 64), ("linux-s390x", 64),
             ("linux-riscv64", 64), ("linux-mips64", 64)]
    libcs = [(2, 36, 0, 0), (2, 17, 0, 0), (2, 4, 0, 0), (3, 1, 0, 0), (0, 0, 1, 2), (0, 0, 0, 0)]
    macs = ["macosx-11.0-arm64", "macosx-14.2-arm64", "macosx-26.0-arm64", "macosx-13.0-x86_64", "macosx-10.9-x86_64",
            "macosx-10.15-x86_64", "macosx-10.6-i386", "macosx-10.5-ppc64", "macosx-10.4-ppc", "macosx-10.3-x86_64",
            "macosx-10.9-intel", "macosx-11.0-universal2"]
    platforms = [(p, bits, libc) for p, bits in linux for libc in libcs]
    platforms += [(p, 64, (0, 0, 0, 0)) for p in macs]
    platforms += [(p, 32, (0, 0, 0, 0)) for p in ("macosx-10.6-i386", "macosx-10.4-ppc64")]
    platforms += [(p, 64, (0, 0, 0, 0)) for p in ("win-amd64", "win-arm64", "win32", "freebsd-14.0-RELEASE-amd64")]
    cpythons = [(2, 7, "mu"), (2, 7, "m"), (3, 2, "m"), (3, 6, "m"), (3, 7, "m"), (3, 7, "")]
    cpythons += [(3, minor, "") for minor in range(8, 16)]
    for (platform, bits, libc), (major, minor, flags) in itertools.product(platforms, cpythons):
        for no_gil, debug in ((0, 0), (1, 0), (0, 1), (1, 1)):
            if (not no_gil or minor >= 13) and (not debug or platform == "linux-x86_64"):
                yield "cpython", major, minor, "", flags, no_gil, debug, platform, *libc, bits
    others = [("pypy", 2, 7, "pypy-41"), ("pypy", 3, 9, "pypy39-pp73-x86_64-linux-gnu"), ("pypy", 3, 10, "pypy310-pp73-win_amd64"),
              ("graalpy", 3, 11, "graalpy-38-native-x86_64-darwin"), ("ironpython", 3, 4, ""), ("jython", 2, 7, "x-y z"),
              ("pyston", 3, 8, "cpython-38-x86_64-pyston-2.3-x86_64-linux-gnu"), ("odd", 3, 9, "cp39-win_amd64")]
    for (name, major, minor, soabi), (platform, bits, libc) in itertools.product(others, platforms):
        yield name, major, minor, soabi, "", 0, 0, platform, *libc, bits


class Implementation:
    def __init__(self, name):
        self.name = name


def target_tags(target):
    """What sys_tags() says on such a machine."""
    name, major, minor, soabi, flags, no_gil, debug, platform, glibc, glibc_minor, musl, musl_minor, bits = target
    config = {"Py_DEBUG": debug, "Py_GIL_DISABLED": no_gil, "WITH_PYMALLOC": int("m" in flags),
              "Py_UNICODE_SIZE": 4 if "u" in flags else 2, "EXT_SUFFIX": f".{soabi}.so",
              "py_version_nodot": f"{major}{minor}"}
    system = {"linux": "Linux", "macos": "Darwin"}.get(platform[:5], "Other")
    patches = [
        mock.patch.object(tags.sysconfig, "get_config_var", config.get),
        mock.patch.object(tags.sysconfig, "get_platform", lambda: platform),
        mock.patch.object(tags.platform, "system", lambda: system),
        mock.patch.object(tags.sys, "version_info", (major, minor, 0, "final", 0)),
        mock.patch.object(tags.sys, "implementation", Implementation(name)),
        mock.patch.object(_manylinux, "_get_glibc_version", lambda: _manylinux._GLibCVersion(*((glibc, glibc_minor) if glibc else (-1, -1)))),
        mock.patch.object(_manylinux, "_is_linux_armhf", lambda _: True),
        mock.patch.object(_manylinux, "_is_linux_i686", lambda _: True),
        mock.patch.object(_musllinux, "_get_musl_version",
                          lambda _: _musllinux._MuslVersion(musl, musl_minor) if musl else None),
    ]
    if system == "Darwin":
        _, version, arch = platform.split("-")
        pair = tuple(int(part) for part in version.split("."))
        machine = tags._mac_arch(arch, is_32bit=bits == 32)
        patches.append(mock.patch.object(tags, "mac_platforms", lambda real=tags.mac_platforms: real(pair, machine)))
    if system == "Linux":
        patches.append(mock.patch.object(tags, "_linux_platforms",
                                         lambda real=tags._linux_platforms: real(is_32bit=bits == 32)))
    with contextlib.ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch)
        return list(dict.fromkeys(map(str, tags.sys_tags())))


def tag_cases(r, n):
    everything = list(targets())
    for target in r.sample(everything, min(n, len(everything))):
        yield case("tags", map(str, target), ",".join(target_tags(target)))


def cases(total, seed):
    shares = [(version_cases, 0.22), (compare_cases, 0.22), (specifier_cases, 0.1), (contains_cases, 0.2),
              (marker_cases, 0.08), (requirement_cases, 0.08), (name_cases, 0.03), (filename_cases, 0.05),
              (tag_cases, 0.005), (requirement_files.file_cases, 0.03),
              (toml_documents.document_cases, 0.1)]
    for make, share in shares:
        for line, answer in make(random.Random(f"{seed} {make.__name__}"), int(total * share)):
            if not TOO_LONG.search(line):
                yield line, answer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=30000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for line, answer in cases(options.cases, options.seed):
        print(line)
        print("=>", answer)


if __name__ == "__main__":
    main()
