"""What the product does by itself, each thing with the states it may lead a text to.

An operation is run alone, or against another one from statement to statement. ``may`` says
where it may leave one text: exactly when it ran alone, and all it could when it raced.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from messaging.dispatch import claim, outbox, receipts, reconcile, settle, stopping, sweeps, wire
from messaging.dispatch.claim import Claimed
from messaging.inbound import intake
from messaging.providers import Answer, Outcome
from tests.storm.machine.carrier import Carrier
from tests.storm.machine.looking import Seen
from tests.storm.machine.model import (
    ANSWER_WITHIN,
    HORIZON,
    LADDER,
    LEASE,
    LEFT,
    WAITING,
    Facts,
    Report,
    Text,
    best,
)
from tests.storm.machine.world import World
from textengage.lib.refusal import Refused


@dataclass(slots=True)
class Flight:
    """One text in the hands of a worker."""

    claimed: Claimed
    claimed_at: datetime
    stage: str = "claimed"
    started_at: datetime | None = None
    answer: Answer | None = None
    way: str = ""

    @property
    def id(self) -> UUID:
        return self.claimed.message_id

    @property
    def attempt_id(self) -> UUID:
        return self.claimed.attempt_id


@dataclass(slots=True)
class Table:
    """Everything that lies on the table during one schedule."""

    world: World
    carrier: Carrier
    facts: Facts
    seen: Seen
    flights: list[Flight]
    reports: list[Report]
    inbound: list[tuple[int, str, datetime]]
    """Texts from people, stored and not taken in: person, words, and when at the earliest."""
    attempts: dict[UUID, UUID]
    """Attempt to message, of every claim."""
    stopped_by_others: dict[int, datetime]
    """When staff or the carrier last opted a person out."""
    helped: dict[int, datetime]
    now: datetime

    def stage(self, name: str) -> list[Flight]:
        return [flight for flight in self.flights if flight.stage == name]

    def number_of(self, person: int) -> str:
        return self.world.addresses[person].address

    def stop(self, person: int, at: datetime) -> None:
        """Somebody else than the person said so."""
        if person not in self.facts.stopped:
            self.stopped_by_others[person] = at
        self.facts.stopped.add(person)

    def is_murky(self, text: Text) -> bool:
        """Whether the carrier hid one of its tries: what we believe then is a guess."""
        return any(
            each.way == "hidden" and each.token == text.token for each in self.carrier.log
        )


class Op:
    """One thing done by the product. ``loose`` when something else ran at the same time."""

    name = ""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.before = table.seen
        self.was = table.facts.copied()

    def run(self) -> Any:
        raise NotImplementedError

    def took(self, result: Any) -> None:
        """What a worker remembers of it."""

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        return {text.state}

    def learn(self, after: Seen) -> None:
        """What the world is like now, where the outcome decides it."""

    def silences(self) -> set[int]:
        """Persons whose Do Not Text it may begin or end."""
        return set()

    def check(self, after: Seen) -> None:
        """What must hold when it ran alone."""


class Claim(Op):
    name = "claim"

    def __init__(self, table: Table, limit: int = 10) -> None:
        super().__init__(table)
        self.limit = limit
        self.taken: list[Claimed] = []

    def run(self) -> list[Claimed]:
        return claim.claim(self.limit)

    def took(self, result: list[Claimed]) -> None:
        self.taken = result
        for each in result:
            self.table.flights.append(Flight(each, self.table.now))
            self.table.attempts[each.attempt_id] = each.message_id

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        facts = self.was
        if text.state != "queued" or text.due_at > now or text.expires_at <= self.before.now:
            return {text.state}
        if loose:
            return {"queued", "claimed", "held", "refused"}
        return {"queued"} | self._verdict(text, facts)

    def _verdict(self, text: Text, facts: Facts) -> set[str]:
        if not text.is_compliance and not facts.is_licensed:
            return {"held"}
        if facts.is_paused:
            return {"held"}
        if not text.is_compliance and text.person in facts.stopped:
            return {"refused"}
        if text.person in facts.unusable:
            return {"refused"}
        return {"claimed"} if text.is_compliance else {"claimed", "held"}

    def check(self, after: Seen) -> None:
        moved = [
            (old, after.texts[id])
            for id, old in self.before.texts.items()
            if old.state == "queued" and after.texts[id].state != "queued"
        ]
        going = {new.id for _, new in moved if new.state == "claimed"}
        assert {each.message_id for each in self.taken} == going, "claimed and said otherwise"
        short = [new for old, new in moved if new.state == "held" and self._lacks_contact(old)]
        assert not short or after.balance == 0, "held for want of contacts while some are left"
        for person in range(len(self.table.world.people)):
            self._check_person(person, after, moved)

    def _lacks_contact(self, text: Text) -> bool:
        facts = self.was
        return facts.is_licensed and not facts.is_paused and not text.is_compliance

    def _check_person(self, person: int, after: Seen, moved: list[tuple[Text, Text]]) -> None:
        mine = [each for each in self.before.texts.values() if each.person == person]
        waiting = [each for each in mine if each.state == "queued"]
        in_flight = [each for each in mine if each.state in ("claimed", "sending", "uncertain")]
        claimed = [old for old, new in moved if old.person == person and new.state == "claimed"]
        assert len(claimed) <= 1, "two texts of one person at once"
        assert not (claimed and in_flight), "claimed past one in flight"
        for text in claimed:
            passed = [each for each in waiting if _goes_before(each, text)]
            left = [each.id for each in passed if after.texts[each.id].state == "queued"]
            assert not left, "claimed past an earlier text"
        ready = all(
            each.due_at <= self.before.now and each.expires_at > after.now for each in waiting
        )
        free = not in_flight and not self.was.is_paused
        if waiting and ready and free and self.limit >= 10:
            assert any(old.person == person for old, _ in moved), "nothing claimed for a person"


def _goes_before(one: Text, other: Text) -> bool:
    if one.id == other.id:
        return False
    if one.is_retry:
        return (one.created_at, one.id) < (other.created_at, other.id)
    mine, theirs = ((each.due_at, each.created_at, each.id) for each in (one, other))
    return not other.is_retry and mine < theirs


class Start(Op):
    name = "start"

    def __init__(self, table: Table, flights: Collection[Flight]) -> None:
        super().__init__(table)
        self.flights = flights
        self.going = {
            each.id for each in flights if each.attempt_id in self.before.open_attempts
        }

    def run(self) -> set[UUID]:
        return wire.start([each.attempt_id for each in self.flights])

    def took(self, result: set[UUID]) -> None:
        for each in self.flights:
            each.stage = "sending" if each.attempt_id in result else "dead"
            each.started_at = self.table.now

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        if text.state != "claimed" or text.id not in self.going:
            return {text.state}
        if loose:
            return {"claimed", "sending"}
        licensed = self.was.is_licensed or text.is_compliance
        return {"sending" if licensed else "claimed"}

    def learn(self, after: Seen) -> None:
        for each in self.flights:
            if each.stage == "sending":
                state = after.texts[each.id].state
                assert state not in WAITING | {"refused", "canceled"}, f"on the wire, yet {state}"


class Settle(Op):
    name = "settle"

    def __init__(self, table: Table, flights: Collection[Flight]) -> None:
        super().__init__(table)
        self.flights = flights

    def run(self) -> None:
        settle.settle(
            [settle.Settled(each.id, each.attempt_id, _answer(each)) for each in self.flights]
        )

    def took(self, result: None) -> None:
        for each in self.flights:
            each.stage = "settled"

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        states = {text.state}
        for flight in self.flights:
            if flight.id == text.id:
                is_open = flight.attempt_id in self.before.open_attempts
                murky = self.table.is_murky(text)
                states = _settled(text, flight, is_open=is_open, is_murky=murky)
            elif self._person(flight) == text.person and flight.way == "refused_21610":
                states |= {"refused"} if _withdrawable(text) else set()
        return states | {text.state} if loose else states

    def _person(self, flight: Flight) -> int:
        return self.before.texts[flight.id].person

    def silences(self) -> set[int]:
        return {self._person(each) for each in self.flights if each.way == "refused_21610"}

    def learn(self, after: Seen) -> None:
        facts = self.table.facts
        for flight in self.flights:
            has_failed = (
                after.texts[flight.id].state == "failed"
                and self.before.texts[flight.id].state != "failed"
            )
            if flight.way == "suspended":
                facts.is_paused = True
            elif flight.way == "refused_21610" and has_failed:
                self.table.stop(self._person(flight), after.now)
            elif flight.way == "refused_21211" and has_failed:
                facts.unusable.add(self._person(flight))


def _answer(flight: Flight) -> Answer:
    assert flight.answer is not None
    return flight.answer


def _settled(text: Text, flight: Flight, *, is_open: bool, is_murky: bool) -> set[str]:
    """An answer counts for the attempt that is open; that a text left counts always."""
    kind = _answer(flight).outcome
    if kind is Outcome.ACCEPTED:
        if is_open and text.state in ("sending", "uncertain"):
            return {"accepted"}
        may_be_proof = text.state == "unconfirmed" or (is_murky and text.state not in LEFT)
        return {text.state, "accepted"} if may_be_proof else {text.state}
    if not is_open:
        return {text.state}
    if kind is Outcome.UNCERTAIN:
        return {"uncertain"} if text.state == "sending" else {text.state}
    if text.state in ("sending", "uncertain"):
        return {"failed"} if flight.way.startswith("refused") else {"queued"}
    return {text.state}


def _withdrawable(text: Text) -> bool:
    return text.state in WAITING and not text.is_compliance


class Apply(Op):
    """Receipts applied, inbound texts taken in."""

    name = "apply"

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self.inbound = list(table.inbound)
        self.reports = [each for each in table.reports if not each.is_applied]
        self.blamed = {
            self.before.texts[message].person
            for each in self.reports
            if each.code == "21610"
            and (message := table.attempts.get(each.attempt_id)) in self.before.texts
        }

    def run(self) -> None:
        receipts.apply_waiting()
        intake.take_in()

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        states = self._reported(text)
        if _withdrawable(text):
            states |= {"refused"} if text.person in self.blamed else set()
            if self._is_stopped_by_inbound(text.person):
                states = {"refused"}
        return states | {text.state} if loose else states

    def _is_stopped_by_inbound(self, person: int) -> bool:
        is_stopped = person in self.was.stopped
        for who, words, at in self.inbound:
            if who == person and words == "STOP" and not is_stopped:
                return True
            if who == person and words == "START" and self._lifts(person, at):
                is_stopped = False
        return False

    def _lifts(self, person: int, at: datetime) -> bool:
        """Whether a START comes after what others said of the person."""
        return self.table.stopped_by_others.get(person, at) <= at

    def _reported(self, text: Text) -> set[str]:
        about = [each for each in self.table.reports if self._is_about(each, text)]
        if self.table.is_murky(text):
            return {text.state, *(LADDER if about else ())}
        if text.state in LEFT or text.state in ("sending", "uncertain", "unconfirmed"):
            return {best(text.state, [each.word for each in about])}
        return {text.state}

    def _is_about(self, report: Report, text: Text) -> bool:
        mine = self.table.attempts.get(report.attempt_id) == text.id
        return mine and (text.sid is None or text.sid == report.sid)

    def silences(self) -> set[int]:
        return self.blamed | {person for person, _, _ in self.inbound}

    def took(self, result: None) -> None:
        del self.table.inbound[: len(self.inbound)]
        for each in self.reports:
            each.is_applied = True

    def learn(self, after: Seen) -> None:
        facts = self.table.facts
        for id, text in after.texts.items():
            old = self.before.texts.get(id)
            if old and old.state != "undelivered" and text.state == "undelivered":
                codes = {each.code for each in self.reports if self._is_about(each, text)}
                self._blame(text, codes, after)
        for person, words, at in self.inbound:
            self._obey(person, words, at, facts)

    def _blame(self, text: Text, codes: set[str], after: Seen) -> None:
        """Several reports of one failure may name several codes; the first one counts."""
        facts = self.table.facts
        id = self.table.world.people[text.person].id
        if "21610" in codes and (len(codes) == 1 or id in after.stopped):
            self.table.stop(text.person, after.now)
        if "30005" in codes:
            facts.unusable.add(text.person)

    def _obey(self, person: int, words: str, at: datetime, facts: Facts) -> None:
        if words == "STOP" and person not in facts.stopped:
            facts.stopped.add(person)
            facts.confirmations += 1
        elif words == "START" and person in facts.stopped and self._lifts(person, at):
            facts.stopped.discard(person)
            facts.confirmations += 1
        elif words == "HELP":
            last = self.table.helped.get(person)
            if last is None or self.before.now - last > timedelta(hours=24):
                facts.confirmations += 1
            self.table.helped[person] = self.before.now


class Stop(Op):
    """A colleague marks a person as not to be texted."""

    name = "stop"

    def __init__(self, table: Table, person: int) -> None:
        super().__init__(table)
        self.person = person

    def run(self) -> None:
        world = self.table.world
        stopping.stop(world.people[self.person], source="staff", by=world.mona)

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        if text.person != self.person or not _withdrawable(text):
            return {text.state}
        if self.person in self.was.stopped:
            return {text.state}
        return {text.state, "refused"} if loose else {"refused"}

    def silences(self) -> set[int]:
        return {self.person}

    def learn(self, after: Seen) -> None:
        is_new = self.person not in self.was.stopped
        self.table.stop(self.person, after.now)
        for id, old in self.before.texts.items():
            if is_new and old.person == self.person and _withdrawable(old):
                left = after.texts[id].state in WAITING
                assert not left, "a text still waits past STOP"


class Cancel(Op):
    name = "cancel"

    def __init__(self, table: Table, text: Text) -> None:
        super().__init__(table)
        self.text = text

    def run(self) -> bool:
        world = self.table.world
        message = outbox.Message.objects.get(id=self.text.id)
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


def reachable(text: Text, ops: Iterable[Op], now: datetime) -> set[str]:
    """Every state that operations which ran at once may leave a text in."""
    ops = list(ops)
    if len(ops) == 1:
        return ops[0].may(text, now, loose=False)
    states = {text.state}
    for _ in ops:
        for op in ops:
            for state in set(states):
                states |= op.may(replace(text, state=state), now, loose=True)
    return states


def is_late(flight: Flight, now: datetime) -> bool:
    """Whether a request has run out of its own time."""
    return flight.started_at is None or now - flight.started_at > ANSWER_WITHIN

