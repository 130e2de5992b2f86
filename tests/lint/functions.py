"""Functions end before they become a second subject. By braces, as clang-format sets them: a constant table is no function."""

import re

from house import Finding, line_of
from source_text import only_code

LINES_MAX = 70

# As it came, for other compilers to build: not ours to divide.
_NOT_OURS = ("tests/workloads/retail-1/retail1_gen.cc",)

_TOKEN = re.compile(r"[;{}]|^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
# What holds functions, and what is filled with values.
_ROOM = re.compile(r"(?:\s*(?:public|protected|private)\s*:)*\s*(?:inline\s+)?(?:namespace|struct|class|enum|union|extern)\b")
_TEMPLATE = re.compile(r"^\s*(?:template|requires)\b.*$", re.MULTILINE)
_VALUES = re.compile(r"(?:[=,(\[<]|\breturn|^)\s*$")


def check_functions(house):
    for path, text in house.sources():
        if path in _NOT_OURS:
            continue
        code = only_code(text)
        for start, end in functions(code):
            lines = code.count("\n", start, end) + 1
            if lines > LINES_MAX:
                message = f"a function of {lines} lines, at most {LINES_MAX}: what in it has a name of its own?"
                yield Finding(path, line_of(code, start), "function", message)


def functions(code):
    """(start, end) of each outermost function, from the first character of its head to its last brace."""
    open_blocks = []  # the head's start of an outermost function, else None
    inside = 0  # of so many blocks of functions
    after = 0
    for token in _TOKEN.finditer(code):
        if token.group() == "{":
            head = code[after : token.start()]
            start = None
            if inside:
                inside += 1
            elif not _ROOM.match(_TEMPLATE.sub("", head)) and not _VALUES.search(head):
                inside = 1
                start = after + len(head) - len(head.lstrip())
            open_blocks.append(start)
        elif token.group() == "}" and open_blocks:
            start = open_blocks.pop()
            inside -= 1 if inside else 0
            if start is not None:
                yield start, token.end()
        after = token.end()
