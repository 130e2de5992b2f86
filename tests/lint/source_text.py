"""C++ text with comments or literals blanked out; offsets and lines stay where they were."""

import re

# In the order in which they are tried at each place. A ' between digits separates them and opens no literal.
_TOKEN = re.compile(
    r"""
    (?P<comment> //(?:\\\n|[^\n])* | /\*.*?\*/ )
  | (?P<raw> (?<![A-Za-z0-9_])(?:u8|[uUL])?R"(?P<fence>[^ ()\\\t\n]*)\(.*?\)(?P=fence)" )
  | (?P<text> "(?:\\.|[^"\\\n])*" )
  | (?P<number> (?<![A-Za-z0-9_])[0-9](?:'?[A-Za-z0-9_.])* )
  | (?P<character> '(?:\\.|[^'\\\n])*' )
    """,
    re.VERBOSE | re.DOTALL,
)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return _TOKEN.sub(lambda found: _blank(found.group()) if found.group("comment") else found.group(), text)


def only_code(text):
    """Neither comments nor texts nor characters."""

    def replace(found):
        return found.group() if found.group("number") else _blank(found.group())

    return _TOKEN.sub(replace, text)


# What a file includes: (line, '"' or '<', path).
def includes(text):
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        found = re.match(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', line)
        if found:
            yield number, '"' if found.group(1) else "<", found.group(1) or found.group(2)
