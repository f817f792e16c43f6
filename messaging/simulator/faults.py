"""Misbehaviour on request: which fault strikes which request, and how often each struck."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from messaging.simulator.errors import BAD_PARAMETER, Refusal

KINDS = (
    "latency",
    "refuse_429",
    "error_500_before",
    "error_500_after",
    "drop_answer",
    "half_body",
    "receipt_first",
    "duplicate_receipts",
    "reorder_receipts",
    "no_receipts",
    "lose_inbound",
    "duplicate_inbound",
)


@dataclass(slots=True)
class Rule:
    """Strikes every text unless narrowed: to one number, the next few, a share of them."""

    to: str = ""
    next: int | None = None
    probability: float = 1.0
    seconds: float = 5.0
    retry_after: int | None = 1
    """Seconds that a refusal asks to wait; None sends no such header."""

    def __post_init__(self) -> None:
        """What came as JSON in the types declared; raises ValueError or TypeError."""
        self.to = str(self.to)
        self.next = None if self.next is None else int(self.next)
        self.probability = float(self.probability)
        self.seconds = float(self.seconds)
        self.retry_after = None if self.retry_after is None else int(self.retry_after)


@dataclass(slots=True)
class Faults:
    seed: int = 0
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    asked: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def strikes(self, kind: str, number: str) -> Rule | None:
        """The rule that strikes this request, used up by one; None mostly."""
        for rule in self.rules.get(kind, ()):
            if rule.to and rule.to != number:
                continue
            if rule.probability < 1.0 and self._draw(kind, number) >= rule.probability:
                continue
            if rule.next is not None:
                rule.next -= 1
                if rule.next <= 0:
                    self._remove(kind, rule)
            self.struck[kind] += 1
            return rule
        return None

    def plan(self, plan: dict[str, Any], *, seed: int | None = None) -> None:
        """Replace the rules of the kinds named; false, null or 0 ends a kind."""
        if seed is not None:
            self.seed = seed
            self.asked.clear()
        read = {kind: _rules(kind, value) for kind, value in plan.items()}
        for kind, rules in read.items():
            if rules:
                self.rules[kind] = rules
            else:
                self.rules.pop(kind, None)

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "kinds": list(KINDS),
            "plan": {kind: [asdict(rule) for rule in rules] for kind, rules in self.rules.items()},
            "struck": dict(self.struck),
        }

    def _draw(self, kind: str, number: str) -> float:
        """In [0, 1) by seed, kind, number and how often it was asked for them.

        So a plan repeats itself even where requests overtake each other.
        """
        turn = self.asked[kind, number]
        self.asked[kind, number] = turn + 1
        digest = hashlib.blake2b(f"{self.seed}|{kind}|{number}|{turn}".encode(), digest_size=8)
        return int.from_bytes(digest.digest()) / 2**64

    def _remove(self, kind: str, rule: Rule) -> None:
        self.rules[kind] = [other for other in self.rules[kind] if other is not rule]
        if not self.rules[kind]:
            del self.rules[kind]


def _rules(kind: str, value: Any) -> list[Rule]:
    """A number alone is a probability, `true` is always, a list is several rules."""
    if kind not in KINDS:
        raise Refusal(BAD_PARAMETER, f"No fault is called {kind}")
    if isinstance(value, list):
        return [rule for item in value for rule in _rules(kind, item)]
    if not value:
        return []
    if value is True:
        return [Rule()]
    if isinstance(value, int | float):
        return [Rule(probability=float(value))]
    try:
        return [Rule(**value)]
    except (TypeError, ValueError) as error:
        raise Refusal(BAD_PARAMETER, f"Not a rule for {kind}: {value}") from error
