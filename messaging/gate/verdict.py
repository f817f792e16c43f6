"""What the gate is asked, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID


class Moment(Enum):
    """Where in its life a text is looked at: by the same checks each time."""

    EXPLAIN = "explain"
    QUEUE = "queue"
    WIRE = "wire"


class Effect(Enum):
    PASS = "pass"  # noqa: S105 - not a password
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one text: who said so, in words, and the values used.

    ``until`` is when a held text is looked at again (UTC), empty if nobody can say.
    """

    effect: Effect
    code: str = ""
    sentence: str = ""
    until: datetime | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The form stored beside the text and shown by pages, API and reports."""
        return {
            "effect": self.effect.value,
            "code": self.code,
            "sentence": self.sentence,
            "until": self.until.isoformat() if self.until else None,
            "values": self.values,
        }


PASS = Verdict(Effect.PASS)


def refuse(code: str, sentence: str, **values: Any) -> Verdict:
    return Verdict(Effect.REFUSE, code, sentence, values=values)


def hold(code: str, sentence: str, *, until: datetime | None = None, **values: Any) -> Verdict:
    return Verdict(Effect.HOLD, code, sentence, until, values)


@dataclass(slots=True)
class Item:
    """One text under the gate, with the facts every check may want. No row, no query."""

    id: UUID
    customer_id: UUID
    candidate_id: UUID
    contact_key: UUID
    first_name: str
    channel: str
    kind: str
    body: str
    address_id: UUID | None
    address: str
    address_key: bytes
    region: str
    unusable_reason: str
    licensee_id: UUID | None
    sender_id: UUID | None
    sender_team_path: Sequence[UUID] = ()

    @property
    def is_compliance(self) -> bool:
        """Confirmations of opting out, opting in and HELP: free and never blocked."""
        return self.kind == "compliance"


@dataclass(slots=True)
class Batch:
    """The texts looked at together, so that each check asks the database once."""

    items: Sequence[Item]
    moment: Moment
    at: datetime


Verdicts = dict[UUID, Verdict]
"""What a check has to say, by text; a text it does not name passes."""


class Check:
    """A reason for which a text may not go now. One instance in one file of `checks`.

    ``rank`` orders the line; ``holds_compliance`` says whether confirmations pass it too.
    """

    code: str
    rank: int
    holds_compliance = False

    def apply(self, batch: Batch) -> Verdicts:
        raise NotImplementedError
