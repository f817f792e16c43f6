"""Builders of a consistent past, row by row: no verb of the product writes here.

An audit is worth something only if its worlds do not come from the code it audits. The
exceptions are who people are (`people.sync`) and the seal of the audit trail. Every row of
the ledger goes through `World.entry`, which keeps balance and grants equal to it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db.models import F

from accounts import audit, people, roles
from accounts.models import Customer, License, Seat, Team, Tick, User
from credits.models import Balance, Grant, LedgerEntry
from messaging.candidates.addresses import key_of
from messaging.candidates.models import Address, Candidate, OptOut, OptOutMember
from messaging.conversations import status
from messaging.conversations.models import Attempt, Conversation, Message, Receipt
from messaging.inbound.models import InboundEvent
from messaging.senders.models import ProviderAccount, Sender
from textengage.lib import clock

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
WINDOW: Final = timedelta(days=45)
MICROSECOND: Final = timedelta(microseconds=1)

REPORTED: Final = {
    "sent": ("sent",),
    "delivered": ("sent", "delivered"),
    "undelivered": ("sent", "undelivered"),
    "read": ("sent", "delivered", "read"),
}


@dataclass
class Person:
    """A candidate with one number and one thread."""

    candidate: Candidate
    address: Address
    thread: Conversation
    key: UUID = field(default_factory=uuid4)


class World:
    """One customer: Rita may text, Rex may not, and there are contacts to spend."""

    def __init__(self, name: str = "Acme", digit: int = 1) -> None:
        self.now = clock.now()
        self.digit = digit
        self.customer = Customer.objects.create(name=name, products=["sms"], number_of_seats=1)
        self.team = Team.objects.create(customer=self.customer, name="Everyone")
        Team.objects.filter(id=self.team.id).update(path=[self.team.id])
        self.rita = self.user("Rita", roles.USER)
        self.rex = self.user("Rex", roles.REPORTER)
        seat = Seat.objects.create(customer=self.customer, position=1)
        self.license = License.objects.create(
            customer=self.customer, seat=seat, user=self.rita, valid_from=self.ago(days=900)
        )
        self.account = ProviderAccount.objects.create(
            customer=self.customer, name=name, account_sid=f"AC{name}", sealed_token="-"
        )
        self.sender = Sender.objects.create(
            customer=self.customer,
            account=self.account,
            address=f"+151055501{digit}0",
            seat=seat,
        )
        Balance.objects.create(customer=self.customer, balance=0)
        self.grant = Grant.objects.create(
            customer=self.customer, amount=100, remaining=0, opens_at=self.ago(days=800)
        )
        self.entry("grant", 100, self.ago(days=800))

    def ago(self, **parts: float) -> datetime:
        return self.now - timedelta(**parts)

    def user(self, first_name: str, role: str) -> User:
        user = User.objects.create_user(
            f"{first_name}@{self.customer.name}.example".lower(),
            customer=self.customer,
            first_name=first_name,
            last_name="Doe",
            role=role,
        )
        people.sync(user)
        return user

    def entry(self, kind: str, delta: int, at: datetime, **fields: Any) -> LedgerEntry:
        grant = None if kind == "carry" else self.grant
        Balance.objects.filter(customer=self.customer).update(balance=F("balance") + delta)
        if grant:
            Grant.objects.filter(id=grant.id).update(remaining=F("remaining") + delta)
        return LedgerEntry.objects.create(
            customer=self.customer, kind=kind, delta=delta, at=at, grant=grant, **fields
        )

    def person(self, first_name: str = "Dana") -> Person:
        number = 10 + Candidate.objects.count()
        key = uuid4()
        candidate = Candidate.objects.create(
            customer=self.customer, contact_key=key, first_name=first_name, last_name="Kim"
        )
        address = self.address(candidate, f"+141555501{number}")
        thread = Conversation.objects.create(
            customer=self.customer, candidate=candidate, owner=self.rita
        )
        return Person(candidate, address, thread, key)

    def address(self, candidate: Candidate, text: str, channel: str = "sms") -> Address:
        return Address.objects.create(
            customer=self.customer,
            candidate=candidate,
            channel=channel,
            address=text,
            address_key=key_of(channel, text),
        )

    def text(
        self,
        to: Person,
        at: datetime,
        state: str = "delivered",
        *,
        charged: bool = False,
        **fields: Any,
    ) -> Message:
        """A text decided ``at``, on the wire and settled within a second of it."""
        left = state in status.LEFT
        message = Message.objects.create(
            **{
                "customer": self.customer,
                "conversation": to.thread,
                "candidate": to.candidate,
                "address": to.address,
                "contact_key": to.key,
                "direction": "out",
                "sender": self.sender,
                "sender_team_path": [self.team.id],
                "author": self.rita,
                "licensee": self.rita,
                "body": "Hi",
                "state": state,
                "state_changed_at": at,
                "provider": "twilio",
                "account": self.account,
                "provider_sid": f"SM{uuid4().hex}" if left else None,
                "created_at": at,
                "decided_at": at,
                "accepted_at": at + SECOND if left else None,
                **fields,
            }
        )
        self.attempt(message, at, is_open=state in status.IN_FLIGHT)
        for word in REPORTED.get(state, ()):
            self.receipt(message, word, at + MINUTE)
        if charged:
            self.charge(message, at)
        return message

    def unsent(self, to: Person, state: str, **fields: Any) -> Message:
        """A text that never reached the pump: queued, held, refused, canceled, expired."""
        message = self.text(to, self.ago(days=1), state, contact_key=None, decided_at=None)
        Attempt.objects.filter(message=message).delete()
        Message.objects.filter(id=message.id).update(**fields)
        return message

    def failed(self, to: Person, at: datetime) -> Message:
        """Refused by the provider at create: charged, and given back."""
        message = self.text(to, at, "failed")
        self.give_back(self.charge(message, at), at + SECOND)
        return message

    def attempt(self, message: Message, at: datetime, **fields: Any) -> Attempt:
        is_open = fields.pop("is_open", False)
        return Attempt.objects.create(
            **{
                "customer": self.customer,
                "message": message,
                "number": message.attempts.count() + 1,
                "claimed_at": at,
                "wire_at": None if message.state == "claimed" else at + SECOND / 2,
                "finished_at": None if is_open else at + SECOND,
                "provider_sid": message.provider_sid or "",
                **fields,
            }
        )

    def receipt(self, message: Message, word: str, at: datetime, **fields: Any) -> Receipt:
        return Receipt.objects.create(
            **{
                "customer": self.customer,
                "account": self.account,
                "attempt_id": message.attempts.order_by("-number").values("id")[0]["id"],
                "provider_sid": message.provider_sid,
                "status": word,
                "received_at": at,
                "applied_at": at,
                **fields,
            }
        )

    def charge(self, message: Message, at: datetime) -> LedgerEntry:
        return self.entry("charge", -1, at, contact_key=message.contact_key, message_id=message.id)

    def give_back(self, charge: LedgerEntry, at: datetime) -> LedgerEntry:
        return self.entry(
            "refund",
            1,
            at,
            reverses=charge,
            contact_key=charge.contact_key,
            message_id=charge.message_id,
        )

    def carry(self, source: Person, target: Person, instant: datetime, at: datetime) -> None:
        """The ledger's part of a merge, and the texts' part: they keep their key."""
        self.entry("carry", 0, at, contact_key=target.key, carried_at=instant)
        Message.objects.filter(candidate=source.candidate).update(
            candidate=target.candidate, conversation=target.thread
        )
        source.thread.delete()
        Address.objects.filter(candidate=source.candidate).update(candidate=target.candidate)
        source.candidate.delete()

    def answer(self, by: Person, body: str, at: datetime) -> Message:
        """An inbound text, with the event it came in."""
        message = Message.objects.create(
            customer=self.customer,
            conversation=by.thread,
            candidate=by.candidate,
            address=by.address,
            direction="in",
            state="received",
            body=body,
            created_at=at,
            account=self.account,
            provider_sid=f"SM{uuid4().hex}",
        )
        self.event(message, at)
        return message

    def event(self, message: Message | None, at: datetime, **fields: Any) -> InboundEvent:
        return InboundEvent.objects.create(
            **{
                "customer": self.customer,
                "account": self.account,
                "event_key": f"SM{uuid4().hex}",
                "received_at": at,
                "processed_at": at,
                "message": message,
                **fields,
            }
        )

    def opt_out(self, of: Person, at: datetime, team: Team | None = None) -> OptOut:
        optout = OptOut.objects.create(
            customer=self.customer, team=team, source="keyword", effective_at=at
        )
        for address in of.candidate.addresses.all():
            OptOutMember.objects.create(
                customer=self.customer,
                optout=optout,
                address_key=address.address_key,
                since=optout.effective_at,
            )
        return optout

    def stop(self, by: Person, at: datetime) -> OptOut:
        """STOP, the opt-out it makes, and the one confirmation."""
        self.answer(by, "STOP", at)
        optout = self.opt_out(by, at + SECOND)
        self.confirm(by, optout, at + 2 * SECOND)
        return optout

    def confirm(self, to: Person, optout: OptOut, at: datetime) -> Message:
        return self.text(to, at, kind="compliance", optout=optout)

    def start(self, by: Person, at: datetime, lifting: OptOut) -> None:
        self.answer(by, "START", at)
        lifting.revoked_at = at + SECOND
        lifting.save()
        self.text(by, at + 2 * SECOND, kind="compliance")

    def purge(self, person: Person, at: datetime) -> None:
        """What is left of somebody: rows without a name, an address or a text."""
        person.address.delete()
        person.thread.messages.update(body=None)
        person.candidate.first_name = person.candidate.last_name = None
        person.candidate.purged_at = at
        person.candidate.save()

    def live_through_a_week(self) -> Person:
        """A little of everything, so that every invariant has something to look at.

        Returns Dana, who was texted three days ago and may be texted again.
        """
        dana, omar = self.person("Dana"), self.person("Omar")
        self.text(dana, self.ago(days=3), charged=True, idempotency_key="first")
        self.answer(dana, "Yes, tell me more", self.ago(days=3, minutes=-5))
        self.text(dana, self.ago(days=3, minutes=-9))
        self.failed(omar, self.ago(days=3))
        stopping, purged = self.person("Ana"), self.person("Li")
        self.text(stopping, self.ago(days=5), charged=True)
        self.stop(stopping, self.ago(days=4))
        self.text(purged, self.ago(days=5), charged=True)
        self.purge(purged, self.ago(days=2))
        for minute in range(3):
            Tick.objects.create(job="seal", slot=self.ago(minutes=minute))
            audit.record("candidate.added", of=self.customer, by=self.rita)
        audit.seal()
        return dana
