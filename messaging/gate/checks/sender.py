from messaging.gate.people import helper_of
from messaging.gate.verdict import Batch, Check, Item, Verdict, Verdicts, hold, refuse
from messaging.senders.models import Sender


class SenderCheck(Check):
    """There is a number to send from, and its provider account is not paused."""

    code = "sender"
    rank = 30
    holds_compliance = True

    def apply(self, batch: Batch) -> Verdicts:
        ids = {item.sender_id for item in batch.items if item.sender_id}
        senders = Sender.objects.select_related("account").in_bulk(ids)
        found = ((item, senders.get(item.sender_id)) for item in batch.items)
        return {item.id: verdict for item, sender in found if (verdict := _judge(item, sender))}


def _judge(item: Item, sender: Sender | None) -> Verdict | None:
    if sender is None or sender.state == Sender.RELEASED:
        helper = helper_of(item.customer_id)
        return refuse(
            "no_sender",
            f"You have a license but no texting number yet. {helper} can assign one.",
        )
    if sender.state == Sender.PENDING:
        return refuse("sender_pending", "Your number is being set up. You will see it here.")
    if sender.state == Sender.PAUSED or sender.account.paused_reason:
        why = sender.account.paused_reason or "the number is paused"
        return hold("sender_paused", f"Waits: {why}.")
    return None


SENDER = SenderCheck()
