"""One seed: the estate, the faults in their time, the healing, the judgement."""

import collections
import heapq
import itertools
import random
import signal
import time

from . import judge
from .estate import Estate, EstateError, wait_until
from .feed import Feed
from .schedule import EXTRA, NODES, make_schedule

EVENTS_PER_SECOND = 50
_RESTART_AFTER = 0.5  # of a process that ended by itself
_LEAVES_WITHIN = 60  # a process that was told to stop, while faults go on
_ACTIVE_WITHIN = 120  # after the healing: lag is 0 again
_TIMERS_REST = 6.0  # longer than the topology's absence
_CALM = 3.0  # with events and without faults


class SeedRun:
    def __init__(self, seed, seconds, root, folder, binary, probe):
        self.seed, self.seconds = seed, seconds
        self.schedule = make_schedule(seed, seconds)
        self.estate = Estate(root, folder, binary, probe)
        self.faults = collections.Counter()
        self.feed = None
        self._actions, self._tie = [], itertools.count()
        self._returns = {}  # by node: when it is started again, and how
        self._wire_until = 0.0

    def run(self):
        """Returns the figures; raises EstateError if it is not sound."""
        begun = time.monotonic()
        (self.estate.folder / "schedule.txt").write_text("".join(f"{fault}\n" for fault in self.schedule))
        try:
            self._open()
            self._inject()
            self._heal()
            self._settle()
            figures = judge.judge(self.estate, self.feed)
        finally:
            if self.feed:
                self.feed.close()
            self.estate.close()
        return {**figures, "faults": dict(sorted(self.faults.items())), "seconds": round(time.monotonic() - begun)}

    def _open(self):
        choose = random.Random(f"estate {self.seed}")
        self.estate.open()
        for name in (*NODES, EXTRA):
            self.estate.add_node(name, choose.choice((1, 2)))
        self.estate.create_topics(self.estate.nodes["n1"])
        for name in NODES:
            self.estate.nodes[name].start()
        self.feed = Feed(self.estate, self.seed, EVENTS_PER_SECOND)
        self.feed.start()

    # Injecting

    def _inject(self):
        self._begun = time.monotonic()
        for fault in self.schedule:
            self._at(fault.at, lambda fault=fault: self._begin(fault))
        while self._now() < self.seconds:
            while self._actions and self._actions[0][0] <= self._now():
                heapq.heappop(self._actions)[2]()
            self._supervise()
            time.sleep(0.02)

    def _now(self):
        return time.monotonic() - self._begun

    def _at(self, when, act):
        heapq.heappush(self._actions, (when, next(self._tie), act))

    def _begin(self, fault):
        if not getattr(self, f"_{fault.kind}")(fault):
            return
        self.faults[fault.kind] += 1
        with (self.estate.folder / "faults.log").open("a") as log:
            log.write(f"{self._now():6.1f} {fault}\n")

    def _down(self, fault, number):
        node = self.estate.nodes[fault.node]
        if not node.is_up() or fault.node in self._returns:
            return False
        node.signal(number)
        self._returns[fault.node] = (self._now() + fault.lasts, {"wipe": fault.wipe, "kill_at": fault.point})
        return True

    def _kill(self, fault):
        return self._down(fault, signal.SIGKILL)

    _point = _kill  # and when it comes back it dies there

    def _term(self, fault):
        return self._down(fault, signal.SIGTERM)

    def _freeze(self, fault):
        node = self.estate.nodes[fault.node]
        if not node.is_up():
            return False
        node.signal(signal.SIGSTOP)
        self._at(self._now() + fault.lasts, lambda: node.signal(signal.SIGCONT))
        return True

    def _extra(self, fault):
        node = self.estate.nodes[fault.node]
        if node.is_up():
            return False
        node.start()
        self._at(self._now() + fault.lasts, lambda: node.signal(signal.SIGTERM))
        return True

    def _broker(self, _):
        if not self.estate.broker_is_back():
            return False
        self.estate.kill_broker()
        return True

    def _cut(self, fault):
        self.estate.proxy.cut()
        return self._wire(fault, self._heal_wire)

    def _delay(self, fault):
        self.estate.proxy.delay(fault.late)
        return self._wire(fault, self._heal_wire)

    def _half(self, fault):
        self.estate.proxy.hold(*fault.held)
        return self._wire(fault, lambda: (self.estate.proxy.release(fault.lossy), self._heal_wire()))

    def _reset(self, _):
        self.estate.proxy.reset()
        return True

    def _wire(self, fault, heals):
        """Faults of the wire that overlap are all over when the last of them is."""
        until = self._now() + fault.lasts
        self._wire_until = max(self._wire_until, until)
        self._at(until, lambda: heals() if self._wire_until <= until else None)
        return True

    def _heal_wire(self):
        self.estate.proxy.heal()

    def _supervise(self):
        """What died comes back, when the schedule says so or a moment later; what may never happen ends the run."""
        self.estate.broker_is_back()
        for name, node in self.estate.nodes.items():
            if bad := node.ended_badly():
                raise EstateError(bad)
            if node.is_up():
                if name in self._returns and self._now() > self._returns[name][0] + _LEAVES_WITHIN:
                    raise EstateError(f"{name} does not end on SIGTERM; its log is {node.log}")
            elif name in NODES:
                if node.kill_at and name not in self._returns and node.process.returncode == -signal.SIGKILL:
                    self.faults["died:" + node.kill_at.split(":")[0]] += 1  # it reached its point
                when, how = self._returns.setdefault(name, (self._now() + _RESTART_AFTER, {}))
                if self._now() >= when:
                    del self._returns[name]
                    node.start(**how)

    # Healing

    def _heal(self):
        self._heal_wire()
        for node in self.estate.nodes.values():
            node.signal(signal.SIGCONT)
        self.estate.nodes[EXTRA].signal(signal.SIGTERM)
        wait_until(lambda: (self._supervise(), self.estate.broker_is_back())[1], 60, "a broker that serves")
        self._disarm()
        calm_from = time.monotonic()
        wait_until(lambda: (self._supervise(), time.monotonic() > calm_from + _CALM)[1], 30, "calm")
        if not self.feed.stop():
            raise EstateError("the feed could not deliver all its records")
        wait_until(lambda: (self._supervise(), self._lag() == 0)[1], _ACTIVE_WITHIN, "lag 0", pause=1.0)

    def _disarm(self):
        """A process that has not come to its point yet would die there while the estate rests, or leaves."""
        for _, how in self._returns.values():
            how["kill_at"] = ""
        for node in self.estate.nodes.values():
            if node.kill_at:
                node.signal(signal.SIGTERM)
        nodes = [self.estate.nodes[name] for name in NODES]
        wait_until(lambda: (self._supervise(), all(node.is_up() and not node.kill_at for node in nodes))[1], _LEAVES_WITHIN, "no point left")

    def _lag(self):
        positions = self.estate.positions()
        return None if positions is None else sum(at["end"] - at["committed"] for at in positions)

    def _settle(self):
        rest_from = time.monotonic()
        wait_until(lambda: (self._supervise(), time.monotonic() > rest_from + _TIMERS_REST)[1], 30, "rest")
        nodes = [node for node in self.estate.nodes.values() if node.process]
        for node in nodes:
            node.signal(signal.SIGTERM)
        wait_until(lambda: not any(node.is_up() for node in nodes), 40, "the end of all processes after SIGTERM")
        for node in nodes:
            if node.name in NODES and node.process.returncode != 0:
                raise EstateError(f"{node.name} left with {node.process.returncode} after the healing; its log is {node.log}")
        if self._lag() != 0:
            raise EstateError(f"the committed positions are not the ends: {self.estate.positions()}")
