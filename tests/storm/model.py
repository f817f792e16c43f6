"""The 45 days once more, written without a look at the product: plain numbers in and out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

WINDOW: Final = 45 * 86_400.0
BLUR: Final = 3_600.0
"""Seconds. The carrier's instants are later than those at which we decide; a gap as close
to 45 days as this is left to the invariants, which know the instant itself."""


@dataclass(frozen=True, slots=True)
class Owed:
    """How many contacts a person's texts used; empty when that is too close to call."""

    contacts: int | None


def owed(texts: Iterable[float], *, texted_before: float | None) -> Owed:
    """``texts`` and ``texted_before``: instants in seconds, of those that used the wire."""
    contacts = 0
    last = texted_before
    for at in sorted(texts):
        if last is not None and abs(at - last - WINDOW) < BLUR:
            return Owed(None)
        if last is None or at - last > WINDOW:
            contacts += 1
        last = at
    return Owed(contacts)


def compare(owed_by: Mapping[str, Owed], charged: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """People charged too often and too rarely, each as many times as they were."""
    double: list[str] = []
    missing: list[str] = []
    for person in owed_by.keys() | charged.keys():
        due = owed_by.get(person, Owed(0)).contacts
        if due is not None:
            over = charged.get(person, 0) - due
            double += [person] * over
            missing += [person] * -over
    return sorted(double), sorted(missing)
