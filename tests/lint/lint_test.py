#!/usr/bin/env python3
"""Each rule against small bad examples, which it must find on their line, and good ones, which it must leave alone."""

import unittest

import arrows
import files
import functions
import links
import purity
import third_party
from house import House, line_of
from source_text import includes, only_code, without_comments


def findings(rule, texts):
    return [(finding.path, finding.line) for finding in rule(House(texts))]


def messages(rule, texts):
    return [finding.message for finding in rule(House(texts))]


class SourceTextTest(unittest.TestCase):
    def test_blanks_comments_and_keeps_lines(self):
        text = 'int a; // time(0)\n/* rand()\n */ int b = 1\'000; char c = \'"\'; // x'
        code = without_comments(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertNotIn("rand", code)
        self.assertNotIn("time", code)
        self.assertIn("1'000", code)

    def test_blanks_literals_but_not_what_stands_between(self):
        code = only_code("auto a = \"getenv(\\\"x\\\")\"; f(1'000'000); auto b = R\"x(rand())\")x\"; int last;")
        self.assertNotIn("getenv", code)
        self.assertNotIn("rand", code)
        self.assertIn("f(1'000'000);", code)
        self.assertIn("int last;", code)

    def test_a_slash_in_a_text_opens_no_comment(self):
        self.assertIn("int after;", without_comments('auto url = "http://x"; int after;'))

    def test_includes_of_code_only(self):
        text = '#include "a/b.h"\n// #include "a/c.h"\n#  include <x/y.h>\n'
        self.assertEqual(list(includes(text)), [(1, '"', "a/b.h"), (3, "<", "x/y.h")])

    def test_line_of(self):
        self.assertEqual(line_of("a\nb\nc", 4), 3)


class ArrowTest(unittest.TestCase):
    def check(self, path, included, found):
        texts = {path: f'#pragma once\n#include "{included}"\n'}
        if not included.endswith(".pb.h"):
            texts.setdefault(included, "")
        got = [finding for finding in findings(arrows.check_arrows, texts) if finding[0] == path]
        self.assertEqual(got, [(path, 2)] if found else [], f"{path} -> {included}")

    def test_downwards_is_allowed(self):
        self.check("engine/decision/engine.h", "engine/topology/topology.h", False)
        self.check("state/model/contact.h", "state/base/time.h", False)
        self.check("services/replay/replay.cc", "services/runtime/partition_task.h", False)
        self.check("engine/decision/engine.cc", "engine/decision/step.h", False)
        self.check("services/formats/json.cc", "antiphon/v1/events.pb.h", False)

    def test_upwards_and_sideways_are_found(self):
        self.check("state/base/time.h", "state/model/contact.h", True)
        self.check("state/model/contact.h", "engine/decision/engine.h", True)
        self.check("engine/decision/engine.cc", "state/store/state_store.h", True)
        self.check("engine/topology/topology.h", "engine/decision/engine.h", True)
        self.check("engine/pattern/matcher.h", "engine/expression/value.h", True)
        self.check("engine/decision/engine.cc", "services/runtime/clock.h", True)
        self.check("state/store/codec.cc", "state/store/rocksdb/store.h", True)
        self.check("services/simulate/simulate.cc", "services/formats/json.h", True)
        self.check("engine/decision/engine.cc", "antiphon/v1/events.pb.h", True)

    def test_every_engine_room_is_kept_from_the_shell(self):
        for room in [room for room in arrows.ARROWS if room.startswith(("engine/", "state/model", "state/base"))]:
            for target in ("state/store", "services/runtime", "tests/support", "proto/antiphon/v1"):
                self.check(f"{room}/a.cc", f"{target}/b.pb.h" if target.startswith("proto") else f"{target}/b.h", True)

    def test_the_table_has_no_circle(self):
        rooms = list(arrows.ARROWS)
        for room, targets in arrows.ARROWS.items():
            for target in targets:
                self.assertIn(target, rooms)
                self.assertLess(rooms.index(target), rooms.index(room), f"{room} -> {target} points up")

    def test_tests_see_rooms_and_support_but_not_each_other(self):
        self.check("tests/unit/store/a_test.cc", "services/antiphon/commands.h", False)
        self.check("tests/unit/store/a_test.cc", "tests/support/bank.h", False)
        self.check("tests/unit/store/a_test.cc", "tests/support/memory_log/faults.h", False)
        self.check("tests/unit/store/a_test.cc", "tests/unit/store/generators.h", False)
        self.check("tests/unit/store/a_test.cc", "tests/unit/calendar/support.h", True)

    def test_unlisted_folder_is_named_with_its_remedy(self):
        texts = {"engine/magic/a.h": ""}
        self.assertEqual(findings(arrows.check_arrows, texts), [("engine/magic/a.h", 1)])
        self.assertIn("tests/lint/arrows.py", messages(arrows.check_arrows, texts)[0])

    def test_include_must_be_a_path_from_the_root(self):
        texts = {"engine/decision/a.cc": '#include "step.h"\n', "engine/decision/step.h": ""}
        self.assertEqual(findings(arrows.check_arrows, texts), [("engine/decision/a.cc", 1)])

    def test_page_must_show_the_table(self):
        page = "# x\n\n" + arrows.arrows_in_markdown() + "\n"
        self.assertEqual(findings(arrows.check_table, {arrows.PAGE: page}), [])
        self.assertEqual(len(findings(arrows.check_table, {arrows.PAGE: page.replace("| state/model | state/base |\n", "")})), 1)
        self.assertEqual(len(findings(arrows.check_table, {arrows.PAGE: page.replace("| (nothing) |", "| state/model |")})), 1)
        self.assertEqual(len(findings(arrows.check_table, {})), 1)


class ThirdPartyTest(unittest.TestCase):
    def check(self, path, included, found):
        got = findings(third_party.check_third_party, {path: f"\n#include <{included}>\n"})
        self.assertEqual(got, [(path, 2)] if found else [], f"{path} <{included}>")

    def test_adapters_include_their_own(self):
        self.check("state/store/rocksdb/store.cc", "rocksdb/db.h", False)
        self.check("engine/topology/yaml_document.cc", "yaml-cpp/yaml.h", False)
        self.check("engine/calendar/zone_loader.cc", "date/tz.h", False)
        self.check("tests/unit/store/a_test.cc", "rapidcheck.h", False)
        self.check("engine/decision/engine.cc", "cstdint", False)

    def test_others_do_not(self):
        self.check("state/store/memory_store.cc", "rocksdb/db.h", True)
        self.check("engine/topology/loader.cc", "yaml-cpp/yaml.h", True)
        self.check("engine/decision/templates.cc", "nlohmann/json.hpp", True)
        self.check("engine/decision/engine.cc", "spdlog/spdlog.h", True)
        self.check("services/runtime/task.cc", "simdjson.h", True)
        self.check("services/replay/replay.cc", "CLI/CLI.hpp", True)
        self.check("engine/decision/engine.cc", "gtest/gtest.h", True)
        self.check("engine/decision/engine.cc", "unistd.h", True)

    def test_never_in_a_header(self):
        self.check("state/store/rocksdb/store.h", "rocksdb/db.h", True)
        self.check("services/formats/json.h", "simdjson.h", True)
        self.check("services/tools/report.h", "nlohmann/json.hpp", True)
        self.check("tests/unit/store/generators.h", "rapidcheck.h", False)

    def test_unknown_library_is_named_with_its_remedy(self):
        self.check("services/tools/x.cc", "curl/curl.h", True)
        text = messages(third_party.check_third_party, {"services/tools/x.cc": "#include <curl/curl.h>"})[0]
        self.assertIn("tests/lint/third_party.py", text)


class PurityTest(unittest.TestCase):
    BAD = (
        "auto t = std::chrono::system_clock::now();",
        "using Clock = std::chrono::steady_clock;",
        "const auto t = time(nullptr);",
        "const auto t = std::time(&x);",
        "gettimeofday(&tv, nullptr);",
        "int r = rand() % 6;",
        "std::random_device seed;",
        "std::mt19937_64 generator(1);",
        "std::thread worker(run);",
        "std::mutex m;",
        "std::atomic<int> n;",
        "auto f = std::async(run);",
        "thread_local int n = 0;",
        "std::ifstream in(path);",
        'FILE* f = fopen("x", "r");',
        "std::cerr << 1;",
        "std::filesystem::path p;",
        'const char* home = std::getenv("HOME");',
        "static int calls = 0;",
        "static std::vector<int> cache;",
        "std::abort();",
    )
    GOOD = (
        "const EngineTime now = time.now;",
        "Time t = event.time();",
        "using SysTime = std::chrono::time_point<std::chrono::system_clock, Millis>;",
        "// system_clock::now() is the shell's",
        'message = "no rand() here";',
        "static constexpr int kMax = 3;",
        "static const Table kTable = Make();",
        "static int Count(int x) { return x; }",
        "[[nodiscard]] static Result<Zone> Create(std::string name);",
        "static_assert(sizeof(int) == 4);",
        "auto x = static_cast<int>(y);",
        "int operand(int x);",
        "schedule.open(at);",
        "runs.remove(run);",
    )

    def test_finds_what_is_not_pure(self):
        for line in self.BAD:
            for path in ("engine/decision/a.cc", "state/model/a.h"):
                self.assertEqual(set(findings(purity.check_purity, {path: f"\n\n  {line}\n"})), {(path, 3)}, line)

    def test_finds_headers(self):
        for header in purity.HEADERS:
            self.assertEqual(findings(purity.check_purity, {"engine/pattern/a.cc": f"#include <{header}>\n"}), [("engine/pattern/a.cc", 1)])

    def test_leaves_pure_code_alone(self):
        for line in self.GOOD:
            self.assertEqual(findings(purity.check_purity, {"engine/decision/a.cc": f"\n  {line}\n"}), [], line)

    def test_shells_may(self):
        for line in self.BAD:
            self.assertEqual(findings(purity.check_purity, {"services/runtime/a.cc": line, "state/store/rocksdb/a.cc": line}), [], line)


class FilesTest(unittest.TestCase):
    def test_size(self):
        long = "x\n" * (files.LINES_MAX + 1)
        self.assertEqual(findings(files.check_size, {"engine/a.cc": long}), [("engine/a.cc", files.LINES_MAX + 1)])
        self.assertEqual(findings(files.check_size, {"engine/a.cc": "x\n" * files.LINES_MAX}), [])
        self.assertEqual(findings(files.check_size, {"engine/a.cc": "// Generated by make_table.py\n" + long}), [])
        self.assertEqual(findings(files.check_size, {"tests/data.jsonl": long}), [])

    def test_machine_paths(self):
        for path in ("/work/x", "/home/anna/bank", "/root/x", "/Users/anna/x"):
            self.assertEqual(findings(files.check_words, {"services/a.cc": f'\nopen("{path}");\n'}), [("services/a.cc", 2)], path)
        for text in ("docs/work/x", "https://x.org/work/x", 'path == "/home"', "/home/", "~/work/x"):
            self.assertEqual(findings(files.check_words, {"services/a.cc": text}), [], text)

    def test_unfinished(self):
        for word in ("TODO", "FIXME", "XXX"):
            self.assertEqual(findings(files.check_words, {"docs/a.md": f"\n{word}: later\n"}), [("docs/a.md", 2)], word)
            self.assertEqual(findings(files.check_words, {"demo": f"#!/bin/bash\n# {word}\n"}), [("demo", 2)], word)
        self.assertEqual(findings(files.check_words, {"engine/a.cc": "int TODOS; // XXXL"}), [])

    def test_readme(self):
        four = {f"engine/decision/{name}": "" for name in ("a.h", "a.cc", "b.h", "b.cc")}
        self.assertEqual(findings(files.check_readmes, four), [("engine/decision/README.md", 1)])
        self.assertEqual(findings(files.check_readmes, four | {"engine/decision/README.md": ""}), [])
        self.assertEqual(findings(files.check_readmes, dict(list(four.items())[1:])), [])
        self.assertEqual(findings(files.check_readmes, {path.replace("engine/", "tests/unit/"): "" for path in four}), [])
        self.assertEqual(len(findings(files.check_readmes, {path.replace("engine/decision", "tests/support"): "" for path in four})), 1)

    def test_built(self):
        lists = {"engine/a/CMakeLists.txt": "antiphon_room(a SOURCES one.cc two.cc\n  # three.cc\n)"}
        self.assertEqual(findings(files.check_built, lists | {"engine/a/one.cc": "", "engine/a/two.cc": "", "engine/a/x.h": ""}), [])
        self.assertEqual(findings(files.check_built, lists | {"engine/a/three.cc": ""}), [("engine/a/three.cc", 1)])
        self.assertEqual(findings(files.check_built, lists | {"engine/a/wo.cc": ""}), [("engine/a/wo.cc", 1)])
        self.assertEqual(findings(files.check_built, lists | {"engine/a/b/one.cc": ""}), [("engine/a/b/one.cc", 1)])
        self.assertEqual(findings(files.check_built, {"engine/one.cc": ""}), [("engine/one.cc", 1)])


class FunctionsTest(unittest.TestCase):
    def check(self, before, lines, after, found):
        text = before + "  a();\n" * (lines - 2) + after
        got = findings(functions.check_functions, {"engine/a.cc": "\n" + text})
        self.assertEqual(got, [("engine/a.cc", found)] if found else [], before)

    def test_too_long(self):
        over = functions.LINES_MAX + 1
        self.check("int F() {\n", over, "}\n", 2)
        self.check("int F() {\n", over - 1, "}\n", None)
        self.check("template <class T>\nint F(int a,\n  int b) const {\n", over - 2, "}\n", 2)
        self.check("namespace a {\nclass B {\n public:\n  B() : c_{1}, d_(2) {\n", over, "  }\n};\n}\n", 5)
        self.check("TEST(A, B) {\n  if (a) {\n", over - 2, "  }\n}\n", 2)
        self.check("const auto kF = [](int a) {\n", over, "};\n", 2)

    def test_what_is_no_function(self):
        over = functions.LINES_MAX + 20
        self.check("constexpr Row kRows[] = {\n", over, "};\n", None)
        self.check("namespace a::b {\nclass C final : public D {\n", over, "};\n}\n", None)
        self.check("template <class T>\nstruct C {\n  int F() { return 1; }\n", over, "};\n", None)
        self.check("int F() { return 1; }\n", over, "int G() {\n}\n", None)


class LinksTest(unittest.TestCase):
    HOUSE = {"docs/time.md": "# Time\n\n## What is `late`?\n", "docs/decisions/one.md": "# One\n"}

    def check(self, text, found, path="README.md"):
        got = [finding for finding in findings(links.check_links, self.HOUSE | {path: text}) if finding[0] == path]
        self.assertEqual(got, [(path, line) for line in found], text)

    def test_links_that_lead_somewhere(self):
        self.check("[a](docs/time.md) [b](docs/time.md#what-is-late) [c](docs/decisions/) [d](https://x.org/y.md) [e](#here)\n# Here\n", [])
        self.check("[up](../time.md)", [], "docs/decisions/two.md")
        self.check("`[a](gone.md)`\n```\n[b](gone.md)\n```\n", [])

    def test_links_that_do_not(self):
        self.check("\n[a](docs/gone.md)", [2])
        self.check("[a](docs/time.md#early)", [1])
        self.check("[a](../outside.md)", [1])
        self.check("[a]: docs/gone.md", [1])
        self.check("[time](docs/time.md)", [1], "docs/decisions/two.md")

    def test_pages_that_comments_name(self):
        self.check("// Source: docs/time.md, late\n", [], "engine/a/b.h")
        self.check("\n// Source: docs/gone.md\n", [2], "engine/a/b.h")


if __name__ == "__main__":
    unittest.main()
