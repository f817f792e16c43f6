"""The answer before the question: could this go now, from where, at what cost?"""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from credits import ledger, rules, windows
from messaging.conversations.models import Conversation
from messaging.dispatch import drafting
from messaging.dispatch.drafting import Draft
from messaging.gate import gate
from messaging.gate.verdict import Batch, Effect, Moment, Verdict
from messaging.senders.models import Sender
from messaging.wording.segments import Segments
from textengage.lib import clock


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the composer says before a word is typed. ``contacts_left`` are usable now."""

    verdict: Verdict
    sender: Sender | None
    size: Segments
    needs_contact: bool
    free_until: datetime | None
    contacts_left: int

    @property
    def may_send(self) -> bool:
        return self.verdict.effect is Effect.PASS

    @property
    def cost(self) -> str:
        """UX section 8, "Cost line"."""
        if not self.needs_contact:
            assert self.free_until is not None
            return f"Free until {self.free_until:%b} {self.free_until.day}"
        if self.contacts_left == 1:
            return "Uses the last contact"
        return f"Uses 1 contact, {self.contacts_left:,} left"


def explain(
    conversation: Conversation, *, by: User, body: str = "", channel: str = "sms"
) -> Explanation:
    """Judge one text by the same checks that will send it. Writes nothing."""
    now = clock.now()
    (prepared,) = drafting.prepare([Draft(conversation, body, channel=channel)], by=by)
    verdict = gate.run(Batch([prepared.item], Moment.EXPLAIN, now))[prepared.item.id]
    person = (conversation.customer_id, conversation.candidate.contact_key)
    last_at = windows.last_texted([person]).get(person)
    return Explanation(
        verdict=verdict,
        sender=prepared.sender,
        size=prepared.size,
        needs_contact=rules.is_due(last_at, now),
        free_until=rules.free_until(last_at) if last_at else None,
        contacts_left=ledger.available(conversation.customer),
    )
