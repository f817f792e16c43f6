"""Settling: what the provider answered becomes the text's state, many at a time.

An answer counts for the attempt that is open. So settling the same outcome again, after a
commit whose answer was lost, changes nothing, and neither does an answer to an attempt that
was given up meanwhile, unless it proves that the text left (`late`).
"""

import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from credits import ledger, windows
from messaging.conversations import threads
from messaging.conversations.models import Attempt, Message
from messaging.conversations.threads import Thread
from messaging.dispatch import consequences, errors, late
from messaging.providers import Answer, Outcome
from textengage.lib import clock, sql

log = logging.getLogger(__name__)

WAIT: Final = 5.0
"""Seconds before a text that was provably not sent goes again, if nobody said otherwise."""
PAUSED: Final = 60.0
"""Seconds before a text looks again that waits for a person to end a pause."""

LOCK = "SELECT id FROM messaging_message WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"

# By the attempt's key, then by the text's: written so that no index on the state fits.
ACCEPT = """
WITH answered AS (
    UPDATE messaging_attempt a
    SET finished_at = (SELECT app_now()), outcome = 'accepted', provider_sid = t.sid,
        http_status = t.http
    FROM unnest(%s::uuid[], %s::text[], %s::int[]) AS t (id, sid, http)
    WHERE a.id = t.id AND a.finished_at IS NULL
    RETURNING a.id, a.message_id, t.sid
)
UPDATE messaging_message m
SET state = 'accepted', state_changed_at = (SELECT app_now()), provider_sid = t.sid,
    accepted_at = (SELECT app_now())
FROM answered t
WHERE m.id = t.message_id AND m.state || '' IN ('sending', 'uncertain')
RETURNING t.id, m.customer_id, m.conversation_id
"""

FAIL = """
WITH answered AS (
    UPDATE messaging_attempt a
    SET finished_at = (SELECT app_now()), outcome = 'failed', http_status = t.http,
        error_code = t.code
    FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[]) AS t (id, http, code, sentence)
    WHERE a.id = t.id AND a.finished_at IS NULL
    RETURNING a.id, a.message_id, t.code, t.sentence
)
UPDATE messaging_message m
SET state = 'failed', state_changed_at = (SELECT app_now()), error_code = t.code,
    error_sentence = t.sentence
FROM answered t
WHERE m.id = t.message_id AND m.state || '' IN ('sending', 'uncertain')
RETURNING t.id, m.customer_id, m.conversation_id
"""

REQUEUE = """
WITH answered AS (
    UPDATE messaging_attempt a
    SET finished_at = (SELECT app_now()), outcome = 'not_sent', http_status = t.http,
        error_code = t.code
    FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::float8[])
        AS t (id, http, code, sentence, wait)
    WHERE a.id = t.id AND a.finished_at IS NULL
    RETURNING a.id, a.message_id, t.code, t.sentence, t.wait
)
UPDATE messaging_message m
SET state = 'queued', state_changed_at = (SELECT app_now()), error_code = t.code,
    error_sentence = t.sentence, due_at = (SELECT app_now()) + t.wait * interval '1 second'
FROM answered t
WHERE m.id = t.message_id AND m.state || '' IN ('sending', 'uncertain')
RETURNING t.id, m.customer_id, m.conversation_id
"""

