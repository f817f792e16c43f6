"""One schedule: steps done to the product and to the model, compared after every step.

Every step takes plain numbers and words, and does nothing when it has nothing to do, so
that any list of steps is a schedule and a failure is replayed from its list.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from accounts import licenses
from credits import ledger
from messaging.conversations.models import Message
from messaging.dispatch import callbacks, outbox
from messaging.dispatch.drafting import Draft
from messaging.senders.models import ProviderAccount
from tests.storm.machine import repeating
from tests.storm.machine import world as ground
from tests.storm.machine.carrier import Carrier
from tests.storm.machine.hands import Hands
from tests.storm.machine.hooking import Post
from tests.storm.machine.looking import Eyes, Seen
from tests.storm.machine.model import COUNTED, FINAL, FREE_FOR, IN_FLIGHT, LEFT, START_WITHIN
from tests.storm.machine.model import Facts, Report, Text, costs
from tests.storm.machine.ops import (
    Apply,
    Cancel,
    Claim,
    Flight,
    GiveBack,
    Op,
    Reconcile,
    Settle,
    Start,
    Stop,
    Sweep,
    Table,
    is_late,
    reachable,
)
from tests.storm.machine.world import World
from textengage.lib.refusal import Refused

STEP: Final = timedelta(milliseconds=50)
"""What every step takes by the clock."""
WAITS: Final = {
    "1s": timedelta(seconds=1), "19s": timedelta(seconds=19), "31s": timedelta(seconds=31),
    "59s": timedelta(seconds=59), "61s": timedelta(seconds=61), "2min": timedelta(minutes=2),
    "15min": timedelta(minutes=15, seconds=1), "6h": timedelta(hours=6),
    "24h": timedelta(hours=24, seconds=1), "45d-": FREE_FOR - timedelta(seconds=1),
    "45d+": FREE_FOR + timedelta(seconds=1),
}  # fmt: skip
RACERS: Final = (
    "claim", "start", "settle", "apply", "stop", "cancel", "sweep", "reconcile", "give_back",
)  # fmt: skip


@dataclass(slots=True)
class Tools:
    """What is made once per process."""

    world: World
    eyes: Eyes
    hands: Hands
    post: Post


@dataclass(slots=True)
class Schedule:
    """From an empty company to quiescence."""

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

    # --- steps: people and the outside ---------------------------------------------------

    def queue(self, people: Sequence[int], kind: str, sender: int, delay: int) -> None:
        """Texts to people, as a page, a campaign or an answering rule writes them."""
        world = self.tools.world
        drafts = [
            Draft(
                world.threads[person],
                f"Hi #{self.texts_made + number}",
                kind=kind,
                sender=world.senders[sender - 1] if sender else None,
                due_at=self.table.now + timedelta(seconds=delay) if delay else None,
            )
            for number, person in enumerate(people)
        ]
        self.texts_made += len(drafts)
        outbox.queue(drafts, by=world.rita)
        self._look()

    def put(self, people: Sequence[int], kind: str, sender: int) -> None:
        """Texts that passed the gate a moment ago and lie in the outbox."""
        facts = self.table.facts
        people = [each for each in people if each not in facts.stopped | facts.unusable]
        if not people or not facts.is_licensed or facts.is_paused:
            return
        chosen = self.tools.world.senders[max(sender - 1, 0)]
        ground.put(self.tools.world, people, kind, chosen, self.texts_made)
        self.texts_made += len(people)
        self._look()

    def press_send(self, person: int) -> None:
        """One text by one person's click, and the click's echo."""
        draft = Draft(self.tools.world.threads[person], f"Hi #{self.texts_made}")
        self.texts_made += 1
        for _ in range(2):
            try:
                outbox.send(draft, by=self.tools.world.rita)
            except Refused:
                break
        self._look()

    def answer(self, index: int, way: str) -> None:
        """The carrier gets one text that is on the wire and answers in some way."""
        flight = _pick(self.table.stage("sending"), index)
        if flight is None:
            return
        self.table.carrier.now = self.table.now
        # A request ends by its own deadline, whatever happened to its worker.
        flight.way = "silent" if is_late(flight, self.table.now) else way
        flight.answer = self.table.carrier.send(self._parcel(flight), flight.way)
        flight.stage = "answered"
        self.ran[f"answer:{flight.way}"] += 1

    def die(self, index: int, when: str) -> None:
        """A worker is killed: before a request, during it, or with the answer in its hand."""
        stages = ("answered",) if when == "answered" else ("sending",)
        if when == "claimed":
            stages = ("claimed",)
        flight = _pick([each for each in self.table.flights if each.stage in stages], index)
        if flight is None:
            return
        if when == "accepted" and not is_late(flight, self.table.now):
            self.table.carrier.now = self.table.now
            self.table.carrier.accept(self._parcel(flight))
        flight.stage = "dead"
        self.ran[f"die:{when}"] += 1

    def report(self, index: int, word: str, code: str, *, again: bool = False) -> None:
        """The carrier reports on a text it has, in any order, and as often as it likes."""
        accepted = _pick(self.table.carrier.log, index)
        if accepted is None:
            return
        told = Report(accepted.sid, word, code, accepted.attempt_id)
        for _ in range(2 if again else 1):
            self._post_receipt(accepted.attempt_id, accepted.sid, word, code)
            keys = {(each.sid, each.word, each.code) for each in self.table.reports}
            if (told.sid, told.word, told.code) not in keys:
                self.table.reports.append(told)
        self._look()
        assert self.table.seen.receipts >= len(self.table.reports), "a receipt was not kept"

    def stray(self, word: str) -> None:
        """A receipt about something that is not ours."""
        kept = self.table.seen.receipts
        sid = f"SM{len(self.steps):032x}"
        self._post_receipt(UUID(int=len(self.steps)), sid.replace("SM0", "SMf"), word, "")
        self.strays += 1
        self._look()
        assert self.table.seen.receipts == kept + 1, "a receipt was not kept"

    def text_in(self, person: int, words: str, *, again: bool = False) -> None:
        """A person writes, and the carrier may deliver it twice."""
        at = self.table.now
        kept = self.table.seen.events
        sid = f"SM{len(self.steps):031x}e"
        for _ in range(2 if again else 1):
            status = self.tools.post.send(self._inbound_path(), **self._words(person, words, sid))
            assert status == 204, f"a signed text was answered {status}"
        self.table.inbound.append((person, words, at))
        self._look()
        assert self.table.seen.events == kept + 1, "an inbound text was not kept once"

    def forge(self, person: int) -> None:
        """Somebody who does not know the secret opts a person out."""
        kept = self.table.seen.events
        sid = f"SM{len(self.steps):031x}f"
        words = self._words(person, "STOP", sid)
        status = self.tools.post.send(self._inbound_path(), forged=True, **words)
        self._look()
        assert (status, self.table.seen.events) == (403, kept), "a forged text got in"

    def text_in_while_busy(self, person: int, words: str) -> None:
        """The database cannot store just now: the carrier must not hear that it did."""
        at = self.table.now
        sid = f"SM{len(self.steps):031x}b"
        database = self.tools.hands.monitor
        with database.transaction():
            database.execute("LOCK TABLE messaging_inboundevent IN EXCLUSIVE MODE")
            answer = self.tools.post.begin(
                self._inbound_path(), **self._words(person, words, sid)
            )
            try:
                status = answer.result(0.015)
            except TimeoutError:
                status = 0
        assert status == 0, "a text was answered before it was kept"
        assert answer.result(20) == 204
        self.table.inbound.append((person, words, at))
        self._look()

    def license(self, is_valid: bool) -> None:
        world, facts = self.tools.world, self.table.facts
        if is_valid and not facts.is_licensed:
            licenses.give(world.rita, by=None, seat=world.license.seat)
        elif not is_valid and facts.is_licensed:
            licenses.end(world.rita, by=None)
        facts.is_licensed = is_valid
        self._look()

    def grant(self, amount: int) -> None:
        ledger.grant(self.tools.world.customer, amount, by=None)
        self.table.facts.granted += amount
        self._look()

    def unpause(self) -> None:
        ProviderAccount.objects.update(paused_reason="")
        self.table.facts.is_paused = False

    def send_again(self, index: int) -> None:
        """The author takes the risk that an unconfirmed text arrives twice."""
        text = _pick(self._texts("unconfirmed"), index)
        if text is None:
            return
        try:
            outbox.send_again(Message.objects.get(id=text.id), by=self.tools.world.rita)
        except Refused:
            self.ran["send_again:refused"] += 1
        self._look()

    def wait(self, how_long: str) -> None:
        self._pass(WAITS[how_long])

    def boundary(self, index: int, microseconds: int) -> None:
        """A text claimed exactly 45 days after the person's last one, or next to it."""
        busy = {each.person for each in self._texts(*IN_FLIGHT)}
        counted = [each for each in self._texts(*COUNTED) if not each.is_compliance]
        person = _pick(sorted({each.person for each in counted} - busy), index)
        if person is None:
            return
        decided = [each.decided_at for each in counted if each.person == person if each.decided_at]
        at = max(decided) + FREE_FOR + timedelta(microseconds=microseconds)
        if at - timedelta(seconds=2) <= self.table.now:
            return
        self._pass(at - timedelta(seconds=1) - self.table.now)
        self.queue([person], "typed", 1, 0)
        ground.stand_still(at)
        self.table.seen = self.tools.eyes.look()
        try:
            self._alone(Claim(self.table), still=True)
        finally:
            ground.run_on(at)
            self._look()
        self.ran["boundary:reached"] += 1

    # --- steps: the product --------------------------------------------------------------

    def claim(self, limit: int) -> None:
        self._alone(Claim(self.table, limit))

    def start(self, index: int | None = None) -> None:
        self._do(self._op("start", index or 0, everything=index is None))

    def settle(self, index: int | None = None) -> None:
        self._do(self._op("settle", index or 0, everything=index is None))

    def settle_again(self, index: int) -> None:
        """The commit's answer was lost: the same outcome is written once more."""
        flight = _pick(self.table.stage("settled"), index)
        if flight is not None:
            self._alone(Settle(self.table, [flight]))

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
        results = self.tools.hands.race([one.run, other.run], switches)
        for op, result in zip((one, other), results, strict=True):
            if isinstance(result, Exception):
                raise result
            op.took(result)
        self._compare([one, other])
        self.ran[f"race:{first}x{second}"] += 1

    # --- the end -------------------------------------------------------------------------

    def finish(self, *, drained: bool = True) -> None:
        """Faults stop and time passes every deadline; then all holds.

        ``drained``: what waits is sent, so whoever waits for help is helped. Otherwise
        nobody sends any more, and what waits expires.
        """
        self.table.carrier.show_all()
        if drained:
            self._help()
        for how_long in ("", "61s", "2min", "15min", "15min", "7d"):
            if how_long:
                if self._is_quiet():
                    break
                self._pass(WAITS.get(how_long, timedelta(days=7, seconds=1)))
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

    # --- the comparison ------------------------------------------------------------------

    def _pass(self, time: timedelta) -> None:
        """Let time pass. A stop word is heard within five seconds, whatever else waits."""
        if self.table.inbound:
            self.apply()
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
            assert now[0] <= new.changed_at <= now[1], "changed at another time than now"
        if new.decided_at != old.decided_at and not self.table.is_murky(new):
            assert new.decided_at and now[0] <= new.decided_at <= now[1], "decided at no time"
        if new.wire_at != old.wire_at:
            assert new.wire_at and now[0] <= new.wire_at <= now[1], "on the wire at no time"

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

    # --- pieces --------------------------------------------------------------------------

    def _op(
        self, name: str, index: int, *, everything: bool = False, taken: Op | None = None
    ) -> Op | None:
        table = self.table
        plain: dict[str, Callable[[], Op]] = {
            "claim": lambda: Claim(table, 3),
            "apply": lambda: Apply(table),
            "sweep": lambda: Sweep(table),
            "reconcile": lambda: Reconcile(table),
            "stop": lambda: Stop(table, index % len(self.tools.world.people)),
        }
        if name in plain:
            return plain[name]()
        if name == "cancel":
            waiting = [each for each in self._texts("held", "queued", "claimed", "sending")
                       if not each.is_compliance]  # fmt: skip
            text = _pick(waiting, index)
            return Cancel(table, text) if text else None
        self._let_go()
        mine = [] if taken is None else getattr(taken, "flights", [])
        if name == "give_back":
            return None if mine or not table.stage("claimed") else GiveBack(table)
        stage = {"start": "claimed", "settle": "answered"}[name]
        flights = [each for each in table.stage(stage) if each not in mine]
        if not everything and flights:
            flights = [flights[index % len(flights)]]
        if not flights:
            return None
        return Start(table, flights) if name == "start" else Settle(table, flights)

    def _let_go(self) -> None:
        """A worker starts nothing that it claimed long ago."""
        for each in self.table.stage("claimed"):
            if self.table.now - each.claimed_at > START_WITHIN:
                each.stage = "dead"

    def _texts(self, *states: str) -> list[Text]:
        found = [each for each in self.table.seen.texts.values() if each.state in states]
        return sorted(found, key=lambda each: (each.created_at, each.token))

    def _states(self) -> list[tuple[str, str]]:
        return [(each.token, each.state) for each in self.table.seen.texts.values()]

    def _parcel(self, flight: Flight) -> Any:
        return ground.parcel(flight.claimed)

    def _post_receipt(self, attempt: UUID, sid: str, word: str, code: str) -> None:
        url = callbacks.receipt_url("twilio", self.tools.world.account.id, attempt)
        form = {"MessageSid": sid, "MessageStatus": word}
        form |= {"ErrorCode": code} if code else {}
        status = self.tools.post.send(ground.path_of(url), **form)
        assert status == 204, f"a signed receipt was answered {status}"

    def _inbound_path(self) -> str:
        return ground.path_of(callbacks.inbound_url("twilio", self.tools.world.account.id))

    def _words(self, person: int, words: str, sid: str) -> dict[str, str]:
        return {
            "MessageSid": sid,
            "From": self.table.number_of(person),
            "To": self.tools.world.senders[0].address,
            "Body": words,
        }


def _pick(items: Sequence[Any], index: int) -> Any:
    return items[index % len(items)] if items else None

