"""What the integration tests share: the binary, scratch folders, a made log, a topology in small."""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

RECORDS = ("decisions.jsonl", "contacts.jsonl", "outbound.jsonl", "dead-letters.jsonl")
DAY_MS = 86_400_000
START_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
# What topologies/retail-bank promises, as arguments of tests/support/check-ledger.
RETAIL_BANK_RULES = ("--cap", "weekly=1/7d", "--quiet", "20:00-08:00@Europe/Prague", "--closed-days", "sat,sun@Europe/Prague")


class AntiphonTest(unittest.TestCase):
    """A scratch folder for each test, and the binary."""

    antiphon = None
    root = None
    shared = None  # what may lie beside the project

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="antiphon-")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        self.topology = self.root / "tests" / "workloads" / "retail-1" / "topology"

    def not_run(self, what):
        """Skips the test; ./test repeats the line at its end."""
        print(f"not run: {what}", flush=True)
        self.skipTest(what)

    def run_antiphon(self, *arguments, stdin=b"", code=0):
        done = subprocess.run([self.antiphon, *map(str, arguments)], input=stdin, capture_output=True, timeout=300, check=False)
        self.assertEqual(done.returncode, code, done.stderr.decode() + done.stdout.decode()[-2000:])
        return done

    def replay(self, out, *arguments, stdin=b"", code=0):
        return self.run_antiphon("replay", "--topology", self.topology, "--out", self.scratch / out, *arguments, stdin=stdin, code=code)

    def write(self, name, content):
        path = self.scratch / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def files(self, out):
        return {name: (self.scratch / out / name).read_bytes() for name in RECORDS}

    def summary(self, out):
        return json.loads((self.scratch / out / "summary.json").read_text())

    def digests(self, out):
        return self.summary(out)["digests"]

    def check_ledger(self, out, *rules):
        checker = self.root / "tests" / "support" / "check-ledger"
        done = subprocess.run([sys.executable, checker, self.scratch / out, *rules], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def assert_same(self, out, expected, files=RECORDS):
        self.assertEqual(self.digests(out), self.digests(expected))
        for name in files:
            self.assertTrue(self.files(out)[name] == self.files(expected)[name], f"{name} of {out} is not that of {expected}")


def event(kind, number, customer, time, **fields):
    return json.dumps({"id": f"e{number}", "type": kind, "time": time, "customer": customer, **fields}, separators=(",", ":"))


def made_log(seed, lines, bad=True):
    """Some customers of retail-1 for some weeks: bursts, late and repeated events, bad lines, undeclared types, pauses."""
    choose = random.Random(seed)
    log = []
    now = START_MS
    for number in range(lines):
        now += choose.choice((0, 0, choose.randrange(60_000), choose.randrange(600_000)))
        customer = f"C{choose.randrange(60):07}"
        time = now - choose.choice((0,) * 20 + (choose.randrange(7_200_000),))
        draw = choose.random()
        if bad and draw < 0.02:
            log.append(choose.choice(('{"id":"x"', "nonsense", '{"id":"y","type":"transaction.posted","time":"no"}')))
        elif bad and draw < 0.04:
            log.append(event("unheard.of", number, customer, time))
        elif bad and draw < 0.05 and log:
            log.append(choose.choice(log))
        elif bad and draw < 0.053:
            pause = {"type": choose.choice(("control.pause", "control.resume")), "time": now, "offer": "card_cashback"}
            log.append(json.dumps(pause, separators=(",", ":")))
        elif draw < 0.08:
            log.append(event("account.opened", number, customer, time, product=choose.choice(("current", "savings", "mortgage"))))
        elif draw < 0.5:
            log.append(event("web.page_viewed", number, customer, time, path=choose.choice(("/mortgage/rates", "/", "/cards"))))
        else:
            credit = choose.random() < 0.4
            log.append(
                event(
                    "transaction.posted",
                    number,
                    customer,
                    time,
                    direction="credit" if credit else "debit",
                    purpose=choose.choice(("salary", "transfer")) if credit else "card",
                    category="" if credit else choose.choice(("groceries", "fuel", "travel")),
                    amount=choose.randrange(1, 9_000_000),
                    balance=choose.randrange(0, 3_000_000),
                )
            )
    return log


def text_of(lines):
    return "".join(line + "\n" for line in lines).encode()


def main():
    if len(sys.argv) < 4:
        sys.exit("usage: ..._test.py ANTIPHON SOURCE_DIR SHARED_DIR [unittest's arguments]")
    AntiphonTest.antiphon = sys.argv[1]
    AntiphonTest.root = pathlib.Path(sys.argv[2])
    AntiphonTest.shared = pathlib.Path(sys.argv[3])
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
