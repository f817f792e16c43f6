"""What lies on the table during a schedule, and what a deed of the product is.

A deed is run alone, or against another one from statement to statement. ``may`` says where it
may leave one text: exactly when it ran alone, and all it could when it raced.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from messaging.dispatch.claim import Claimed
from messaging.providers import Answer
from tests.storm.machine.carrier import Carrier
from tests.storm.machine.looking import Seen
from tests.storm.machine.model import (
    ANSWER_WITHIN,
    WAITING,
    Facts,
    Report,
    Text,
)
from tests.storm.machine.world import World


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
        return any(each.way == "hidden" and each.token == text.token for each in self.carrier.log)


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


def is_withdrawable(text: Text) -> bool:
    return text.state in WAITING and not text.is_compliance
