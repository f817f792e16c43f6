"""Twilio's numbers: those an account rents, and those it could."""

import re
import time
from typing import Any

from aiohttp import web

from messaging.simulator import errors
from messaging.simulator.accept import E164, Form, one, read_form
from messaging.simulator.auth import account_of, answers_refusals
from messaging.simulator.carrier import carrier_of
from messaging.simulator.errors import Refusal
from messaging.simulator.listing import page_number, page_size
from messaging.simulator.resources import API, NUMBER_SETTINGS, number_json
from messaging.simulator.state import Number, State

#: Country: where its fictional numbers begin, and how many there are.
_FICTIONAL = {
    "US": ("+1{area}55501", 100),
    "CA": ("+1{area}55501", 100),
    "PR": ("+1{area}55501", 100),
    "GB": ("+44207946", 10000),
    "AU": ("+6125550", 10000),
}
_FIRST_AREA = {"US": "510", "CA": "416", "PR": "787"}
_PLACES = {"510": ("Oakland", "CA"), "415": ("San Francisco", "CA"), "212": ("New York", "NY")}


@answers_refusals
async def incoming(request: web.Request) -> web.StreamResponse:
    account = account_of(request)
    wanted = request.query.get("PhoneNumber", "")
    found = [
        number_json(number)
        for number in carrier_of(request).state.numbers_of(account)
        if wanted in number.number
    ]
    return _list(request, "incoming_phone_numbers", found)


@answers_refusals
async def rent(request: web.Request) -> web.StreamResponse:
    state = carrier_of(request).state
    account = account_of(request)
    form = await read_form(request)
    phone_number, area = one(form, "PhoneNumber"), one(form, "AreaCode")
    if not phone_number and area:
        phone_number = next(iter(_free(state, "US", area, 1)), "")
        if not phone_number:
            raise Refusal(errors.AREA_CODE_EMPTY, f"No phone numbers found in area code {area}")
    if not E164.fullmatch(phone_number):
        raise Refusal(errors.NO_SUCH_NUMBER, f"{phone_number} is not a valid number")
    if phone_number in state.numbers:
        raise Refusal(errors.NUMBER_TAKEN, f"{phone_number} is not available.")
    number = state.add_number(account, phone_number, _settings(form))
    return web.json_response(number_json(number), status=201)


@answers_refusals
async def fetch(request: web.Request) -> web.StreamResponse:
    return web.json_response(number_json(_number(request)))


@answers_refusals
async def update(request: web.Request) -> web.StreamResponse:
    number = _number(request)
    number.settings |= _settings(await read_form(request))
    number.updated_at = time.time()
    return web.json_response(number_json(number))


@answers_refusals
async def release(request: web.Request) -> web.StreamResponse:
    number = _number(request)
    del carrier_of(request).state.numbers[number.number]
    return web.Response(status=204)


@answers_refusals
async def available(request: web.Request) -> web.StreamResponse:
    account_of(request)
    country = request.match_info["country"].upper()
    if country not in _FICTIONAL:
        raise errors.not_found(request.path)
    area = request.query.get("AreaCode", "")
    free = _free(carrier_of(request).state, country, area, page_size(request.query))
    found = [_available_json(number, country) for number in free]
    return web.json_response({"available_phone_numbers": found, "uri": request.raw_path})


def _free(state: State, country: str, area: str, count: int) -> list[str]:
    start, size = _FICTIONAL[country]
    start = start.format(area=area or _FIRST_AREA.get(country, ""))
    width = len(str(size - 1))
    numbers = (f"{start}{n:0{width}d}" for n in range(size))
    free = (number for number in numbers if number not in state.numbers)
    return [number for number, _ in zip(free, range(count), strict=False)]


def _available_json(number: str, country: str) -> dict[str, Any]:
    american = number.startswith("+1")
    locality, region = _PLACES.get(number[2:5], (None, None)) if american else (None, None)
    friendly = f"({number[2:5]}) {number[5:8]}-{number[8:]}" if american else number
    return {
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "SMS": True, "MMS": american, "fax": False},
        "friendly_name": friendly,
        "iso_country": country,
        "lata": None,
        "latitude": None,
        "locality": locality,
        "longitude": None,
        "phone_number": number,
        "postal_code": None,
        "rate_center": None,
        "region": region,
    }


def _list(request: web.Request, key: str, found: list[dict[str, Any]]) -> web.Response:
    size = page_size(request.query)
    page = page_number(request.query)
    shown = found[page * size : (page + 1) * size]
    more = len(found) > (page + 1) * size
    address = f"{request.path}?PageSize={size}&Page="
    return web.json_response(
        {
            "end": page * size + max(len(shown) - 1, 0),
            "first_page_uri": address + "0",
            "next_page_uri": address + str(page + 1) if more else None,
            "page": page,
            "page_size": size,
            "previous_page_uri": address + str(page - 1) if page else None,
            "start": page * size,
            "uri": request.raw_path,
            key: shown,
        }
    )


def _settings(form: Form) -> dict[str, str]:
    """`SmsUrl` in a request is `sms_url` in the resource."""
    named = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): one(form, name) for name in form}
    return {name: value for name, value in named.items() if name in NUMBER_SETTINGS}


def _number(request: web.Request) -> Number:
    account = account_of(request)
    for number in carrier_of(request).state.numbers_of(account):
        if number.sid == request.match_info["sid"]:
            return number
    raise errors.not_found(request.path)


def routes() -> list[web.RouteDef]:
    base = API + "/Accounts/{account}"
    return [
        web.get(base + "/IncomingPhoneNumbers.json", incoming),
        web.post(base + "/IncomingPhoneNumbers.json", rent),
        web.get(base + "/IncomingPhoneNumbers/{sid}.json", fetch),
        web.post(base + "/IncomingPhoneNumbers/{sid}.json", update),
        web.delete(base + "/IncomingPhoneNumbers/{sid}.json", release),
        web.get(base + "/AvailablePhoneNumbers/{country}/Local.json", available),
    ]
