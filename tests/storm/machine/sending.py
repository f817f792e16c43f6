"""Claiming, starting, settling: what a worker does with a text."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from messaging.dispatch import claim, settle, wire
from messaging.dispatch.claim import Claimed
from messaging.providers import Answer, Outcome
from tests.storm.machine.looking import Seen
from tests.storm.machine.model import (
    LEFT,
    START_WITHIN,
    WAITING,
    Facts,
    Text,
)
from tests.storm.machine.table import Flight, Op, Table, is_withdrawable


class Claim(Op):
    name = "claim"

    def __init__(self, table: Table, limit: int = 10, kinds: tuple[int, ...] = (0, 1)) -> None:
        super().__init__(table)
        self.limit, self.kinds = limit, kinds
        self.taken: list[Claimed] = []

    def run(self) -> list[Claimed]:
        return claim.claim(self.limit, kinds=self.kinds)

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
            each.id: each.claimed_at + START_WITHIN
            for each in flights
            if each.attempt_id in self.before.open_attempts
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
        # Its worker may have been suspended: what was claimed long ago does not start.
        until = self.going[text.id]
        if not licensed or until + timedelta(seconds=1) < self.before.now:
            return {"claimed"}
        return {"sending"} if now < until else {"claimed", "sending"}

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
                states |= {"refused"} if is_withdrawable(text) else set()
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
