"""Do Not Text: one opt-out with a member row for every address the person has.

Only this module writes OptOut. It runs under the person's lock, which the caller holds
(`dispatch.stopping` for all of it, `credits.windows.lock` for the lock alone).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from messaging.candidates.models import Address, Candidate, OptOut, OptOutMember
from textengage.lib import clock, sql

IN_FORCE = """
SELECT m.customer_id, m.address_key, o.id, o.team_id
FROM unnest(%s::uuid[], %s::bytea[]) AS k (customer_id, address_key)
JOIN messaging_optoutmember m USING (customer_id, address_key)
JOIN messaging_optout o ON o.id = m.optout_id AND o.revoked_at IS NULL
"""

AddressKey = tuple[UUID, bytes]
"""(customer id, keyed hash of the address)"""


@dataclass(frozen=True, slots=True)
class InForce:
    """An opt-out that holds now; ``team_id`` is empty for the whole customer."""

    optout_id: UUID
    team_id: UUID | None


def record(
    candidate: Candidate,
    *,
    source: str,
    word: str = "",
    evidence: str = "",
    by: User | None = None,
    message_id: UUID | None = None,
    team_id: UUID | None = None,
) -> OptOut:
    """Write Do Not Text for a person, in force from this instant.

    The instant is read last: the caller has locked the person and withdrawn what was
    claimed, so that every text that left did so before it (invariant S1).
    """
    optout = OptOut.objects.create(
        customer_id=candidate.customer_id,
        team_id=team_id,
        source=source,
        word=word[:40],
        evidence=evidence[:300],
        actor=by if by and by.customer_id == candidate.customer_id else None,
        message_id=message_id,
        effective_at=clock.now(),
    )
    keys = candidate.addresses.values_list("address_key", flat=True)
    OptOutMember.objects.bulk_create(
        OptOutMember(
            customer_id=candidate.customer_id,
            optout=optout,
            address_key=bytes(key),
            since=optout.effective_at,
        )
        for key in keys
    )
    return optout


def lift(address: Address, *, message_id: UUID) -> int:
    """The person asked to be texted again from one of the addresses: lift the whole.

    Returns how many opt-outs ended. Only the person does this, never staff.
    """
    member_of = OptOutMember.objects.filter(
        customer_id=address.customer_id, address_key=address.address_key
    ).values("optout_id")
    return OptOut.objects.filter(
        customer_id=address.customer_id, id__in=member_of, revoked_at__isnull=True
    ).update(revoked_at=clock.now(), revoked_by_message_id=message_id)


def join(candidate: Candidate, address: Address) -> None:
    """A new address joins what holds for the person, and brings what holds for itself.

    The second is how an opt-out survives a purge, a re-import, and a number that moves.
    """
    own = OptOutMember.objects.filter(
        customer_id=candidate.customer_id, address_key=address.address_key
    ).values("optout_id")
    others = candidate.addresses.exclude(id=address.id)
    theirs = OptOutMember.objects.filter(
        customer_id=candidate.customer_id, address_key__in=others.values("address_key")
    ).values("optout_id")
    known = OptOut.objects.filter(Q(id__in=own) | Q(id__in=theirs), revoked_at__isnull=True)
    keys = [bytes(key) for key in candidate.addresses.values_list("address_key", flat=True)]
    now = clock.now()
    OptOutMember.objects.bulk_create(
        [
            OptOutMember(customer_id=candidate.customer_id, optout=each, address_key=key, since=now)
            for each in known
            for key in keys
        ],
        ignore_conflicts=True,
    )


def in_force(keys: Iterable[AddressKey]) -> dict[AddressKey, list[InForce]]:
    """What holds now for a set of addresses, in one query."""
    pairs = list(dict.fromkeys(keys))
    found: dict[AddressKey, list[InForce]] = {}
    for customer_id, key, optout_id, team_id in sql.rows(
        IN_FORCE, [customer for customer, _ in pairs], [bytes(key) for _, key in pairs]
    ):
        held = found.setdefault((customer_id, bytes(key)), [])
        held.append(InForce(optout_id, team_id))
    return found


def state_of(candidate: Candidate) -> OptOut | None:
    """The oldest opt-out in force for any address of a person, for the banner."""
    keys = candidate.addresses.values("address_key")
    members = OptOutMember.objects.filter(
        customer_id=candidate.customer_id, address_key__in=keys
    ).values("optout_id")
    return (
        OptOut.objects.filter(id__in=members, revoked_at__isnull=True)
        .select_related("actor")
        .order_by("effective_at")
        .first()
    )
