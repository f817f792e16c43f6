"""A text written on a phone: kept, and posted to the address of the number it went to."""

import asyncio
import time
from secrets import token_hex
from typing import Any

from messaging.simulator.carrier import Carrier
from messaging.simulator.errors import BAD_PARAMETER, BODY_MISSING, Refusal
from messaging.simulator.segments import segment_count
from messaging.simulator.state import START_WORDS, STOP_WORDS, Message, Number, State


def text_from_phone(
    carrier: Carrier, phone_number: str, *, to: str, body: str, media: int = 0, ago: float = 0.0
) -> tuple[Message, asyncio.Task[Any] | None]:
    """The message and, where the number has an address, the post that is under way.

    ``media`` pictures may stand for a body; ``ago``: written that many seconds earlier.
    """
    state = carrier.state
    number = state.numbers.get(to)
    if number is None:
        raise Refusal(BAD_PARAMETER, f"{to} is not a number of this carrier")
    if not body and not media:
        raise Refusal(BODY_MISSING, "Message body is required.")
    message = state.add(_inbound(number, phone_number, body, media, time.time() - ago))
    message.sent_at = message.created_at
    _keep_block_list(state, number, phone_number, body)
    carrier.live.touch(state.phone(phone_number).id)
    return message, _deliver(carrier, number, message)


def _block_key(state: State, number: Number, phone_number: str) -> tuple[str, str]:
    """Opt-outs hold for a number, or for the whole messaging service it is in."""
    return (number.service or number.number, phone_number)


def is_blocked(state: State, number: Number, phone_number: str) -> bool:
    return state.block_list and _block_key(state, number, phone_number) in state.blocked


def _keep_block_list(state: State, number: Number, phone_number: str, body: str) -> None:
    """Only a text that is exactly one word counts."""
    word = body.strip().upper()
    if word in STOP_WORDS:
        state.blocked.add(_block_key(state, number, phone_number))
    elif word in START_WORDS:
        state.blocked.discard(_block_key(state, number, phone_number))


def _inbound(number: Number, phone_number: str, body: str, media: int, at: float) -> Message:
    return Message(
        sid="SM" + token_hex(16),
        seq=0,
        account=number.account,
        direction="inbound",
        sender=phone_number,
        to=number.number,
        body=body,
        status="received",
        created_at=at,
        segments=segment_count(body),
        media=media,
        service=number.service,
    )


def _deliver(carrier: Carrier, number: Number, message: Message) -> asyncio.Task[Any] | None:
    url = number.settings.get("sms_url", "")
    if not url or carrier.faults.strikes("lose_inbound", message.sender):
        message.answer = "not posted"
        return None
    work = carrier.poster.start(_post(carrier, url, message))
    if carrier.faults.strikes("duplicate_inbound", message.sender):
        carrier.poster.start(_post(carrier, url, message))
    return work


async def _post(carrier: Carrier, url: str, message: Message) -> None:
    status = await carrier.poster.post(
        carrier.state,
        message.account,
        url,
        _form(message),
        **{"I-Twilio-Idempotency-Token": token_hex(16)},
    )
    message.answer = str(status)
    carrier.live.touch("desk")


def _form(message: Message) -> dict[str, str]:
    form = {
        "AccountSid": message.account,
        "ApiVersion": "2010-04-01",
        "Body": message.body,
        "From": message.sender,
        "FromCity": "",
        "FromCountry": country(message.sender),
        "FromState": "",
        "FromZip": "",
        "MessageSid": message.sid,
        "NumMedia": str(message.media),
        "NumSegments": str(message.segments),
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
        "ToCity": "",
        "ToCountry": country(message.to),
        "ToState": "",
        "ToZip": "",
    }
    if message.service:
        form["MessagingServiceSid"] = message.service
    return form


_COUNTRIES = {
    "+1": "US", "+30": "GR", "+31": "NL", "+351": "PT", "+36": "HU", "+370": "LT",
    "+372": "EE", "+39": "IT", "+41": "CH", "+420": "CZ", "+43": "AT", "+44": "GB",
    "+45": "DK", "+48": "PL", "+49": "DE", "+56": "CL", "+61": "AU", "+63": "PH", "+972": "IL",
}  # fmt: skip


def country(number: str) -> str:
    """By calling code alone: every +1 is US here."""
    return next((_COUNTRIES[number[:n]] for n in (4, 3, 2) if number[:n] in _COUNTRIES), "US")
