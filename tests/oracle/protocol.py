"""What the generators of cases share: the driver's line protocol, and damage."""

INVALID = "!"


def escape(text):
    for char, name in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(char, name)
    return text


def case(command, arguments, answer):
    """The line for the driver and the line it should answer."""
    fields = [command, *map(escape, arguments)]
    answer = [answer] if isinstance(answer, str) else answer
    return "\t".join(fields), "\t".join(escape(str(field)) for field in answer)


def damaged(r, text):
    """With a character too many, too few or another."""
    alphabet = "0123456789.-_+!abcdeprvx *=<>~;,[]()@'\"#"
    at = r.randrange(len(text) + 1)
    what = r.random()
    if what < 0.4:
        return text[:at] + r.choice(alphabet) + text[at:]
    if what < 0.7:
        return text[:at] + text[at + 1:]
    return text[:at] + r.choice(alphabet) + text[at + 1:]
