"""The phones' part of the carrier's own API: who there is, what arrived, what is written."""

from typing import Any

from aiohttp import web

from messaging.simulator.accept import E164
from messaging.simulator.carrier import carrier_of
from messaging.simulator.control import control, given_json, known_mood, need, truth_json
from messaging.simulator.errors import BAD_PARAMETER, Refusal, not_found
from messaging.simulator.inbound import is_blocked, text_from_phone
from messaging.simulator.state import Phone, State

LISTED_PHONES = 200
LISTED_TEXTS = 200


def phone_json(phone: Phone) -> dict[str, Any]:
    return {
        "id": phone.id,
        "number": phone.number,
        "name": phone.name,
        "mood": phone.mood,
        "unread": phone.unread,
        "last_seq": phone.last_seq,
    }


@control
async def list_phones(request: web.Request) -> web.StreamResponse:
    phones = carrier_of(request).state.phones.values()
    latest = sorted(phones, key=lambda phone: -phone.last_seq)[:LISTED_PHONES]
    return web.json_response([phone_json(phone) for phone in latest])


@control
async def add_phones(request: web.Request) -> web.StreamResponse:
    """Make phones, or change their name and mood; one or a list."""
    given = await given_json(request)
    carrier = carrier_of(request)
    changed = []
    for entry in given if isinstance(given, list) else [given]:
        number = str(*need(entry, "number"))
        if not E164.fullmatch(number):
            raise Refusal(BAD_PARAMETER, f"{number} is not a number like +15105550142")
        phone = carrier.state.phone(number)
        phone.name = entry.get("name", phone.name)
        if "mood" in entry:
            phone.mood = known_mood(entry["mood"])
            phone.answered.clear()
        carrier.live.touch(phone.id)
        changed.append(phone_json(phone))
    return web.json_response(changed, status=201)


def _phone(request: web.Request, *, make: bool = False) -> Phone:
    """By id or by number; `make` lets an unknown number appear."""
    state = carrier_of(request).state
    key = request.match_info["phone"]
    number = state.phone_numbers.get(key, key)
    if make and number.startswith("+"):
        return state.phone(number)
    if number not in state.phones:
        raise not_found(request.path)
    return state.phones[number]


@control
async def thread(request: web.Request) -> web.StreamResponse:
    """What is on this phone, oldest first, and which numbers it may write to."""
    phone = _phone(request)
    if "seen" in request.query:
        phone.unread = 0
    state = carrier_of(request).state
    numbers = state.numbers.values()
    return web.json_response(
        {
            **phone_json(phone),
            "messages": [truth_json(message) for message in phone.messages[-LISTED_TEXTS:]],
            "numbers": [number.number for number in numbers],
            "last_number": _last_number(state, phone),
            "blocked": [n.number for n in numbers if is_blocked(state, n, phone.number)],
        }
    )


@control
async def send(request: web.Request) -> web.StreamResponse:
    """Write a text on this phone. `to` may be left out; `wait` waits for the webhook."""
    carrier = carrier_of(request)
    given = await given_json(request)
    need(given, "media" if isinstance(given, dict) and given.get("media") else "body")
    phone = _phone(request, make=True)
    to = given.get("to") or _last_number(carrier.state, phone)
    try:
        media, ago = int(given.get("media", 0)), float(given.get("ago", 0))
    except (TypeError, ValueError) as error:
        raise Refusal(BAD_PARAMETER, "Media and ago are numbers") from error
    message, delivery = text_from_phone(
        carrier, phone.number, to=to, body=given.get("body", ""), media=media, ago=ago
    )
    if given.get("wait") and delivery:
        await delivery
    return web.json_response({"sid": message.sid, "answer": message.answer}, status=201)


def _last_number(state: State, phone: Phone) -> str:
    if phone.messages:
        last = phone.messages[-1]
        return last.to if last.direction == "inbound" else last.sender
    return next(iter(state.numbers), "")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/carrier/phones", list_phones),
        web.post("/carrier/phones", add_phones),
        web.get("/carrier/phones/{phone}", thread),
        web.post("/carrier/phones/{phone}/send", send),
    ]
