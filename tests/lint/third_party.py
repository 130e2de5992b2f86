"""Which library's headers stand where: each in the adapter that owns it, in .cc files, so that it can be exchanged and costs its build
time once."""

import fnmatch
import re

from house import Finding
from source_text import includes

# Start of the included path -> files that may include it, by name; `*` spans folders. Tests are asked only for the libraries of tests.
_TESTS = ("tests/*",)
ALLOWED = {
    "xxhash.h": ("state/base/hash.cc", "services/formats/log_reader.cc"),
    "date/tz.h": ("engine/calendar/zone_loader.cc", "engine/expression/zone.cc"),
    "re2/": ("engine/expression/regex.cc",),
    "yaml-cpp/": ("engine/topology/yaml_document.cc",),
    "rocksdb/": ("state/store/rocksdb/*.cc",),
    "librdkafka/": ("services/kafka/*.cc",),
    "simdjson.h": ("services/formats/*.cc",),
    "emmintrin.h": ("services/formats/*.cc",),
    "immintrin.h": ("services/formats/*.cc",),
    "google/protobuf/": ("services/formats/*.cc",),
    "zstd.h": ("services/formats/*.cc", "services/replay/*.cc", "services/archive/segment_file.cc"),
    "zlib.h": ("services/formats/*.cc", "services/replay/*.cc"),
    "prometheus/": ("services/telemetry/metrics.cc",),
    "httplib.h": ("services/telemetry/http_server.cc",),
    "CLI/": ("services/antiphon/*.cc", "services/tools/*.cc"),
    "nlohmann/": ("services/*.cc",) + _TESTS,
    "spdlog/": ("services/*.cc",),
    "fmt/": ("services/*.cc",),
    "gtest/": _TESTS,
    "gmock/": _TESTS,
    "rapidcheck": _TESTS,
    "benchmark/": _TESTS,
}

# The operating system: services, the disk store and tests, and by name whoever else needs it.
_SYSTEM = re.compile(r"(sys|arpa|netinet|linux)/|(unistd|fcntl|signal|pthread|dirent|poll|sched|errno|time|stdlib|string)\.h$")
# customer_table.h: huge pages for the table of all customers.
SYSTEM_ALLOWED = ("services/*.cc", "state/store/rocksdb/*.cc", "state/store/customer_table.h", "tests/*")


def check_third_party(house):
    for path, text in house.sources():
        for line, form, included in includes(text):
            message = _judge(path, included) if form == "<" else None
            if message:
                yield Finding(path, line, "third-party", message)


def _judge(path, included):
    if re.fullmatch(r"[a-z0-9_]+", included):
        return None  # a standard header
    if _SYSTEM.match(included):
        if _fits(path, SYSTEM_ALLOWED):
            return None
        return f"<{included}> of the operating system; only in {', '.join(SYSTEM_ALLOWED)}; take a standard header or a port"
    for start, files in ALLOWED.items():
        if included.startswith(start):
            if path.startswith("tests/") or _fits(path, files):
                return None
            return f"<{included}> may stand only in {', '.join(files)}; hide it behind a type of ours, or change tests/lint/third_party.py"
    return f"<{included}> is of a library that tests/lint/third_party.py does not know; add it with the one adapter that may include it"


def _fits(path, patterns):
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)
