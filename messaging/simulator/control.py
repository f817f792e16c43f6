"""The carrier's own API, for tests, benchmarks and the handset pages: /carrier/…

The phones' part of it is in phones.py.
"""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from messaging.simulator.auth import Handler, answers_refusals
from messaging.simulator.carrier import carrier_of
from messaging.simulator.errors import BAD_PARAMETER, Refusal
from messaging.simulator.moods import MOODS
from messaging.simulator.state import Message, State


def control(handler: Handler) -> Handler:
    """Answers refusals as JSON; a page of another site may not steer the carrier."""
    answered = answers_refusals(handler)

    async def guarded(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise web.HTTPForbidden
        return await answered(request)

    return guarded


async def given_json(request: web.Request) -> Any:
    try:
        return await request.json() if request.can_read_body else {}
    except json.JSONDecodeError as error:
        raise Refusal(BAD_PARAMETER, "The body is not JSON") from error


def need(given: Any, *names: str) -> list[Any]:
    if not isinstance(given, dict) or any(not given.get(name) for name in names):
        raise Refusal(BAD_PARAMETER, f"Needed: {', '.join(names)}")
    return [given[name] for name in names]


def instant(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def truth_json(message: Message) -> dict[str, Any]:
    return {
        "seq": message.seq,
        "sid": message.sid,
        "account": message.account,
        "direction": message.direction,
        "from": message.sender,
        "to": message.to,
        "body": message.body,
        "status": message.status,
        "error_code": message.error_code,
        "status_callback": message.callback,
        "answer": message.answer,
        "accepted_at": instant(message.created_at),
        "deleted_at": instant(message.deleted_at),
        "history": [{"status": status, "at": instant(at)} for status, at in message.history],
    }


@control
async def health(request: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "ok"})


@control
async def truth(request: web.Request) -> web.StreamResponse:
    """?since=N (texts after that seq), &limit=, &last=N, &direction=inbound|all, &format=lines."""
    state = carrier_of(request).state
    query = request.query
    messages = state.since(_whole(query.get("since", "0")))
    if "last" in query:
        messages = messages[-_whole(query["last"]) :]
    direction = query.get("direction", "outbound")
    if direction != "all":
        messages = [m for m in messages if m.direction.startswith(direction)]
    if "limit" in query:
        messages = messages[: _whole(query["limit"])]
    entries = [truth_json(message) for message in messages]
    if query.get("format") == "lines":
        lines = "".join(json.dumps(entry) + "\n" for entry in entries)
        return web.Response(text=lines, content_type="application/x-ndjson")
    return web.json_response({"messages": entries, "counts": _counts(state), "seq": state.seq})


@control
async def counts(request: web.Request) -> web.StreamResponse:
    return web.json_response(_counts(carrier_of(request).state))


def _counts(state: State) -> dict[str, int]:
    return {"requests": 0, "accepted": 0, "inbound": 0, **state.counts}


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise Refusal(BAD_PARAMETER, f"{text} is not a whole number")
    return int(text)


@control
async def reset(request: web.Request) -> web.StreamResponse:
    given = await given_json(request)
    carrier_of(request).reset(everything=bool(given.get("everything")))
    return web.json_response({})


@control
async def add_accounts(request: web.Request) -> web.StreamResponse:
    given = await given_json(request)
    for entry in given if isinstance(given, list) else [given]:
        sid, token = need(entry, "sid", "token")
        carrier_of(request).state.add_account(sid, token)
    return web.json_response({}, status=201)


@control
async def list_numbers(request: web.Request) -> web.StreamResponse:
    numbers = carrier_of(request).state.numbers.values()
    return web.json_response(
        [{"account": n.account, "number": n.number, "sid": n.sid, **n.settings} for n in numbers]
    )


@control
async def add_numbers(request: web.Request) -> web.StreamResponse:
    """Rent a number, or change one: account, number, sms_url, service."""
    given = await given_json(request)
    state = carrier_of(request).state
    for entry in given if isinstance(given, list) else [given]:
        account, number = need(entry, "account", "number")
        settings = {key: str(entry[key]) for key in ("sms_url", "service") if key in entry}
        known = state.numbers.get(number)
        if known and known.account == account:
            known.settings |= settings
        else:
            state.add_number(account, number, settings)
    return web.json_response({}, status=201)


@control
async def settings(request: web.Request) -> web.StreamResponse:
    """The switches: mood, block_list, callbacks, regions, and the three delays in seconds."""
    state = carrier_of(request).state
    if request.method == "POST":
        _change(state, await given_json(request))
    return web.json_response(
        {
            "mood": state.mood,
            "moods": MOODS,
            "block_list": state.block_list,
            "callbacks": state.callbacks,
            "regions": state.regions,
            **asdict(state.timing),
        }
    )


def _change(state: State, given: Any) -> None:
    if not isinstance(given, dict):
        raise Refusal(BAD_PARAMETER, "Settings come by name")
    state.mood = known_mood(given.get("mood", state.mood))
    state.block_list = bool(given.get("block_list", state.block_list))
    state.callbacks = bool(given.get("callbacks", state.callbacks))
    state.regions = tuple(given.get("regions", state.regions))
    try:
        delays = {key: float(given[key]) for key in asdict(state.timing) if key in given}
    except (TypeError, ValueError) as error:
        raise Refusal(BAD_PARAMETER, "Delays are seconds") from error
    state.timing = replace(state.timing, **delays)


def known_mood(mood: str) -> str:
    if mood not in MOODS:
        raise Refusal(BAD_PARAMETER, f"No mood is called {mood}")
    return mood


@control
async def faults(request: web.Request) -> web.StreamResponse:
    """POST {"seed": 1, "plan": {kind: rule}}; see faults.py. DELETE ends all."""
    carrier = carrier_of(request)
    if request.method == "DELETE":
        carrier.faults.rules.clear()
    elif request.method == "POST":
        given = await given_json(request)
        (plan,) = need(given, "plan")
        carrier.faults.plan(plan, seed=given.get("seed"))
    carrier.live.touch("desk")
    return web.json_response(carrier.faults.as_json())


@control
async def events(request: web.Request) -> web.StreamResponse:
    return await carrier_of(request).live.stream(request)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/carrier/health", health),
        web.get("/carrier/truth", truth),
        web.get("/carrier/counts", counts),
        web.post("/carrier/reset", reset),
        web.post("/carrier/accounts", add_accounts),
        web.get("/carrier/numbers", list_numbers),
        web.post("/carrier/numbers", add_numbers),
        web.get("/carrier/settings", settings),
        web.post("/carrier/settings", settings),
        web.get("/carrier/faults", faults),
        web.post("/carrier/faults", faults),
        web.delete("/carrier/faults", faults),
        web.get("/carrier/events", events),
    ]
