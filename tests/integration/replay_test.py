#!/usr/bin/env python3
"""antiphon replay as a user runs it: equal bytes whatever the store, the threads, the files, the stops."""

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from support import AntiphonTest, RECORDS, START_MS, made_log, main, text_of

LEDGER = ("decisions.jsonl", "contacts.jsonl", "outbound.jsonl")


class EqualBytes(AntiphonTest):
    def setUp(self):
        super().setUp()
        self.lines = made_log(seed=1, lines=12_000)
        self.log = self.write("log.jsonl", text_of(self.lines))
        self.replay("plain", self.log)

    def test_the_log_is_worth_replaying(self):
        summary = self.summary("plain")
        self.assertGreater(summary["records"]["contacts"], 50)
        self.assertGreater(summary["events"]["timers_fired"], 50)
        self.assertGreater(summary["events"]["duplicates"], 10)
        self.assertGreater(summary["events"]["controls"], 5)
        self.assertGreater(sum(summary["events"]["dead_letters"].values()), 50)
        self.assertTrue(summary["caps_that_bound"])

    def test_any_number_of_threads_and_lines_in_a_batch(self):
        for threads, batch in ((1, 1), (2, 100), (4, 5000), (3, 17)):
            out = f"t{threads}b{batch}"
            self.replay(out, "--threads", threads, "--batch-lines", batch, self.log)
            self.assert_same(out, "plain")

    def test_either_store(self):
        self.replay("rocksdb", "--store", "rocksdb", self.log)
        self.assert_same("rocksdb", "plain")
        self.replay("rocksdb2", "--store", "rocksdb", "--memory-mib", 64, "--threads", 2, self.log)
        self.assert_same("rocksdb2", "plain")

    def test_stopped_and_resumed_at_random_places(self):
        choose = random.Random(7)
        for number, store in enumerate(("memory", "memory", "rocksdb")):
            out = f"parts{number}"
            done = self.replay(out, "--store", store, "--stop-after", choose.randrange(1, 5000), self.log, code=130)
            self.assertIn(b"--resume", done.stderr)
            self.run_antiphon("replay", "--resume", "--out", self.scratch / out, "--stop-after", choose.randrange(1, 5000), code=130)
            # The same command again, with --resume.
            self.replay(out, "--store", store, "--resume", self.log)
            self.assert_same(out, "plain")
            self.replay(f"journal{number}", "--journal", self.scratch / out / "journal", self.log)
            self.assert_same(f"journal{number}", "plain")

    def test_packed_logs(self):
        packed = self.scratch / "log.jsonl.gz"
        packed.write_bytes(gzip.compress(text_of(self.lines[:5000])) + gzip.compress(text_of(self.lines[5000:])))
        self.replay("gz", packed)
        self.assert_same("gz", "plain", LEDGER)
        if not shutil.which("zstd"):
            self.skipTest("no zstd")
        subprocess.run(["zstd", "-q", self.log, "-o", self.scratch / "log.jsonl.zst"], check=True)
        self.replay("zst", self.scratch / "log.jsonl.zst")
        self.assert_same("zst", "plain", LEDGER)

    def test_standard_input_and_its_journal(self):
        self.replay("piped", "-", stdin=text_of(self.lines))
        self.assert_same("piped", "plain", LEDGER)
        # Its lines stand in the journal: no log is needed.
        self.replay("journal", "--journal", self.scratch / "piped" / "journal")
        self.assert_same("journal", "plain", LEDGER)

    def test_lines_without_ends_of_their_own_kind(self):
        self.replay("crlf", self.write("crlf.jsonl", b"\r\n".join(text_of(self.lines).split(b"\n"))))
        self.assertEqual(self.digests("crlf"), self.digests("plain"))
        self.replay("open", self.write("open.jsonl", text_of(self.lines).rstrip(b"\n")))
        self.assert_same("open", "plain", LEDGER)

    def test_the_journal_refuses_another_log(self):
        changed = self.write("changed.jsonl", text_of(self.lines[:-1] + ["{}"]))
        done = self.replay("refused", "--journal", self.scratch / "plain" / "journal", changed, code=2)
        self.assertIn(b"is not the log of the journal", done.stderr)
        self.assertFalse((self.scratch / "refused").exists())

    def test_resuming_refuses_another_log(self):
        self.replay("out", "--stop-after", 3000, self.log, code=130)
        changed = self.write("changed.jsonl", text_of(["{}"] + self.lines))
        done = self.replay("out", "--resume", changed, code=2)
        self.assertIn(b"not those of the run that stopped", done.stderr)
        self.replay("out", "--resume", self.log)
        self.assert_same("out", "plain")


