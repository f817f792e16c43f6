"""Asking the provider what it received for us."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from messaging.providers import Received
from messaging.providers.twilio import TWILIO
from tests.messaging.providers.raw_server import Script, answer, answering, serving

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
OURS, DANA = "+15105550101", "+15105550142"


def row(sid: str, at: datetime = AT, **fields: Any) -> dict[str, Any]:
    date = at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return {
        "sid": sid, "account_sid": "AC1", "from": DANA, "to": OURS, "body": "Hi",
        "status": "received", "direction": "inbound", "num_media": "0", "num_segments": "1",
        "error_code": None, "date_created": date, "date_sent": date,
    } | fields  # fmt: skip


def listed(*rows: dict[str, Any]) -> bytes:
    page = {"messages": rows, "next_page_uri": None, "page": 0, "page_size": 50}
    return answer("200 OK", json.dumps(page).encode(), "Content-Type: application/json")


def found(script: Script, since: datetime = AT) -> list[Received]:
    async def run() -> list[Received]:
        async with serving(script) as (line, seen):
            result = await line.find_received(OURS, since)
            assert b"To=%2B15105550101" in seen.requests[0]
            assert b"DateSent%3E=2026-11-01T12:00:00Z" in seen.requests[0]
            return result

    return asyncio.run(run())


def test_listed_text_reads_as_its_callback_would() -> None:
    [text] = found(answering(listed(row("SM1"))))
    read = TWILIO.read_inbound(text.parameters)
    assert (text.provider_sid, text.created_at) == ("SM1", AT)
    assert (read.provider_sid, read.sender, read.recipient) == ("SM1", DANA, OURS)
    assert (read.body, read.created_at, read.optout_type) == ("Hi", AT, "")


def test_only_complete_inbound_texts_since_the_instant_oldest_first() -> None:
    rows = [
        row("SM5", AT + timedelta(seconds=1)),
        row("SM4"),
        row("SM3"),
        row("SM2", status="receiving"),
        row("SM1", direction="outbound-api"),
        row("SM0", AT - timedelta(seconds=1)),
    ]
    assert [text.provider_sid for text in found(answering(listed(*rows)))] == ["SM3", "SM4", "SM5"]


def test_picture_without_words_and_odd_characters_are_read() -> None:
    rows = [row("SM1", body=None, num_media="2"), row("SM2", body="a\0b\ud800")]
    texts = found(answering(listed(*rows)))
    assert [text.parameters["Body"] for text in texts] == ["", "a\ufffdb?"]
    assert texts[0].parameters["NumMedia"] == "2"


def test_instant_that_is_none_is_no_error() -> None:
    form = {"MessageSid": "SM1", "From": DANA, "To": OURS, "ListedDateCreated": "yesterday"}
    assert TWILIO.read_inbound(form).created_at is None


@pytest.mark.parametrize(
    "reply",
    [
        answer("500 Internal Server Error", b"oops"),
        answer("429 Too Many Requests", b"{}"),
        answer("401 Unauthorized", b'{"code": 20003, "message": "No", "status": 401}'),
        answer("200 OK", b"<html></html>"),
        answer("200 OK", b"{}", length=50),
        listed({"sid": "SM1", "direction": "inbound", "status": "received"}),
    ],
    ids=["500", "429", "401", "html", "half", "no date"],
)
def test_list_that_cannot_be_read_is_an_oserror(reply: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply)
        writer.close()

    with pytest.raises(OSError, match=r"^the provider could not list its texts$"):
        found(script)
