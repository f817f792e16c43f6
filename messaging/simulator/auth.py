"""Who calls: basic authentication with the account's SID and token."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from messaging.simulator.carrier import carrier_of
from messaging.simulator.errors import AUTHENTICATE, Refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def account_of(request: web.Request) -> str:
    """The account in the path, once its credentials were shown; raises Refusal 20003."""
    account = request.match_info["account"]
    shown = request.headers.get("Authorization", "")
    if carrier_of(request).state.headers.get(shown) != account:
        challenge = {"WWW-Authenticate": 'Basic realm="Twilio API"'}
        raise Refusal(AUTHENTICATE, "Authenticate", 401, challenge)
    return account


def answers_refusals(handler: Handler) -> Handler:
    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refusal as refusal:
            return refusal.response()

    return answered
