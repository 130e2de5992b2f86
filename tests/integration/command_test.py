#!/usr/bin/env python3
"""The binary's own surface: help, version, check, simulate, exit codes."""

import json
import re
import unittest

from support import AntiphonTest, main


class Command(AntiphonTest):
    def test_help_names_every_subcommand_and_gives_examples(self):
        text = self.run_antiphon("--help").stdout.decode()
        for name in ("check", "replay", "simulate", "version"):
            self.assertIn(name, text)
            self.assertIn("Example", self.run_antiphon(name, "--help").stdout.decode())

    def test_commands_that_the_docs_and_examples_quote_have_only_options_that_there_are(self):
        names = re.search(r"The commands: (.*)\.", self.run_antiphon("nope", code=2).stderr.decode()).group(1).split(", ")
        helps = {name: self.run_antiphon(name, "--help").stdout.decode() for name in names}
        options = {name: set(re.findall(r"--[a-z][a-z-]*", text.split("Example")[0])) for name, text in helps.items()}
        pages = [self.root / "README.md", *sorted((self.root / "docs").glob("*.md")), *sorted((self.root / "topologies").glob("*/README.md"))]
        texts = {page.name: page.read_text() for page in pages} | {f"{name} --help": text for name, text in helps.items()}
        quoted = [(where, *found) for where, text in texts.items() for found in re.findall(r"\bantiphon ([a-z]+) ([^\n`|]*)", text)]
        self.assertGreater(len(quoted), 20)
        for where, name, arguments in quoted:
            if name in options:
                self.assertEqual(set(re.findall(r"--[a-z][a-z-]*", arguments)) - options[name], set(), f"{where}: antiphon {name} {arguments}")

    def test_bad_usage_ends_with_2_and_says_where_help_is(self):
        for arguments in ((), ("frobnicate",), ("--frobnicate",), ("check",), ("check", "--frobnicate", "x"), ("version", "x")):
            done = self.run_antiphon(*arguments, code=2)
            self.assertIn("--help", done.stderr.decode())
            self.assertEqual(done.stdout, b"")

    def test_every_command_of_the_docs_has_the_options_that_it_is_given(self):
        pages = [self.root / "README.md", *(self.root / "docs").glob("*.md"), *(self.root / "topologies").glob("*/README.md")]
        helps = {}
        seen = 0
        for page in pages:
            for command, rest in re.findall(r"(?:^|[ `/|])antiphon ([a-z]+)((?: [^\n`|]*)?)", page.read_text(), re.MULTILINE):
                options = re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest)
                if not options:
                    continue
                if command not in helps:
                    helps[command] = self.run_antiphon(command, "--help").stdout.decode()
                for option in options:
                    seen += 1
                    self.assertRegex(helps[command], re.escape(option) + r"(?![\w-])", f"{page.name}: antiphon {command}{rest}")
        self.assertGreater(seen, 30)
        # And the tables of options.
        for name, command in (("replay", "replay"), ("simulated-bank", "simulate"), ("explain", "explain")):
            text = (self.root / "docs" / f"{name}.md").read_text()
            table = set(re.findall(r"^\| `(--[a-z-]+)", text, re.MULTILINE))
            self.assertGreater(len(table), 5)
            for option in table:
                self.assertRegex(helps[command], re.escape(option) + r"(?![\w-])", f"docs/{name}.md")

    def test_an_unknown_command_is_named_with_the_nearest_and_the_list(self):
        said = self.run_antiphon("reply", code=2).stderr.decode()
        self.assertIn("there is no command 'reply'; did you mean replay?", said)
        said_all = "The commands: activate, check, dead-letters, eval, explain, export, plan, replay, run, simulate, test, topics, verify, version."
        self.assertIn(said_all, said)
        self.assertNotIn("did you mean", self.run_antiphon("frobnicate", code=2).stderr.decode())

    def test_version(self):
        self.assertIn(b"antiphon", self.run_antiphon("version").stdout)
        self.assertEqual(set(json.loads(self.run_antiphon("version", "--json").stdout)), {"version", "semantics_version"})


