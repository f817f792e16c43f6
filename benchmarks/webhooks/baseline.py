"""The usual way: a Django view that does everything before it answers, with the ORM.

It checks with the official RequestValidator, stores each callback once, finds the person and
the thread, writes the text or moves the text's state, over the product's own tables. It is
spared middleware, rules about STOP, and looking up the account's token every time. With
``STORE_ONLY`` in its environment it stores the callback and does no more.
"""

import os
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from twilio.request_validator import RequestValidator

from messaging.candidates.models import Address
from messaging.conversations.models import Conversation, Message, Receipt
from messaging.inbound.models import InboundEvent
from messaging.senders.models import ProviderAccount, Sender
from messaging.wording import segments
from textengage.lib import clock
from textengage.lib.scoping import across_customers

STORES_ONLY = bool(os.environ.get("STORE_ONLY"))
FORWARD = ("queued", "accepted", "sent", "delivered")


@cache
def account_of(account_id: UUID) -> tuple[Any, RequestValidator]:
    account = ProviderAccount.objects.get(id=account_id)
    return account, RequestValidator(account.tokens[0])


def inbound(request: HttpRequest, account_id: UUID) -> HttpResponse:
    with across_customers():
        account, validator = account_of(account_id)
        if not is_signed(request, validator):
            return HttpResponse(status=403)
        take_in(account, request.POST.dict())
    return HttpResponse(status=204)


def receipt(request: HttpRequest, account_id: UUID, attempt_id: UUID) -> HttpResponse:
    with across_customers():
        account, validator = account_of(account_id)
        if not is_signed(request, validator):
            return HttpResponse(status=403)
        apply(account, attempt_id, request.POST.dict())
    return HttpResponse(status=204)


def is_signed(request: HttpRequest, validator: RequestValidator) -> bool:
    url = f"{settings.PUBLIC_URL}{request.path}"
    signature = request.headers.get("X-Twilio-Signature", "")
    return bool(validator.validate(url, request.POST.dict(), signature))


@transaction.atomic
def take_in(account: Any, form: dict[str, Any]) -> None:
    event, is_new = InboundEvent.objects.get_or_create(
        account=account,
        event_key=form["MessageSid"],
        defaults={"customer": account.customer, "body": form},
    )
    if not is_new or STORES_ONLY:
        return
    sender = Sender.objects.get(account=account, address=form["To"])
    address = Address.objects.select_related("candidate").get(
        customer=account.customer, channel="sms", address=form["From"]
    )
    thread = Conversation.objects.select_for_update().get(candidate=address.candidate)
    message = Message.objects.create(
        customer=account.customer,
        conversation=thread,
        candidate=address.candidate,
        address=address,
        direction=Message.IN,
        kind=Message.TYPED,
        sender=sender,
        body=form["Body"],
        segments=segments.count(form["Body"]).segments,
        state="received",
        provider="twilio",
        account=account,
        provider_sid=form["MessageSid"],
        created_at=event.received_at,
    )
    thread.last_message_at = thread.waiting_since = message.created_at
    thread.last_direction, thread.last_preview = Message.IN, form["Body"][:120]
    thread.version += 1
    thread.save()
    event.message, event.processed_at = message, clock.now()
    event.save()


@transaction.atomic
def apply(account: Any, attempt_id: UUID, form: dict[str, Any]) -> None:
    stored, is_new = Receipt.objects.get_or_create(
        account=account,
        provider_sid=form["MessageSid"],
        status=form["MessageStatus"],
        error_code=form.get("ErrorCode", ""),
        defaults={"customer": account.customer, "attempt_id": attempt_id, "body": form},
    )
    if not is_new or STORES_ONLY:
        return
    message = Message.objects.select_for_update().get(
        account=account, provider_sid=form["MessageSid"]
    )
    now = clock.now()
    if FORWARD.index(stored.status) > FORWARD.index(message.state):
        message.state, message.state_changed_at = stored.status, now
        if stored.status == "delivered":
            message.delivered_at = now
        message.save()
    stored.applied_at = now
    stored.save()


urlpatterns = [
    path("hooks/twilio/<uuid:account_id>/inbound/", inbound),
    path("hooks/twilio/<uuid:account_id>/receipts/<uuid:attempt_id>/", receipt),
]
