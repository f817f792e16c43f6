"""One handing over, whatever the wire does: only the provably unsent may go again."""

import asyncio
import base64
import json
import logging
import socket
import time
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import aiohttp
import pytest
from django.test import override_settings

from messaging.providers import Answer, Outcome, Parcel, twilio
from messaging.providers.twilio import TWILIO
from tests.messaging.providers.raw_server import (
    CREDENTIALS,
    SID,
    Script,
    Seen,
    answer,
    answering,
    serving,
)

PARCEL = Parcel(
    message_id=uuid4(),
    attempt_id=uuid4(),
    sender="+15105550101",
    recipient="+15105550142",
    body="Hi Dana, ünïcode & =",
    callback="https://te.example/hooks/twilio/x/receipts/y/",
    validity_seconds=3600,
)
MADE = json.dumps({"sid": "SM" + "1" * 32, "status": "queued"}).encode()
UNCERTAIN = Answer(Outcome.UNCERTAIN)


def error(code: int | None, status: int) -> bytes:
    return json.dumps({"code": code, "message": "No", "status": status}).encode()


def handed_over(script: Script) -> tuple[Answer, Seen]:
    async def run() -> tuple[Answer, Seen]:
        async with serving(script) as (line, seen):
            return await line.send(PARCEL), seen

    return asyncio.run(run())


def given(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> Answer:
    return handed_over(answering(answer(status, body, *headers, length=length)))[0]


def test_accepted_text_has_the_providers_id() -> None:
    result = given("201 Created", MADE)
    assert result == Answer(Outcome.ACCEPTED, "SM" + "1" * 32, http_status=201)


def test_request_is_what_twilio_documents() -> None:
    _, seen = handed_over(answering(answer("201 Created", MADE)))
    head, _, body = seen.requests[0].partition(b"\r\n\r\n")
    path = f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert head.split(b"\r\n")[0] == f"POST {path} HTTP/1.1".encode()
    assert {name: value for name, (value,) in parse_qs(body.decode()).items()} == {
        "To": PARCEL.recipient,
        "From": PARCEL.sender,
        "Body": PARCEL.body,
        "StatusCallback": PARCEL.callback,
        "ValidityPeriod": "3600",
    }


def test_request_is_authorized() -> None:
    _, seen = handed_over(answering(answer("201 Created", MADE)))
    basic = base64.b64encode(f"{SID}:a token".encode())
    assert b"\r\nAuthorization: Basic " + basic + b"\r\n" in seen.requests[0]


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        ("400 Bad Request", 21211, Outcome.FAILED),
        ("400 Bad Request", 21610, Outcome.FAILED),
        ("400 Bad Request", 99999, Outcome.FAILED),
        ("404 Not Found", 20404, Outcome.FAILED),
        ("400 Bad Request", 21611, Outcome.FAILED),
        ("401 Unauthorized", 20003, Outcome.FAILED),
        ("403 Forbidden", 20005, Outcome.FAILED),
        ("403 Forbidden", 30002, Outcome.FAILED),
        ("500 Internal Server Error", 20500, Outcome.UNCERTAIN),
        ("503 Service Unavailable", 20503, Outcome.UNCERTAIN),
    ],
)
def test_refusal_means_what_its_code_means(status: str, code: int, outcome: Outcome) -> None:
    number = int(status[:3])
    result = given(status, error(code, number))
    assert (result.outcome, result.http_status, result.error_code) == (outcome, number, str(code))


def test_refused_credentials_without_a_code_are_not_sent() -> None:
    answer = given("401 Unauthorized", error(None, 401))
    assert (answer.outcome, answer.http_status, answer.error_code) == (Outcome.FAILED, 401, "")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        (["Retry-After: 7"], 7.0),
        (["Retry-After: 0.5"], 0.5),
        (["Retry-After: -3"], 0.0),
        (["Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"], None),
        (["Retry-After: 1e12"], 3600.0),
        (["Retry-After: nan"], None),
        (["Retry-After: inf"], None),
        ([], None),
    ],
)
def test_too_many_requests_may_go_later(headers: list[str], wait: float | None) -> None:
    result = given("429 Too Many Requests", error(20429, 429), *headers)
    assert result == Answer(Outcome.NOT_SENT, "", 429, "20429", retry_after=wait)


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        ("200 OK", b"<html>Sign in to the hotel's network</html>", ["Content-Type: text/html"]),
        ("201 Created", b"", []),
        ("201 Created", b"{}", []),
        ("201 Created", b'{"sid": null}', []),
        ("201 Created", b'{"sid": ""}', []),
        ("201 Created", b"[]", []),
        ("201 Created", b"\xff\xfe", []),
        ("301 Moved Permanently", b"", ["Location: http://127.0.0.1:9/"]),
        ("307 Temporary Redirect", b"", ["Location: http://127.0.0.1:9/"]),
        ("400 Bad Request", b"not JSON", []),
        ("400 Bad Request", b'{"message": "no code"}', []),
        ("500 Internal Server Error", b"oops", []),
        ("502 Bad Gateway", b"<html></html>", []),
    ],
)
def test_answer_that_proves_nothing_is_uncertain(
    status: str, body: bytes, headers: list[str]
) -> None:
    assert given(status, body, *headers).outcome is Outcome.UNCERTAIN


