"""What the pure rooms must not touch: their results are functions of their inputs, or a replay would not tell what happened."""

import re

from house import Finding, line_of
from source_text import includes, only_code

PURE = ("engine", "state/model")

HEADERS = {
    "random": "randomness", "thread": "threads", "mutex": "threads", "shared_mutex": "threads", "atomic": "threads", "future": "threads",
    "condition_variable": "threads", "stop_token": "threads", "semaphore": "threads", "barrier": "threads", "latch": "threads",
    "fstream": "files", "iostream": "files", "filesystem": "files", "ctime": "clocks", "csignal": "the process",
}

_FREE = r"(?<![\w.>:])(?:std::|::)?"  # a free function, not a member of ours
CALLS = {
    r"\b(?:system|steady|high_resolution|utc|file)_clock::now\b|\b(?:steady|high_resolution)_clock\b": "clocks",
    _FREE + r"(?:gettimeofday|clock_gettime|timespec_get|localtime|gmtime|localtime_r|mktime|usleep|nanosleep)\s*\(": "clocks",
    r"(?<![\w.>:])(?:std::|::)time\s*\(|(?<![\w.>:])time\s*\(\s*(?:nullptr|NULL|0|&\w+)\s*\)|\bstd::clock\s*\(": "clocks",
    _FREE + r"(?:s?rand|random|drand48|getentropy)\s*\(|\brandom_device\b|\bmt19937(?:_64)?\b|\bdefault_random_engine\b": "randomness",
    r"\bstd::(?:j?thread|(?:\w+_)?mutex|atomic\w*|async|future|promise|condition_variable\w*|this_thread)\b|\bthread_local\b": "threads",
    r"\bstd::(?:o|i)?fstream\b|\bstd::(?:cout|cerr|clog|cin)\b|\bstd::filesystem\b": "files",
    _FREE + r"(?:fopen|freopen|open|fprintf|printf|puts|fputs|fwrite|tmpfile|remove|rename)\s*\(": "files",
    _FREE + r"(?:(?:secure_)?getenv|setenv|system|exit|_exit|abort|quick_exit|raise)\s*\(": "the process",
    # A variable, for a function has its parenthesis first. Constants are welcome.
    r"(?:^|(?<=[;{}\s]))static\s+(?!const\b|constexpr\b|constinit\s+const\b|inline\s+const)[^;(){}=]*[;={]": "global state",
}
_COMPILED = [(re.compile(pattern, re.MULTILINE), what) for pattern, what in CALLS.items()]

_REMEDY = "a pure room gets it as a value in its input, or returns an effect that the shell performs"


def check_purity(house):
    for path, text in house.sources(*PURE):
        for line, form, included in includes(text):
            if form == "<" and included in HEADERS:
                yield Finding(path, line, "purity", f"<{included}>: {HEADERS[included]}; {_REMEDY}")
        code = only_code(text)
        for pattern, what in _COMPILED:
            for found in pattern.finditer(code):
                said = " ".join(found.group().split())
                yield Finding(path, line_of(code, found.start()), "purity", f"`{said}`: {what}; {_REMEDY}")
