#!/usr/bin/env python3
"""test, explain and eval as a user runs them; what explain computes again is what replay wrote."""

import json
import os
import pty
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

from support import AntiphonTest, main, made_log, text_of


class Explain(AntiphonTest):
    def explain(self, *arguments, code=0):
        return self.run_antiphon("explain", "--topology", self.topology, *arguments, code=code)

    def test_it_tells_every_decision_that_replay_wrote(self):
        log = self.write("log.jsonl", text_of(made_log(7, 3000)))
        self.replay("out", log)
        decisions = {}
        for line in self.files("out")["decisions.jsonl"].splitlines():
            decision = json.loads(line)
            decisions.setdefault(decision["customer"], []).append(decision)
        self.assertGreater(len(decisions), 10)
        for customer in sorted(decisions)[:8]:
            told = json.loads(self.explain("--customer", customer, "--json", log).stdout)["decisions"]
            self.assertEqual(len(told), len(decisions[customer]))
            for mine, written in zip(told, decisions[customer]):
                everything = mine["decision"]
                for key in written:
                    if key != "candidates":
                        self.assertEqual(everything[key], written[key])
                for candidate in written.get("candidates", []):
                    self.assertIn(candidate, everything["candidates"])
        # By its id, and from the replay's folder.
        wanted = decisions[sorted(decisions)[0]][0]
        found = self.explain("--decision", wanted["decision_id"], "--replay", self.scratch / "out")
        self.assertIn(wanted["decision_id"], found.stdout.decode())

    def assert_explains(self, out):
        """explain --replay tells, of some customers, just the decisions that stand in the replay's folder; returns what it said beside."""
        decisions = {}
        for line in self.files(out)["decisions.jsonl"].splitlines():
            decision = json.loads(line)
            decisions.setdefault(decision["customer"], []).append(decision["decision_id"])
        self.assertGreater(len(decisions), 10)
        for customer in sorted(decisions)[:6]:
            done = self.explain("--customer", customer, "--json", "--replay", self.scratch / out)
            told = [decision["decision"]["decision_id"] for decision in json.loads(done.stdout)["decisions"]]
            self.assertEqual(told, decisions[customer])
        return done.stderr.decode()

    def test_it_goes_as_far_as_the_replay_did(self):
        log = self.write("log.jsonl", text_of(made_log(7, 3000)))
        for out, until in (("within", "2026-03-02T12:00:00Z"), ("beyond", "2026-04-01")):
            self.replay(out, "--until", until, log)
            self.assertEqual(self.assert_explains(out), "")
        self.replay("stopped", "--stop-after", "1500", log, code=130)
        self.assertIn("the replay was stopped at 2026-03-", self.assert_explains("stopped"))
        self.run_antiphon("replay", "--resume", "--out", self.scratch / "stopped", log)
        self.assertEqual(self.assert_explains("stopped"), "")

    def test_another_version_of_the_topology_is_announced(self):
        log = self.write("log.jsonl", text_of(made_log(7, 300)))
        self.replay("out", log)
        customer = json.loads(self.files("out")["decisions.jsonl"].splitlines()[0])["customer"]
        changed = self.scratch / "topology"
        shutil.copytree(self.topology, changed)
        main_file = changed / "topology.yaml"
        main_file.write_text(main_file.read_text() + "\nduplicates: {ids: 5}\n")
        version = self.summary("out")["topology"]["version"]
        done = self.run_antiphon("explain", "--topology", changed, "--customer", customer, "--replay", self.scratch / "out", "--json")
        self.assertIn(f"under topology version {version}", done.stderr.decode())
        self.assertIn(f"under topology version {version}", json.loads(done.stdout)["notes"][0])
        done = self.run_antiphon("eval", "--topology", changed, "--customer", customer, "--replay", self.scratch / "out", "now")
        self.assertIn(f"under topology version {version}", done.stderr.decode())

    def test_progress_is_shown_on_a_terminal(self):
        log = self.write("log.jsonl", text_of(made_log(7, 3000)))
        terminal, its_end = pty.openpty()
        command = [self.antiphon, "explain", "--topology", self.topology, "--customer", "C0000001", log]
        subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=its_end, timeout=60, check=True)
        os.close(its_end)
        self.assertIn(b"1024 lines", os.read(terminal, 4096))
        os.close(terminal)

    def test_exit_codes(self):
        log = self.write("log.jsonl", text_of(made_log(7, 100)))
        self.assertIn(b"C9999999", self.explain("--customer", "C9999999", log, code=1).stderr)
        self.assertIn(b"--customer", self.explain(log, code=2).stderr)
        self.explain("--customer", "C0000001", code=2)
        self.explain("--customer", "C0000001", self.scratch / "absent.jsonl", code=2)
        self.assertIn("Example", self.run_antiphon("explain", "--help").stdout.decode())


class Eval(AntiphonTest):
    def test_a_value_and_a_mistake(self):
        log = self.write("log.jsonl", text_of(made_log(7, 300, bad=False)))
        customer = json.loads(log.read_text().splitlines()[0])["customer"]
        arguments = ("eval", "--topology", self.topology, "--customer", customer)
        self.assertEqual(json.loads(self.run_antiphon(*arguments, "--json", "1 + 1", log).stdout)["value"], 2)
        wrong = self.run_antiphon(*arguments, "1 + featurs.x", log, code=2).stderr.decode()
        self.assertIn("    ^", wrong)
        example = re.search(r"--topology (\S+) .*?'(.*?)'", self.run_antiphon("eval", "--help").stdout.decode())
        shown = ("eval", "--topology", self.root / example.group(1), "--customer", "nobody", example.group(2))
        self.run_antiphon(*shown, self.write("empty.jsonl", ""), code=1)  # an expression with mistakes ends with 2


class Test(AntiphonTest):
    def test_the_shipped_topologies_pass_their_scenarios(self):
        for name in ("first-steps", "retail-bank"):
            done = self.run_antiphon("test", self.root / "topologies" / name)
            self.assertIn(" passed, 0 failed", done.stdout.decode())

    def test_a_failing_scenario_ends_with_1_and_is_in_the_junit_report(self):
        scenarios = self.write("s.yaml", "- {scenario: no, given: [], expect: {contacts: [{offer: welcome}]}}\n")
        report = self.scratch / "report.xml"
        topology = self.root / "topologies" / "first-steps"
        done = self.run_antiphon("test", scenarios, "--topology", topology, "--junit", report, code=1)
        self.assertIn("0 passed, 1 failed", done.stdout.decode())
        root = xml.etree.ElementTree.parse(report).getroot()
        self.assertEqual([case.get("name") for case in root.iter("testcase")], ["no"])
        self.assertIn("expected a contact", root.find(".//failure").text)

    def test_mistakes_end_with_2_and_have_a_place(self):
        scenarios = self.write("s.yaml", "scenario: no\ngiven: []\nexpect: {contact: none}\n")
        done = self.run_antiphon("test", scenarios, "--topology", self.root / "topologies" / "first-steps", code=2)
        self.assertIn("s.yaml:3:10: error: `expect` has no key 'contact'; did you mean contacts", done.stderr.decode())
        self.run_antiphon("test", code=2)
        self.assertIn("Example", self.run_antiphon("test", "--help").stdout.decode())


if __name__ == "__main__":
    main()
