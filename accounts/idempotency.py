"""Doing a request once, however often it arrives with the same key.

The answer is kept for 24 hours, in the transaction of the work: either both are there or
neither. A refusal does nothing and is not kept, so that a repetition is judged anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import connection, transaction

from accounts.models import IdempotentAnswer
from accounts.viewer import Viewer
from textengage.lib.clock import AppNow

KEPT: Final = timedelta(hours=24)


@dataclass(frozen=True)
class Answer:
    """An HTTP status and the JSON text that went with it."""

    status: int
    json: str
    is_replayed: bool = False


class StillRunning(Exception):
    """Another request with this key has not ended yet."""


class KeyReused(Exception):
    """The key came with another request before."""


@transaction.atomic
def once(viewer: Viewer, key: str, request_hash: str, work: Callable[[], Answer]) -> Answer:
    """Run ``work`` in this transaction, or give the answer it gave before.

    The lock belongs to the transaction and is never waited for: it ends with the work,
    also when the process dies. Raises StillRunning, KeyReused, and whatever work raises.
    """
    if not _take(f"{viewer.customer.id} {viewer.user.id} {key}"):
        raise StillRunning
    mine = IdempotentAnswer.objects.filter(customer=viewer.customer, user=viewer.user, key=key)
    mine.filter(created_at__lte=AppNow() - KEPT).delete()
    kept = mine.first()
    if kept is None:
        answer = work()
        IdempotentAnswer.objects.create(
            customer=viewer.customer,
            user=viewer.user,
            key=key,
            request_hash=request_hash,
            status=answer.status,
            body=answer.json,
        )
        return answer
    if kept.request_hash != request_hash:
        raise KeyReused
    assert kept.status is not None
    return Answer(kept.status, str(kept.body), is_replayed=True)


def forget() -> int:
    """Remove answers older than 24 hours. The caller names the exemption from scoping."""
    removed, _ = IdempotentAnswer.objects.filter(created_at__lte=AppNow() - KEPT).delete()
    return removed


def _take(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        (taken,) = cursor.fetchone()
    return bool(taken)
