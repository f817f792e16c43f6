"""Rita of Acme and Gus of Globex, who answer people in turn, each answer a transaction.

`main` reads plans, one per line: how many answers, how far apart, from which person on. It
prints for each answer its token and the instant just before its commit.
"""

import json
import sys
import time
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from messaging.conversations.models import Conversation
from messaging.dispatch import outbox
from messaging.dispatch.outbox import Draft
from textengage.lib import sql
from textengage.lib.scoping import across_customers, within

THREAD = "SELECT conversation_id FROM bench.person WHERE customer_id = %s AND n = %s"


def main(words: list[str]) -> None:
    del words
    with across_customers():
        recruiters = [User.objects.select_related("customer").get(email=email) for email in (
            "rita@acme.example", "gus@globex.example",
        )]  # fmt: skip
    for line in iter(sys.stdin.readline, ""):
        print(json.dumps(answer(recruiters, **json.loads(line))), flush=True)


def answer(
    recruiters: list[User], *, label: str, count: int, every: float, first: int
) -> list[tuple[str, float]]:
    """``every`` in seconds; person ``first`` and those after get one answer each."""
    began = time.monotonic()
    done = []
    for place in range(count):
        by = recruiters[place % len(recruiters)]
        assert by.customer is not None
        thread = thread_of(by.customer, first + place // len(recruiters))
        token = f"{by.customer.name}-{label}-{place}"
        time.sleep(max(0.0, began + place * every - time.monotonic()))
        with within(by.customer), transaction.atomic():
            outbox.send(Draft(conversation=thread, body=f"Monday at nine, then? {token}"), by=by)
            at = time.time()
        done.append((token, at))
    connection.close()
    return done


def thread_of(customer: Any, n: int) -> Conversation:
    """Of person ``n``, as the thread's page would have it."""
    with within(customer):
        ((id,),) = sql.rows(THREAD, customer.id, n)
        found: Conversation = Conversation.objects.select_related("candidate").get(id=id)
    return found
