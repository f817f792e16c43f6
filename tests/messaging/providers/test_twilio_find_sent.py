"""Asking the provider what it accepted."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from messaging.providers import Sent
from tests.messaging.providers.raw_server import Script, answer, answering, serving

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
DANA = "+15105550142"


def row(sid: str, at: datetime = AT, direction: str = "outbound-api") -> dict[str, object]:
    return {
        "sid": sid,
        "from": "+15105550101",
        "to": DANA,
        "body": "Hi",
        "status": "queued",
        "error_code": None,
        "direction": direction,
        "date_created": at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        "date_sent": None,
    }


def listed(*rows: dict[str, object]) -> bytes:
    page = {"messages": rows, "next_page_uri": None, "page": 0, "page_size": 50}
    return answer("200 OK", json.dumps(page).encode(), "Content-Type: application/json")


def found(script: Script, since: datetime = AT) -> list[Sent]:
    async def run() -> list[Sent]:
        async with serving(script) as (line, seen):
            result = await line.find_sent(DANA, since)
            assert b"GET /2010-04-01/Accounts/" in seen.requests[0]
            assert b"To=%2B15105550142" in seen.requests[0]
            assert b"DateSent" not in seen.requests[0]
            return result

    return asyncio.run(run())


def test_found_text_is_what_the_provider_lists() -> None:
    assert found(answering(listed(row("SM1")))) == [
        Sent("SM1", "+15105550101", "Hi", "queued", "", AT)
    ]


def test_texts_from_the_person_and_from_before_are_left_out() -> None:
    rows = [
        row("SM1", direction="inbound"),
        row("SM2", at=AT - timedelta(seconds=3)),
        row("SM3", at=AT - timedelta(seconds=2)),
    ]
    assert [sent.provider_sid for sent in found(answering(listed(*rows)))] == ["SM3"]


@pytest.mark.parametrize(
    "reply",
    [
        answer("500 Internal Server Error", b"oops"),
        answer("429 Too Many Requests", b"{}"),
        answer("401 Unauthorized", b'{"code": 20003, "message": "No", "status": 401}'),
        answer("200 OK", b"<html></html>"),
        answer("200 OK", b"[]"),
        answer("200 OK", b"{}", length=50),
        answer("200 OK", b"{}"),
    ],
    ids=["500", "429", "401", "html", "list", "half", "empty"],
)
def test_list_that_cannot_be_read_is_an_oserror(reply: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        writer.close()

    with pytest.raises(OSError, match=r"^the provider could not list its texts$"):
        found(script)
