"""What comes in: receipts, texts from people, and a colleague who says Do Not Text."""

from datetime import datetime, timedelta

from messaging.dispatch import receipts, stopping
from messaging.inbound import intake
from tests.storm.machine.looking import Seen
from tests.storm.machine.model import (
    LADDER,
    LEFT,
    WAITING,
    Facts,
    Report,
    Text,
    best,
)
from tests.storm.machine.table import Op, Table, is_withdrawable


class Apply(Op):
    """Receipts applied, inbound texts taken in."""

    name = "apply"

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self.inbound = list(table.inbound)
        self.reports = [each for each in table.reports if not each.is_applied]
        self.blamed = {
            self.before.texts[message].person
            for each in self.reports
            if each.code == "21610"
            and (message := table.attempts.get(each.attempt_id)) in self.before.texts
        }

    def run(self) -> None:
        receipts.apply_waiting()
        intake.take_in()

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        states = self._reported(text)
        if is_withdrawable(text):
            states |= {"refused"} if text.person in self.blamed else set()
            if self._is_stopped_by_inbound(text.person):
                states = {"refused"}
        return states | {text.state} if loose else states

    def _is_stopped_by_inbound(self, person: int) -> bool:
        is_stopped = person in self.was.stopped
        for who, words, at in self.inbound:
            if who == person and words == "STOP" and not is_stopped:
                return True
            if who == person and words == "START" and self._lifts(person, at):
                is_stopped = False
        return False

    def _lifts(self, person: int, at: datetime) -> bool:
        """Whether a START comes after what others said of the person."""
        return self.table.stopped_by_others.get(person, at) <= at

    def _reported(self, text: Text) -> set[str]:
        about = [each for each in self.table.reports if self._is_about(each, text)]
        if self.table.is_murky(text):
            return {text.state, *(LADDER if about else ())}
        if text.state in LEFT or text.state in ("sending", "uncertain", "unconfirmed"):
            return {best(text.state, [each.word for each in about])}
        return {text.state}

    def _is_about(self, report: Report, text: Text) -> bool:
        mine = self.table.attempts.get(report.attempt_id) == text.id
        return mine and (text.sid is None or text.sid == report.sid)

    def silences(self) -> set[int]:
        return self.blamed | {person for person, _, _ in self.inbound}

    def took(self, result: None) -> None:
        del self.table.inbound[: len(self.inbound)]
        for each in self.reports:
            each.is_applied = True

    def learn(self, after: Seen) -> None:
        facts = self.table.facts
        for id, text in after.texts.items():
            old = self.before.texts.get(id)
            if old and old.state != "undelivered" and text.state == "undelivered":
                codes = {each.code for each in self.reports if self._is_about(each, text)}
                self._blame(text, codes, after)
        for person, words, at in self.inbound:
            self._obey(person, words, at, facts)

    def _blame(self, text: Text, codes: set[str], after: Seen) -> None:
        """Several reports of one failure may name several codes; the first one counts."""
        facts = self.table.facts
        id = self.table.world.people[text.person].id
        if "21610" in codes and (len(codes) == 1 or id in after.stopped):
            self.table.stop(text.person, after.now)
        if "30005" in codes:
            facts.unusable.add(text.person)

    def _obey(self, person: int, words: str, at: datetime, facts: Facts) -> None:
        if words == "STOP" and person not in facts.stopped:
            facts.stopped.add(person)
            facts.confirmations += 1
        elif words == "START" and person in facts.stopped and self._lifts(person, at):
            facts.stopped.discard(person)
            facts.confirmations += 1
        elif words == "HELP":
            last = self.table.helped.get(person)
            if last is None or self.before.now - last > timedelta(hours=24):
                facts.confirmations += 1
            self.table.helped[person] = self.before.now


class Stop(Op):
    """A colleague marks a person as not to be texted."""

    name = "stop"

    def __init__(self, table: Table, person: int) -> None:
        super().__init__(table)
        self.person = person

    def run(self) -> None:
        world = self.table.world
        stopping.stop(world.people[self.person], source="staff", by=world.mona)

    def may(self, text: Text, now: datetime, *, loose: bool) -> set[str]:
        if text.person != self.person or not is_withdrawable(text):
            return {text.state}
        if self.person in self.was.stopped:
            return {text.state}
        return {text.state, "refused"} if loose else {"refused"}

    def silences(self) -> set[int]:
        return {self.person}

    def learn(self, after: Seen) -> None:
        is_new = self.person not in self.was.stopped
        self.table.stop(self.person, after.now)
        for id, old in self.before.texts.items():
            if is_new and old.person == self.person and is_withdrawable(old):
                left = after.texts[id].state in WAITING
                assert not left, "a text still waits past STOP"
