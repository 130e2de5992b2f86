#!/usr/bin/env python3
"""topologies/retail-bank on the events of a real bank, which may lie beside the project; judged from the outside by check-ledger."""

import unittest

from support import RETAIL_BANK_RULES, AntiphonTest, main


class RealEvents(AntiphonTest):
    def test_no_rule_is_broken(self):
        log = self.shared / "data" / "berka-events.jsonl.zst"
        if not log.exists():
            self.not_run(f"topologies/retail-bank on real events (no {log})")
        self.topology = self.root / "topologies" / "retail-bank"
        self.replay("one", "--strict", log)
        self.check_ledger("one", *RETAIL_BANK_RULES)
        self.replay("two", "--threads", 2, log)
        self.assert_same("two", "one")


if __name__ == "__main__":
    main()
