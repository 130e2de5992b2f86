"""What must be true of a healed estate, by its committed records alone."""

import collections
import json
import subprocess
import sys

from . import ledger
from .estate import ANSWERS, PARTITIONS, EstateError
from .feed import BROWSERS

_ABSENCE = "no_payment"
_ABSENCE_MS = 4_000  # as in topology/topology.yaml


def judge(estate, feed):
    """Returns figures; raises EstateError with every breach."""
    verdicts = estate.verify(estate.nodes["n1"])
    records = estate.committed_records()
    breaches = [f"verify, partition {verdict['partition']}: {verdict['difference']}" for verdict in verdicts if not verdict["equal"]]
    applied = sum(verdict["records"] for verdict in verdicts)
    expected = feed.records + PARTITIONS * feed.controls
    if applied != expected:
        breaches.append(f"the journals name {applied} records, the inputs have {expected}")
    values = {topic: [json.loads(record["value"]) for record in of_topic] for topic, of_topic in records.items()}
    breaches += _check_ledger(estate, values)
    breaches += ledger.policy_breaches(values["antiphon.contacts"])
    breaches += _check_order(values["antiphon.contacts"])
    breaches += _check_timers(values["antiphon.decisions"], feed)
    breaches += _check_answers(records[ANSWERS], feed)
    breaches += _check_dead_letters(values["antiphon.dead-letters"], feed)
    if breaches:
        (estate.folder / "breaches.txt").write_text("\n".join(breaches) + "\n")
        raise EstateError("\n".join(breaches[:20]) + (f"\nand {len(breaches) - 20} more" if len(breaches) > 20 else ""))
    statuses = collections.Counter(record["status"] for record in values["antiphon.contacts"])
    if idle := [name for name in ("sent", "proposed", "presented") if not statuses[name]]:
        raise EstateError(f"this run shows nothing: no contact was ever {' nor '.join(idle)}")
    return {
        "events": feed.records,
        "requests": len(feed.requests),
        "commits": sum(verdict["commits"] for verdict in verdicts),
        "contacts": sum(statuses.values()),
        "sent": statuses["sent"],
    }


def _check_ledger(estate, values):
    """Transitions, one message for each contact that was sent and the reverse, decisions behind them: the tool of the project."""
    out = estate.folder / "records"
    out.mkdir(exist_ok=True)
    for topic, name in (("contacts", "contacts"), ("decisions", "decisions"), ("outbound.sms", "outbound")):
        lines = (json.dumps(value) + "\n" for value in values["antiphon." + topic])
        (out / f"{name}.jsonl").write_text("".join(lines))
    tool = estate.root / "tests" / "support" / "check-ledger"
    done = subprocess.run([sys.executable, tool, out], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()


def _check_order(contacts):
    last = {}
    for record in contacts:
        if record["time"] < last.get(record["customer"], ""):
            yield f"{record['customer']}: a record of {record['time']} after one of {last[record['customer']]}"
        last[record["customer"]] = record["time"]


def _check_timers(decisions, feed):
    """An absence is told once for the visit that began it, not before it is due; and whoever never pays is told of each visit."""
    told = collections.Counter()  # by customer and time: visits of one millisecond are told in one decision
    for decision in decisions:
        cause = decision["cause"]
        if cause["kind"] != "moment" or _ABSENCE not in decision["triggers"]:
            continue
        if cause["id"] not in feed.visits:
            yield f"an absence began with {cause['id']}, which is no visit"
            continue
        customer, time = feed.visits[cause["id"]]
        told[customer, time] += decision["triggers"].count(_ABSENCE)
        if ledger.milliseconds(decision["time"]) < time + _ABSENCE_MS:
            yield f"the absence after {cause['id']} was told at {decision['time']}, before it was due"
    newest, seen = {}, collections.Counter()
    for customer, time in feed.visits.values():
        if time >= newest.get(customer, 0):  # patterns see nothing older (docs/triggers.md, "Order and lateness")
            newest[customer] = time
            seen[customer, time] += 1
    for (customer, time), visits in seen.items():
        times = told.pop((customer, time), 0)
        if times > visits or (customer in BROWSERS and times < visits):
            yield f"{customer} came {visits} times at {time}, his absence was told {times} times"
    yield from (f"{customer} did not come at {time} as patterns see it, and his absence was told" for customer, time in told)


def _check_answers(records, feed):
    answers = collections.Counter()
    for record in records:
        correlation = dict(record["headers"]).get("correlation-id")
        value = json.loads(record["value"])
        answers[correlation] += 1
        if correlation not in feed.requests:
            yield f"an answer to {correlation}, which nobody asked"
        elif record["key"] != feed.requests[correlation] or value["request_id"] != correlation:
            yield f"the answer to {correlation} is another's"
    yield from (f"{answers[asked]} answers to {asked}" for asked in feed.requests if answers[asked] != 1)


def _check_dead_letters(letters, feed):
    places = collections.Counter((letter["source"], letter["file"], letter["offset"]) for letter in letters)
    yield from (f"{times} dead letters of {place}" for place, times in places.items() if times > 1)
    if len(letters) != feed.broken:
        yield f"{len(letters)} dead letters, {feed.broken} records were broken"
