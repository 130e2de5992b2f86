"""The customers: events, requests and answers to what they were told, at a modest rate, from a seed."""

import collections
import contextlib
import json
import random
import subprocess
import threading
import time

from .estate import ANSWER_PARTITIONS, ANSWERS, CARDS, CONTROL, PARTITIONS, dies_with_us

PAYERS = [f"P{number}" for number in range(24)]
BROWSERS = [f"B{number}" for number in range(12)]  # they visit and never pay: each of their visits ends in an absence
_PAYMENTS, _WEB = "bank.payments", "bank.web"
_TURN_SECONDS = 0.1


class Feed:
    """Two threads: one produces, one hears what the customers are told. Read the figures after stop()."""

    def __init__(self, estate, seed, per_second):
        self._choose = random.Random(f"feed {seed}")
        self._per_turn = per_second * _TURN_SECONDS
        self._told = collections.deque(maxlen=500)
        self._stopping = threading.Event()
        self._recent = []
        self.records = 0  # of the inputs
        self.controls = 0
        self.broken = 0
        self.answered = 0
        self.requests = {}  # customer, by correlation id
        self.visits = {}  # (customer, time), by event id
        self._log = (estate.folder / "feed.log").open("w")
        self._producer = subprocess.Popen(dies_with_us(estate.probe_binary, estate.address, "produce"), stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE, stderr=self._log, text=True)  # fmt: skip
        tail = [estate.probe_binary, estate.address, "tail", f"antiphon.outbound.sms:{PARTITIONS}", f"{ANSWERS}:{ANSWER_PARTITIONS}"]
        self._listener = subprocess.Popen(dies_with_us(*tail), stdout=subprocess.PIPE, stderr=self._log)
        self._copy = (estate.folder / "inputs.tsv").open("w")
        self._threads = [threading.Thread(target=self._produce, daemon=True), threading.Thread(target=self._listen, daemon=True)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        """Waits until all records are in the cluster; whether they are."""
        self._stopping.set()
        self._threads[0].join()
        printed, _ = self._producer.communicate(timeout=180)
        self.close()
        return self._producer.returncode == 0 and int(printed) == self.records + self.controls

    def close(self):
        self._stopping.set()
        for process in (self._producer, self._listener):
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join()
        self._copy.close()

    def _listen(self):
        for line in self._listener.stdout:
            self._told.append(json.loads(line))

    def _produce(self):
        due, number = time.monotonic(), 0
        with contextlib.suppress(BrokenPipeError):  # closed early
            while not self._stopping.is_set():
                for _ in range(int(self._choose.uniform(0, 2 * self._per_turn) + 0.5)):
                    number += 1
                    self._happen(f"e{number}")
                self._producer.stdin.flush()
                due += _TURN_SECONDS
                time.sleep(max(0.0, due - time.monotonic()))

    def _send(self, topic, key, value, correlation=""):
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        line = f"{topic}\t{key}\t{correlation}\t{text}\n"
        self._producer.stdin.write(line)
        self._copy.write(line)
        if topic == CONTROL:
            self.controls += 1
        else:
            self.records += 1

    def _happen(self, event_id):
        choose = self._choose
        customer = choose.choice(PAYERS + BROWSERS)
        now = time.time_ns() // 1_000_000
        head = {"id": event_id, "customer": customer, "time": now - choose.randrange(2000)}
        draw = choose.random()
        if draw < 0.01:
            self.broken += 1
            self._send(_WEB, customer, '{"id":"broken')
        elif draw < 0.03 and self._recent:
            self._send(*choose.choice(self._recent))  # a redelivery of another system: the same source and id
        elif draw < 0.034:
            word = choose.choice(("control.pause", "control.resume"))
            self._send(CONTROL, "", {"type": word, "time": now, "offer": choose.choice(("invest", "remind"))})
        elif draw < 0.12:
            correlation = f"r-{event_id}"
            self.requests[correlation] = customer
            asked = {"channel": "desk", "placement": "desk", "slots": 1, "interaction_id": f"i{choose.randrange(40)}"}
            self._send(_WEB, customer, {**head, "type": "asked", "request_id": correlation, **asked}, correlation)
        elif draw < 0.2:
            self._answer(head)
        elif draw < 0.5 or customer in BROWSERS:
            self.visits[event_id] = (customer, head["time"])
            self._remember(_WEB, customer, {**head, "type": "visited", "page": "/"})
        else:
            topic, key = (_PAYMENTS, customer) if choose.random() < 0.5 else (CARDS, f"card-of-{customer}")
            self._remember(topic, key, {**head, "type": "paid", "amount": choose.randrange(1000)})

    def _remember(self, *record):
        self._recent = [*self._recent[-9:], record]
        self._send(*record)

    def _answer(self, head):
        """To one of the latest messages or offers on a screen; sometimes to none that there ever was."""
        contact, codes = "0" * 32, ("delivered",)
        if self._told and self._choose.random() < 0.97:
            record = self._told[self._choose.randrange(len(self._told))]
            told = json.loads(record["value"])
            head["customer"] = told["customer"]
            if told["kind"] == "send":
                contact, codes = told["contact_id"], ("delivered", "seen", "clicked", "accepted", "declined", "failed")
            elif told["offers"]:
                contact, codes = told["offers"][0]["contact_id"], ("presented", "presented", "released", "accepted", "declined")
        self.answered += 1
        self._send(_WEB, head["customer"], {**head, "type": "answered", "contact_id": contact, "code": self._choose.choice(codes)})
