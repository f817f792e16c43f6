"""The carrier as the machine plays it: what it accepted is the truth, whatever we were told."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import aiohttp
from twilio.base.exceptions import TwilioRestException

from messaging.providers import Answer, Parcel, Sent
from messaging.providers.twilio import TooManyRequests, TwilioLine

REFUSALS: Final = ("21211", "21610", "30007", "99999")
"""No such number, opted out at the carrier, filtered, and a code nobody knows."""
ACCEPTING: Final = ("yes", "lost", "reset", "error_500", "half", "hidden")
"""Ways of answering a text that was accepted; after all but the first we know nothing."""
DECLINING: Final = (
    *(f"refused_{code}" for code in REFUSALS),
    "later", "slow_down", "unreachable", "suspended", "silent", "error_502", "page",
)  # fmt: skip
WAYS: Final = (*ACCEPTING, *DECLINING)
CERTAIN: Final = ("yes", "later", "slow_down", "unreachable", "suspended")


@dataclass(slots=True)
class Accepted:
    """One text that the carrier took."""

    sid: str
    token: str
    attempt_id: UUID
    recipient: str
    sender: str
    body: str
    at: datetime
    way: str = "yes"
    """``hidden``: not in the list for longer than anybody waits."""
    is_hidden: bool = False


@dataclass(slots=True)
class Carrier:
    """Everything the carrier accepted, in order."""

    log: list[Accepted] = field(default_factory=list)
    now: datetime | None = None

    def send(self, parcel: Parcel, way: str) -> Answer:
        """Hand a parcel over through the product's own line, answered in one of the ways."""
        line = object.__new__(TwilioLine)
        line.client = _Client(self, parcel, way)
        return _finished(line.send(parcel))

    def accept(self, parcel: Parcel, way: str = "yes") -> str:
        assert self.now is not None
        sid = f"SM{len(self.log):032x}"
        taken = Accepted(
            sid, token_of(parcel.body, parcel.recipient), parcel.attempt_id, parcel.recipient,
            parcel.sender, parcel.body, self.now, way, way == "hidden",
        )  # fmt: skip
        self.log.append(taken)
        return sid

    def listed(self, recipient: str, since: datetime) -> list[Sent]:
        """What the product's line would make of the carrier's list."""
        return [
            Sent(each.sid, each.sender, each.body, "sent", "", each.at)
            for each in reversed(self.log)
            if each.recipient == recipient
            and not each.is_hidden
            and each.at >= since - timedelta(seconds=2)
        ]

    def show_all(self) -> None:
        for each in self.log:
            each.is_hidden = False


def token_of(body: str, recipient: str) -> str:
    """What tells texts apart at the carrier: the unique word, or what a confirmation says."""
    last = body.split()[-1]
    return last if last.startswith("#") else f"{recipient} {body}"


class _Client:
    """Stands where the official client stands, and answers at once."""

    def __init__(self, carrier: Carrier, parcel: Parcel, way: str) -> None:
        self.carrier, self.parcel, self.way = carrier, parcel, way
        self.messages = self

    async def create_async(self, **_: Any) -> Any:
        if self.way in ACCEPTING:
            self.sid = self.carrier.accept(self.parcel, self.way)
        if self.way == "yes":
            return self
        raise _error(self.way)


def _error(way: str) -> Exception:
    if way.startswith("refused_"):
        code = int(way.removeprefix("refused_"))
        refused: Exception = TwilioRestException(400, "/Messages.json", code=code)
        return refused
    errors: dict[str, Exception] = {
        "later": TooManyRequests(None),
        "slow_down": TooManyRequests(7.0),
        "unreachable": aiohttp.ConnectionTimeoutError(),
        "suspended": TwilioRestException(403, "/Messages.json", code=20005),
        "silent": TimeoutError(),
        "lost": TimeoutError(),
        "hidden": TimeoutError(),
        "reset": aiohttp.ClientOSError(104, "reset"),
        "error_500": TwilioRestException(500, "/Messages.json", code=500),
        "error_502": TwilioRestException(502, "/Messages.json", code=502),
        "half": aiohttp.ClientPayloadError("half an answer"),
        "page": ValueError("a page, not JSON"),
    }
    found: Exception = errors[way]
    return found


def _finished(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run what never really waits."""
    try:
        work.send(None)
    except StopIteration as done:
        answer: Answer = done.value
        return answer
    raise AssertionError("the carrier answers at once")