class SplitLogs(AntiphonTest):
    def test_split_by_lines_or_by_time(self):
        lines = made_log(seed=3, lines=8000, bad=False)
        lines.sort(key=lambda line: json.loads(line)["time"])
        times = {json.loads(line)["time"] for line in lines}
        lines = [line for line in lines if json.loads(line)["time"] in times and not times.discard(json.loads(line)["time"])]
        self.replay("plain", self.write("log.jsonl", text_of(lines)))
        parts = [self.write(f"part{i}.jsonl", text_of(lines[i::3])) for i in range(3)]
        self.replay("split", *parts)
        self.assert_same("split", "plain")
        halves = [self.write("second.jsonl", text_of(lines[4000:])), self.write("first.jsonl", text_of(lines[:4000]))]
        self.replay("halves", *halves)
        self.assert_same("halves", "plain")
        self.replay("stopped", "--stop-after", 3000, *parts, code=130)
        self.run_antiphon("replay", "--resume", "--out", self.scratch / "stopped")
        self.assert_same("stopped", "plain")
        self.replay("journal", "--journal", self.scratch / "split" / "journal", *parts)
        self.assert_same("journal", "plain")


class Signals(AntiphonTest):
    def start(self, *arguments):
        process = subprocess.Popen(
            [self.antiphon, "replay", *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.addCleanup(process.kill)
        return process

    def test_ctrl_c_in_the_middle_of_a_pipe_and_resume(self):
        content = text_of(made_log(seed=5, lines=30_000))
        self.replay("plain", "-", stdin=content)
        for store in ("memory", "rocksdb"):
            out = self.scratch / store
            process = self.start("--topology", self.topology, "--out", out, "--store", store, "-")
            process.stdin.write(content[: len(content) // 2 + 13])  # in the middle of a line
            process.stdin.flush()
            journal = out / "journal"
            deadline = time.monotonic() + 60
            while not (journal.exists() and journal.stat().st_size > 1000) and time.monotonic() < deadline:
                os.sched_yield()
            process.send_signal(signal.SIGINT)  # the pipe stays open and is silent
            _, messages = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130, messages)
            self.assertIn(b"stopped after", messages)
            self.assertIn(b"the same standard input", messages)
            written = (out / "contacts.jsonl").read_bytes()
            self.assertTrue((self.scratch / "plain" / "contacts.jsonl").read_bytes().startswith(written))
            self.run_antiphon("replay", "--resume", "--out", out, stdin=content)
            self.assert_same(store, "plain")
            self.assertFalse((out / "resume.json").exists())

    def test_a_closed_pipe_is_the_end_of_the_log(self):
        content = text_of(made_log(seed=6, lines=2000))
        self.replay("plain", "-", stdin=content)
        self.replay("again", "-", stdin=content)
        self.assert_same("again", "plain")


class Input(AntiphonTest):
    def test_bad_lines_become_dead_letters_with_their_place(self):
        good = made_log(seed=8, lines=50, bad=False)
        log = self.write("log.jsonl", text_of(good[:20]) + b"nonsense\n\n\xff\xfe\n" + text_of(good[20:]) + b'{"id":"cut')
        done = self.replay("out", log)
        self.assertIn(b"3 dead letters", done.stdout)
        letters = [json.loads(line) for line in self.files("out")["dead-letters.jsonl"].splitlines()]
        self.assertEqual([letter["line"] for letter in letters], [21, 23, 54])
        self.assertTrue(all(letter["source"] == str(log) and letter["reason"] and letter["bytes"] for letter in letters))
        self.assertEqual(self.summary("out")["events"]["applied"], 50)
        self.replay("strict", "--strict", log, code=1)
        self.replay("clean", "--strict", self.write("good.jsonl", text_of(good)))

    def test_an_archive_cut_off_gives_what_it_had(self):
        good = made_log(seed=9, lines=5000, bad=False)
        packed = gzip.compress(text_of(good))
        self.replay("out", self.write("cut.jsonl.gz", packed[: len(packed) // 2]))
        self.assertIn("broken_file", self.summary("out")["events"]["dead_letters"])
        self.assertGreater(self.summary("out")["events"]["applied"], 100)

    def test_an_empty_log(self):
        done = self.replay("out", self.write("log.jsonl", b""))
        self.assertIn(b"0 lines", done.stdout)
        self.assertEqual({name: b"" for name in RECORDS}, self.files("out"))

    def test_undeclared_types_are_counted(self):
        self.replay("out", self.write("log.jsonl", b'{"id":"1","type":"x.y","time":"2026-03-01T00:00:00Z","customer":"C"}\n' * 3))
        self.assertEqual(self.summary("out")["events"]["skipped_types"], {"x.y": 3})

    def test_until_gives_the_beginning_of_the_whole(self):
        log = self.write("log.jsonl", text_of(made_log(seed=10, lines=9000)))
        self.replay("plain", log)
        self.replay("until", "--until", "2026-03-08", log)
        for name in LEDGER:
            self.assertTrue(self.files("plain")[name].startswith(self.files("until")[name]))
        self.assertEqual(self.summary("until")["clock"], "2026-03-08T00:00:00.000Z")
        self.assertGreater(self.summary("until")["records"]["contacts"], 0)
        self.assertLess(self.summary("until")["records"]["contacts"], self.summary("plain")["records"]["contacts"])


class Backfill(AntiphonTest):
    def setUp(self):
        super().setUp()
        self.topology = self.root / "tests" / "golden" / "backfill"

    def log_of(self, is_backfill):
        """Some months of 30 customers, in which absences and birthdays fall due all the time."""
        choose = random.Random(3)
        now = START_MS
        lines = []
        for number in range(3000):
            now += choose.choice((0, choose.randrange(5_000_000)))
            kind = choose.choice(("account.opened", "account.opened", "account.used", "customer.profile", "consent.changed", "call.in"))
            fields = {
                "customer.profile": {"birth_date": f"1980-{choose.randrange(3, 5):02}-{choose.randrange(1, 28):02}"},
                "consent.changed": {"channel": "sms", "purpose": "marketing", "granted": True},
                "call.in": {"request_id": f"R{number}", "channel": "desk", "placement": "screen"},
            }.get(kind, {"n": 1})
            record = {"type": kind, "id": f"e{number}", "time": now, "customer_id": f"C{choose.randrange(30)}", **fields}
            if is_backfill(number):
                record["backfill"] = True
            lines.append(json.dumps(record, separators=(",", ":")))
        return self.write("log.jsonl", text_of(lines))

    def test_a_log_of_backfill_says_nothing(self):
        log = self.log_of(lambda number: True)
        for out, partitions in (("p16", 16), ("p1", 1)):
            self.replay(out, "--partitions", partitions, log)
            self.assertEqual([len(self.files(out)[name]) for name in LEDGER], [0, 0, 0])
            self.assertGreater(self.summary(out)["counters"]["backfill_matches"], 100)
            self.assertGreater(self.summary(out)["counters"]["backfill_requests"], 100)

    def test_neither_batches_nor_partitions_show_in_what_backfill_silences(self):
        log = self.log_of(lambda number: number % 700 < 350 or number % 11 == 0)
        self.replay("plain", log)
        self.assertGreater(self.summary("plain")["records"]["contacts"], 50)
        self.assertGreater(self.summary("plain")["counters"]["backfill_matches"], 50)
        for batch in (1, 2, 37):
            self.replay(f"b{batch}", "--batch-lines", batch, log)
            self.assert_same(f"b{batch}", "plain")
        for partitions in (1, 3):
            self.replay(f"p{partitions}", "--partitions", partitions, log)
            self.assertEqual(self.digests(f"p{partitions}")["contacts"], self.digests("plain")["contacts"])


class Usage(AntiphonTest):
    def setUp(self):
        super().setUp()
        self.log = self.write("log.jsonl", text_of(made_log(seed=11, lines=100)))

    def refused(self, *arguments, says):
        done = self.run_antiphon("replay", *arguments, code=2)
        self.assertIn(says, done.stderr.decode())
        self.assertEqual(done.stdout, b"")

    def test_what_is_missing_is_named(self):
        out = self.scratch / "out"
        self.refused(self.log, "--out", out, says="--topology")
        self.refused(self.log, "--topology", self.topology, says="--out")
        self.refused("--topology", self.topology, "--out", out, says="standard input")
        self.refused("--topology", self.scratch / "no", "--out", out, self.log, says="no")
        self.refused("--topology", self.topology, "--out", out, self.scratch / "absent.jsonl", says="absent.jsonl")
        self.refused("--topology", self.topology, "--out", out, "--until", "tomorrow", self.log, says="2026-03-01")
        self.refused("--topology", self.topology, "--out", out, "--store", "redis", self.log, says="memory or rocksdb")
        self.refused("--topology", self.topology, "--out", out, "--partitions", 0, self.log, says="--partitions")
        self.refused("--topology", self.topology, "--out", out, "--threads", "many", self.log, says="--threads")
        self.refused("--topology", self.topology, "--out", out, "--frobnicate", self.log, says="--frobnicate")
        self.refused("--topology", self.topology, "--out", out, "-", "-", says="once")
        self.refused("--topology", self.topology, "--out", self.log, self.log, says="is a file")
        self.refused("--resume", "--out", out, says="nothing to resume")
        self.assertFalse(out.exists())

    def test_a_folder_that_is_not_a_replays_is_left_alone(self):
        self.write("mine.txt", b"mine")
        self.refused("--topology", self.topology, "--out", self.scratch, "--force", self.log, says="not a replay's")

    def test_an_earlier_replay_is_replaced_only_by_force(self):
        self.replay("out", self.log)
        self.refused("--topology", self.topology, "--out", self.scratch / "out", self.log, says="--force")
        self.replay("out", "--force", self.log)

    def test_the_summary_as_json_is_the_one_in_the_folder(self):
        done = self.replay("out", "--json", self.log)
        self.assertEqual(json.loads(done.stdout), self.summary("out"))
        self.assertEqual(done.stderr, b"")  # quiet in a pipe

    def test_a_topology_with_errors_is_refused_with_their_places(self):
        folder = self.scratch / "bad"
        folder.mkdir()
        (folder / "topology.yaml").write_text("antiphon: 1\nname: bad\ntimezone: Europe/Prag\n")
        self.refused("--topology", folder, "--out", self.scratch / "out", self.log, says="topology.yaml:3:")


if __name__ == "__main__":
    main()
