"""Twilio's Messages resource: create, list, fetch, redact, delete; and the account itself."""

import asyncio
import json
import time
from collections.abc import Iterator

from aiohttp import web

from messaging.simulator import errors, listing
from messaging.simulator.accept import accept, one, read_form, recipient
from messaging.simulator.auth import account_of, answers_refusals
from messaging.simulator.carrier import Carrier, carrier_of
from messaging.simulator.delivery import receipt_first, set_off
from messaging.simulator.errors import Refusal
from messaging.simulator.resources import API, message_json, rfc2822
from messaging.simulator.state import Message

IN_QUEUE = frozenset(("accepted", "queued", "sending"))


@answers_refusals
async def create(request: web.Request) -> web.StreamResponse:
    carrier = carrier_of(request)
    carrier.state.counts["requests"] += 1
    form = await read_form(request)
    try:
        account = account_of(request)
        if carrier.faults.rules:
            await _strike_before(carrier, recipient(form))
        message = accept(carrier.state, account, form)
    except Refusal as refusal:
        carrier.state.counts[f"refused_{refusal.code}"] += 1
        carrier.live.touch("desk")
        raise
    message.answer = "201"
    early = carrier.faults.strikes("receipt_first", message.to)
    if early and message.callback:
        await receipt_first(carrier, message)
    set_off(carrier, message)
    if carrier.faults.rules:
        return await _strike_after(carrier, request, message)
    return web.json_response(message_json(message), status=201)


async def _strike_before(carrier: Carrier, to: str) -> None:
    """Faults before the text is accepted: the truth log never has it."""
    slow = carrier.faults.strikes("latency", to)
    if slow:
        await asyncio.sleep(slow.seconds)
    busy = carrier.faults.strikes("refuse_429", to)
    if busy:
        retry = {} if busy.retry_after is None else {"Retry-After": str(busy.retry_after)}
        raise Refusal(errors.TOO_MANY_REQUESTS, "Too Many Requests", 429, retry)
    if carrier.faults.strikes("error_500_before", to):
        raise Refusal(errors.INTERNAL, "Internal Server Error", 500)


async def _strike_after(
    carrier: Carrier, request: web.Request, message: Message
) -> web.StreamResponse:
    """Faults after the text is accepted: the phone gets it, the caller cannot know."""
    if carrier.faults.strikes("error_500_after", message.to):
        message.answer = "500"
        raise Refusal(errors.INTERNAL, "Internal Server Error", 500)
    if carrier.faults.strikes("drop_answer", message.to):
        message.answer = "dropped"
        _hang_up(request)
        return web.Response()
    if carrier.faults.strikes("half_body", message.to):
        message.answer = "half"
        return await _half(request, json.dumps(message_json(message)).encode())
    return web.json_response(message_json(message), status=201)


async def _half(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(status=201, headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _hang_up(request)
    return response


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


@answers_refusals
async def messages(request: web.Request) -> web.StreamResponse:
    account = account_of(request)
    found, links = listing.page_json(request, _matching(request, account))
    return web.json_response({**links, "messages": [message_json(m) for m in found]})


def _matching(request: web.Request, account: str) -> Iterator[Message]:
    query = request.query
    span = listing.sent_between(query)
    for message in carrier_of(request).state.newest_first(
        to=query.get("To"), sender=query.get("From"), before=listing.before(query)
    ):
        if message.account != account or message.deleted_at is not None:
            continue
        sent_at = message.sent_at
        if span and (sent_at is None or not span[0] <= sent_at < span[1]):
            continue
        yield message


@answers_refusals
async def fetch(request: web.Request) -> web.StreamResponse:
    return web.json_response(message_json(_message(request)))


@answers_refusals
async def redact(request: web.Request) -> web.StreamResponse:
    """Twilio allows one change of a body: to nothing."""
    message = _message(request)
    form = await read_form(request)
    if "Body" not in form or one(form, "Body"):
        raise Refusal(errors.BAD_PARAMETER, "Body may only be updated to an empty string")
    message.body = ""
    message.updated_at = time.time()
    return web.json_response(message_json(message))


@answers_refusals
async def delete(request: web.Request) -> web.StreamResponse:
    message = _message(request)
    if message.status in IN_QUEUE:
        text = "Cannot delete this resource before it is complete"
        raise Refusal(errors.NOT_COMPLETE, text, 409)
    message.body = ""
    message.deleted_at = time.time()
    return web.Response(status=204)


def _message(request: web.Request) -> Message:
    account = account_of(request)
    message = carrier_of(request).state.by_sid.get(request.match_info["sid"])
    if message is None or message.account != account or message.deleted_at is not None:
        raise errors.not_found(request.path)
    return message


@answers_refusals
async def account(request: web.Request) -> web.StreamResponse:
    sid = account_of(request)
    now = rfc2822(time.time())
    return web.json_response(
        {
            "auth_token": carrier_of(request).state.tokens[sid],
            "date_created": now,
            "date_updated": now,
            "friendly_name": "Simulated account",
            "owner_account_sid": sid,
            "sid": sid,
            "status": "active",
            "subresource_uris": {"messages": f"{API}/Accounts/{sid}/Messages.json"},
            "type": "Full",
            "uri": f"{API}/Accounts/{sid}.json",
        }
    )


@answers_refusals
async def missing(request: web.Request) -> web.StreamResponse:
    raise errors.not_found(request.path)


def routes() -> list[web.RouteDef]:
    base = API + "/Accounts/{account}"
    return [
        web.post(base + "/Messages.json", create),
        web.get(base + "/Messages.json", messages),
        web.get(base + "/Messages/{sid}.json", fetch),
        web.post(base + "/Messages/{sid}.json", redact),
        web.delete(base + "/Messages/{sid}.json", delete),
        web.get(base + ".json", account),
    ]
