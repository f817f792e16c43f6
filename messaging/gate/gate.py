"""The one gate: every text passes the same checks at queueing and again before the wire."""

import logging
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Final

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
    except Exception:
        log.exception("the check %s broke; its %d texts wait", check.code, len(batch.items))
        broken: Verdict = hold(
            "check_failed",
            "Could not be checked just now. Nothing was sent; we look again in a minute.",
            until=batch.at + LOOK_AGAIN,
            check=check.code,
        )
        return {item.id: broken for item in batch.items}
