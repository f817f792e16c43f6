"""What a provider's error says beyond the one text: about a number, a person, an account.

The map (`errors.json`) names the action; here it is done, once for a batch of texts.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.models import User
from messaging.candidates.models import Address
from messaging.conversations.models import Message
from messaging.dispatch import errors, stopping
from messaging.dispatch.errors import Meaning
from messaging.dispatch.outbox import OUTBOX
from messaging.senders import pauses
from messaging.senders.models import ProviderAccount, Sender
from textengage.lib import clock, live, sql

log = logging.getLogger(__name__)

Lesson = tuple[UUID, str, int | None]
"""(message id, the provider's code, HTTP status)"""

# Texts that were held for the pause look again at once.
RELEASE = """
UPDATE messaging_message m SET due_at = app_now()
FROM messaging_sender s
WHERE s.id = m.sender_id AND s.id = ANY(%s::uuid[]) AND m.state = 'held'
  AND m.verdict ->> 'code' IN ('sender_paused', 'country_paused')
"""


def learn(lessons: Iterable[Lesson]) -> None:
    """Draw the consequences of errors, each kind once. Nothing for codes that teach nothing."""
    texts: dict[Meaning, list[UUID]] = defaultdict(list)
    codes: dict[Meaning, str] = {}
    for message_id, code, http_status in lessons:
        meaning = errors.meaning_of(code, http_status)
        if meaning.action in DRAW:
            texts[meaning].append(message_id)
            codes[meaning] = code
    for meaning in sorted(texts, key=lambda each: codes[each]):
        DRAW[meaning.action](texts[meaning], meaning, codes[meaning])


def _mark_addresses(ids: Sequence[UUID], meaning: Meaning, code: str) -> None:
    used = Message.objects.filter(id__in=ids).values("address_id")
    Address.objects.filter(id__in=used).update(unusable_reason=meaning.sentence)


def _opt_out(ids: Sequence[UUID], meaning: Meaning, code: str) -> None:
    for message in Message.objects.select_related("candidate").filter(id__in=ids):
        stopping.stop(message.candidate, source="provider", evidence=f"error {code}")


def _pause_accounts(ids: Sequence[UUID], meaning: Meaning, code: str) -> None:
    accounts = list(_of(ids, "account_id"))
    reason, until = _reason(meaning), meaning.ends_at(clock.now())
    for id, customer_id in pauses.pause_accounts(accounts, reason, until):
        _tell("provider_account.paused", customer_id, ProviderAccount(id=id), reason, code)


def _pause_senders(ids: Sequence[UUID], meaning: Meaning, code: str) -> None:
    senders = list(_of(ids, "sender_id"))
    reason, until = _reason(meaning), meaning.ends_at(clock.now())
    for id, customer_id in pauses.pause_senders(senders, reason, until):
        _tell("sender.paused", customer_id, Sender(id=id), reason, code)


def _pause_countries(ids: Sequence[UUID], meaning: Meaning, code: str) -> None:
    texts = Message.objects.filter(id__in=ids, account_id__isnull=False)
    places = set(texts.values_list("account_id", "channel", "address__region"))
    known = [(account, channel, region) for account, channel, region in places if region]
    if not known:
        return
    reason, until = _reason(meaning), meaning.ends_at(clock.now())
    for id, customer_id, country in pauses.pause_countries(known, reason, until):
        about = ProviderAccount(id=id)
        _tell("country.paused", customer_id, about, reason, code, country=country)


def _note_bug(ids: Sequence[UUID], meaning: Meaning, code: str) -> None:
    log.error("the provider refused what the gate should have: code %s, %d texts", code, len(ids))


DRAW: Final[Mapping[str, Callable[[Sequence[UUID], Meaning, str], None]]] = {
    "unusable": _mark_addresses,
    "opt_out": _opt_out,
    "pause_account": _pause_accounts,
    "pause_sender": _pause_senders,
    "pause_country": _pause_countries,
    "bug": _note_bug,
}


def _of(ids: Sequence[UUID], column: str) -> set[UUID]:
    return set(Message.objects.filter(id__in=ids).values_list(column, flat=True)) - {None}


def _reason(meaning: Meaning) -> str:
    return meaning.sentence.rstrip(".")


def _tell(
    action: str,
    customer_id: UUID,
    about: ProviderAccount | Sender,
    reason: str,
    code: str,
    **more: str,
) -> None:
    log.error("%s by the provider's code %s", action, code)
    audit.record(action, of=customer_id, by=None, about=about, reason=reason, code=code, **more)


@transaction.atomic
def resume_sender(sender: Sender, *, by: User) -> bool:
    """End a carrier's pause of a number; whether there was one. What waits for it goes."""
    paused = Sender.objects.filter(id=sender.id).exclude(pause_reason="")
    if not paused.update(pause_reason="", paused_until=None):
        return False
    _release([sender.id])
    audit.record("sender.resumed", of=sender.customer_id, by=by, about=sender)
    return True


@transaction.atomic
def resume_account(account: ProviderAccount, *, by: User) -> bool:
    """End the pauses of an account and of countries for it; whether there was any."""
    paused = ProviderAccount.objects.filter(id=account.id).exclude(paused_reason="")
    ended = paused.update(paused_reason="", paused_until=None) + pauses.open_countries(account.id)
    if not ended:
        return False
    _release(list(Sender.objects.filter(account=account).values_list("id", flat=True)))
    audit.record("provider_account.resumed", of=account.customer_id, by=by, about=account)
    return True


def _release(sender_ids: Sequence[UUID]) -> None:
    sql.run(RELEASE, list(sender_ids))
    live.wake(OUTBOX)
