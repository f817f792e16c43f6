from collections import Counter, defaultdict
from uuid import UUID

from accounts.models import Customer
from credits import ledger, rules, windows
from messaging.gate.verdict import Batch, Check, Item, Moment, Verdict, Verdicts, hold
from textengage.lib import sql

# Persons with a text already queued who are outside their 45 days: they come first.
AHEAD = """
SELECT m.customer_id, count(DISTINCT c.contact_key)
FROM messaging_message m
JOIN messaging_candidate c ON c.id = m.candidate_id
LEFT JOIN credits_contactwindow w
    ON w.customer_id = m.customer_id AND w.contact_key = c.contact_key
WHERE m.customer_id = ANY(%s::uuid[]) AND m.state = 'queued' AND m.kind <> 'compliance'
  AND NOT (c.contact_key = ANY(%s::uuid[]))
  AND (w.last_at IS NULL OR w.last_at < %s::timestamptz - %s::interval)
GROUP BY m.customer_id
"""


class ContactsCheck(Check):
    """A monthly contact is left for whoever needs one (PRODUCT section 3).

    Nothing is reserved here: the batch is counted together with what is queued already.
    Before the wire `ledger.charge` decides instead, under the locks.
    """

    code = "contacts"
    rank = 90

    def apply(self, batch: Batch) -> Verdicts:
        if batch.moment is Moment.WIRE:
            return {}
        last = windows.last_texted((item.customer_id, item.contact_key) for item in batch.items)
        due: dict[UUID, dict[UUID, list[Item]]] = defaultdict(lambda: defaultdict(list))
        for item in batch.items:
            if rules.is_due(last.get((item.customer_id, item.contact_key)), batch.at):
                due[item.customer_id][item.contact_key].append(item)
        if not due:
            return {}
        ahead = _ahead(batch, [key for people in due.values() for key in people], list(due))
        verdicts: Verdicts = {}
        for customer_id, people in due.items():
            left = ledger.available(Customer(id=customer_id)) - ahead[customer_id]
            for items in list(people.values())[max(0, left) :]:
                for item in items:
                    at = last.get((item.customer_id, item.contact_key))
                    reason = rules.reason(at, batch.at)
                    verdicts[item.id] = no_contacts(item.first_name, reason)
        return verdicts


def no_contacts(first_name: str, reason: str) -> Verdict:
    """The verdict on a text that needs a contact when none is left."""
    why = (
        f"{first_name} has not been texted before"
        if reason == "first message"
        else f"{first_name} was last texted {reason.removeprefix('last message ')}"
    )
    return hold("no_contacts", f"No contacts left. {why}, so this needs 1.", reason=reason)


def _ahead(batch: Batch, keys: list[UUID], customers: list[UUID]) -> Counter[UUID]:
    return Counter(dict(sql.rows(AHEAD, customers, keys, batch.at, rules.WINDOW)))


CONTACTS = ContactsCheck()
