"""Cases of TOML documents with the answers of Python's own reader."""

import itertools
import re

from protocol import INVALID, case, damaged

try:
    import tomllib
except ImportError:  # before Python 3.11: no such cases
    tomllib = None

BLANKS = ["", "", "", " ", "\t", "  "]
PARTS = ["a", "b", "c", "a", "b", "c", "d-1", "2", "_", '"a"', "'b'", '"a.b"', "''", '"\\u0061"', '"\u00e4"']
TEXTS = ['""', "''", '"x"', "'x'", '"\\t\\n\\"\\\\"', "'\\n'", '"\\u00e9\\U0001F600"', '"\\ud800"', '"\\U00110000"',
         '"\\e"', '"\\x41"', '"#"', '"\u00e9\u20ac\U0001F600"', '"\t"', '"\x01"', "'\x7f'", "'a\"b'", '"a\'b"', '"\\u12"', '"',
         "'", '"""x"""', "'''x'''", '""""""', "''''''", '"""\nx\n"""', "'''\nx\ny'''", '"""a\\\n   b"""', '"""a\\  \n\n\t b"""',
         '"""a\\ b"""', '"""""x"""""', "'''''x'''''", '"""x""""""', "'''x''''''", '"""\r\nx\r\n"""', '"""\rx"""', '"""x""',
         "'''a\\\nb'''", '"""\\\r\n  x"""', '"a\nb"', "'a\nb'", '"""\\"""', '"""\\""""']
NUMBERS = ["0", "1", "-1", "+1", "-0", "+0", "00", "01", "-01", "1_000", "1__0", "_1", "1_", "0x1F", "0xdead_beef", "0x", "0x_1",
           "0o17", "0o8", "0b101", "0b2", "-0x1", "+0b1", "0X1", "9223372036854775807", "9223372036854775808",
           "-9223372036854775808", "-9223372036854775809", "0x7fffffffffffffff", "0x8000000000000000", "1.0", "1.", ".1", "-.1",
           "1.5e3", "1e06", "1e+6", "1E-6", "1.e3", "1e", "1e1.5", "1_0.0_1", "1._0", "1_.0", "1e1_0", "0.0", "-0.0", "00.1", "0e0",
           "inf", "-inf", "+inf", "nan", "-nan", "Inf", "infinity", "1e400", "1e-400", "3.14159265358979323846", "0.1", "1.7976931348623157e308",
           "0x1.8p1", "1 2", "1,2", "--1", "+-1", "1-", "1e5e", "0_1", "0_0"]
DATES = ["1979-05-27", "1979-05-27T07:32:00Z", "1979-05-27t07:32:00z", "1979-05-27 07:32:00", "1979-05-27  07:32:00",
         "1979-05-27T07:32:00.5-07:00", "1979-05-27T07:32:00.123456789+23:59", "1979-05-27T07:32", "07:32:00", "07:32:00.999", "07:32",
         "24:00:00", "07:60:00", "07:32:61", "07:32:00.", "07:32:00Z", "2000-02-29", "1900-02-29", "2024-02-30", "2023-02-29",
         "2023-04-31", "2023-13-01", "2023-00-01", "2023-01-00", "2023-1-1", "79-05-27", "1979-05-27T", "1979-05-27 ", "1979-05-27 # c",
         "1979-05-27T07:32:00+24:00", "1979-05-27T07:32:00+01:60", "1979-05-27T07:32:00 Z", "1979-05-27T07:32:00+0100", "1979-05-27 7:32:00"]
WORDS = ["true", "false", "True", "TRUE", "tru", "truee", "null", "yes", "", "x", "#", "=", "[", "]", "{", "}", "@"]
ENDINGS = ["\n", "\n", "\n", "\n", "\n", "\r\n", " # comment\n", "#\n", "\t\n\n", "", "\r", " # \x01\n", "#\u00e4\n", "; \n"]


def spaced(r, text):
    return r.choice(BLANKS) + text + r.choice(BLANKS)


