"""Links in Markdown must lead somewhere, and so must the pages that comments give as the source of a rule."""

import posixpath
import re

from house import Finding, line_of

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]\n]+\]:\s*(\S+)", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//")
_NAMED_PAGE = re.compile(r"(?<![\w/.-])(docs/[\w./-]+\.md)")


def check_links(house):
    for path, text in house.texts.items():
        if path.endswith(".md"):
            yield from _check_page(house, path, text)
        elif path.endswith((".h", ".cc", ".proto", "CMakeLists.txt")) and not path.startswith("tests/lint/"):
            for found in _NAMED_PAGE.finditer(text):
                if found.group(1) not in house.paths:
                    message = f"there is no page {found.group(1)}; write it or name the right one"
                    yield Finding(path, line_of(text, found.start()), "link", message)


def _check_page(house, path, text):
    prose = _CODE.sub(_blank, _FENCE.sub(_blank, text))
    for found in _LINK.finditer(prose):
        link = found.group(1) or found.group(2)
        if _ELSEWHERE.match(link):
            continue
        file, _, anchor = link.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
        line = line_of(prose, found.start())
        if target.startswith("..") or not (target in house.paths or house.folder_exists(target)):
            yield Finding(path, line, "link", f"{link} leads nowhere; links are relative to the page")
        elif anchor and target.endswith(".md") and anchor not in anchors(house.texts[target]):
            yield Finding(path, line, "link", f"{target} has no heading #{anchor}")


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", _FENCE.sub(_blank, text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def _blank(found):
    return re.sub(r"[^\n]", " ", found.group())
