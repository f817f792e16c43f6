"""Walking all probes of one principal, and what each must have done and not done."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any
from uuid import UUID

from tests.every_url import addresses, looks, rows
from tests.every_url.asking import UUID_TEXT, Answer, Asking, undo, undone
from tests.every_url.cells import SAFE, Entry
from tests.every_url.expected import Probe, forbidden, probes
from tests.every_url.payloads import Payloads
from tests.every_url.principals import NO_SESSION, STAFF
from tests.every_url.world import World


@dataclass
class Walk:
    """One principal's probes, and everything that was wrong."""

    world: World
    principal: str
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.asking = Asking(self.world)
        self.payloads = Payloads(self.world)
        self.before = rows.digest()
        self.others = self.world.other_of(self.principal)
        self.others_words = [self.others.mark, *self.others.numbers]

    def all(self) -> None:
        with undone():
            self.every_probe()

    def every_probe(self) -> None:
        alike: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
        for probe in probes(self.principal):
            path, ids = addresses.path(probe.entry, self.world, self.principal, probe.state)
            answer = self.one(probe, path)
            if not probe.is_allowed:
                said = answer.without(path, *ids)
                alike[f"{probe.method} {probe.entry}"][probe.state] = said
        for where, states in alike.items():
            self.compare(where, states)

    def one(self, probe: Probe, path: str) -> Answer:
        """Ask, judge, put back."""
        cell = probe.cell
        payload = self.payloads.of(cell.body if cell else "", self.principal)
        answer = self.asking.ask(
            self.principal,
            probe.method,
            path,
            form=payload.form,
            json=payload.json,
            headers=htmx(probe.entry),
        )
        changed = answer.wrote and answer.status < 500 and rows.digest() != self.before
        if answer.touched or answer.status >= 500:
            undo()
        self.counts["probes"] += 1
        self.counts["allowed"] += probe.is_allowed and answer.status < 400
        for problem in self.problems(probe, path, answer, changed):
            self.wrong.append(f"{self.principal}: {probe} ({path}): {problem}")
        return answer

    def problems(self, probe: Probe, path: str, answer: Answer, changed: bool) -> list[str]:
        found = looks.problems(self.principal, path, answer)
        if answer.status not in probe.statuses | forbidden(probe):
            found.append(f"{answer.status} instead of {sorted(probe.statuses)}")
        may_change = probe.is_allowed and probe.cell is not None and probe.cell.changes
        if changed and not may_change:
            found.append("it changed rows")
        if may_change and not changed and probe.method not in SAFE:
            found.append("it changed nothing")
        return found + self.canaries(probe, answer)

    def canaries(self, probe: Probe, answer: Answer) -> list[str]:
        """The own one where it belongs; another customer's nowhere."""
        cell, found = probe.cell, []
        text = answer.text + " ".join(answer.headers.values())
        if probe.is_allowed and cell and cell.shows and probe.state == addresses.OWN:
            self.counts["shown"] += 1
            if not in_sight(self.world.canary(self.principal, cell.shows), text):
                found.append(f"does not show the own {cell.shows}")
        if self.principal in NO_SESSION and not probe.is_allowed:
            own = self.world.company_of(self.principal).mark
            found += ["shows the own canary"] if in_sight(own, text) else []
        if self.principal != STAFF:
            found += [
                f"shows another's {word}" for word in self.others_words if in_sight(word, text)
            ]
            ids = {UUID(each) for each in UUID_TEXT.findall(text)}
            known = {UUID(each) for each in UUID_TEXT.findall(answer.sent)}
            leaked = (ids & self.world.ids[self.others.mark]) - known
            found += [f"names another's id {each}" for each in leaked]
        return found

    def compare(self, where: str, states: dict[str, tuple[Any, ...]]) -> None:
        """What is not the own must be answered as what does not exist: byte for byte."""
        for state, said in states.items():
            like = addresses.like(state, states)
            if like not in states:
                continue
            self.counts["compared"] += 1
            if said != states[like]:
                differing = difference(said, states[like])
                self.wrong.append(
                    f"{self.principal}: {where}: {state} is not as {like}: {differing}"
                )


def in_sight(word: str, text: str) -> bool:
    """Whether a text has a word in any case, or a number in any way to write it."""
    if not word.startswith("+"):
        return word.lower() in text.lower()
    # The country may be left out: what comes after it is enough.
    digits = word.removeprefix("+1")
    return digits[-4:] in text and bool(re.search(r"[ ().-]{0,3}".join(digits) + r"(?!\d)", text))


def htmx(entry: Entry) -> dict[str, str]:
    """The headers by which htmx asks for a part of an open page."""
    asked = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": entry.fragment}
    return asked if entry.fragment else {}


def difference(one: tuple[Any, ...], other: tuple[Any, ...]) -> str:
    """What two answers do not have in common, in brief."""
    if one[:-1] != other[:-1]:
        return f"{one[:-1]} and {other[:-1]} (status, number of queries)"
    lines = unified_diff(other[-1].splitlines(), one[-1].splitlines(), lineterm="", n=0)
    return " ".join(list(lines)[2:8])[:400]


def missing(entries: tuple[Entry, ...]) -> tuple[set[str], set[str]]:
    """Addresses without an entry, and entries without an address."""
    known, there = {entry.pattern for entry in entries}, set(addresses.patterns())
    return there - known, known - there
