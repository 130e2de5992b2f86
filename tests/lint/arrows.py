"""Which folder may include which. The one table of the house; docs/architecture.md shows it and is held equal to it."""

import itertools
import posixpath

from house import Finding
from source_text import includes

_STATE = ("state/base", "state/model")
_CORE = _STATE + ("engine/calendar", "engine/expression", "engine/pattern", "engine/topology")
_ENGINE = _CORE + ("engine/decision",)
_PORTS = _ENGINE + ("state/store",)

# From the lowest room to the highest. A folder may always include its own files; nothing includes tests.
ARROWS = {
    "state/base": (),
    "state/model": ("state/base",),
    "engine/calendar": _STATE,
    "engine/expression": _STATE,
    "engine/pattern": _STATE,
    "engine/topology": _STATE + ("engine/calendar", "engine/expression", "engine/pattern"),
    "engine/decision": _CORE,
    "state/store": _STATE + ("engine/topology",),
    "state/store/rocksdb": _STATE + ("state/store",),
    "proto/antiphon/v1": (),
    "services/files": ("state/base",),
    "services/simulate": ("state/base",),
    "services/formats": _ENGINE + ("proto/antiphon/v1",),
    "services/topology_files": ("state/base", "engine/topology", "services/formats", "proto/antiphon/v1"),
    "services/runtime": _PORTS,
    "services/process": _STATE + ("engine/expression", "engine/topology", "services/formats", "services/runtime"),
    "services/kafka": ("state/base", "services/runtime"),
    "services/orchestrator": _PORTS
    + ("state/store/rocksdb", "services/formats", "services/topology_files", "services/runtime", "services/process"),
    "services/telemetry": _ENGINE + ("services/formats", "services/process", "services/orchestrator"),
    "services/archive": _PORTS
    + ("services/files", "services/formats", "services/topology_files", "services/runtime", "services/process", "services/orchestrator"),
    "services/replay": _PORTS + ("state/store/rocksdb", "services/files", "services/formats", "services/runtime", "services/topology_files"),
    "services/tools": _PORTS
    + ("state/store/rocksdb", "services/files", "services/formats", "services/runtime", "services/process", "services/replay", "services/topology_files",
       "services/simulate"),
    "services/live": ("state/base", "state/model", "state/store", "state/store/rocksdb", "engine/topology", "engine/decision")
    + tuple(f"services/{room}" for room in ("files", "formats", "topology_files", "runtime", "process", "kafka", "orchestrator", "telemetry", "archive", "replay")),
    "services/antiphon": ("state/base", "engine/calendar", "engine/topology")
    + tuple(f"services/{room}" for room in ("live", "formats", "runtime", "process", "replay", "simulate", "tools", "topology_files")),
}

_REMEDY = 'add it to ARROWS in tests/lint/arrows.py and to docs/architecture.md, "Arrows", with a reason in the commit'


def check_arrows(house):
    for path, text in house.sources():
        folder = posixpath.dirname(path)
        if not _is_test(folder) and folder not in ARROWS:
            yield Finding(path, 1, "arrow", f"folder {folder or '.'} is not in the table of rooms; {_REMEDY}")
            continue
        for line, form, included in includes(text):
            if form == '"':
                message = _judge(house, folder, included)
                if message:
                    yield Finding(path, line, "arrow", message)


def _judge(house, folder, included):
    target = posixpath.dirname(included)
    if included.endswith(".pb.h"):
        target = target if target.startswith("proto/") else f"proto/{target}"
    elif included not in house.paths:
        return f'"{included}" is no file of the project; include by path from the root ("engine/topology/topology.h")'
    if target == folder:
        return None
    if _is_test(folder):
        if not _is_test(target) or (target + "/").startswith("tests/support/") or folder.startswith(target + "/"):
            return None
        return f"tests may include rooms, their own folder, its parents and tests/support, not {target}; move it to tests/support"
    if _is_test(target):
        return f"{folder} includes {target}: nothing of the product may know the tests"
    if target in ARROWS[folder]:
        return None
    allowed = ", ".join(ARROWS[folder]) or "nothing"
    return f"{folder} may not include {target} (allowed: {allowed}); turn the dependency round with a port or a value, or {_REMEDY}"


def _is_test(folder):
    return folder == "tests" or folder.startswith("tests/")


def arrows_in_markdown():
    rows = ["| room | may include |", "|---|---|"]
    rows += [f"| {room} | {', '.join(targets) or '(nothing)'} |" for room, targets in ARROWS.items()]
    return "\n".join(rows)


PAGE = "docs/architecture.md"


def check_table(house):
    text = house.texts.get(PAGE)
    if text is None:
        yield Finding(PAGE, 1, "table", "the page is missing; it shows the table of arrows")
        return
    wanted = arrows_in_markdown().split("\n")
    lines = text.split("\n")
    start = lines.index(wanted[0]) if wanted[0] in lines else len(lines)
    shown = list(itertools.takewhile(lambda line: line.startswith("|"), lines[start:]))
    if shown != wanted:
        differs = sorted({row.split(" ")[1] for row in set(shown) ^ set(wanted)}) or ["their order"]
        yield Finding(PAGE, start + 1, "table", f"the table of arrows differs from tests/lint/arrows.py in {', '.join(differs)}; "
                      "paste what `tests/lint/lint.py --arrows` prints")