def some_key(r):
    parts = [r.choice(PARTS[:6]) if r.random() < 0.8 else r.choice(PARTS) for _ in range(r.choice((1, 1, 1, 2, 2, 3)))]
    if r.random() < 0.01:
        parts.append("")
    return ".".join(spaced(r, part) if r.random() < 0.1 else part for part in parts)


def some_scalar(r):
    """Mostly good ones: one bad one spoils the document."""
    if r.random() < 0.6:
        return r.choice(["1", '"x"', "true", "1.5", "1979-05-27", "'y'"])
    return r.choice(r.choice((TEXTS, TEXTS, NUMBERS, NUMBERS, DATES, WORDS)))


def some_gap(r):
    return r.choice(["", "", "", " ", "\n", " # c\n", "\r\n", "\n\n\t"])


def some_array(r, depth):
    items = [some_gap(r) + some_value(r, depth + 1) + some_gap(r) for _ in range(r.choice((0, 1, 2, 2)))]
    end = r.choice(["", "", "", "," + some_gap(r), ",,"]) if r.random() < 0.5 else ""
    return "[" + ",".join(items) + end + some_gap(r) + "]"


def some_inline_table(r, depth):
    pairs = [spaced(r, some_key(r)) + "=" + spaced(r, some_value(r, depth + 1)) for _ in range(r.choice((0, 1, 1, 2, 3)))]
    end = r.choice(["", "", "", "", "", "", ",", "\n"])
    return "{" + r.choice(BLANKS) + ",".join(pairs) + end + "}"


def some_value(r, depth=0):
    what = r.random()
    if what < 0.12 and depth < 5:
        return some_array(r, depth)
    if what < 0.3 and depth < 5:
        return some_inline_table(r, depth)
    return some_scalar(r)


def some_statement(r):
    what = r.random()
    if what < 0.25:
        return r.choice(("[%s]", "[%s]", "[%s]", "[ %s ]", "[%s", "%s]") if r.random() < 0.1 else ("[%s]",)) % some_key(r)
    if what < 0.4:
        return r.choice(("[[%s]]", "[[ %s ]]", "[ [%s]]", "[[%s]", "[[%s] ]") if r.random() < 0.1 else ("[[%s]]",)) % some_key(r)
    return spaced(r, some_key(r)) + "=" + spaced(r, some_value(r))


def some_document(r):
    count = r.choice((1, 1, 2, 3, 3, 4, 5, 6, 8))
    ending = (lambda: "\n") if r.random() < 0.7 else (lambda: r.choice(ENDINGS))
    text = "".join(some_statement(r) + ending() for _ in range(count))
    return damaged(r, text) if r.random() < 0.15 else text


def told(value):
    """As the driver tells a value: dates by their type alone."""
    if isinstance(value, dict):
        return "{%s}" % "".join(told(k) + told(v) for k, v in value.items())
    if isinstance(value, list):
        return "[%s]" % "".join(map(told, value))
    if isinstance(value, str):
        return "s%d:%s " % (len(value.encode()), value)
    if isinstance(value, bool):
        return "b%d " % value
    if isinstance(value, int):
        if not -2**63 <= value < 2**63:
            raise ValueError
        return "i%d " % value
    if isinstance(value, float):
        return "nan " if value != value else "f%.17g " % value
    return "d "


def document_case(text):
    if re.search("0000-|:60", text) or text.startswith("\ufeff"):
        return None  # Python knows no year 0 and no leap seconds, and takes no byte order mark
    try:
        return case("toml", [text], told(tomllib.loads(text)))
    except ValueError:
        return case("toml", [text], INVALID)


def document_cases(r, n):
    cases = (document_case(some_document(r)) for _ in range(n if tomllib else 0))
    for one in itertools.chain(map(document_case, each_value() if tomllib else ()), cases):
        if one:
            yield one


def each_value():
    """Every value there is, alone and where something follows."""
    for value in TEXTS + NUMBERS + DATES + WORDS:
        yield from ("a = " + value, "a=[%s]\n" % value, "a={b=%s}\n" % value, "a=%s\nb=1\n" % value, "%s = 1\n" % value)
