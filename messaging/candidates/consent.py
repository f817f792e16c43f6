"""Consent is evidence: who agreed, to what words, when, and who wrote it down."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from accounts.models import User
from messaging.candidates.models import Candidate, Consent

SOURCES: Final = {
    "application": "Applied and agreed to texts",
    "verbal": "Agreed by phone or in person",
    "written": "Agreed in writing",
    "inbound": "Texted first",
    "api": "Recorded by a connected system",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where consent came from and in which words. ``source`` is a key of SOURCES."""

    source: str
    wording: str = ""


def record(
    candidate: Candidate,
    evidence: Evidence,
    *,
    channel: str,
    by: User | None,
    message_id: UUID | None = None,
) -> Consent:
    """Store one piece of evidence. Raises KeyError for an unknown source."""
    SOURCES[evidence.source]
    return Consent.objects.create(
        customer_id=candidate.customer_id,
        candidate=candidate,
        channel=channel,
        source=evidence.source,
        wording=evidence.wording,
        actor=by if by and by.customer_id == candidate.customer_id else None,
        message_id=message_id,
    )
