"""STOP against the claim, judged person by person. Pure: instants in seconds since the epoch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

GRACE: Final = 5.0
"""Seconds after the webhook's answer within which the opt-out must be in force (X7)."""


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt: claimed, handed to the wire, ended."""

    claimed: float
    wire: float | None
    finished: float | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Going:
    """One person's text as our rows have it at the end."""

    state: str
    code: str
    tries: Sequence[Try]

    def was(self, at: float) -> str:
        """Where it was at an instant: queued, claimed, sending, or gone."""
        begun = [each for each in self.tries if each.claimed <= at]
        if not begun:
            return "queued"
        last = begun[-1]
        if last.finished is not None and last.finished <= at:
            return "gone" if last.outcome == "accepted" else "queued"
        return "sending" if last.wire is not None and last.wire <= at else "claimed"

    def was_on_the_wire_before(self, at: float) -> bool:
        return any(each.wire is not None and each.wire < at for each in self.tries)


@dataclass(frozen=True, slots=True)
class Stop:
    """One person's STOP: stored, in force, and answered 2xx."""

    stored: float
    effective: float
    answered: float


@dataclass(slots=True)
class Race:
    """What became of everybody who wrote STOP."""

    stops: int = 0
    arrived_while: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    left_before: int = 0
    on_the_wire_at_effect: int = 0
    """Handed over before the opt-out, and at the carrier after it."""
    after_effect: int = 0
    handed_over_after_answer: int = 0
    """Between the webhook's answer and the opt-out's instant."""
    to_effect: list[float] = field(default_factory=list)
    """Seconds from the webhook's answer to the opt-out's instant."""
    wrong: list[str] = field(default_factory=list)

    @property
    def raced(self) -> int:
        return sum(self.arrived_while[state] for state in ("queued", "claimed", "sending"))


def judge(
    stops: Mapping[str, Stop], texts: Mapping[str, Going], taken: Mapping[str, Sequence[float]]
) -> Race:
    """By phone number: who wrote STOP, the one text to them, when the carrier took it."""
    race = Race(stops=len(stops))
    for number, stop in stops.items():
        text = texts.get(number)
        if text is None:
            race.wrong.append(f"{number}: no text of theirs is known")
            continue
        race.arrived_while[text.was(stop.stored)] += 1
        race.refused += text.state == "refused" and text.code == "opted_out"
        race.left_before += bool(taken.get(number))
        race.to_effect.append(stop.effective - stop.answered)
        _judge_wire(race, number, stop, text)
        for at in taken.get(number, ()):
            _judge_taken(race, number, stop, text, at)
    return race


def _judge_wire(race: Race, number: str, stop: Stop, text: Going) -> None:
    for each in text.tries:
        if each.wire is not None and each.wire >= stop.effective:
            race.wrong.append(f"{number}: handed over {each.wire - stop.effective:.3f} s late")
        if each.wire is not None and stop.answered <= each.wire < stop.effective:
            race.handed_over_after_answer += 1


def _judge_taken(race: Race, number: str, stop: Stop, text: Going, at: float) -> None:
    if at <= stop.effective:
        return
    if text.was_on_the_wire_before(stop.effective):
        race.on_the_wire_at_effect += 1
    else:
        race.after_effect += 1
        race.wrong.append(f"{number}: at the carrier {at - stop.effective:.3f} s after the opt-out")
    if at > stop.answered + GRACE:
        race.wrong.append(f"{number}: at the carrier {at - stop.answered:.1f} s after the answer")