class Check(AntiphonTest):
    def test_a_good_topology(self):
        self.assertIn(b"ok", self.run_antiphon("check", self.topology).stdout)
        self.assertTrue(json.loads(self.run_antiphon("check", "--json", self.topology).stdout)["ok"])

    def test_errors_have_a_place_and_end_with_1(self):
        self.write("topology.yaml", "antiphon: 1\nname: bad\ntimezone: Europe/Prag\n")
        self.assertIn("topology.yaml:3:", self.run_antiphon("check", self.scratch, code=1).stdout.decode())
        found = json.loads(self.run_antiphon("check", "--json", self.scratch, code=1).stdout)
        self.assertFalse(found["ok"])
        self.assertIn(("error", "topology.yaml", 3), [(item["severity"], item["file"], item["line"]) for item in found["diagnostics"]])

    def test_a_missing_folder_ends_with_2(self):
        self.assertIn(b"no folder", self.run_antiphon("check", self.scratch / "absent", code=2).stderr)
        self.assertIn(b"topology.yaml", self.run_antiphon("check", self.scratch, code=2).stderr)

    def test_check_reads_a_process_file_and_its_topology(self):
        example = self.root / "docs" / "examples" / "process.yaml"
        found = json.loads(self.run_antiphon("check", "--json", "--process", example).stdout)
        self.assertTrue(found["ok"])
        self.assertEqual(found["topology"]["name"], "retail-bank")
        self.assertNotIn("error", {one["severity"] for one in found["diagnostics"]})
        broken = self.write("process.yaml", example.read_text().replace("../../topologies", "nowhere").replace("workers: 2", "worker: 2"))
        printed = self.run_antiphon("check", "--process", broken, code=1).stdout.decode()
        self.assertIn("process.yaml:5:11: error", printed)
        self.assertIn("did you mean 'workers'?", printed)
        self.run_antiphon("check", "--process", self.scratch / "absent.yaml", code=2)
        self.run_antiphon("check", "--process", example, self.topology, code=2)

    def test_topics_ends_with_two_where_there_is_no_cluster(self):
        example = self.root / "docs" / "examples" / "process.yaml"
        self.assertIn(b"kafka-password", self.run_antiphon("topics", "--process", example, code=2).stderr)
        self.run_antiphon("topics", code=2)


class Archive(AntiphonTest):
    def test_where_there_is_none_it_is_said_how_one_is_made(self):
        for command in (("verify",), ("replay", "--out", self.scratch / "out")):
            said = self.run_antiphon(*command, "--archive", self.scratch, code=2).stderr.decode()
            self.assertIn("is no archive", said)
            self.assertIn("antiphon export --process FILE --archive DIR", said)

    def test_times_that_are_none_and_options_that_exclude_each_other_end_with_2(self):
        self.assertIn(b"--from 'yesterday'", self.run_antiphon("verify", "--archive", self.scratch, "--from", "yesterday", code=2).stderr)
        self.assertIn(b"--from must be before --to", self.run_antiphon("verify", "--archive", self.scratch, "--from", "2026-03-02", "--to", "2026-03-02", code=2).stderr)
        self.assertIn(b"--archive", self.run_antiphon("verify", code=2).stderr)
        for arguments in (("--topology", self.topology), ("--until", "2026-03-01"), (self.write("log.jsonl", ""),)):
            self.run_antiphon("replay", "--archive", self.scratch, "--out", self.scratch / "out", *arguments, code=2)
        self.run_antiphon("export", "--archive", self.scratch, code=2)


class Simulate(AntiphonTest):
    def test_the_same_arguments_give_the_same_bytes(self):
        arguments = ("simulate", "--customers", 20, "--days", 10, "--seed", 4)
        piped = self.run_antiphon(*arguments).stdout
        self.run_antiphon(*arguments, "--out", self.scratch / "events.jsonl")
        self.assertEqual((self.scratch / "events.jsonl").read_bytes(), piped)
        self.assertGreater(piped.count(b"\n"), 20)

    def test_bad_arguments_end_with_2(self):
        self.run_antiphon("simulate", "--start", "yesterday", code=2)
        self.run_antiphon("simulate", "--customers", "-1", code=2)
        self.run_antiphon("simulate", "--out", self.scratch / "no" / "file", code=2)


if __name__ == "__main__":
    main()
