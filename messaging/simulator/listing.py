"""Pages of a list, newest first, with Twilio's links and date filters."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from messaging.simulator.errors import BAD_PARAMETER, Refusal
from messaging.simulator.state import Message

LARGEST_PAGE = 1000
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TOKEN = re.compile(r"PASM([0-9a-f]{32})")


def page_size(query: Mapping[str, str]) -> int:
    size = query.get("PageSize", "50")
    if not size.isdecimal() or not 1 <= int(size) <= LARGEST_PAGE:
        raise Refusal(BAD_PARAMETER, f"Page size must be between 1 and {LARGEST_PAGE}")
    return int(size)


def page_number(query: Mapping[str, str]) -> int:
    number = query.get("Page", "0")
    if not number.isdecimal():
        raise Refusal(BAD_PARAMETER, "Invalid Page")
    return int(number)


def before(query: Mapping[str, str]) -> int | None:
    """The place where the page starts: texts that came before this one."""
    token = query.get("PageToken")
    if token is None:
        return None
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise Refusal(BAD_PARAMETER, "Invalid PageToken")
    return int(match[1], 16)


def page_json(
    request: web.Request, found: Iterable[Message]
) -> tuple[list[Message], dict[str, Any]]:
    """The messages of this page and the links around them."""
    size = page_size(request.query)
    page = page_number(request.query)
    messages = list(islice(found, size + 1))
    more = len(messages) > size
    messages = messages[:size]
    filters = {k: v for k, v in request.query.items() if k not in ("Page", "PageToken")}
    filters["PageSize"] = str(size)
    following = None
    if more:
        token = f"PASM{messages[-1].seq:032x}"
        following = _link(request, filters, Page=str(page + 1), PageToken=token)
    return messages, {
        "end": page * size + max(len(messages) - 1, 0),
        "first_page_uri": _link(request, filters, Page="0"),
        "next_page_uri": following,
        "page": page,
        "page_size": size,
        "previous_page_uri": None,
        "start": page * size,
        "uri": request.raw_path,
    }


def _link(request: web.Request, filters: dict[str, str], **more: str) -> str:
    return f"{request.path}?{urlencode({**filters, **more})}"


def sent_between(query: Mapping[str, str]) -> tuple[float, float] | None:
    """The span the DateSent filters leave, None without one.

    Twilio's client spells on-or-before as `DateSent<`; a client may also send `DateSent<=`.
    A bare `DateSent` is one UTC day. A text that was not sent yet matches no span.
    """
    start, end = 0.0, float("inf")
    filtered = False
    for name in ("DateSent", "DateSent>", "DateSent>=", "DateSent<", "DateSent<="):
        value = query.get(name)
        if value is None:
            continue
        filtered = True
        first, last = _span(value)
        if name == "DateSent":
            day = datetime.fromtimestamp(first, UTC).replace(hour=0, minute=0, second=0)
            first, last = day.timestamp(), (day + timedelta(days=1)).timestamp()
        if "<" not in name:
            start = max(start, first)
        if ">" not in name:
            end = min(end, last)
    return (start, end) if filtered else None


def _span(value: str) -> tuple[float, float]:
    """A date is its whole day, an instant its whole second."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Refusal(BAD_PARAMETER, f"Invalid DateSent {value}") from error
    at = at.replace(tzinfo=at.tzinfo or UTC)
    width = timedelta(days=1) if _DATE.fullmatch(value) else timedelta(seconds=1)
    return at.timestamp(), (at + width).timestamp()
