from uuid import UUID

from messaging.candidates import optout
from messaging.candidates.models import OptOut
from messaging.channels import phone
from messaging.gate.verdict import Batch, Check, Item, Verdict, Verdicts, refuse


class DoNotTextCheck(Check):
    """The person has not asked to be left alone (RULES 4.4).

    An opt-out of the whole customer stops every text; one of a team stops what is sent
    from that team or a team below it.
    """

    code = "do_not_text"
    rank = 40

    def apply(self, batch: Batch) -> Verdicts:
        held = optout.in_force((item.customer_id, item.address_key) for item in batch.items)
        stopped: dict[UUID, UUID] = {}
        for item in batch.items:
            for each in held.get((item.customer_id, item.address_key), ()):
                if each.team_id is None or each.team_id in item.sender_team_path:
                    stopped[item.id] = each.optout_id
                    break
        if not stopped:
            return {}
        given = OptOut.objects.select_related("actor", "customer").in_bulk(set(stopped.values()))
        return {
            item.id: _verdict(item, given[stopped[item.id]])
            for item in batch.items
            if item.id in stopped
        }


def _verdict(item: Item, given: OptOut) -> Verdict:
    name, ending = item.first_name, phone.shown(item.address)[-4:]
    how = (
        f"{name} texted {given.word.upper()}"
        if given.source == "inbound"
        else "The carrier reports that they opted out"
        if given.source == "provider"
        else f"{given.actor.first_name if given.actor else 'A colleague'} marked this"
    )
    return refuse(
        "opted_out",
        f"Do Not Text. {how} on {given.effective_at:%b} {given.effective_at.day}. Nobody at"
        f" {given.customer.name} can text {name} on any channel. Only {name} can change this,"
        f" by texting START from the number ending in {ending}.",
        since=given.effective_at.isoformat(),
        source=given.source,
    )


DO_NOT_TEXT = DoNotTextCheck()
