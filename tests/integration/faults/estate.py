"""A bank's estate in a folder: a broker behind the proxy, its topics, the processes of one group."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from .proxy import Proxy

GROUP = "faults"
PARTITIONS = 8
ANSWERS, ANSWER_PARTITIONS = "bank.answers", 4
INPUTS = ("bank.payments", "bank.web")
CARDS, CARD_PARTITIONS = "bank.cards", 5  # keyed by the card: it is re-keyed
CONTROL = "antiphon.control"
STOP_WITHIN = 10

_BROKER_SETTINGS = (
    "group.min.session.timeout.ms=2000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
)


class EstateError(Exception):
    pass


def dies_with_us(*command):
    return ["setpriv", "--pdeathsig", "KILL", *map(str, command)]


def tail_of(path, lines=12):
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


class Node:
    """One `antiphon run`: its process file, its state folder, its log over all its lives."""

    def __init__(self, estate, name, workers):
        self.estate, self.name = estate, name
        self.folder = estate.folder / "nodes" / name
        self.folder.mkdir(parents=True)
        self.file = self.folder / "process.yaml"
        self.log = self.folder / "log"
        self.process = None
        self.lives = 0
        self.kill_at = ""  # of this life
        inputs = "".join(f"  - {{topic: {topic}, format: json, replies: {ANSWERS}}}\n" for topic in INPUTS)
        inputs += f"  - {{topic: {CARDS}, format: json, key: other}}\n"
        self.file.write_text(
            f"antiphon_process: 1\ntopology: {estate.topology}\ngroup: {GROUP}\nnode: {name}\n"
            f"kafka:\n  bootstrap.servers: {estate.address}\n  session.timeout.ms: 5000\n  heartbeat.interval.ms: 1000\n"
            f"inputs:\n{inputs}state: {{folder: {self.folder / 'state'}, memory: 64MiB}}\n"
            f"workers: {workers}\nstandby: 1\nclock: wall\nstop_within: {STOP_WITHIN}s\n"
        )

    def start(self, kill_at="", wipe=False):
        if wipe:
            shutil.rmtree(self.folder / "state", ignore_errors=True)
        self.lives += 1
        self.kill_at = kill_at
        surroundings = dict(os.environ)
        surroundings.pop("ANTIPHON_KILL_AT", None)
        if kill_at:
            surroundings["ANTIPHON_KILL_AT"] = kill_at
        with self.log.open("a") as log:
            log.write(f"--- life {self.lives} {kill_at}{' on an empty folder' if wipe else ''}\n")
            log.flush()
            command = dies_with_us(self.estate.binary, "run", "--process", self.file)
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=surroundings)

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        if self.is_up():
            self.process.send_signal(number)

    def ended_badly(self):
        """What no fault may bring about: a broken invariant, a crash, the word that somebody moved the offsets."""
        code = self.process.poll() if self.process else None
        if code is not None and code < 0 and -code not in (signal.SIGKILL, signal.SIGTERM):
            return f"{self.name} was ended by signal {-code}:\n{tail_of(self.log)}"
        if code in (1, 2) and "somebody moved" in tail_of(self.log, 3):
            return f"{self.name} says that somebody moved the group's offsets:\n{tail_of(self.log)}"
        return ""


class Estate:
    """Everything lies in `folder`. `root`: of the project; nothing outlives this process but the folder."""

    def __init__(self, root, folder, binary, probe):
        self.root, self.folder, self.binary, self.probe_binary = root, folder, binary, probe
        self.topology = root / "tests" / "integration" / "faults" / "topology"
        self._script = root / "tests" / "support" / "kafka" / "broker"
        self._broker = folder / "kafka"
        self._starting = None
        self._guardian = None
        self.nodes = {}
        self.proxy = Proxy()
        self.address = f"127.0.0.1:{self.proxy.port}"

    def open(self):
        settings = [word for setting in _BROKER_SETTINGS for word in ("--set", setting)]
        # If this process is killed the pipe breaks, and the broker ends with it.
        ends_broker = f"read -r _; exec '{self._script}' kill '{self._broker}'"
        self._guardian = subprocess.Popen(["sh", "-c", ends_broker], stdin=subprocess.PIPE, start_new_session=True,
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        self._call(self._script, "start", self._broker, "--advertise", self.proxy.port, *settings, within=120)
        properties = (self._broker / "1" / "server.properties").read_text()
        self.proxy.target = int(properties.split("CLIENT://127.0.0.1:")[1].split(",")[0])
        inputs = [f"{topic}:{PARTITIONS}" for topic in INPUTS]
        self._call(self.probe_binary, self.address, "create", *inputs, f"{CARDS}:{CARD_PARTITIONS}", f"{ANSWERS}:{ANSWER_PARTITIONS}")

    def close(self):
        for node in self.nodes.values():
            node.signal(signal.SIGKILL)
            if node.process:
                node.process.wait()
        if self._guardian:
            self._guardian.stdin.close()
            self._guardian.wait()

    def add_node(self, name, workers):
        node = self.nodes[name] = Node(self, name, workers)
        return node

    def create_topics(self, node):
        self._call(self.binary, "topics", "--process", node.file, "--create")

    def kill_broker(self):
        self._call(self._script, "kill", self._broker)
        with (self.folder / "broker-starts.log").open("a") as log:
            self._starting = subprocess.Popen(dies_with_us(self._script, "start", self._broker), stdout=log, stderr=log)

    def broker_is_back(self):
        if self._starting is None or self._starting.poll() is None:
            return self._starting is None
        if self._starting.returncode != 0:
            raise EstateError("the broker does not start again; see broker-starts.log")
        self._starting = None
        return True

    def probe(self, *arguments):
        """The probe's JSON lines; nothing if the cluster does not answer."""
        done = subprocess.run(dies_with_us(self.probe_binary, self.address, *arguments), capture_output=True, timeout=180, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()] if done.returncode == 0 else None

    def positions(self):
        """Of the inputs; what antiphon.rekeyed has is the partitions' affair within moments."""
        read = self.probe("positions", GROUP, *[f"{topic}:{PARTITIONS}" for topic in INPUTS])
        rekeyed = self.probe("positions", f"{GROUP}-rekey", f"{CARDS}:{CARD_PARTITIONS}")
        return None if read is None or rekeyed is None else read + rekeyed

    def committed_records(self):
        """All committed records of what Antiphon wrote, by topic, in the order of each partition."""
        topics = [f"antiphon.{name}:{PARTITIONS}" for name in ("contacts", "decisions", "outbound.sms", "dead-letters")]
        records = self.probe("read", *topics, f"{ANSWERS}:{ANSWER_PARTITIONS}")
        if records is None:
            raise EstateError("the outputs cannot be read")
        by_topic = {topic.rsplit(":", 1)[0]: [] for topic in topics} | {ANSWERS: []}
        for record in records:
            by_topic[record["topic"]].append(record)
        return by_topic

    def verify(self, node):
        command = [self.binary, "verify", "--process", node.file, "--json"]
        done = subprocess.run(command, capture_output=True, timeout=300, check=False)
        (self.folder / "verify.json").write_bytes(done.stdout)
        if done.returncode not in (0, 1):
            raise EstateError("antiphon verify: " + done.stderr.decode())
        return json.loads(done.stdout)

    @staticmethod
    def _call(*command, within=60):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=within, check=False)
        if done.returncode != 0:
            raise EstateError(f"{pathlib.Path(command[0]).name} {command[1]}: {done.stderr or done.stdout}")


def wait_until(condition, within, what, pause=0.2):
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise EstateError(f"{what} did not come about within {within} s")
        time.sleep(pause)
