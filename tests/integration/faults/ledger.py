"""Caps and gaps, counted anew from the contacts' records as docs/contact-policy.md says. It shares no code with the engine."""

import datetime

# As in topology/topology.yaml; milliseconds.
GAP_MS = 2_000
CAPS = (("burst", 3, 20_000, ("outbound",)), ("sides", 6, 30_000, ("outbound", "inbound")))
_GIVEN_BACK = ("failed", "released", "cancelled", "expired")


def milliseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


class CustomerLedger:
    """The contacts of one customer as they stand after the records taken so far."""

    def __init__(self):
        self._contacts = {}
        self._counted = {}  # the time that counts, by contact
        # What an agent reported late counts from his report's own time, which no record has; it may break a cap, and names it then.
        self._from_outside = set()

    def take(self, record):
        contact, status = record["contact_id"], record["status"]
        self._contacts[contact] = record
        if status in ("planned", "sent", "proposed"):
            # Said at max(engine time, floor), and that is the due of what was sent.
            self._counted[contact] = milliseconds(record.get("due", record["time"]))
        if record.get("previous") == "released" or "breaks cap" in record.get("reason", ""):
            self._from_outside.add(contact)

    def breaches(self):
        for cap, most, length, directions in CAPS:
            times = self._times(directions)
            for index in range(len(times) - most):
                window = times[index : index + most + 1]
                if window[-1] - window[0] < length:
                    yield f"more than {most} contacts in {length} ms from {times[index]}: cap {cap}"
                    break
        times = self._times(("outbound",))
        for earlier, later in zip(times, times[1:]):
            if later - earlier < GAP_MS:
                yield f"two contacts {later - earlier} ms apart at {earlier}: the gap is {GAP_MS} ms"

    def _times(self, directions):
        open_proposals = {record.get("offer") for record in self._contacts.values() if record["status"] == "proposed"}
        times = []
        for contact, record in self._contacts.items():
            if record["direction"] not in directions or record["status"] in _GIVEN_BACK or contact in self._from_outside:
                continue
            if record["status"] == "planned" and record.get("previous") == "planned":
                continue  # it was moved without a decision, and is judged anew when it falls due
            if record["status"] == "planned" and "inbound" in directions and record.get("offer") in open_proposals:
                continue  # a held plan counts once with its proposal
            times.append(self._counted[contact])
        return sorted(times)


def policy_breaches(contacts):
    """Of all customers; a customer is judged after each step, which is all that his records of one time say."""
    ledgers, last = {}, {}
    for record in contacts:
        customer = record["customer"]
        if customer in last and last[customer] != record["time"]:
            yield from (f"{customer} at {last[customer]}: {text}" for text in ledgers[customer].breaches())
        last[customer] = record["time"]
        ledgers.setdefault(customer, CustomerLedger()).take(record)
    for customer, ledger in ledgers.items():
        yield from (f"{customer} at the end: {text}" for text in ledger.breaches())