def test_half_a_body_is_uncertain() -> None:
    async def script(reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(answer("201 Created", MADE[:10], length=len(MADE)))
        await writer.drain()
        writer.close()

    assert handed_over(script)[0] == UNCERTAIN


def test_reset_after_the_request_is_uncertain() -> None:
    async def script(reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    assert handed_over(script)[0] == UNCERTAIN


def test_silent_server_ends_as_uncertain_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = aiohttp.ClientTimeout(total=0.2, sock_connect=0.1)
    monkeypatch.setattr(twilio, "TIMEOUT", limit)

    async def script(reader: Any, writer: Any) -> None:
        await asyncio.sleep(10)

    started = time.monotonic()
    assert handed_over(script)[0] == UNCERTAIN
    assert 0.2 <= time.monotonic() - started < 2


def test_every_request_is_bounded() -> None:
    assert (twilio.TIMEOUT.total, twilio.TIMEOUT.sock_connect, twilio.KEEP_ALIVE) == (30, 5, 4)


def test_refused_connection_is_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        result = _sent_to(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert result == Answer(Outcome.NOT_SENT, error_code="unreachable", retry_after=5)


def test_unknown_host_is_not_sent() -> None:
    assert _sent_to("http://carrier.invalid").outcome is Outcome.NOT_SENT


def test_failed_tls_handshake_is_not_sent() -> None:
    async def run() -> Answer:
        async def connected(reader: Any, writer: asyncio.StreamWriter) -> None:
            writer.write(b"this is no TLS\n")
            writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await _send_to(f"https://127.0.0.1:{port}")

    assert asyncio.run(run()).outcome is Outcome.NOT_SENT


def test_send_after_the_idle_cut_of_the_other_side_succeeds() -> None:
    async def run() -> list[Outcome]:
        async def script(reader: Any, writer: asyncio.StreamWriter) -> None:
            writer.write(answer("201 Created", MADE))
            await writer.drain()
            asyncio.get_running_loop().call_later(0.05, writer.close)

        async with serving(script) as (line, _):
            first = await line.send(PARCEL)
            await asyncio.sleep(0.15)
            return [first.outcome, (await line.send(PARCEL)).outcome]

    assert asyncio.run(run()) == [Outcome.ACCEPTED] * 2


def test_idle_connection_is_dropped_before_a_balancer_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(twilio, "KEEP_ALIVE", 0.05)

    async def run() -> int:
        async with serving(answering(answer("201 Created", MADE))) as (line, seen):
            for pause in (0.0, 0.0, 0.2):
                await asyncio.sleep(pause)
                await line.send(PARCEL)
            return seen.connections

    assert asyncio.run(run()) == 2


def test_line_opens_as_many_connections_as_the_account_may() -> None:
    async def run() -> int:
        async def script(reader: Any, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.05)
            writer.write(answer("201 Created", MADE))

        async with serving(script) as (line, seen):
            await asyncio.gather(*(line.send(PARCEL) for _ in range(12)))
            return seen.connections

    assert asyncio.run(run()) == CREDENTIALS.concurrency


@pytest.mark.parametrize("status", ["201 Created", "400 Bad Request", "500 Oops"])
def test_nothing_of_a_request_is_logged(status: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    given(status, MADE if status.startswith("2") else error(21211, 400))
    written = "\n".join(record.getMessage() for record in caplog.records)
    hidden = ["Dana", PARCEL.recipient, PARCEL.callback, "a token", "/Messages", SID]
    assert [each for each in hidden if each in written] == []


def _sent_to(base: str) -> Answer:
    return asyncio.run(_send_to(base))


async def _send_to(base: str) -> Answer:
    with override_settings(TWILIO_BASE_URL=base):
        line = TWILIO.connect(CREDENTIALS)
        try:
            return await line.send(PARCEL)
        finally:
            await line.close()
