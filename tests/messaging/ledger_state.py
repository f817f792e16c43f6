"""A customer with a given number of contacts left, and a ledger that agrees."""

from credits.models import Balance, Grant, LedgerEntry
from textengage.lib import clock


def leave(left: int) -> None:
    """Acme's first grant loses all but so many contacts."""
    grant = Grant.objects.filter(customer__name="Acme").order_by("opens_at")[0]
    LedgerEntry.objects.create(
        customer_id=grant.customer_id,
        kind="expiry",
        delta=left - grant.remaining,
        grant=grant,
        reason="spent",
        at=clock.now(),
    )
    Grant.objects.filter(id=grant.id).update(remaining=left)
    Balance.objects.filter(customer_id=grant.customer_id).update(balance=left)
