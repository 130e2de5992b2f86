#!/usr/bin/env python3
"""The shipped topologies on a made bank and, where it lies beside the project, on real events; judged from the outside by check-ledger."""

import subprocess
import sys
import unittest

from support import AntiphonTest, main


class ShippedTopologies(AntiphonTest):
    def setUp(self):
        super().setUp()
        self.topology = self.root / "topologies" / "retail-bank"

    def test_they_are_good_and_pass_their_scenarios(self):
        for name in ("retail-bank", "first-steps"):
            self.run_antiphon("check", self.root / "topologies" / name)
            self.assertIn(b" 0 failed", self.run_antiphon("test", self.root / "topologies" / name).stdout)

    def check_ledger(self, out, *arguments):
        checker = self.root / "tests" / "support" / "check-ledger"
        hours = ["--cap", "weekly=1/7d", "--quiet", "20:00-08:00@Europe/Prague", "--closed-days", "sat,sun@Europe/Prague"]
        done = subprocess.run([sys.executable, checker, self.scratch / out, *hours, *arguments], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_no_rule_is_broken_on_a_made_bank(self):
        log = self.scratch / "log.jsonl"
        self.run_antiphon("simulate", "--customers", 400, "--days", 120, "--seed", 5, "--out", log)
        self.replay("one", "--strict", log)
        self.check_ledger("one", "--log", log)
        self.replay("two", "--threads", 2, "--store", "rocksdb", log)
        self.assert_same("two", "one")

    def test_no_rule_is_broken_on_real_events(self):
        log = self.shared / "data" / "berka-events.jsonl.zst"
        if not log.exists():
            self.skipTest(f"the real events are not beside the project ({log.name})")
        self.replay("one", "--strict", log)
        self.check_ledger("one")
        self.replay("two", "--threads", 2, log)
        self.assert_same("two", "one")


if __name__ == "__main__":
    main()
