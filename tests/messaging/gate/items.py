"""What the gate is asked about Acme's people, from their rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from messaging.candidates.models import Candidate
from messaging.gate import gate
from messaging.gate.verdict import Batch, Check, Item, Moment, Verdict
from messaging.senders.models import Sender
from textengage.lib import clock
from textengage.lib.ids import new_id


def item(candidate: Candidate, by: User | None, **changes: Any) -> Item:
    """A text that passes, unless the changes forbid it."""
    address = candidate.addresses.get()
    sender = Sender.objects.get(customer_id=candidate.customer_id)
    passing = Item(
        id=new_id(),
        customer_id=candidate.customer_id,
        candidate_id=candidate.id,
        contact_key=candidate.contact_key,
        first_name=candidate.first_name or "",
        channel="sms",
        kind="typed",
        body="Hi",
        address_id=address.id,
        address=address.address,
        address_key=bytes(address.address_key),
        region=address.region,
        unusable_reason=address.unusable_reason,
        licensee_id=by.id if by else None,
        sender_id=sender.id,
    )
    return replace(passing, **changes)


def ask(check: Check, *items: Item, moment: Moment = Moment.QUEUE) -> list[Verdict | None]:
    """What one check says of each."""
    verdicts = check.apply(Batch(items, moment, clock.now()))
    return [verdicts.get(each.id) for each in items]


def judge(*items: Item, moment: Moment = Moment.QUEUE) -> list[Verdict]:
    """What the whole gate says of each."""
    verdicts = gate.run(Batch(items, moment, clock.now()))
    return [verdicts[each.id] for each in items]


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements run inside, without savepoints."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as counted:
        yield statements
    statements.extend(
        each["sql"] for each in counted.captured_queries if "SAVEPOINT" not in each["sql"]
    )
