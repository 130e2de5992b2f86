"""Which faults come when: all of it from the seed, before anything runs."""

import dataclasses
import random

from .proxy import DOWN, UP

POINTS = ("applied", "sealed", "committed", "half_stored", "stored", "restoring", "rekeyed", "rekey_committed")
NODES = ("n1", "n2", "n3")
EXTRA = "n4"

# How often each kind is drawn, in every full turn of the deck.
_DECK = {"kill": 3, "point": 6, "freeze": 3, "term": 2, "cut": 2, "delay": 2, "half": 4, "reset": 2, "broker": 1, "extra": 2}
_FIRST_AT = 2.0
_BROKER_APART = 25.0  # a broker that was killed needs some 10 s to serve again


@dataclasses.dataclass(frozen=True)
class Fault:
    at: float  # seconds after the nodes were started
    kind: str
    node: str = ""
    lasts: float = 0.0  # until the node is started again, thawed, the wire is healed
    wipe: bool = False  # the state folder is gone when the node comes back
    point: str = ""  # where it kills itself, "committed:3"
    held: tuple = ()  # directions
    lossy: bool = False  # what was held is lost, with its connections
    late: float = 0.0  # by so much each chunk is delayed

    def __str__(self):
        parts = [self.node, self.point, "+".join(self.held), f"{self.lasts:.1f}s" if self.lasts else "", "wiped" if self.wipe else ""]
        return f"{self.at:6.1f} {self.kind} " + " ".join(part for part in parts if part)


def make_schedule(seed, seconds):
    """Faults in the order of their times; the last one begins before `seconds` are over."""
    choose = random.Random(seed)
    faults, deck, at, broker_free_at = [], [], _FIRST_AT, 0.0
    while at < seconds:
        if not deck:
            deck = [kind for kind, times in _DECK.items() for _ in range(times)]
            choose.shuffle(deck)
        kind = deck.pop()
        if kind == "broker" and at < broker_free_at:
            kind = "reset"
        if kind == "broker":
            broker_free_at = at + _BROKER_APART
        faults.append(_draw(choose, kind, round(at, 3)))
        at += choose.uniform(0.8, 5.2)
    return faults


def _draw(choose, kind, at):
    node = choose.choice(NODES)
    if kind == "kill":
        return Fault(at, kind, node, lasts=choose.uniform(0.1, 7.0), wipe=choose.random() < 0.3)
    if kind == "point":
        point = f"{choose.choice(POINTS)}:{choose.randrange(1, 13)}"
        return Fault(at, kind, node, lasts=choose.uniform(0.0, 2.0), wipe=choose.random() < 0.3, point=point)
    if kind == "freeze":
        return Fault(at, kind, node, lasts=choose.uniform(5.5, 14.0))
    if kind == "term":
        return Fault(at, kind, node, lasts=choose.uniform(0.5, 6.0), wipe=choose.random() < 0.2)
    if kind == "cut":
        return Fault(at, kind, lasts=choose.uniform(0.2, 4.0))
    if kind == "delay":
        return Fault(at, kind, lasts=choose.uniform(2.0, 6.0), late=choose.uniform(0.1, 3.0))
    if kind == "half":
        held = choose.choice(((UP,), (DOWN,), (UP, DOWN)))
        return Fault(at, kind, lasts=choose.uniform(2.0, 9.0), held=held, lossy=choose.random() < 0.5)
    if kind == "extra":
        return Fault(at, kind, EXTRA, lasts=choose.uniform(3.0, 12.0))
    return Fault(at, kind)
