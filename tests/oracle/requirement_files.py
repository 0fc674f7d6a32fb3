"""Cases of requirement files with the answers of pip's own reader."""

import contextlib
import io
import itertools
import os
import re
from unittest import mock

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement

from protocol import INVALID, case, damaged

try:
    from pip._internal.exceptions import PipError
    from pip._internal.req import req_file
    from pip._internal.req.constructors import _looks_like_path
    from pip._internal.utils.filetypes import is_archive_file
    from pip._internal.utils.urls import strip_extras
    from pip._internal.vcs import is_url
except ImportError:  # no pip, or one that is built otherwise: no such cases
    req_file = None

PIECES = ["foo==1.0", "foo", "bar>=1,<2", "Foo[x]>=1 ; python_version < '3'", "./local", "./x-1.0.tar.gz[a]", "../d",
          "https://example.org/foo-1.0-py3-none-any.whl", "file:///x/y", "git+https://example.org/r@main#egg=z",
          "foo @ https://example.org/z.zip", "x.whl", "foo@x.zip", "https://example.org/a.zip ; os_name == 'nt'",
          "-e .", "-e git+https://example.org/r#egg=x", "--editable=./y", "-r other.txt", "--requirement other.txt",
          "-c c.txt", "--constraint=c.txt", "-i https://example.org/simple", "-ihttps://example.org/s",
          "--index-url=https://example.org/s", "--index-url https://example.org/s", "--pypi-url https://example.org/",
          "--extra-index-url 'https://example.org/a b'", "--extra-index https://example.org/", "--no-index",
          "-f ./links", "--find-links \"./a b\"", "--no-binary :all:", "--only-binary=foo,bar", "--prefer-binary",
          "--require-hashes", "--pre", "--trusted-host example.org:8080", "--bogus", "-z",
          "--no", "--pre=1", "--hash", "--find-links a\\ b", "--find-links \"a\\ b\\\"c\"", "--find-links 'open",
          "--no-index extra words", "--no-index -- --bogus", "-", "# comment", "  # comment \\", "foo # comment",
          "foo#notcomment", "foo\t# comment", "${VALUE}", "-f ${VALUE}", "-f '${VALUE}'", "${OTHER}", "$VALUE", "${value}",
          "foo==${VALUE", "", "   ", "\\", "foo \\", "foo==\\", "\\\\foo\\\\", "foo --hash=sha256:ab", "--hash sha256:cd",
          " --hash=sha512:ef \\", "--hash=md5:ab", "--hash=sha256", "-C a=b", "--config-settings a=b", "-C nothing",
          "--config-settings=\"x=y z\"", "foo\t--pre", "foo --pre", "foo  --hash=sha384:a", "--only-final x",
          "--all-releases :all:", "--no-require-hashes"]
ENDINGS = ["\n", "\n", "\n", "\n", "\r\n", "\r", "\x0c", "\u2028", "\x85", " \\\n", "\\\n", ""]


def some_file(r):
    text = "".join(r.choice(PIECES) + r.choice(["", "", "", " "]) + r.choice(ENDINGS)
                   for _ in range(r.choice((1, 1, 1, 2, 3))))
    return damaged(r, text) if r.random() < 0.1 else text


def file_lines(text):
    """The file as pip reads it, before it looks at requirements; None if it is not valid."""
    parser = req_file.RequirementsFileParser(None, req_file.get_line_parser(None))
    with mock.patch.dict(os.environ, {"VALUE": "some value"}):
        with mock.patch.object(req_file, "get_file_content", lambda *_a, **_k: ("requirements.txt", text)), contextlib.redirect_stderr(io.StringIO()):
            try:
                return list(parser._parse_file("requirements.txt", False))
            except PipError:
                return None


def file_case(text):
    """Only how lines and options are cut; what a requirement means, requirement_cases compare."""
    lines = file_lines(text)
    if lines is None:
        return case("file", [text], INVALID)
    if len(re.findall("-i|--pypi-url", text)) > 1:
        return None  # pip keeps the last URL only
    kinds = []
    for line in lines:
        kinds += line_kinds(line)
    if None in kinds:
        return None
    return case("file", [text], [str(len(kinds)), *itertools.chain.from_iterable(kinds)])


def line_kinds(line):
    opts = line.opts
    hashes = [f"{kind}:{value}" for kind, values in (opts.hashes or {}).items() for value in values]
    settings = [f"{key}={value}" for key, values in (opts.config_settings or {}).items()
                for value in ([values] if isinstance(values, str) else values)]
    if line.requirement is not None:
        if line.is_editable:
            return [[line.lineno, "editable", "", line.requirement.strip(), "", "", ",".join(settings)]]
        kind, text, marker = requirement_kind(line.args.strip())
        return [kind and [line.lineno, kind, "", text, marker, ",".join(hashes), ",".join(settings)]]
    if opts.requirements:
        return [[line.lineno, "requirements", "", opts.requirements[0], "", "", ""]]
    if opts.constraints:
        return [[line.lineno, "constraints", "", opts.constraints[0], "", "", ""]]
    return option_kinds(line, opts, hashes, settings)


def option_kinds(line, opts, hashes, settings):
    control = opts.format_control
    release = getattr(opts, "release_control", None)
    told = [("--index-url", opts.index_url)] if opts.index_url else []
    told += [("--extra-index-url", value) for value in opts.extra_index_urls]
    told += [("--find-links", value) for value in opts.find_links]
    told += [("--trusted-host", value) for value in opts.trusted_hosts]
    told += [("--use-feature", value) for value in opts.features_enabled]
    told += [("--hash", value) for value in hashes] + [("--config-settings", value) for value in settings]
    told += [(name, "") for name in ("--no-index", "--prefer-binary", "--require-hashes", "--no-require-hashes", "--pre")
             if getattr(opts, name[2:].replace("-", "_"))]
    names = [("--no-binary", control.no_binary), ("--only-binary", control.only_binary)]
    if release:
        names += [("--only-final", release.only_final), ("--all-releases", release.all_releases)]
    told += [(name, ",".join(sorted(values, reverse=True))) for name, values in names if values]
    rewritten = any(not re.fullmatch("[a-z]+|:all:", value) for _, values in names for value in values)
    if len(told) > 1 or rewritten:
        return [None]  # their order is not kept
    return [[line.lineno, "option", name, value, "", "", ""] for name, value in told]


def requirement_kind(text):
    """As pip tells them, if no file of that name is there."""
    url = is_url(text)
    name, _, marker = text.partition("; " if url else ";")
    name, marker = name.strip(), marker.strip()
    bare, _ = (name, None) if url and "#" in name else strip_extras(name)
    if url or (is_archive_file(bare) and ("@" not in name or _looks_like_path(name.split("@")[0]))):
        return "path", bare, marker
    if _looks_like_path(name) and ("@" not in name or _looks_like_path(name.split("@")[0])):
        return "path", bare, marker
    return "requirement", text, ""


def is_answerable(text):
    """pip reads requirements later, and names the reader's own faults by exceptions of many kinds."""
    for line in file_lines(text) or []:
        if line.requirement is None or line.is_editable:
            continue
        kind, what, marker = requirement_kind(line.args.strip())
        try:
            if kind == "requirement":
                Requirement(what)
            elif marker:
                Marker(marker)
        except (InvalidRequirement, InvalidMarker):
            return False
    return True


def file_cases(r, n):
    for _ in range(n if req_file else 0):
        text = some_file(r)
        with contextlib.suppress(InvalidRequirement):
            answer = file_case(text) if is_answerable(text) else case("file", [text], INVALID)
            if answer:
                yield answer
