"""Twilio: the official client over our own transport, its webhooks read and verified."""

import logging
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from django.conf import settings
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from messaging.providers import _signature
from messaging.providers._provider import (
    Answer,
    Credentials,
    InboundText,
    Line,
    Outcome,
    Parcel,
    Provider,
    ReceiptRead,
    Sent,
)

OFFICIAL: Final = "https://api.twilio.com"
# Seconds. The whole request is bounded, so a silent server ends as uncertain, not as never.
TIMEOUT: Final = aiohttp.ClientTimeout(total=30, sock_connect=5)
# Shorter than any balancer's idle cut: a reused connection that the other side has just
# closed would make the first text after a pause uncertain.
KEEP_ALIVE: Final = 4.0
LOOKUP_LIMIT: Final = 200
LONGEST_WAIT: Final = 3_600.0
"""Seconds that a Retry-After may ask for; beyond that nobody means it."""

# Answers by which nothing was processed and the same text may go later (RULES 4.3).
LATER: Final = {"20429", "63018", "63017", "63038", "21611"}
ACCOUNT: Final = {"20003", "20005", "30002"}


class TooManyRequests(Exception):
    """HTTP 429, with the seconds the provider asked us to wait."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("429")
        self.retry_after = retry_after


class Wire(AsyncTwilioHttpClient):
    """The official transport with its traps closed.

    Own timeouts (the stock one waits for ever), as many connections as the account may
    use, a short keep-alive, redirects not followed, and nothing of a request in any log.
    """

    def __init__(self, concurrency: int) -> None:
        super().__init__(pool_connections=False, logger=logging.getLogger("twilio.silent"))
        connector = aiohttp.TCPConnector(limit=concurrency, keepalive_timeout=KEEP_ALIVE)
        self.session = aiohttp.ClientSession(connector=connector, timeout=TIMEOUT)

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One HTTP exchange. Raises TooManyRequests, aiohttp.ClientError, TimeoutError."""
        basic = aiohttp.encode_basic_auth(*auth) if auth else None
        if basic:
            headers = {**(headers or {}), "Authorization": basic}
        target = url.replace(OFFICIAL, settings.TWILIO_BASE_URL or OFFICIAL, 1)
        async with self.session.request(
            method.upper(), target, params=params, data=_form(data), headers=headers,
            allow_redirects=False,
        ) as answer:  # fmt: skip
            text = await answer.text()
            if answer.status == 429:
                raise TooManyRequests(_seconds(answer.headers.get("Retry-After")))
            return Response(answer.status, text, answer.headers)


class TwilioLine(Line):
    """One account's open line."""

    def __init__(self, credentials: Credentials) -> None:
        self.wire = Wire(credentials.concurrency)
        self.client = Client(credentials.account_sid, credentials.tokens[0], http_client=self.wire)

    async def send(self, parcel: Parcel) -> Answer:
        """Hand one parcel over. Only what is provably unsent is NOT_SENT."""
        try:
            made = await self.client.messages.create_async(
                to=parcel.recipient,
                from_=parcel.sender,
                body=parcel.body,
                status_callback=parcel.callback,
                validity_period=parcel.validity_seconds,
            )
        except TooManyRequests as refusal:
            return Answer(
                Outcome.NOT_SENT,
                http_status=429,
                error_code="20429",
                retry_after=refusal.retry_after,
            )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            # No connection, so not a byte of the request has left.
            return Answer(Outcome.NOT_SENT, error_code="unreachable", retry_after=5)
        except TwilioRestException as error:
            # Without a code of its own in the answer the client repeats the HTTP status.
            code = "" if error.code in (None, error.status) else str(error.code)
            return classify(error.status, code)
        except Exception:
            # Timeout, reset after write, half an answer, an answer that cannot be read.
            return Answer(Outcome.UNCERTAIN)
        if not made.sid:
            return Answer(Outcome.UNCERTAIN)
        return Answer(Outcome.ACCEPTED, provider_sid=made.sid, http_status=201)

    async def find_sent(self, recipient: str, since: datetime) -> list[Sent]:
        """Outbound texts to a recipient created since an instant, newest first.

        Not filtered by DateSent at the provider: it is empty while a text is queued.
        """
        try:
            rows = await self.client.messages.list_async(to=recipient, limit=LOOKUP_LIMIT)
        except Exception as error:
            # Also an answer that is no list at all, which the client fails on in many ways.
            raise OSError("the provider could not list its texts") from error
        return [
            sent
            for row in rows
            if str(row.direction).startswith("outbound")
            and (sent := _sent(row)).created_at >= since - timedelta(seconds=2)
        ]

    async def close(self) -> None:
        await self.wire.close()


def classify(status: int, code: str) -> Answer:
    """What an HTTP answer other than success means for the text (RULES 4.3)."""
    if code in LATER or code in ACCOUNT or status in (401, 403):
        wait = 60.0 if code in ACCOUNT or status in (401, 403) else 5.0
        return Answer(Outcome.NOT_SENT, http_status=status, error_code=code, retry_after=wait)
    if 400 <= status < 500 and code:
        return Answer(Outcome.FAILED, http_status=status, error_code=code)
    return Answer(Outcome.UNCERTAIN, http_status=status, error_code=code)


class Twilio(Provider):
    """SMS, and later WhatsApp and Messenger, through Twilio's REST API."""

    code = "twilio"

    def connect(self, credentials: Credentials) -> Line:
        return TwilioLine(credentials)

    def verify(
        self, url: str, body: bytes, headers: Mapping[str, str], credentials: Credentials
    ) -> dict[str, str] | None:
        """The decoded form if signed by a current token and speaking of this account."""
        signature = headers.get("x-twilio-signature", "")
        kind = headers.get("content-type", "")
        if not signature or not _signature.is_signed(
            url, body, kind, signature, credentials.tokens
        ):
            return None
        parameters = {name: _storable(value) for name, value in _signature.form_pairs(body)}
        return parameters if parameters.get("AccountSid") == credentials.account_sid else None

    def read_inbound(self, parameters: Mapping[str, str]) -> InboundText:
        return InboundText(
            provider_sid=parameters["MessageSid"],
            sender=parameters["From"],
            recipient=parameters["To"],
            body=parameters.get("Body", ""),
            optout_type=parameters.get("OptOutType", ""),
        )

    def read_receipt(self, parameters: Mapping[str, str]) -> ReceiptRead:
        return ReceiptRead(
            provider_sid=parameters["MessageSid"],
            status=parameters["MessageStatus"],
            error_code=parameters.get("ErrorCode", ""),
        )


TWILIO = Twilio()


def _form(data: dict[str, Any] | None) -> bytes | None:
    """The body of a POST. aiohttp's own form takes a tenth of what sending a text costs."""
    return urlencode(data, doseq=True).encode() if data is not None else None


def _seconds(header: str | None) -> float | None:
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return min(max(0.0, seconds), LONGEST_WAIT) if math.isfinite(seconds) else None


def _sent(row: Any) -> Sent:
    return Sent(
        provider_sid=row.sid,
        sender=row.from_ or "",
        body=row.body or "",
        status=str(row.status),
        error_code=str(row.error_code or ""),
        created_at=row.date_created or datetime.now(UTC),
    )


def _storable(text: str) -> str:
    """What a database can hold: neither NUL nor bytes that were no UTF-8."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
