"""The one gate: every text passes the same checks at queueing and again before the wire."""

import logging
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Final

from django.db import DatabaseError, transaction

from messaging.gate.verdict import PASS, Batch, Check, Verdict, Verdicts, hold
from textengage.lib.registry import discover

log = logging.getLogger(__name__)
LOOK_AGAIN: Final = timedelta(minutes=1)


@cache
def checks() -> tuple[Check, ...]:
    """Every check in the order of its rank."""
    found = discover("messaging.gate.checks", Check)
    return tuple(sorted(found.values(), key=lambda check: check.rank))


def run(batch: Batch) -> Verdicts:
    """The verdict on every text of a batch: the first check that objects decides.

    A check that breaks lets nothing through: its texts are held and looked at again.
    """
    try:
        # What the database refuses one check ends here, not the caller's transaction.
        with transaction.atomic():
            return _run(batch)
    except DatabaseError:
        log.exception("a check broke in the database; all %d texts wait", len(batch.items))
        broken = _broken(batch, "database")
        return {item.id: broken for item in batch.items}


def _run(batch: Batch) -> Verdicts:
    verdicts: Verdicts = {}
    for check in checks():
        waiting = [
            item
            for item in batch.items
            if item.id not in verdicts and (check.holds_compliance or not item.is_compliance)
        ]
        if waiting:
            verdicts |= _ask(check, replace(batch, items=waiting))
    return {item.id: verdicts.get(item.id, PASS) for item in batch.items}


def _ask(check: Check, batch: Batch) -> Verdicts:
    try:
        return check.apply(batch)
    except DatabaseError:
        raise
    except Exception:
        log.exception("the check %s broke; its %d texts wait", check.code, len(batch.items))
        broken = _broken(batch, check.code)
        return {item.id: broken for item in batch.items}


def _broken(batch: Batch, code: str) -> Verdict:
    return hold(
        "check_failed",
        "Could not be checked just now. Nothing was sent; we look again in a minute.",
        until=batch.at + LOOK_AGAIN,
        check=code,
    )
