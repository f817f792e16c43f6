"""Do Not Text, all of it: the person locked, what waits withdrawn, the opt-out written.

The order matters (invariant S1). A text that is being handed to the wire at this moment
holds its own row; withdrawing waits for it, finds it *sending*, and leaves it. Only then
is the opt-out's instant read, so every text that left did so before it.
"""

from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.models import User
from credits import windows
from messaging.candidates import optout
from messaging.candidates.models import Candidate, OptOut
from messaging.conversations import status, threads
from messaging.conversations.models import Message
from messaging.dispatch import withdrawing
from messaging.gate.verdict import refuse


@transaction.atomic
def stop(
    candidate: Candidate,
    *,
    source: str,
    word: str = "",
    evidence: str = "",
    by: User | None = None,
    message_id: UUID | None = None,
    team_id: UUID | None = None,
) -> OptOut | None:
    """Opt a person out at once, on all channels. None if the same opt-out holds already."""
    person = (candidate.customer_id, candidate.contact_key)
    windows.ensure([person])
    windows.lock([person])
    if _holds_already(candidate, team_id):
        return None
    waiting = Message.objects.filter(candidate=candidate, state__in=status.WITHDRAWABLE)
    if team_id:
        waiting = waiting.filter(sender_team_path__contains=[team_id])
    ids = list(waiting.exclude(kind=Message.COMPLIANCE).values_list("id", flat=True))
    withdrawing.withdraw(ids, to=status.REFUSED, reason="opted out")
    verdict = refuse("opted_out", f"{candidate.first_name} opted out before this text left.")
    Message.objects.filter(id__in=ids, state=status.REFUSED).update(verdict=verdict.as_json())
    given = optout.record(
        candidate,
        source=source,
        word=word,
        evidence=evidence,
        by=by,
        message_id=message_id,
        team_id=team_id,
    )
    audit.record(
        "candidate.opted_out", of=candidate.customer_id, by=by, about=candidate, source=source
    )
    _tell(candidate)
    return given


@transaction.atomic
def resume(candidate: Candidate, *, from_address_id: UUID, message_id: UUID) -> int:
    """The person texted START: lift every opt-out that one of the addresses is part of."""
    windows.lock([(candidate.customer_id, candidate.contact_key)])
    address = candidate.addresses.get(id=from_address_id)
    lifted = optout.lift(address, message_id=message_id)
    if lifted:
        audit.record("candidate.opted_in", of=candidate.customer_id, by=None, about=candidate)
        _tell(candidate)
    return lifted


def _holds_already(candidate: Candidate, team_id: UUID | None) -> bool:
    keys = [
        (candidate.customer_id, bytes(key))
        for key in candidate.addresses.values_list("address_key", flat=True)
    ]
    held = [each for found in optout.in_force(keys).values() for each in found]
    return any(each.team_id is None or each.team_id == team_id for each in held)


def _tell(candidate: Candidate) -> None:
    ids = candidate.threads.values_list("id", flat=True)
    threads.summarize((candidate.customer_id, thread) for thread in ids)
