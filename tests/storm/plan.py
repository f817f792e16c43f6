"""What one schedule wants to happen: from seed and number alone, before anything has."""

import random
from dataclasses import dataclass, field
from typing import Any, Final

from tests.storm.board import Point

SPAN: Final = 0.7
"""Seconds of traffic before the faults end."""
DAY: Final = 86_400.0
WINDOW: Final = 45 * DAY
KINDS: Final = ("typed", "campaign", "api", "automatic")

KILLS: Final = {
    "kill_before_claim_commit": Point.BEFORE_CLAIM_COMMIT,
    "kill_after_claim_commit": Point.AFTER_CLAIM_COMMIT,
    "kill_before_request": Point.BEFORE_REQUEST,
    "kill_during_request": Point.DURING_REQUEST,
    "kill_after_answer_before_commit": Point.AFTER_ANSWER_BEFORE_COMMIT,
    "kill_before_settle_commit": Point.BEFORE_SETTLE_COMMIT,
    "kill_after_settle_commit": Point.AFTER_SETTLE_COMMIT,
}
BY_LOT: Final = {
    Point.BEFORE_CLAIM_COMMIT, Point.AFTER_CLAIM_COMMIT, Point.AFTER_START_COMMIT,
    Point.BEFORE_SETTLE_COMMIT, Point.AFTER_SETTLE_COMMIT,
}  # fmt: skip
"""Points that a whole lot passes together, a few times in a schedule."""
CARRIER: Final = {
    "latency": 0.35, "refuse_429": 0.25, "refuse_429_silently": 0.2, "error_500_before": 0.2,
    "error_500_after": 0.25, "drop_answer": 0.25, "half_body": 0.2, "receipt_first": 0.25,
    "duplicate_receipts": 0.25, "reorder_receipts": 0.25, "no_receipts": 0.3,
    "lose_inbound": 0.15, "duplicate_inbound": 0.2,
}  # fmt: skip
"""How likely a schedule has each kind of misbehavior."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text that somebody presses Send on. ``at`` in seconds of the schedule."""

    token: str
    house: str
    person: int
    kind: str
    at: float
    delay: float = 0.0
    """Seconds for which it is due later, for undo and schedule."""
    cancel_at: float | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a candidate writes."""

    house: str
    person: int
    body: str
    at: float


@dataclass(frozen=True, slots=True)
class Fault:
    """Something done to a process: ``slot`` is the worker's, ``seconds`` how long it lasts."""

    name: str
    at: float = 0.0
    slot: int = 0
    nth: int = 1
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One schedule."""

    seed: int
    number: int
    texts: list[Text]
    inbound: list[Inbound]
    faults: list[Fault]
    carrier: dict[str, Any]
    grants: dict[str, int]
    topped_up: dict[str, int]
    """Contacts given when the storm is over, so that what was held goes."""
    history: list[tuple[str, int, float]]
    """Customer, person, and how many seconds ago they were last texted."""
    moods: dict[int, str]
    leap: float = 0.0
    """Seconds that pass in the middle of the schedule."""
    license_ends_at: float | None = None
    sends_again: bool = False
    """Whether the authors of unconfirmed texts press "Send again"."""
    asked: frozenset[str] = field(default_factory=frozenset)


def plan(seed: int, number: int) -> Plan:
    """The schedule of this number in the storm of this seed."""
    return _Planner(seed, number).plan()


class _Planner:
    def __init__(self, seed: int, number: int) -> None:
        self.seed, self.number = seed, number
        self.random = random.Random(f"storm {seed} {number}")  # noqa: S311 - must repeat itself
        self.count = 0

    def plan(self) -> Plan:
        chance = self._chance
        large = chance(0.08)
        people = {house: self._people(house, large=large) for house in ("Acme", "Globex")}
        leap = self.random.choice((44.9, 45.2, 1.5)) * 86_400 if chance(0.12) else 0.0
        texts = [
            *self._conversations(people["Acme"], "Acme", large=large),
            *self._conversations(people["Globex"], "Globex", large=False),
        ]
        short = chance(0.35)
        grants = {"Acme": 400, "Globex": self.random.randint(1, 8) if short else 200}
        moods = {
            person: self.random.choice(("invalid", "landline", "unreachable", "opted_out"))
            for person in self.random.sample(people["Acme"], 2)
            if chance(0.5)
        }
        carrier = self._carrier()
        faults = self._faults()
        plan = Plan(
            seed=self.seed,
            number=self.number,
            texts=sorted(texts, key=lambda text: text.at),
            inbound=sorted(self._inbound(people), key=lambda text: text.at),
            faults=faults,
            carrier=carrier,
            grants=grants,
            topped_up={"Globex": 200} if short and chance(0.5) else {},
            history=self._history(people),
            moods=moods,
            leap=leap,
            license_ends_at=self.random.uniform(0.05, SPAN) if chance(0.15) else None,
            sends_again=chance(0.4),
        )
        object.__setattr__(plan, "asked", _asked(plan))
        return plan

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def _people(self, house: str, *, large: bool) -> list[int]:
        few = {"Acme": self.random.randint(12, 22), "Globex": self.random.randint(4, 9)}[house]
        return self.random.sample(range(200), 120 if large and house == "Acme" else few)

    def _token(self) -> str:
        self.count += 1
        return f"s{self.seed}n{self.number}t{self.count:04d}"

    def _conversations(self, people: list[int], house: str, *, large: bool) -> list[Text]:
        """Some campaign-like lots, and a few texts to most people, close behind each other."""
        texts = []
        for _ in range(self.random.randint(1, 2)):
            at = self.random.uniform(0, SPAN * 0.6)
            crowd = people if large else self.random.sample(people, (len(people) + 1) // 2)
            texts += [Text(self._token(), house, person, "campaign", at) for person in crowd]
        for person in people:
            at = self.random.uniform(0, SPAN * 0.8)
            for _ in range(self.random.choice((0, 1, 1, 2) if large else (0, 1, 1, 2, 3))):
                texts.append(self._one(house, person, at))
                at += self.random.choice((0.0, 0.01, 0.1))
        return texts

    def _one(self, house: str, person: int, at: float) -> Text:
        delay = self.random.choice((0.0, 0.0, 0.0, 0.05, 0.3, 40.0))
        cancel = at + delay * self.random.random() + self.random.choice((0.0, 0.01, 0.03))
        return Text(
            self._token(),
            house,
            person,
            self.random.choice(("typed", "typed", "typed", "api", "automatic")),
            at,
            delay,
            cancel_at=min(cancel, SPAN) if self._chance(0.15) else None,
        )

    def _inbound(self, people: dict[str, list[int]]) -> list[Inbound]:
        written = []
        for house, known in people.items():
            for person in self.random.sample(known, max(1, len(known) // 4)):
                at = self.random.uniform(0, SPAN)
                body = self.random.choice(("STOP", "STOP", "stop please", "Yes, Monday", "HELP"))
                written.append(Inbound(house, person, body, at))
                if body == "STOP" and self._chance(0.4):
                    written.append(Inbound(house, person, "START", at + 0.15))
        return written

    def _history(self, people: dict[str, list[int]]) -> list[tuple[str, int, float]]:
        ages = (
            10 * DAY,
            44 * DAY,
            WINDOW - 7200,
            WINDOW - 0.4,
            WINDOW + 1,
            WINDOW + 7200,
            300 * DAY,
        )
        return [
            (house, person, self.random.choice(ages))
            for house, known in people.items()
            for person in known
            if self._chance(0.3)
        ]

    def _carrier(self) -> dict[str, Any]:
        chosen: dict[str, Any] = {}
        for kind, likely in CARRIER.items():
            if self._chance(likely):
                chosen[kind] = self._rule(kind)
        if "refuse_429_silently" in chosen:
            chosen["refuse_429"] = chosen.pop("refuse_429_silently")
        return chosen

    def _rule(self, kind: str) -> dict[str, Any]:
        rule: dict[str, Any] = {"probability": self.random.choice((0.05, 0.15, 0.4))}
        if kind == "latency":
            rule = {"probability": 0.6, "seconds": self.random.choice((0.02, 0.06, 0.15))}
        if kind == "no_receipts":
            rule = {"probability": self.random.choice((0.5, 1.0))}
        if kind in ("lose_inbound", "duplicate_inbound"):
            rule = {"probability": 0.5}
        if kind == "refuse_429":
            rule["retry_after"] = self.random.choice((1, 5, 60))
        if kind == "refuse_429_silently":
            rule["retry_after"] = None
        return rule

    def _faults(self) -> list[Fault]:
        faults = []
        for name, point in KILLS.items():
            if self._chance(0.22):
                nth = self.random.choice((1, 1, 2) if point in BY_LOT else (1, 2, 3, 5, 8))
                faults.append(Fault(name, slot=self.random.randrange(2), nth=nth))
        for name, likely, longest in (
            ("worker_suspended", 0.2, 0.3),
            ("worker_suspended_past_lease", 0.1, 0.5),
            ("broker_emptied", 0.12, 0.0),
            ("broker_stopped", 0.1, 0.4),
            ("broker_hung", 0.1, 0.4),
            ("postgres_restarted", 0.125, 0.0),
        ):
            if self._chance(likely):
                at = self.random.uniform(0.02, SPAN * 0.7)
                seconds = self.random.uniform(longest / 3, longest)
                faults.append(Fault(name, at, self.random.randrange(2), seconds=seconds))
        if (not faults and self._chance(0.7)) or self._chance(0.06):
            faults.append(Fault("worker_suspended_past_horizon", slot=self.random.randrange(2)))
        return faults


def _asked(plan: Plan) -> frozenset[str]:
    """Every fault and hardship of a plan, by the names under which strikes are counted."""
    asked = {fault.name for fault in plan.faults} | set(plan.carrier)
    if "refuse_429" in asked and plan.carrier["refuse_429"]["retry_after"] is None:
        asked = asked - {"refuse_429"} | {"refuse_429_silently"}
    hardships = {
        "stop_raced": any(text.body == "STOP" for text in plan.inbound),
        "started_again": any(text.body == "START" for text in plan.inbound),
        "cancel_raced": any(text.cancel_at is not None for text in plan.texts),
        "contacts_ran_out": min(plan.grants.values()) < 10,
        "license_ended": plan.license_ends_at is not None,
        "clock_leaped": bool(plan.leap),
    }
    return frozenset(asked | {name for name, wanted in hardships.items() if wanted})
