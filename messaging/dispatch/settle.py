"""Settling: what the provider answered becomes the text's state, many at a time.

Every change is conditional on the state the text was left in, so settling the same
outcome again, after a commit whose answer was lost, changes nothing.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from credits import ledger, windows
from messaging.candidates.models import Address
from messaging.conversations import threads
from messaging.conversations.models import Message
from messaging.dispatch import errors, stopping
from messaging.providers import Answer, Outcome
from messaging.senders.models import ProviderAccount
from textengage.lib import sql

WAIT: Final = 5.0
"""Seconds before a text that was provably not sent goes again, if nobody said otherwise."""

LOCK = "SELECT id FROM messaging_message WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"

ACCEPT = """
UPDATE messaging_message m
SET state = 'accepted', state_changed_at = (SELECT app_now()), provider_sid = t.sid,
    accepted_at = (SELECT app_now())
FROM unnest(%s::uuid[], %s::text[]) AS t (id, sid)
WHERE m.id = t.id AND m.state || '' IN ('sending', 'uncertain', 'unconfirmed')
RETURNING m.id
"""

FAIL = """
UPDATE messaging_message m
SET state = 'failed', state_changed_at = app_now(), error_code = t.code,
    error_sentence = t.sentence
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS t (id, code, sentence)
WHERE m.id = t.id AND m.state IN ('sending', 'uncertain')
RETURNING m.id
"""

REQUEUE = """
UPDATE messaging_message m
SET state = 'queued', state_changed_at = app_now(), error_code = t.code,
    error_sentence = t.sentence, due_at = app_now() + t.wait * interval '1 second'
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::float8[]) AS t (id, code, sentence, wait)
WHERE m.id = t.id AND m.state IN ('sending', 'uncertain')
RETURNING m.id
"""

DOUBT = """
UPDATE messaging_message SET state = 'uncertain', state_changed_at = app_now()
WHERE id = ANY(%s::uuid[]) AND state = 'sending'
RETURNING id
"""

# An attempt in doubt stays open: an open attempt implies a text in flight (invariant O6).
FINISH = """
UPDATE messaging_attempt a
SET finished_at = CASE WHEN t.outcome = 'uncertain' THEN NULL ELSE (SELECT app_now()) END,
    outcome = t.outcome, provider_sid = t.sid, http_status = t.http, error_code = t.code
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::text[])
    AS t (id, outcome, sid, http, code)
WHERE a.id = t.id AND (a.finished_at IS NULL OR a.outcome = 'absent')
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """One attempt and what became of it."""

    message_id: UUID
    attempt_id: UUID
    answer: Answer


@transaction.atomic
def settle(outcomes: Sequence[Settled]) -> None:
    """Write a batch of outcomes. Contacts of what surely never left are given back."""
    if not outcomes:
        return
    by = {kind: [each for each in outcomes if _kind(each) is kind] for kind in Outcome}
    never_left = [each.message_id for each in (*by[Outcome.FAILED], *by[Outcome.NOT_SENT])]
    _lock([each.message_id for each in outcomes], never_left)
    _accept(by[Outcome.ACCEPTED])
    _fail(by[Outcome.FAILED])
    _requeue(by[Outcome.NOT_SENT])
    sql.run(DOUBT, [each.message_id for each in by[Outcome.UNCERTAIN]])
    _finish(outcomes)
    changed = Message.objects.filter(id__in=[each.message_id for each in outcomes])
    threads.announce(changed.values_list("customer_id", "conversation_id"))


def _kind(each: Settled) -> Outcome:
    answer = each.answer
    if answer.outcome is Outcome.FAILED and errors.meaning_of(answer.error_code).action in (
        "later",
        "pause_account",
    ):
        return Outcome.NOT_SENT
    return answer.outcome


def _lock(ids: list[UUID], never_left: list[UUID]) -> None:
    """Persons first, for those whose contact goes back; then the texts, in id order."""
    if never_left:
        people = Message.objects.filter(id__in=never_left)
        keys = people.values_list("customer_id", "contact_key")
        windows.lock((customer, key) for customer, key in keys if key)
    sql.run(LOCK, ids)


def _accept(outcomes: Sequence[Settled]) -> None:
    sql.run(
        ACCEPT,
        [each.message_id for each in outcomes],
        [each.answer.provider_sid for each in outcomes],
    )


def _fail(outcomes: Sequence[Settled]) -> None:
    if not outcomes:
        return
    codes = [each.answer.error_code for each in outcomes]
    failed = {
        row[0]
        for row in sql.rows(
            FAIL,
            [each.message_id for each in outcomes],
            codes,
            [errors.meaning_of(code).sentence for code in codes],
        )
    }
    ledger.give_back(failed, reason="refused by the carrier")
    for each in outcomes:
        if each.message_id in failed:
            learn(each.message_id, each.answer.error_code)
    threads.summarize(
        Message.objects.filter(id__in=failed).values_list("customer_id", "conversation_id")
    )


def learn(message_id: UUID, code: str) -> None:
    """What an error says about the number or the person, beyond this one text."""
    meaning = errors.meaning_of(code)
    if meaning.action == "unusable":
        used = Message.objects.filter(id=message_id).values("address_id")
        Address.objects.filter(id__in=used).update(unusable_reason=meaning.sentence)
    elif meaning.action == "opt_out":
        message = Message.objects.select_related("candidate").get(id=message_id)
        stopping.stop(message.candidate, source="provider", evidence=f"error {code}")


def _requeue(outcomes: Sequence[Settled]) -> None:
    if not outcomes:
        return
    codes = [each.answer.error_code for each in outcomes]
    again = [
        row[0]
        for row in sql.rows(
            REQUEUE,
            [each.message_id for each in outcomes],
            codes,
            [_why_again(code) for code in codes],
            [_wait(each.answer) for each in outcomes],
        )
    ]
    ledger.give_back(again, reason="not sent")
    refusing = [
        each
        for each in outcomes
        if errors.meaning_of(each.answer.error_code).action == "pause_account"
    ]
    for each in refusing:
        account = Message.objects.filter(id=each.message_id).values("account_id")
        ProviderAccount.objects.filter(id__in=account).update(
            paused_reason=errors.meaning_of(each.answer.error_code).sentence.rstrip(".")
        )


def _why_again(code: str) -> str:
    if code in errors.known():
        return errors.known()[code].sentence
    return "The carrier could not be reached."


def _wait(answer: Answer) -> float:
    """Seconds, with jitter so that a refused crowd does not come back as one."""
    asked = answer.retry_after if answer.retry_after is not None else WAIT
    return asked + random.uniform(0, max(1.0, asked / 4))  # noqa: S311 - jitter, not a secret


def _finish(outcomes: Sequence[Settled]) -> None:
    sql.run(
        FINISH,
        [each.attempt_id for each in outcomes],
        [_kind(each).value for each in outcomes],
        [each.answer.provider_sid for each in outcomes],
        [each.answer.http_status for each in outcomes],
        [each.answer.error_code for each in outcomes],
    )
