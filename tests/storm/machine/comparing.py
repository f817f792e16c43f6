"""The product and the model side by side: one look after every step, and what it must show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tests.storm.machine import repeating
from tests.storm.machine import world as ground
from tests.storm.machine.carrier import Carrier
from tests.storm.machine.hands import Hands
from tests.storm.machine.hearing import Apply
from tests.storm.machine.hooking import Post
from tests.storm.machine.looking import Eyes, Seen
from tests.storm.machine.model import (
    FREE_FOR,
    IN_FLIGHT,
    LEFT,
    Facts,
    Text,
    costs,
)
from tests.storm.machine.table import Op, Table, reachable
from tests.storm.machine.world import World

STEP: Final = timedelta(milliseconds=50)
"""What every step takes by the clock."""
WAITS: Final = {
    "1s": timedelta(seconds=1), "19s": timedelta(seconds=19), "31s": timedelta(seconds=31),
    "59s": timedelta(seconds=59), "61s": timedelta(seconds=61), "2min": timedelta(minutes=2),
    "15min": timedelta(minutes=15, seconds=1), "6h": timedelta(hours=6),
    "24h": timedelta(hours=24, seconds=1), "45d-": FREE_FOR - timedelta(seconds=1),
    "45d+": FREE_FOR + timedelta(seconds=1),
}  # fmt: skip


@dataclass(slots=True)
class Tools:
    """What is made once per process."""

    world: World
    eyes: Eyes
    hands: Hands
    post: Post


@dataclass(slots=True)
class Comparing:
    """One schedule's table, and everything that is compared on it."""

    tools: Tools
    steps: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ran: Counter[str] = field(default_factory=Counter)
    texts_made: int = 0
    strays: int = 0
    table: Table = field(init=False)

    def __post_init__(self) -> None:
        repeating.begin_again()
        ground.reset()
        seen = self.tools.eyes.look(STEP)
        self.table = Table(
            self.tools.world, Carrier(), Facts(), seen, [], [], [], {}, {}, {}, seen.now
        )

    def do(self, name: str, given: dict[str, Any]) -> None:
        """One step, by its name. Raises AssertionError for what must not be."""
        self.steps.append((name, given))
        self.ran[name] += 1
        getattr(self, name)(**given)

    def _pass(self, time: timedelta) -> None:
        """Let time pass. A stop word is heard within five seconds, whatever else waits."""
        if self.table.inbound:
            self._alone(Apply(self.table))
        ground.pass_time(time)
        self._look()

    def _alone(self, op: Op, *, still: bool = False) -> None:
        op.took(op.run())
        self._compare([op], still=still)

    def _do(self, op: Op | None) -> None:
        if op is not None:
            self._alone(op)

    def _look(self) -> None:
        self._compare([])

    def _compare(self, ops: Sequence[Op], *, still: bool = False) -> None:
        before = self.table.seen
        seen = self.tools.eyes.look(None if still else STEP)
        self.table.now = seen.now
        for op in ops:
            op.learn(seen)
        if len(ops) > 1:
            self._accept_either_order(ops, seen)
        for id, text in seen.texts.items():
            old = before.texts.get(id)
            if old is None:
                self._check_new(text, is_loose=len(ops) > 1)
                continue
            may = reachable(old, ops, seen.now) if ops else {old.state}
            names = "+".join(op.name for op in ops) or "nobody"
            assert text.state in may, (
                f"{text.kind} {text.token}: {names} took it from {old.state} to {text.state},"
                f" and not to {sorted(may)}"
            )
            self._check_instants(old, text, before, seen)
        assert before.texts.keys() <= seen.texts.keys(), "a text is gone"
        if len(ops) == 1:
            ops[0].check(seen)
        self._check_money(seen)
        self._check_people(seen)
        self.table.seen = seen
        self._check_truth()

    def _accept_either_order(self, ops: Sequence[Op], seen: Seen) -> None:
        """Two orders about one person at once: who was first is for the database to say."""
        contested = set.intersection(*(op.silences() for op in ops))
        if not contested:
            return
        facts = self.table.facts
        stopped = {self.tools.eyes.people[id] for id in seen.stopped}
        facts.stopped = (facts.stopped - contested) | (stopped & contested)
        there = sum(each.is_compliance for each in seen.texts.values())
        words = [person for op in ops for person, _, _ in getattr(op, "inbound", [])]
        room = sum(person in contested for person in words)
        if abs(there - facts.confirmations) <= room:
            facts.confirmations = there

    def _check_new(self, text: Text, *, is_loose: bool) -> None:
        facts = self.table.facts
        if text.is_compliance or is_loose:
            return
        may = {"queued", "held"} if self.table.seen.balance < 6 else {"queued"}
        if text.person in facts.stopped or text.person in facts.unusable:
            may = {"refused"}
        if facts.is_paused:
            may = {"held"}
        if not facts.is_licensed:
            may = {"refused"}
        assert text.state in may, f"a new text of {text.person} is {text.state}, not {may}"

    def _check_instants(self, old: Text, new: Text, before: Seen, seen: Seen) -> None:
        """Whatever was written now was written by the one clock."""
        now = (before.now, seen.now)
        if new.state != old.state:
            assert _within(new.changed_at, now), "changed at another time than now"
        if new.decided_at != old.decided_at and not self.table.is_murky(new):
            assert _within(new.decided_at, now), "decided at another time than now"
        if new.wire_at != old.wire_at:
            assert _within(new.wire_at, now), "on the wire at another time than now"

    def _check_money(self, seen: Seen) -> None:
        expected = costs(seen.texts.values())
        charged = {text.id for text in seen.texts.values() if text.live_charges}
        assert max((text.live_charges for text in seen.texts.values()), default=0) <= 1, "twice"
        tokens = {seen.texts[id].token: (id in expected) for id in expected ^ charged}
        assert not tokens, f"a contact should be deducted for, but is not or the reverse: {tokens}"
        hidden = sum(each.way == "hidden" for each in self.table.carrier.log)
        assert seen.adjusted <= hidden, "contacts out of nothing"
        left = self.table.facts.granted + seen.adjusted - len(expected)
        assert (seen.balance, seen.moved) == (left, left), (
            f"balance {seen.balance}, ledger {seen.moved}, by the rule {left}"
        )

    def _check_people(self, seen: Seen) -> None:
        busy = Counter(each.person for each in seen.texts.values() if each.state in IN_FLIGHT)
        assert all(count == 1 for count in busy.values()), "two in flight to one person"
        numbers = self.tools.eyes.people
        stopped = {numbers[id] for id in seen.stopped}
        assert stopped == self.table.facts.stopped, (
            f"Do Not Text holds for {stopped}, ordered by {self.table.facts.stopped}"
        )
        confirmations = sum(each.is_compliance for each in seen.texts.values())
        assert confirmations == self.table.facts.confirmations, (
            f"{confirmations} confirmations, {self.table.facts.confirmations} due"
        )

    def _check_truth(self, *, at_end: bool = False) -> None:
        """What the carrier has, by token, against what we say."""
        texts = self.table.seen.texts.values()
        log = [each for each in self.table.carrier.log if each.way != "hidden"]
        written = Counter(text.token for text in texts)
        for token, times in Counter(each.token for each in log).items():
            assert times <= written[token], f"{token} was sent {times} times"
        sids = {each.sid: each.token for each in self.table.carrier.log}
        bound = {text.sid: text.token for text in texts if text.state in LEFT}
        for sid, token in bound.items():
            assert sid is not None
            assert sids.get(sid) == token, f"{token} is said to have left as {sid}"
        if at_end:
            lost = [each.token for each in log if each.sid not in bound]
            assert not lost, f"the carrier has {lost}, and we do not say so"

    def _texts(self, *states: str) -> list[Text]:
        found = [each for each in self.table.seen.texts.values() if each.state in states]
        return sorted(found, key=lambda each: (each.created_at, each.token))

    def _states(self) -> list[tuple[str, str]]:
        return [(each.token, each.state) for each in self.table.seen.texts.values()]


def _within(instant: datetime | None, span: tuple[datetime, datetime]) -> bool:
    return instant is not None and span[0] <= instant <= span[1]


def pick(items: Sequence[Any], index: int) -> Any:
    return items[index % len(items)] if items else None