# An attempt in doubt stays open: an open attempt implies a text in flight (invariant O6).
DOUBT = """
WITH answered AS (
    UPDATE messaging_attempt a
    SET outcome = 'uncertain', http_status = t.http, error_code = t.code
    FROM unnest(%s::uuid[], %s::int[], %s::text[]) AS t (id, http, code)
    WHERE a.id = t.id AND a.finished_at IS NULL
    RETURNING a.id, a.message_id
)
UPDATE messaging_message m SET state = 'uncertain', state_changed_at = (SELECT app_now())
FROM answered t WHERE m.id = t.message_id AND m.state || '' = 'sending'
RETURNING t.id, m.customer_id, m.conversation_id
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """One attempt and what became of it."""

    message_id: UUID
    attempt_id: UUID
    answer: Answer


Changed = dict[UUID, Thread]
"""The threads of the texts that changed, by attempt."""


def settle(outcomes: Sequence[Settled]) -> None:
    """Write a batch of outcomes. Contacts of what surely never left are given back."""
    by: dict[Outcome, list[Settled]] = {kind: [] for kind in Outcome}
    for each in outcomes:
        by[errors.outcome_of(each.answer)].append(each)
    accepted = _settle(by) if outcomes else {}
    _prove([each for each in by[Outcome.ACCEPTED] if each.attempt_id not in accepted])


@transaction.atomic
def _settle(by: dict[Outcome, list[Settled]]) -> Changed:
    """One statement for each kind of outcome; returns what was accepted."""
    never_left = [*by[Outcome.FAILED], *by[Outcome.NOT_SENT]]
    _lock([each.message_id for kind in by.values() for each in kind], never_left)
    accepted = _accept(by[Outcome.ACCEPTED])
    failed = _fail(by[Outcome.FAILED])
    requeued = _requeue(by[Outcome.NOT_SENT])
    doubted = _doubt(by[Outcome.UNCERTAIN])
    told = [each for each in never_left if each.attempt_id in (failed | requeued)]
    consequences.learn(_lesson(each) for each in told)
    if failed:
        threads.summarize(failed.values())
    threads.announce({*accepted.values(), *requeued.values(), *doubted.values()})
    return accepted


def _lock(ids: list[UUID], never_left: Sequence[Settled]) -> None:
    """Persons first, for those whose contact goes back; then the texts, in id order."""
    if never_left:
        people = Message.objects.filter(id__in=[each.message_id for each in never_left])
        keys = people.values_list("customer_id", "contact_key")
        windows.lock((customer, key) for customer, key in keys if key)
    sql.run(LOCK, ids)


def _accept(outcomes: Sequence[Settled]) -> Changed:
    if not outcomes:
        return {}
    return _run(
        ACCEPT,
        [each.attempt_id for each in outcomes],
        [each.answer.provider_sid for each in outcomes],
        [each.answer.http_status for each in outcomes],
    )


def _fail(outcomes: Sequence[Settled]) -> Changed:
    if not outcomes:
        return {}
    failed = _run(FAIL, *_errors(outcomes))
    gone = [each.message_id for each in outcomes if each.attempt_id in failed]
    ledger.give_back(gone, reason="refused by the carrier")
    return failed


def _requeue(outcomes: Sequence[Settled]) -> Changed:
    if not outcomes:
        return {}
    waits = [wait_for(each.answer) for each in outcomes]
    again = _run(REQUEUE, *_errors(outcomes), waits)
    back = [each.message_id for each in outcomes if each.attempt_id in again]
    ledger.give_back(back, reason="not sent")
    return again


def _doubt(outcomes: Sequence[Settled]) -> Changed:
    if not outcomes:
        return {}
    ids, http_statuses, codes, _ = _errors(outcomes)
    return _run(DOUBT, ids, http_statuses, codes)


def _run(statement: str, *columns: Iterable[object]) -> Changed:
    return {id: (customer, thread) for id, customer, thread in sql.rows(statement, *columns)}


def _errors(
    outcomes: Sequence[Settled],
) -> tuple[list[UUID], list[int | None], list[str], list[str]]:
    return (
        [each.attempt_id for each in outcomes],
        [each.answer.http_status for each in outcomes],
        [each.answer.error_code for each in outcomes],
        [_sentence(each.answer) for each in outcomes],
    )


def _sentence(answer: Answer) -> str:
    if answer.outcome is Outcome.NOT_SENT and answer.error_code not in errors.known():
        return "The carrier could not be reached."
    return errors.meaning_of(answer.error_code, answer.http_status).sentence


def _lesson(each: Settled) -> consequences.Lesson:
    return (each.message_id, each.answer.error_code, each.answer.http_status)


def wait_for(answer: Answer) -> float:
    """Seconds, with jitter so that a refused crowd does not come back as one."""
    meaning = errors.meaning_of(answer.error_code, answer.http_status)
    asked = WAIT
    if meaning.outcome is Outcome.NOT_SENT:
        asked = meaning.seconds or PAUSED
        if meaning.until:
            now = clock.now()
            asked = ((meaning.ends_at(now) or now) - now).total_seconds()
    if answer.retry_after is not None:
        asked = answer.retry_after
    return asked + random.uniform(0, min(PAUSED, max(1.0, asked / 4)))  # noqa: S311 - jitter


def _prove(outcomes: Sequence[Settled]) -> None:
    """Texts that the provider took, by attempts that nobody waited for any more."""
    if not outcomes:
        return
    given_up = Attempt.objects.filter(
        id__in=[each.attempt_id for each in outcomes], outcome__in=("absent", "uncertain")
    )
    late_ones = set(given_up.values_list("id", flat=True))
    for each in outcomes:
        if each.attempt_id not in late_ones:
            continue
        try:
            late.prove(each.message_id, each.attempt_id, each.answer.provider_sid)
        except IntegrityError:
            log.exception("the answer to attempt %s names another text's id", each.attempt_id)
