"""What time and order ask for: taking back, sweeping, asking the carrier, giving back."""

from datetime import datetime

from messaging.conversations.models import Message
from messaging.dispatch import outbox, reconcile, sweeps
from tests.storm.machine.model import (
    HORIZON,
    LEASE,
    WAITING,
    Text,
)
from tests.storm.machine.table import Op, Table
from textengage.lib.refusal import Refused


class Cancel(Op):
    name = "cancel"

    def __init__(self, table: Table, text: Text) -> None:
        super().__init__(table)
        self.text = text

    def run(self) -> bool:
        world = self.table.world
        message = Message.objects.get(id=self.text.id)
        try:
            outbox.cancel(message, by=world.rita)
        except Refused:
            return False
        return True

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        if text.id != self.text.id or text.state not in WAITING:
            return {text.state}
        return {text.state, "canceled"} if loose else {"canceled"}


class Sweep(Op):
    name = "sweep"

    def run(self) -> None:
        sweeps.sweep()

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        states = {text.state}
        if text.state in ("claimed", "sending"):
            back = "queued" if text.state == "claimed" else "uncertain"
            states = self._at(text.changed_at + LEASE, now, text.state, back)
        elif text.state == "held" and text.expires_at > self.before.now:
            states = self._at(text.due_at, now, "held", "queued")
        if states & {"queued", "held"}:
            rest = states - {"queued", "held"}
            for waiting in states & {"queued", "held"}:
                rest |= self._at(text.expires_at, now, waiting, "expired")
            states = rest
        return states | {text.state} if loose else states

    def _at(self, instant: datetime, now: datetime, old: str, new: str) -> set[str]:
        if instant < self.before.now:
            return {new}
        return {old} if instant > now else {old, new}


class Reconcile(Op):
    """The product asks the carrier about texts in doubt."""

    name = "reconcile"

    def run(self) -> None:
        for each in reconcile.due():
            reconcile.resolve(each, self.table.carrier.listed(each.recipient, each.wire_at))

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        if text.state != "uncertain" or text.wire_at is None:
            return {text.state}
        taken = {each.sid for each in self.before.texts.values() if each.sid}
        number = self.table.number_of(text.person)
        listed = self.table.carrier.listed(number, text.wire_at)
        found = [
            each for each in listed
            if each.body.endswith(text.token.split()[-1]) and each.provider_sid not in taken
        ]  # fmt: skip
        over = text.wire_at + HORIZON <= now
        absent = "queued" if text.kind == "campaign" else "unconfirmed"
        if len(found) == 1:
            states = {"accepted"} if over else {"uncertain", "accepted"}
        elif found:
            states = {"unconfirmed"} if over else {"uncertain"}
        else:
            states = {absent} if over else {"uncertain"}
        return states | {"uncertain"} if loose else states


class GiveBack(Op):
    """A worker ends and gives back what it has not started."""

    name = "give_back"

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self.flights = table.stage("claimed")

    def run(self) -> None:
        sweeps.give_back([each.id for each in self.flights])

    def took(self, result: None) -> None:
        for each in self.flights:
            each.stage = "dead"

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        if text.state != "claimed" or text.id not in {each.id for each in self.flights}:
            return {text.state}
        return {"claimed", "queued"} if loose else {"queued"}
