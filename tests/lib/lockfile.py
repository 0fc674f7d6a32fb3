"""Reads what an env.lock needs of YAML: nested mappings and sequences by indentation, flow sequences, plain and
quoted scalars. Every scalar is a string."""
import json
import re


def load(text):
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#") and line.strip() != "---":
            lines.append((number, len(line) - len(line.lstrip()), line.strip()))
    value, rest = block(lines, 0, 0)
    if rest != len(lines):
        raise ValueError("line %d: unexpected indentation" % lines[rest][0])
    return value


def block(lines, at, indent):
    """The value that begins at line `at`, and the line after it."""
    if lines[at][2].startswith("- ") or lines[at][2] == "-":
        return sequence(lines, at, lines[at][1])
    return mapping(lines, at, indent)


def sequence(lines, at, indent):
    values = []
    while at < len(lines) and lines[at][1] == indent and lines[at][2].startswith("-"):
        number, _, text = lines[at]
        inner = text[1:].lstrip()
        if re.match(r"[\w-]+:(\s|$)", inner):
            # "- key: value" is a mapping that begins two columns further in.
            deeper = indent + len(text) - len(inner)
            lines[at] = (number, deeper, inner)
            value, at = mapping(lines, at, deeper)
        else:
            value, at = scalar(inner), at + 1
        values.append(value)
    return values, at


def mapping(lines, at, indent):
    values = {}
    while at < len(lines) and lines[at][1] == indent and not lines[at][2].startswith("- "):
        match = re.match(r"([^\s:]+|\"[^\"]*\"):(?:\s+(.*))?$", lines[at][2])
        if not match:
            raise ValueError("line %d: no key: %s" % (lines[at][0], lines[at][2]))
        key, text = scalar(match[1]), match[2]
        at += 1
        if text:
            values[key] = scalar(text)
        elif at < len(lines) and (lines[at][1] > indent or lines[at][1] == indent and lines[at][2].startswith("- ")):
            values[key], at = block(lines, at, lines[at][1])
        else:
            values[key] = ""
    return values, at


def scalar(text):
    if text.startswith("["):
        return [scalar(item.strip()) for item in split_flow(text)]
    if text.startswith('"'):
        return json.loads(text)
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    return text


def split_flow(text):
    """The items of a flow sequence; commas in quotes are not between items."""
    return re.findall(r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^,\[\]])+", text[1:text.rindex("]")])
