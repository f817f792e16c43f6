"""The business audit: who did what, when. The one writer of AuditEntry.

Each action is registered once with its sentence; surfaces never compose sentences.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import connection, models, transaction

from accounts.models import AuditEntry, Customer, User

SENTENCES: Final = {
    "customer.added": "added the company",
    "customer.changed": "changed the company's settings",
    "team.added": "added a team",
    "team.changed": "changed a team",
    "user.added": "added a user as {role}",
    "user.changed": "changed a user's details",
    "user.deactivated": "deactivated a user",
    "user.invited": "made a link to choose a first password",
    "user.reactivated": "reactivated a user",
    "user.role_changed": "changed a user from {before} to {role}",
    "license.given": "gave a license on seat {seat}",
    "license.ended": "took back the license on seat {seat}",
    "provider_account.added": "added a provider account",
    "provider_account.changed": "changed a provider account",
    "provider_account.paused": "paused a provider account: {reason}",
    "provider_account.resumed": "resumed a provider account",
    "country.paused": "paused texts to {country}: {reason}",
    "provider_account.looked_up": "looked for missed texts of a provider account",
    "sender.added": "added a number",
    "sender.assigned": "assigned a number",
    "sender.changed": "changed a number",
    "sender.paused": "paused a number: {reason}",
    "sender.resumed": "resumed a number",
    "contacts.granted": "added {amount} contacts",
    "country.added": "added a country",
    "country.changed": "changed a country",
    "tier.added": "added a pricing tier",
    "tier.changed": "changed a pricing tier",
    "token.issued": "issued an API token for {days} days",
    "candidate.added": "added a candidate",
    "candidate.changed": "changed a candidate",
    "candidate.opted_out": "recorded Do Not Text ({source})",
    "candidate.opted_in": "lifted Do Not Text",
    "message.queued": "sent {count} texts",
    "message.canceled": "canceled a text",
    "message.sent_again": "sent an unconfirmed text again",
    "message.sent_anyway": "let a text go before the previous one was confirmed",
    "export.requested": "generated the report {report}",
    "event.retried": "retried a parked event",
}

PERSONAL: Final = re.compile(r"\+[1-9][0-9]{6,14}|\S+@\S+\.[A-Za-z]{2,}")


def record(
    action: str,
    *,
    of: Customer | UUID | None,
    by: User | UUID | None,
    about: models.Model | None = None,
    **detail: Any,
) -> None:
    """Write one entry in the running transaction.

    Raises KeyError for an unregistered action and ValueError for a detail that holds a
    phone number or an e-mail address (invariant P2).
    """
    SENTENCES[action]
    if PERSONAL.search(json.dumps(detail, default=str)):
        raise ValueError(f"the detail of {action} holds personal data")
    AuditEntry.objects.create(
        customer_id=of.id if isinstance(of, Customer) else of,
        actor_id=by.id if isinstance(by, User) else by,
        action=action,
        object_type=about._meta.model_name or "" if about else "",
        object_id=about.pk if about else None,
        detail=json.loads(json.dumps(detail, default=str)),
    )


def sentence(entry: AuditEntry) -> str:
    """What an entry says on screen, without the actor's name."""
    return SENTENCES.get(entry.action, entry.action).format_map(_Blank(entry.detail))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def digest(previous: str, facts: Iterable[object]) -> str:
    """SHA-256 over the previous hash and an entry's facts, in hex."""
    text = json.dumps([previous, *facts], default=str, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def facts_of(row: dict[str, Any]) -> list[object]:
    """What the seal covers, in a fixed order and form."""
    return [
        row["id"],
        row["at"].isoformat(),
        str(row["actor_id"]),
        row["action"],
        row["object_type"],
        str(row["object_id"]),
        row["detail"],
    ]


FIELDS: Final = ("id", "customer_id", "at", "actor_id", "action", "object_type", "object_id")


@transaction.atomic
def seal(limit: int = 5_000) -> int:
    """Chain committed entries that are not sealed yet; returns how many.

    The caller names the exemption from scoping. One sealer at a time; another returns 0.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('audit.seal'))")
        if not cursor.fetchone()[0]:
            return 0
    last: dict[UUID | None, tuple[int, str]] = {}
    rows = AuditEntry.objects.filter(link__isnull=True).order_by("id")
    sealed = 0
    for row in rows.values(*FIELDS, "detail")[:limit]:
        customer_id = row["customer_id"]
        link, previous = last.get(customer_id) or _end_of_chain(customer_id)
        value = digest(previous, facts_of(row))
        AuditEntry.objects.filter(id=row["id"]).update(
            link=link + 1, previous_hash=previous, hash=value
        )
        last[customer_id] = (link + 1, value)
        sealed += 1
    return sealed


def _end_of_chain(customer_id: UUID | None) -> tuple[int, str]:
    chain = AuditEntry.objects.filter(customer=customer_id, link__isnull=False)
    end = chain.order_by("-link").first()
    return (end.link or 0, end.hash) if end else (0, "")
