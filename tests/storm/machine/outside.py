"""Steps of people, of the carrier and of the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from accounts import licenses
from credits import ledger
from messaging.conversations.models import Message
from messaging.dispatch import callbacks, outbox
from messaging.dispatch.drafting import Draft
from messaging.senders.models import ProviderAccount
from tests.storm.machine import world as ground
from tests.storm.machine.comparing import WAITS, Comparing, pick
from tests.storm.machine.model import (
    COUNTED,
    FREE_FOR,
    IN_FLIGHT,
    Report,
)
from tests.storm.machine.sending import Claim
from tests.storm.machine.table import Flight, is_late
from textengage.lib.refusal import Refused


@dataclass(slots=True)
class Outside(Comparing):
    """Whatever the product does not do itself."""

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

    def put(self, people: Sequence[int], kind: str, sender: int, delay: int = 0) -> None:
        """Texts that passed the gate a moment ago and lie in the outbox."""
        facts = self.table.facts
        people = [each for each in people if each not in facts.stopped | facts.unusable]
        if not people or not facts.is_licensed or facts.is_paused:
            return
        chosen = self.tools.world.senders[max(sender - 1, 0)]
        wait = timedelta(seconds=delay)
        ground.put(self.tools.world, people, kind, chosen, self.texts_made, wait)
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
        flight = pick(self.table.stage("sending"), index)
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
        flight = pick([each for each in self.table.flights if each.stage in stages], index)
        if flight is None:
            return
        if when == "accepted" and not is_late(flight, self.table.now):
            self.table.carrier.now = self.table.now
            self.table.carrier.accept(self._parcel(flight))
        flight.stage = "dead"
        self.ran[f"die:{when}"] += 1

    def report(self, index: int, word: str, code: str, *, again: bool = False) -> None:
        """The carrier reports on a text it has, in any order, and as often as it likes."""
        accepted = pick(self.table.carrier.log, index)
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
            status = self.tools.post.send(self._inbound_path(), self._words(person, words, sid))
            assert status == 204, f"a signed text was answered {status}"
        self.table.inbound.append((person, words, at))
        self._look()
        assert self.table.seen.events == kept + 1, "an inbound text was not kept once"

    def forge(self, person: int) -> None:
        """Somebody who does not know the secret opts a person out."""
        kept = self.table.seen.events
        sid = f"SM{len(self.steps):031x}f"
        words = self._words(person, "STOP", sid)
        status = self.tools.post.send(self._inbound_path(), words, forged=True)
        self._look()
        assert (status, self.table.seen.events) == (403, kept), "a forged text got in"

    def text_in_while_busy(self, person: int, words: str) -> None:
        """The database cannot store just now: the carrier must not hear that it did."""
        at = self.table.now
        sid = f"SM{len(self.steps):031x}b"
        database = self.tools.hands.monitor
        with database.transaction():
            database.execute("LOCK TABLE messaging_inboundevent IN EXCLUSIVE MODE")
            answer = self.tools.post.begin(self._inbound_path(), self._words(person, words, sid))
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
        text = pick(self._texts("unconfirmed"), index)
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
        person = pick(sorted({each.person for each in counted} - busy), index)
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
        self._alone(Claim(self.table), still=True)
        ground.run_on(at)
        self._look()
        self.ran["boundary:reached"] += 1

    def _parcel(self, flight: Flight) -> Any:
        return ground.parcel(flight.claimed)

    def _post_receipt(self, attempt: UUID, sid: str, word: str, code: str) -> None:
        url = callbacks.receipt_url("twilio", self.tools.world.account.id, attempt)
        form = {"MessageSid": sid, "MessageStatus": word}
        form |= {"ErrorCode": code} if code else {}
        status = self.tools.post.send(ground.path_of(url), form)
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
