"""One schedule: steps done to the product and to the model, compared after every step.

Every step takes plain numbers and words, and does nothing when it has nothing to do, so
that any list of steps is a schedule and a failure is replayed from its list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from tests.storm.machine.comparing import WAITS, pick
from tests.storm.machine.hearing import Apply, Stop
from tests.storm.machine.model import (
    FINAL,
    IN_FLIGHT,
    WAITING,
)
from tests.storm.machine.outside import Outside
from tests.storm.machine.sending import Claim, Settle, Start
from tests.storm.machine.table import Flight, Op, Table
from tests.storm.machine.tending import Cancel, GiveBack, Reconcile, Sweep

RACERS: Final = (
    "claim", "start", "settle", "apply", "stop", "cancel", "sweep", "reconcile", "give_back",
)  # fmt: skip


@dataclass(slots=True)
class Schedule(Outside):
    """From an empty company to quiescence: the product's own deeds, and the end."""

    def claim(self, limit: int) -> None:
        self._alone(Claim(self.table, limit))

    def start(self, index: int | None = None) -> None:
        self._do(self._op("start", index or 0, everything=index is None))

    def settle(self, index: int | None = None) -> None:
        self._do(self._op("settle", index or 0, everything=index is None))

    def settle_again(self, index: int) -> None:
        """The commit's answer was lost: the same outcome is written once more."""
        flight = pick(self.overtaken() or self.table.stage("settled"), index)
        if flight is not None:
            self._alone(Settle(self.table, [flight]))

    def overtaken(self) -> list[Flight]:
        """Tries that were settled while another try of the same text is under way."""
        flying = {text.id for text in self._texts("sending", "uncertain")}
        tries = self.table.stage("settled")
        attempts = self.table.seen.open_attempts
        return [each for each in tries if each.id in flying and each.attempt_id not in attempts]

    def send_all(self, way: str) -> None:
        """What a worker does when nothing is in its way."""
        self.claim(10)
        self.start()
        for _ in self.table.stage("sending"):
            self.answer(0, way)
        self.settle()

    def apply(self) -> None:
        self._alone(Apply(self.table))

    def staff_stop(self, person: int) -> None:
        self._alone(Stop(self.table, person))

    def cancel(self, index: int) -> None:
        self._do(self._op("cancel", index))

    def sweep(self) -> None:
        self._alone(Sweep(self.table))

    def reconcile(self) -> None:
        self._alone(Reconcile(self.table))

    def give_back(self) -> None:
        self._do(self._op("give_back", 0))

    def race(self, first: str, second: str, index: int, switches: Sequence[int]) -> None:
        """Two of the product's own deeds, interleaved from statement to statement."""
        one = self._op(first, index)
        if one is None:
            return
        other = self._op(second, index + 1, taken=one)
        if other is None:
            return
        self._at_once([one, other], switches)
        self.ran[f"race:{first}x{second}"] += 1

    def _at_once(self, ops: Sequence[Op], switches: Sequence[int]) -> None:
        results = self.tools.hands.race([op.run for op in ops], switches)
        for op, result in zip(ops, results, strict=True):
            if isinstance(result, Exception):
                raise result
            op.took(result)
        self._compare(ops)

    def rivals(
        self, people: Sequence[int], switches: Sequence[int], amount: int, *, is_retry: bool = False
    ) -> None:
        """A reply from one number and a campaign's text from the other, claimed at once.

        With ``is_retry`` the reply was written later and is tried again: neither has to let
        the other go first, also when both are to one person. Without ``switches`` one worker
        claims both.
        """
        idle = self._idle()
        one, other = pick(idle, people[0]), pick(idle, people[1])
        if one is None or not self.table.facts.is_licensed:
            return
        if amount or is_retry:
            self.grant(amount + is_retry)
        self.put([other], "campaign", 2, delay=90 if is_retry else 0)
        self.put([one], "typed", 1)
        if is_retry:
            self.send_all("later")
            self._pass(WAITS["2min"])
        if not switches:
            self.claim(10)
            return
        ops = [Claim(self.table, 3, (0,)), Claim(self.table, 3, (1,))]
        self._at_once(ops, switches)
        self.ran["race:rivals"] += 1

    def at_the_door(self, index: int, deed: str, switches: Sequence[int], *, first: bool) -> None:
        """A text that is just about to go, and something that would hold it back."""
        flight = self._claimed_one(index)
        if flight is None:
            return
        if deed == "sweep":
            self._pass(WAITS["61s"])
        start = Start(self.table, [flight])
        other = self._op(deed, index, taken=start)
        if other is not None:
            self._at_once([start, other] if first else [other, start], switches)
            self.ran[f"door:{deed}"] += 1

    def at_the_answer(
        self, index: int, way: str, deed: str, switches: Sequence[int], *, first: bool
    ) -> None:
        """An answer that is being written, and something else that says what became of it."""
        flight = self._claimed_one(index)
        if flight is None:
            return
        self._alone(Start(self.table, [flight]))
        going = self.table.stage("sending")
        if flight not in going:
            return
        self.answer(going.index(flight), way)
        if deed in ("sweep", "reconcile"):
            self._pass(WAITS["61s"])
        if deed == "reconcile":
            self.sweep()
        if deed == "apply" and self.table.carrier.log:
            self.report(len(self.table.carrier.log) - 1, "delivered", "")
        settle = Settle(self.table, [flight])
        other = self._op(deed, index, taken=settle)
        if other is not None:
            self._at_once([settle, other] if first else [other, settle], switches)
            self.ran[f"answer:{deed}"] += 1

    def _idle(self) -> list[int]:
        """Persons for whom nothing is under way and who may be texted."""
        facts = self.table.facts
        waiting = {each.person for each in self._texts(*WAITING, *IN_FLIGHT)}
        return [each for each in range(3) if each not in waiting | facts.stopped | facts.unusable]

    def _claimed_one(self, index: int) -> Flight | None:
        """A text to somebody idle, claimed a moment ago."""
        person = pick(self._idle(), index)
        if person is None:
            return None
        self.put([person], "typed", 1)
        self.claim(10)
        mine = [
            each
            for each in self.table.stage("claimed")
            if self.table.seen.texts[each.id].person == person
        ]
        return mine[-1] if mine else None

    def finish(self, *, drained: bool = True) -> None:
        """Faults stop and time passes every deadline; then all holds.

        ``drained``: what waits is sent, so whoever waits for help is helped. Otherwise
        nobody sends any more, and what waits expires.
        """
        self.table.carrier.show_all()
        if drained:
            self._help()
        self._help_along(drained)
        for _ in range(8):
            if self._is_quiet():
                break
            self._pass(self._next_deadline())
            self._help_along(drained)
        if self.strays:
            self._pass(timedelta(minutes=11))
            self.apply()
        stuck = [each for each in self.table.seen.texts.values() if each.state not in FINAL]
        assert not stuck, f"not final in the end: {[(each.token, each.state) for each in stuck]}"
        self._check_truth(at_end=True)
        found = self.tools.eyes.violations(self.table.seen.now)
        # A text that the carrier hid may have gone twice, which O2 rightly says.
        murky = {str(each.id) for each in self.table.seen.texts.values()
                 if self.table.is_murky(each)}  # fmt: skip
        if set(found.get("O2", ())) <= murky:
            found.pop("O2", None)
        assert not found, f"invariants: {found}"

    def _next_deadline(self) -> timedelta:
        """How long until something has to become of what is left."""
        if self._texts("claimed", "sending"):
            return WAITS["61s"]
        return WAITS["15min"] if self._texts("uncertain") else timedelta(days=7, seconds=1)

    def _help(self) -> None:
        if self.table.facts.is_paused:
            self.unpause()
        if not self.table.facts.is_licensed:
            self.license(True)
        if not self._is_quiet():
            self.grant(20)

    def _is_quiet(self) -> bool:
        return not self.table.inbound and all(
            text.state in FINAL for text in self.table.seen.texts.values()
        )

    def _help_along(self, drained: bool) -> None:
        for _ in self.table.stage("sending"):
            self.answer(0, "yes")
        self.settle()
        if self.table.inbound or any(not each.is_applied for each in self.table.reports):
            self.apply()
        if not self._is_quiet():
            self.sweep()
        if self._texts("uncertain"):
            self.reconcile()
        for _ in range(6 if drained else 0):
            if not [each for each in self._texts("queued") if each.due_at <= self.table.now]:
                break
            before = self._states()
            self.send_all("yes")
            if self._states() == before:
                break

    def _op(
        self, name: str, index: int, *, everything: bool = False, taken: Op | None = None
    ) -> Op | None:
        table = self.table
        plain: dict[str, Callable[[], Op]] = {
            "claim": lambda: Claim(table, 3),
            "apply": lambda: Apply(table),
            "sweep": lambda: Sweep(table),
            "reconcile": lambda: Reconcile(table),
            "stop": lambda: Stop(table, self._somebody(index, taken)),
        }
        if name in plain:
            return plain[name]()
        if name == "cancel":
            waiting = [each for each in self._texts("held", "queued", "claimed", "sending")
                       if not each.is_compliance]  # fmt: skip
            text = pick(_about(waiting, taken, table) or waiting, index)
            return Cancel(table, text) if text else None
        mine = [] if taken is None else getattr(taken, "flights", [])
        if name == "give_back":
            return None if mine or not table.stage("claimed") else GiveBack(table)
        stage = {"start": "claimed", "settle": "answered"}[name]
        flights = [each for each in table.stage(stage) if each not in mine]
        if not everything and flights:
            flights = [pick(_about(flights, taken, table) or flights, index)]
        if not flights:
            return None
        return Start(table, flights) if name == "start" else Settle(table, flights)

    def _somebody(self, index: int, taken: Op | None) -> int:
        """Whom the other deed is about, or somebody with a text that may still be stopped."""
        flights = getattr(taken, "flights", [])
        if flights:
            return self.table.seen.texts[flights[0].id].person
        waiting = {each.person for each in self._texts("claimed")}
        waiting = waiting or {each.person for each in self._texts("queued", "sending")}
        return int(pick(sorted(waiting) or range(len(self.tools.world.people)), index))


def _about(items: Sequence[Any], other: Op | None, table: Table) -> list[Any]:
    """Those that are about the same person as the other deed."""
    person = getattr(other, "person", None)
    if person is None and getattr(other, "flights", None):
        person = table.seen.texts[other.flights[0].id].person  # type: ignore[union-attr]
    return [each for each in items if table.seen.texts[each.id].person == person]
