"""A text's way to the phone after it was accepted, and its receipts."""

import asyncio
import time

from messaging.simulator.carrier import Carrier
from messaging.simulator.errors import RECEIPT_MESSAGES
from messaging.simulator.inbound import text_from_phone
from messaging.simulator.moods import UNDELIVERED, scripted_answer
from messaging.simulator.state import Message

FINAL = frozenset(("delivered", "undelivered", "failed"))


def set_off(carrier: Carrier, message: Message) -> None:
    """Send an accepted text on its way; returns at once."""
    timing = carrier.state.timing
    loop = asyncio.get_running_loop()
    if message.status == "accepted":
        loop.call_later(timing.sent_after / 2, _leave_pool, carrier, message)
    loop.call_later(timing.sent_after, _sent, carrier, message)
    carrier.live.touch("desk")


async def receipt_first(carrier: Carrier, message: Message) -> None:
    """Post the first receipt and wait for it, before the create is answered."""
    _mark_sent(carrier, message)
    form = receipt(carrier, message, "sent")
    await carrier.poster.post(carrier.state, message.account, message.callback, form)


def receipt(carrier: Carrier, message: Message, status: str) -> dict[str, str]:
    form = {
        "AccountSid": message.account,
        "ApiVersion": "2010-04-01",
        "From": message.sender,
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "To": message.to,
    }
    if message.service:
        form["MessagingServiceSid"] = message.service
    if status in FINAL:
        form["RawDlrDoneDate"] = time.strftime("%y%m%d%H%M", time.gmtime(message.updated_at))
    if status in FINAL and message.error_code is not None:
        form["ErrorCode"] = str(message.error_code)
        form["ErrorMessage"] = RECEIPT_MESSAGES[message.error_code]
    return form


def _leave_pool(carrier: Carrier, message: Message) -> None:
    """A messaging service has chosen the sender."""
    if _is_gone(carrier, message) or message.status != "accepted":
        return
    carrier.state.set_status(message, "queued")
    _tell(carrier, message, "queued")


def _sent(carrier: Carrier, message: Message) -> None:
    if _is_gone(carrier, message):
        return
    reordered = False
    if message.sent_at is None:
        _mark_sent(carrier, message)
        reordered = carrier.faults.strikes("reorder_receipts", message.to) is not None
        if not reordered:
            _tell(carrier, message, "sent")
    later = asyncio.get_running_loop().call_later
    later(carrier.state.timing.final_after, _final, carrier, message, reordered)


def _mark_sent(carrier: Carrier, message: Message) -> None:
    carrier.state.set_status(message, "sent")
    message.sent_at = message.updated_at


def _final(carrier: Carrier, message: Message, reordered: bool) -> None:
    if _is_gone(carrier, message):
        return
    phone = carrier.state.phone(message.to)
    message.error_code = UNDELIVERED.get(phone.mood)
    carrier.state.set_status(message, "undelivered" if message.error_code else "delivered")
    if reordered:
        carrier.poster.start(_tell_backwards(carrier, message))
    else:
        _tell(carrier, message, message.status)
    if not message.error_code:
        phone.unread += 1
        _answer_by_script(carrier, message)
    carrier.live.touch(phone.id)


def _tell(carrier: Carrier, message: Message, status: str) -> None:
    """Post a receipt, unless none is wanted or a fault swallows it."""
    state = carrier.state
    carrier.live.touch("desk")
    if not message.callback or not state.callbacks:
        return
    if carrier.faults.strikes("no_receipts", message.to):
        return
    form = receipt(carrier, message, status)
    again = carrier.faults.strikes("duplicate_receipts", message.to) is not None
    for _ in range(2 if again else 1):
        carrier.poster.start(carrier.poster.post(state, message.account, message.callback, form))


async def _tell_backwards(carrier: Carrier, message: Message) -> None:
    """The final receipt first, answered, and only then the one it overtook."""
    if not message.callback or not carrier.state.callbacks:
        return
    for status in (message.status, "sent"):
        form = receipt(carrier, message, status)
        await carrier.poster.post(carrier.state, message.account, message.callback, form)


def _answer_by_script(carrier: Carrier, message: Message) -> None:
    phone = carrier.state.phone(message.to)
    body = scripted_answer(phone.mood, already=phone.answered[message.sender])
    if body is None:
        return
    phone.answered[message.sender] += 1
    asyncio.get_running_loop().call_later(
        carrier.state.timing.answer_after, _write_back, carrier, message, body
    )


def _write_back(carrier: Carrier, message: Message, body: str) -> None:
    if not _is_gone(carrier, message):
        text_from_phone(carrier, message.to, to=message.sender, body=body)


def _is_gone(carrier: Carrier, message: Message) -> bool:
    return carrier.state.by_sid.get(message.sid) is not message
