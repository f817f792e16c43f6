"""What happens at fixed times. Beat calls; a slot is done once, however many beats call."""

from datetime import timedelta
from typing import Final

from celery import shared_task

from accounts import audit, idempotency, ticks
from credits import ledger
from textengage.lib.scoping import across_customers

MINUTE: Final = timedelta(minutes=1)


@shared_task
def every_minute() -> None:
    """Seal the audit trail; write off grants past their date; forget stored answers."""
    with across_customers():  # platform work over all customers' rows
        if ticks.claim("every_minute", MINUTE):
            audit.seal()
            ledger.expire()
            idempotency.forget()
