"""A1: the sealed audit entries form one unbroken chain per customer, hashes and all."""

from datetime import datetime
from uuid import UUID

from accounts import audit
from accounts.models import AuditEntry
from textengage.invariants.finding import Finding, Invariant


def look(_now: datetime) -> Finding:
    """Walk every chain; an entry changed, removed or put in is found at its first effect."""
    broken: list[str] = []
    ends: dict[UUID | None, tuple[int, str]] = {}
    examined = 0
    rows = AuditEntry.objects.filter(link__isnull=False).order_by("customer_id", "link")
    fields = (*audit.FIELDS, "detail", "link", "previous_hash", "hash")
    for row in rows.values(*fields).iterator():
        examined += 1
        link, previous = ends.get(row["customer_id"], (0, ""))
        follows = row["link"] == link + 1 and row["previous_hash"] == previous
        if not follows or row["hash"] != audit.digest(row["previous_hash"], audit.facts_of(row)):
            broken.append(str(row["id"]))
        ends[row["customer_id"]] = (row["link"], row["hash"])
    return Finding.of(examined, broken)


def invariant() -> Invariant:
    return Invariant("A1", "The audit's chain of hashes, computed again, is unbroken.", look)
