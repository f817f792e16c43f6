"""A conversation in the running demo that leaves every invariant something to look at."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, Final
from urllib.request import Request, urlopen

from django.core.management.base import BaseCommand, CommandError

from accounts.models import AuditEntry, Customer, Tick, User
from messaging.candidates.models import Candidate
from messaging.conversations import status, threads
from messaging.conversations.models import Message
from messaging.dispatch import outbox
from messaging.dispatch.outbox import Draft
from textengage.demo.options import CARRIER_OFFSET
from textengage.lib.ids import new_id
from textengage.lib.refusal import Refused
from textengage.lib.scoping import across_customers

PATIENCE: Final = 90.0
"""Seconds: the timetable's minute is part of what is waited for."""


class Command(BaseCommand):
    help = "Play a conversation of the demo's people; the demo runs in another window."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="the demo's")
        parser.add_argument("--carrier", default="", help="the carrier's address, if elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        port = options["port"] + CARRIER_OFFSET
        self.carrier = options["carrier"] or f"http://127.0.0.1:{port}"
        with across_customers():  # played from outside, for all of the demo's people
            self.rita = User.objects.get(email="rita@acme.example")
            self.number = self.rita.licenses.get(valid_to=None).seat.senders.get().address
            self.say("Rita texts Dana; the carrier first says it has too many requests (429).")
            self.fault("refuse_429", {"next": 1, "retry_after": 1})
            dana = self.person("Dana")
            self.text(
                dana, "Hi $firstName, this is $myFirstName from $company. Is $job still for you?"
            )
            self.say("A second text the same day; the carrier loses the answer to it.")
            self.fault("drop_answer", {"next": 1})
            self.text(dana, "The shift starts at 7 AM.")
            self.say("A connected system sends one with an idempotency key.")
            self.text(dana, "Reminder: Thursday, 9 AM.", idempotency_key=str(new_id()))
            self.say("Dana answers, says STOP, is left alone, and says START.")
            self.answer(dana, "Yes, Thursday works")
            self.answer(dana, "STOP")
            self.refused(dana, "This must not go.")
            self.answer(dana, "START")
            self.text(dana, "Welcome back, $firstName.")
            self.say("The carrier refuses a text to Omar for good; then he is reached and answers.")
            omar = self.person("Omar")
            self.mood(omar, "no_route")
            self.text(omar, "Hi $firstName, this one is refused.", ends=status.FAILED)
            self.mood(omar, "answers")
            self.text(omar, "Hi $firstName, can you start on Monday?")
            self.say("Waiting for the timetable to seal the audit trail, up to a minute.")
            self.until(lambda: Tick.objects.exists())
            self.until(lambda: AuditEntry.objects.filter(link__isnull=False).exists())
        self.say("Done. `make audit` looks at what it left.")

    def person(self, first_name: str) -> Candidate:
        acme = Customer.objects.get(name="Acme")
        return Candidate.objects.get(customer=acme, first_name=first_name)

    def text(self, to: Candidate, body: str, *, ends: str = status.DELIVERED, **more: Any) -> None:
        """Send one and wait until the phone has it, or until it ended otherwise."""
        thread = threads.open_with(to, by=self.rita)
        sent = outbox.send(Draft(thread, body, **more), by=self.rita)
        self.until(lambda: Message.objects.filter(id=sent.id, state=ends).exists())

    def refused(self, to: Candidate, body: str) -> None:
        try:
            outbox.send(Draft(threads.open_with(to, by=self.rita), body), by=self.rita)
        except Refused as refused:
            self.say(f"  Refused: {refused.sentence}")
        else:
            raise CommandError("a text to somebody who said STOP was taken")

    def answer(self, by: Candidate, body: str) -> None:
        """Type on the phone and wait until the text is in the thread."""
        address = by.addresses.get(channel="sms").address
        before = Message.objects.filter(candidate=by, state=status.RECEIVED).count()
        self.ask(f"phones/{address}/send", {"to": self.number, "body": body, "wait": True})
        texts = Message.objects.filter(candidate=by, state=status.RECEIVED)
        self.until(lambda: texts.count() > before)
        open_ones = Message.objects.filter(candidate=by, state__in=("queued", *status.IN_FLIGHT))
        self.until(lambda: not open_ones.exists())

    def mood(self, of: Candidate, mood: str) -> None:
        address = of.addresses.get(channel="sms").address
        self.ask("phones", {"number": address, "mood": mood})

    def fault(self, kind: str, rule: dict[str, Any]) -> None:
        self.ask("faults", {"plan": {kind: rule}})

    def ask(self, path: str, given: dict[str, Any]) -> None:
        body = json.dumps(given).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(f"{self.carrier}/carrier/{path}", body, headers)  # noqa: S310
        try:
            urlopen(request, timeout=10).close()  # noqa: S310 - an address of our own
        except OSError as error:
            raise CommandError(f"No demo answers at {self.carrier}. Start `make demo`.") from error

    def until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > deadline:
                raise CommandError("It did not happen in time. Is the demo's worker running?")
            time.sleep(0.05)

    def say(self, text: str) -> None:
        self.stdout.write(text)
