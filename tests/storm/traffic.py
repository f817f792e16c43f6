"""What recruiters and candidates do in one schedule, by the product's own verbs."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from django.db import connection

from accounts import licenses
from messaging.conversations import threads
from messaging.conversations.models import Message
from messaging.dispatch import outbox
from messaging.dispatch.outbox import Draft
from tests.storm.place import Place, insist
from tests.storm.plan import Inbound, Plan, Text
from textengage import timetable
from textengage.lib import clock
from textengage.lib.ids import new_id
from textengage.lib.refusal import Refused

LANES = 4
"""Threads; what concerns one person happens in one of them, in order."""


@dataclass(slots=True)
class Pressed:
    """One text after Send was pressed: refused at once with a code, or in the outbox."""

    text: Text
    id: UUID
    began: float
    done: float = float("inf")
    """When Send was pressed and when it was answered, by this machine's clock."""
    refused: str = ""
    tried_to_cancel: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A candidate's text that the webhook answered; the instants by the storm's clock."""

    text: Inbound
    sent_at: float
    answered_at: float
    answer: str


@dataclass(slots=True)
class Traffic:
    """One schedule's traffic; everything is noted for the verdict."""

    place: Place
    plan: Plan
    pressed: dict[str, Pressed] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)
    history: list[tuple[str, int, float]] = field(default_factory=list)
    """Customer, person, and the instant at which they were last texted before."""
    license_ended: bool = False
    errors: list[BaseException] = field(default_factory=list)
    _lanes: list[ThreadPoolExecutor] = field(init=False)
    _work: list[Future[None]] = field(default_factory=list)
    _events: list[tuple[float, int, Callable[[], None]]] = field(init=False)

    def __post_init__(self) -> None:
        self._lanes = [ThreadPoolExecutor(1, f"lane-{n}") for n in range(LANES)]
        self._events = sorted(self._planned(), key=lambda event: event[0])

    def tick(self, at: float) -> None:
        """Hand out what is due by now."""
        while self._events and self._events[0][0] <= at:
            _, lane, work = self._events.pop(0)
            self._work.append(self._lanes[lane % LANES].submit(self._do, work))

    def is_over(self) -> bool:
        return not self._events and all(each.done() for each in self._work)

    def close(self) -> None:
        """Let go of the threads and their connections."""
        for lane in self._lanes:
            lane.submit(connection.close)
            lane.shutdown(wait=True, cancel_futures=False)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self.errors.append(error)

    def _planned(self) -> list[tuple[float, int, Callable[[], None]]]:
        events: list[tuple[float, int, Callable[[], None]]] = []
        lots = [text for text in self.plan.texts if text.kind == "campaign"]
        for (at, _), lot in groupby(lots, key=lambda text: (text.at, text.house)):
            events.append((at, 0, partial(self._press_lot, list(lot))))
        for text in self.plan.texts:
            if text.kind != "campaign":
                events.append((text.at, text.person, partial(self._press, text)))
            if text.cancel_at is not None:
                events.append((text.cancel_at, text.person, partial(self._cancel, text)))
        for inbound in self.plan.inbound:
            # A phone is in nobody's lane: it races what the recruiter does.
            events.append((inbound.at, inbound.person + 1, partial(self._write, inbound)))
        for beat in (0.1, 0.1, 0.4):
            events.append((beat, 3, _beat))
        if self.plan.license_ends_at is not None:
            events.append((self.plan.license_ends_at, 2, self._end_license))
        return events

    def _draft(self, text: Text, id: UUID) -> Draft:
        house = self.place.houses[text.house]
        thread = threads.open_with(house.people[text.person].candidate, by=house.author)
        due = clock.now() + timedelta(seconds=text.delay) if text.delay else None
        body = f"Hi {{{{first_name}}}}, can you start on Monday? {text.token}"
        key = text.token if text.kind == "api" else None
        return Draft(thread, body, id=id, kind=text.kind, due_at=due, idempotency_key=key)

    def _press(self, text: Text) -> None:
        noted = self.pressed[text.token] = Pressed(text, new_id(), time.monotonic())
        house = self.place.houses[text.house]

        def send() -> None:
            draft = self._draft(text, noted.id)
            if text.kind == "automatic":
                outbox.queue([draft], by=house.author)
            else:
                outbox.send(draft, by=house.author, wait_for_contacts=text.kind == "typed")

        try:
            insist(send, is_done=partial(_is_there, [noted.id]))
            noted.done = time.monotonic()
        except Refused as refusal:
            noted.refused = refusal.code

    def _press_lot(self, texts: Sequence[Text]) -> None:
        noted = [Pressed(text, new_id(), time.monotonic()) for text in texts]
        self.pressed |= {each.text.token: each for each in noted}
        author = self.place.houses[texts[0].house].author

        def queue() -> None:
            outbox.queue([self._draft(each.text, each.id) for each in noted], by=author)

        insist(queue, is_done=partial(_is_there, [each.id for each in noted]))
        for each in noted:
            each.done = time.monotonic()

    def _cancel(self, text: Text) -> None:
        noted = self.pressed.get(text.token)
        if noted is None or noted.refused:
            return
        noted.tried_to_cancel = True
        author = self.place.houses[text.house].author

        def cancel() -> None:
            message = Message.objects.select_related("candidate").get(id=noted.id)
            outbox.cancel(message, by=author)

        try:
            insist(cancel)
        except Refused:
            return  # it was faster

    def _write(self, text: Inbound) -> None:
        house = self.place.houses[text.house]
        number = house.people[text.person].number
        with self.place.phones:
            sent_at = self.place.now()
            answer = self.place.processes.carrier.text_from(
                number, to=house.sender.address, body=text.body
            )
            self.written.append(Written(text, sent_at, self.place.now(), answer))

    def _end_license(self) -> None:
        insist(lambda: licenses.end(self.place.houses["Globex"].author, by=None))
        self.license_ended = True

    def send_again(self) -> int:
        """The authors of unconfirmed texts have been warned, and press "Send again"."""
        count = 0
        for house in self.place.houses.values():
            found = insist(partial(_unconfirmed, house.customer.id)) or []
            for message in found:
                try:
                    insist(partial(outbox.send_again, message, by=house.author))
                    count += 1
                except Refused:
                    continue
        return count


def _beat() -> None:
    """What beat does each minute, through the broker if there is one just now."""
    try:
        timetable.every_minute.apply_async(expires=5, retry=False)
    except Exception:
        time.sleep(0)  # the broker is away: the next minute comes anyway


def _is_there(ids: Sequence[UUID]) -> bool:
    return Message.objects.filter(id__in=ids).exists()


def _unconfirmed(customer_id: UUID) -> list[Message]:
    rows = Message.objects.select_related("candidate", "conversation__candidate")
    # Confirmations are the product's own words: nobody is their author.
    unconfirmed = rows.filter(customer_id=customer_id, state="unconfirmed", author__isnull=False)
    return list(unconfirmed)
