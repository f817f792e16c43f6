"""Whether a create is taken: the checks Twilio makes before it answers."""

import re
import time
from secrets import token_hex
from urllib.parse import parse_qs

from aiohttp import web

from messaging.simulator import errors
from messaging.simulator.errors import Refusal
from messaging.simulator.inbound import is_blocked
from messaging.simulator.moods import MAGIC_REFUSALS, REFUSED_AT_CREATE
from messaging.simulator.segments import segment_count
from messaging.simulator.state import Message, Number, State

Form = dict[str, list[str]]

LONGEST_BODY = 1600
MOST_MEDIA = 10
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NANP = re.compile(r"\+1[2-9][0-9]{9}")
_FORMATTING = re.compile(r"[\s().-]")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")


async def read_form(request: web.Request) -> Form:
    return parse_qs((await request.read()).decode(errors="replace"), keep_blank_values=True)


def one(form: Form, name: str) -> str:
    return form.get(name, ("",))[0]


def recipient(form: Form) -> str:
    """The To number without formatting."""
    return _FORMATTING.sub("", one(form, "To"))


def accept(state: State, account: str, form: Form) -> Message:
    """The message, added to the truth; raises Refusal with Twilio's code."""
    to, body, media = recipient(form), one(form, "Body"), form.get("MediaUrl", [])
    _check_content(body, media)
    _check_recipient(state, to)
    service, callback = one(form, "MessagingServiceSid"), one(form, "StatusCallback")
    if callback and not callback.startswith(("http://", "https://")):
        raise Refusal(errors.CALLBACK_INVALID, "The 'StatusCallback' URL is not a valid URL.")
    number = _sender(state, account, one(form, "From"), service, to)
    if to == number.number:
        raise Refusal(errors.SAME_NUMBER, "'To' and 'From' number cannot be the same")
    _check_opt_out(state, number, to)
    return state.add(
        Message(
            sid=("MM" if media else "SM") + token_hex(16),
            seq=0,
            account=account,
            direction="outbound-api",
            sender=number.number,
            to=to,
            body=body,
            status="accepted" if service else "queued",
            created_at=time.time(),
            segments=segment_count(body),
            media=len(media),
            service=service,
            callback=callback,
        )
    )


def _check_content(body: str, media: list[str]) -> None:
    if not body and not media:
        raise Refusal(errors.BODY_MISSING, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise Refusal(
            errors.BODY_TOO_LONG,
            "The concatenated message body exceeds the 1600 character limit",
        )
    if len(media) > MOST_MEDIA:
        raise Refusal(errors.MEDIA_TOO_MANY, "Number of media files exceeds allowed limit")
    if any(not url.startswith(("http://", "https://")) for url in media):
        raise Refusal(errors.MEDIA_INVALID, "Invalid media URL(s)")


def _check_recipient(state: State, to: str) -> None:
    if not to:
        raise Refusal(errors.TO_MISSING, "A 'To' phone number is required.")
    possible = _NANP.fullmatch(to) if to.startswith("+1") else E164.fullmatch(to)
    code = MAGIC_REFUSALS.get(to) or REFUSED_AT_CREATE.get(state.mood_of(to))
    if not possible or code == errors.INVALID_TO:
        raise Refusal(errors.INVALID_TO, f"Invalid 'To' Phone Number: {to}")
    if code == errors.REGION_OFF or (state.regions and not to.startswith(state.regions)):
        raise Refusal(
            errors.REGION_OFF,
            "Permission to send an SMS has not been enabled for the region indicated by "
            f"the 'To' number: {to}",
        )
    if code == errors.OPTED_OUT:
        raise _unsubscribed()
    if code == errors.NO_ROUTE:
        raise Refusal(
            errors.NO_ROUTE,
            f"Message cannot be sent with the current combination of 'To' ({to}) and 'From'",
        )


def _sender(state: State, account: str, sender: str, service: str, to: str) -> Number:
    if service and not _SERVICE.fullmatch(service):
        raise Refusal(errors.SERVICE_INVALID, "The Messaging Service Sid is invalid")
    if sender or not service:
        return _own_number(state, account, sender)
    own = state.numbers_of(account)
    pool = [number for number in own if number.service == service] or own
    if not pool:
        raise Refusal(
            errors.SERVICE_EMPTY,
            "The Messaging Service does not have a phone number available to send a message",
        )
    return pool[int(to[1:]) % len(pool)]


def _own_number(state: State, account: str, sender: str) -> Number:
    if not sender:
        raise Refusal(errors.FROM_MISSING, "A 'From' phone number is required.")
    number = state.numbers.get(_FORMATTING.sub("", sender))
    if number is None or number.account != account:
        raise Refusal(
            errors.FROM_NOT_YOURS,
            f"The 'From' phone number provided ({sender}) is not a valid message-capable "
            "Twilio phone number for this destination/account",
        )
    return number


def _check_opt_out(state: State, number: Number, to: str) -> None:
    if is_blocked(state, number, to):
        raise _unsubscribed()


def _unsubscribed() -> Refusal:
    return Refusal(errors.OPTED_OUT, "Attempt to send to unsubscribed recipient")
