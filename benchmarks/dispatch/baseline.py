"""The usual way: one Celery task per text, ORM, a row lock on the balance, the sync client.

It does for each text what the product does, no less and no more: the same checks, the same
45 days, charge, ledger entry, attempt and record, over the same tables. Where it could be
slower it is not: the broker is memory of the worker itself, nothing is logged, the client
and its connection to the carrier are kept, no lock is held while the carrier is spoken to.

`main` is a worker that reads a line of ids to put in line and `go` from standard input.
"""

import json
import os
import threading
from datetime import UTC, datetime
from functools import cache
from queue import Queue
from typing import Any
from uuid import UUID

from celery import Celery
from django.conf import settings
from django.db import transaction
from kombu.transport.memory import Channel
from twilio.rest import Client

from accounts.models import License
from credits import rules
from credits.models import Balance, ContactWindow, Country, Grant, LedgerEntry
from messaging.candidates.models import OptOutMember
from messaging.conversations.models import Attempt, Message
from messaging.dispatch import callbacks
from messaging.senders.models import ProviderAccount, Sender
from textengage.lib.scoping import across_customers

STAGED, CONSUMED = "staged", "celery"

app = Celery("baseline", broker="memory://")
app.conf.update(
    broker_transport_options={"polling_interval": 0.005},
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=0,  # with another the memory broker would sleep in between
    worker_redirect_stdouts=False,
)


class NotAllowed(Exception):
    """A check refused the text."""


def send_text(message_id: str) -> None:
    with across_customers():
        message, attempt = approve(UUID(message_id))
        made = client_of(message.account_id).messages.create(
            to=message.address.address,
            from_=message.sender.address,
            body=message.body,
            status_callback=callbacks.receipt_url("twilio", message.account_id, attempt.id),
            validity_period=36_000,
        )
        record(message, attempt, made.sid)


@transaction.atomic
def approve(message_id: UUID) -> tuple[Any, Attempt]:
    """Check, charge and mark one text as sending."""
    message: Any = (
        Message.objects.select_for_update(of=("self",))
        .select_related("customer", "candidate", "address", "licensee", "sender__account")
        .get(id=message_id, state="queued")
    )
    balance = Balance.objects.select_for_update().get(customer=message.customer)
    now = datetime.now(UTC)
    check(message, now)
    charge(message, balance, now)
    attempt = Attempt.objects.create(
        customer=message.customer, message=message, number=1, claimed_at=now, wire_at=now
    )
    message.state = "sending"
    message.state_changed_at = message.decided_at = now
    message.contact_key = message.candidate.contact_key
    message.account = message.sender.account
    message.provider = message.sender.account.provider
    message.save()
    return message, attempt


def check(message: Any, now: datetime) -> None:
    if not message.customer.is_active or not message.customer.owns("sms"):
        raise NotAllowed("not in plan")
    if not message.licensee.is_active:
        raise NotAllowed("not active")
    if not License.objects.filter(user=message.licensee).valid(now).exists():
        raise NotAllowed("no license")
    if message.sender.state != Sender.ACTIVE or message.sender.account.paused_reason:
        raise NotAllowed("sender")
    if OptOutMember.objects.filter(
        customer=message.customer,
        address_key=message.address.address_key,
        optout__revoked_at__isnull=True,
    ).exists():
        raise NotAllowed("opted out")
    if message.address.unusable_reason:
        raise NotAllowed("unusable")
    if not Country.objects.served(now.date()).filter(code=message.address.region).exists():
        raise NotAllowed("country")
    if not message.body.strip() or len(message.body) > 1600:
        raise NotAllowed("length")


def charge(message: Any, balance: Balance, now: datetime) -> None:
    """Deduct a contact if the person is outside their 45 days, and begin them."""
    window = ContactWindow.objects.select_for_update().get(
        customer=message.customer, contact_key=message.candidate.contact_key
    )
    if rules.is_due(window.last_at, now):
        grants = Grant.objects.select_for_update().open(now)
        grant = grants.filter(customer=message.customer, remaining__gt=0).first()
        if grant is None:
            raise NotAllowed("no contacts")
        grant.remaining -= 1
        grant.save()
        balance.balance -= 1
        balance.save()
        LedgerEntry.objects.create(
            customer=message.customer,
            kind=LedgerEntry.CHARGE,
            delta=-1,
            grant=grant,
            contact_key=window.contact_key,
            message_id=message.id,
            actor_id=message.author_id,
            reason=rules.reason(window.last_at, now),
        )
    window.previous_at, window.last_at, window.message_id = window.last_at, now, message.id
    window.save()


@transaction.atomic
def record(message: Any, attempt: Attempt, sid: str) -> None:
    now = datetime.now(UTC)
    attempt.finished_at, attempt.outcome, attempt.provider_sid = now, "accepted", sid
    attempt.http_status = 201
    attempt.save()
    message.state, message.provider_sid = "accepted", sid
    message.state_changed_at = message.accepted_at = now
    message.save()


@cache
def client_of(account_id: UUID) -> Client:
    """One client per account and process, with its connection kept."""
    account = ProviderAccount.objects.get(id=account_id)
    client = Client(account.account_sid, account.tokens[0])
    client.api.base_url = settings.TWILIO_BASE_URL
    return client


task = app.task(send_text, name="send_text")


def obey() -> None:
    """A list of ids is published to a queue nobody reads; `go` moves it to the worker's."""
    # Not sys.stdin: the pool's children close theirs, whose lock we would be holding.
    for line in open(os.dup(0), encoding="utf-8"):  # noqa: SIM115 - until the end
        given = json.loads(line)
        if given == "go":
            staged, consumed = Channel.queues[STAGED], Channel.queues[CONSUMED]
            for _ in range(staged.qsize()):
                consumed.put(staged.get())
            continue
        for message_id in given:
            task.apply_async((message_id,), queue=STAGED)
        print("staged", flush=True)


def main(words: list[str]) -> None:
    """Words: how many processes, and `kept` to keep database connections across tasks."""
    concurrency, *kept = words
    if kept:
        app.conf.CELERY_DB_REUSE_MAX = 1_000_000
    Channel.queues |= {STAGED: Queue(), CONSUMED: Queue()}
    threading.Thread(target=obey, daemon=True).start()
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    pool = ["--pool", "prefork", "--concurrency", concurrency, "--loglevel", "WARNING"]
    app.worker_main(["worker", *pool, *alone])
