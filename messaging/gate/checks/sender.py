from datetime import datetime
from typing import Final

from messaging.gate.people import helpers_of
from messaging.gate.verdict import Batch, Check, Verdict, Verdicts, hold, refuse
from messaging.senders.models import Sender

NOBODY: Final = "Your administrator"


class SenderCheck(Check):
    """There is a number to send from, and neither it nor its account is paused."""

    code = "sender"
    rank = 30
    holds_compliance = True

    def apply(self, batch: Batch) -> Verdicts:
        ids = {item.sender_id for item in batch.items if item.sender_id}
        senders = Sender.objects.select_related("account").in_bulk(ids)
        found = [(item, senders.get(item.sender_id)) for item in batch.items]
        lost = {item.customer_id for item, sender in found if _is_lost(sender)}
        helpers = helpers_of(lost) if lost else {}
        return {
            item.id: verdict
            for item, sender in found
            if (verdict := _judge(sender, batch.at, helpers.get(item.customer_id, NOBODY)))
        }


def _is_lost(sender: Sender | None) -> bool:
    return sender is None or sender.state == Sender.RELEASED


def _judge(sender: Sender | None, at: datetime, helper: str) -> Verdict | None:
    if sender is None or sender.state == Sender.RELEASED:
        return refuse(
            "no_sender",
            f"You have a license but no texting number yet. {helper} can assign one.",
        )
    if sender.state == Sender.PENDING:
        return refuse("sender_pending", "Your number is being set up. You will see it here.")
    if sender.is_paused(at):
        why, until = sender.wait(at)
        return hold("sender_paused", f"Waits: {why}.", until=until)
    return None


SENDER = SenderCheck()
