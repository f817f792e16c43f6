"""Thousands of people of one customer, the numbers they are texted from, and their texts.

People are copies of one that the product made; what is queued is queued by its own verb.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from benchmarks import _copies, _numbers
from credits import ledger
from messaging.candidates.addresses import key_of
from messaging.candidates.models import Candidate
from messaging.conversations import threads
from messaging.conversations.models import Conversation
from messaging.dispatch import callbacks, outbox
from messaging.dispatch.outbox import Draft
from messaging.senders.models import ProviderAccount, Sender
from tests.storm import world
from tests.storm.place import Place
from tests.storm.plan import Fault, Inbound, Plan, Text
from tests.storm.traffic import Pressed, Traffic
from tests.storm.world import House
from textengage.lib import clock
from textengage.lib.ids import new_id

HOUSE: Final = "Acme"
LOT: Final = 2_000
FASTEST: Final = 9_999

PEOPLE = """
CREATE TEMP TABLE crowd (n int, number text, address_key bytea,
    candidate_id uuid DEFAULT gen_random_uuid(), address_id uuid DEFAULT gen_random_uuid(),
    contact_key uuid DEFAULT gen_random_uuid()) ON COMMIT DROP
"""
COPIES: Final = {
    "messaging_candidate": {
        "id": "p.candidate_id",
        "contact_key": "p.contact_key",
        "last_name": "'Kim ' || p.n",
    },
    "messaging_address": {
        "id": "p.address_id",
        "candidate_id": "p.candidate_id",
        "address": "p.number",
        "raw": "p.number",
        "address_key": "p.address_key",
    },
    "messaging_consent": {"id": "gen_random_uuid()", "candidate_id": "p.candidate_id"},
}


@dataclass(slots=True)
class Crowd:
    """Who is texted from which numbers; people are the first of the house's."""

    place: Place
    size: int
    senders: list[Sender]

    @property
    def house(self) -> House:
        return self.place.houses[HOUSE]

    def number(self, person: int) -> str:
        return self.house.people[person].number

    def sender(self, person: int) -> Sender:
        return self.senders[person % len(self.senders)]

    def traffic(
        self, seed: int, *, inbound: Sequence[Inbound] = (), faults: Sequence[str] = ()
    ) -> Traffic:
        """What the verdict compares with: empty, and with the reasons a plan gives."""
        plan = Plan(
            seed=seed,
            number=0,
            texts=[],
            inbound=list(inbound),
            faults=[Fault(name) for name in faults],
            carrier={},
            grants={HOUSE: 2 * self.size, "Globex": 2 * self.size},
            topped_up={},
            history=[],
            moods={},
        )
        return Traffic(self.place, plan)

    def queue(self, traffic: Traffic, *, kind: str) -> None:
        """One text for each person, all committed at once, due in the order of the people."""
        with transaction.atomic():
            self._queue(traffic, kind)

    def _queue(self, traffic: Traffic, kind: str) -> None:
        found = Conversation.objects.filter(customer=self.house.customer)
        by_candidate = {each.candidate_id: each for each in found.select_related("candidate")}
        base = clock.now() - timedelta(seconds=1)
        for first in range(0, self.size, LOT):
            drafts = []
            for person in range(first, min(first + LOT, self.size)):
                text = Text(token(traffic.plan.seed, person), HOUSE, person, kind, 0.0)
                pressed = traffic.pressed[text.token] = Pressed(text, new_id(), 0.0)
                drafts.append(
                    Draft(
                        by_candidate[self.house.people[person].candidate.id],
                        f"Hi {{{{first_name}}}}, can you start on Monday? {text.token}",
                        id=pressed.id,
                        kind=kind,
                        due_at=base + timedelta(microseconds=person),
                        sender=self.sender(person),
                    )
                )
            outbox.queue(drafts, by=self.house.author)


def token(seed: int, person: int) -> str:
    """As the verdict reads it out of a body: its last part has four digits."""
    return f"s{seed}n{person // 10_000}t{person % 10_000:04d}"


def gather(
    place: Place, size: int, *, numbers: int, seconds: float, concurrency: int = 50
) -> Crowd:
    """As if none of so many people had ever been texted; their texts will take ``seconds``.

    No seconds: as fast as it goes. ``concurrency``: requests in flight at once, of a worker.
    """
    connection = place.rows.connection()
    world.empty(connection)
    world.everybody_is_licensed(place.houses)
    _ensure_people(connection, place.houses[HOUSE], size)
    place.houses = world.houses()
    house = place.houses[HOUSE]
    rate = Decimal(size) / Decimal(seconds) / numbers if seconds else Decimal(FASTEST)
    ProviderAccount.objects.filter(id=house.account.id).update(concurrency=concurrency)
    crowd = Crowd(place, size, _ensure_numbers(house, numbers, rate))
    ready(crowd)
    return crowd


def ready(crowd: Crowd) -> None:
    """In emptied tables: contacts to use, a thread with everybody."""
    house, place = crowd.house, crowd.place
    ledger.grant(house.customer, 2 * crowd.size, by=None)
    thread = threads.open_with(house.people[0].candidate, by=house.author)
    with place.rows.connection().cursor() as cursor:
        over = {"id": "gen_random_uuid()", "candidate_id": "p.id"}
        cursor.execute(
            f"{_copies.insert(cursor, 'messaging_conversation', over)}"
            " FROM messaging_conversation t JOIN messaging_candidate p"
            " ON p.customer_id = t.customer_id AND p.id <> t.candidate_id WHERE t.id = %s",
            [thread.id],
        )
        cursor.execute("ANALYZE messaging_conversation")


def rent(crowd: Crowd) -> None:
    """Tell the carrier where to post what people write to the numbers."""
    crowd.place.processes.carrier.rent(
        [
            {
                "account": crowd.house.account.account_sid,
                "number": each.address,
                "sms_url": callbacks.inbound_url("twilio", each.account_id),
            }
            for each in crowd.senders
        ]
    )


@contextmanager
def receipts_found_by_attempt(place: Place) -> Iterator[None]:
    """The verdict looks for each attempt's receipts, which the product never does."""
    connection = place.rows.connection()
    connection.execute("CREATE INDEX proof_receipts ON messaging_receipt (attempt_id)")
    connection.execute("ANALYZE")
    try:
        yield
    finally:
        connection.execute("DROP INDEX proof_receipts")


def _ensure_people(connection: Any, house: House, size: int) -> None:
    known = Candidate.objects.filter(customer=house.customer).count()
    if known >= size:
        return
    template = house.people[0].candidate
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(PEOPLE)
        with cursor.copy("COPY crowd (n, number, address_key) FROM STDIN") as copy:
            for n in range(known + 1, size + 1):
                number = _numbers.person(n)
                copy.write_row((n, number, key_of("sms", number)))
        for table, over in COPIES.items():
            key = "id" if table == "messaging_candidate" else "candidate_id"
            cursor.execute(
                f"{_copies.insert(cursor, table, over)} FROM crowd p"
                f" CROSS JOIN {table} t WHERE t.{key} = %s ORDER BY p.n",
                [template.id],
            )
    connection.execute("ANALYZE")


def _ensure_numbers(house: House, count: int, rate: Decimal) -> list[Sender]:
    """The seat's own and shared ones, each with this pace in segments per second."""
    for n in range(1, count):
        Sender.objects.get_or_create(
            customer=house.customer, account=house.account, address=f"+1415555{100 + n:04d}"
        )
    senders = Sender.objects.filter(customer=house.customer).order_by("created_at")
    senders.update(segments_per_second=max(rate, Decimal("0.05")))
    return list(senders[:count])
