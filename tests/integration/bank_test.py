#!/usr/bin/env python3
"""The shipped topologies on a made bank; judged from the outside by check-ledger."""

import unittest

from support import RETAIL_BANK_RULES, AntiphonTest, main


class ShippedTopologies(AntiphonTest):
    def setUp(self):
        super().setUp()
        self.topology = self.root / "topologies" / "retail-bank"

    def test_they_are_good_and_pass_their_scenarios(self):
        for name in ("retail-bank", "first-steps"):
            self.run_antiphon("check", self.root / "topologies" / name)
            self.assertIn(b" 0 failed", self.run_antiphon("test", self.root / "topologies" / name).stdout)

    def test_no_rule_is_broken_on_a_made_bank(self):
        log = self.scratch / "log.jsonl"
        self.run_antiphon("simulate", "--customers", 400, "--days", 120, "--seed", 5, "--out", log)
        self.replay("one", "--strict", log)
        self.check_ledger("one", *RETAIL_BANK_RULES, "--log", log)
        self.replay("two", "--threads", 2, "--store", "rocksdb", log)
        self.assert_same("two", "one")


if __name__ == "__main__":
    main()
