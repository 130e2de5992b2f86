"""What the programs of this folder share: the broker, processes to measure, the log."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = ROOT / "build/release"
BROKER = ROOT / "tests/support/kafka/broker"
TOPOLOGY = ROOT / "tests/workloads/retail-1/topology"
PARTITIONS = 4
INPUT = "retail"
GROUP = "bench"
BROKER_CORE, WORKER_CORE = "0", "1"
TICKS = os.sysconf("SC_CLK_TCK")


def find(name):
    found = [path for path in BUILD.rglob(name) if path.is_file() and os.access(path, os.X_OK)]
    if not found:
        sys.exit(f"{name} is not in {BUILD}: cmake --preset release && cmake --build --preset release --target {name}")
    return found[0]


def on_core(core, *command):
    return ["taskset", "-c", core, *map(str, command)]


def said(**figures):
    print(json.dumps(figures), flush=True)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Broker:
    """One, started when it is made."""

    def __init__(self, folder):
        self.folder = folder
        environment = dict(os.environ, KAFKA_BROKER_HEAP="1g")
        # The times of the workload are far from the wall clock's.
        subprocess.run(on_core(BROKER_CORE, BROKER, "start", folder, "--set", "log.retention.ms=-1"), check=True, stdout=subprocess.DEVNULL,
                       env=environment)
        self.address = self.ask("address")
        self.pid = int(self.ask("pid"))

    def ask(self, what):
        return subprocess.run([BROKER, what, self.folder], check=True, capture_output=True, text=True).stdout.strip()

    def kill(self):
        subprocess.run([BROKER, "kill", self.folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Process:
    """What is measured, on a core of its own. Its standard error goes to a log, its output too unless it has a file."""

    def __init__(self, log, command, output=None):
        self.log = log
        self.begins = log.stat().st_size if log.exists() else 0  # behind what an earlier life said
        with log.open("ab") as errors, (output or log).open("ab") as out:
            command = on_core(WORKER_CORE, "setpriv", "--pdeathsig", "KILL", *command)
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)

    def wait(self, what, done, seconds=900, every=0.25):
        deadline = time.monotonic() + seconds
        while not done():
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{what}: the process ended, or it took too long; {self.log}:\n{self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(every)

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def memory_mib(self, which="VmHWM"):
        """The highest so far; VmRSS: now."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{which}:\s+(\d+)", status).group(1)) // 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


class Worker(Process):
    """One life of `antiphon run`."""

    def __init__(self, binary, folder, process_file):
        super().__init__(folder / "log", [binary, "run", "--process", process_file])
        self.port = None

    def get(self, page):
        if self.port is None:
            found = re.search(r"metrics and health on .* port (\d+)", self.log.read_text(errors="replace")[self.begins :])
            if not found:
                return None
            self.port = found.group(1)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{page}", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return None

    def total(self, metric):
        page = self.get("/metrics") or ""
        return sum(float(value) for value in re.findall(rf"^{metric}(?:{{[^}}]*}})? (\S+)$", page, re.M))

    def commits(self):
        """How many, and the seconds that they took."""
        return self.total("antiphon_commits_total"), self.total("antiphon_commit_duration_seconds_sum")


def write_process_file(file, state, address, compression, arguments):
    file.write_text(
        f"antiphon_process: 1\ntopology: {TOPOLOGY}\ngroup: {GROUP}\nnode: one\n"
        f"kafka: {{bootstrap.servers: '{address}', compression.codec: {compression}}}\n"
        f"inputs: [{{topic: {INPUT}, format: json}}]\n"
        f"state: {{folder: {state}, memory: {arguments.memory}}}\n"
        f"commit: {{every: {arguments.commit_every}, inputs: {arguments.commit_inputs}}}\n"
        "workers: 1\nclock: event\nhttp: {listen: 127.0.0.1:0}\n"
    )


def make_log(generator, folder, events, further, customers):
    """Two files: `events` events, and the `further` ones, which go on from there."""
    log, drained, rest = (folder / name for name in ("log.jsonl", "drained.jsonl", "further.jsonl"))
    with log.open("wb") as out:
        command = [generator, "--events", str(events + further), "--customers", str(customers), "--seed", "1"]
        subprocess.run(command, check=True, stdout=out)
    with log.open("rb") as lines, drained.open("wb") as first, rest.open("wb") as second:
        for number, line in enumerate(lines):
            (first if number < events else second).write(line)
    return drained, rest


def add_common_arguments(parser):
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--warm-up", type=int, default=1_000_000, help="so many of them")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--memory", default="1100MiB", help="the process's `state: {memory}`")
    parser.add_argument("--commit-every", default="100ms")
    parser.add_argument("--commit-inputs", type=int, default=20_000)
    parser.add_argument("--compression", default="lz4")
    parser.add_argument("--folder", help="keeps everything there (default: a temporary folder)")


def in_folder(arguments, work):
    """Calls `work` with the folder of the run."""
    if arguments.folder:
        folder = pathlib.Path(arguments.folder).resolve()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        work(folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        work(pathlib.Path(folder))
