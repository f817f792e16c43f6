"""Twilio: the official client over our own transport, its webhooks read and verified."""

import logging
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
from django.conf import settings
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from yarl import URL

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
    Received,
    Sent,
)

OFFICIAL: Final = "https://api.twilio.com"
# Seconds. The whole request is bounded, so a silent server ends as uncertain, not as never.
TIMEOUT: Final = aiohttp.ClientTimeout(total=30, sock_connect=5)
# Shorter than any balancer's idle cut: a reused connection that the other side has just
# closed would make the first text after a pause uncertain.
KEEP_ALIVE: Final = 4.0
LOOKUP_LIMIT: Final = 200
LIST_PAGE: Final = 500
"""Texts per request where all of them are wanted; the provider's most is 1,000."""
LISTED_AT: Final = "ListedDateCreated"
"""A parameter of ours in what a list told: callbacks about SMS name no instant."""
LONGEST_WAIT: Final = 3_600.0
"""Seconds that a Retry-After may ask for; beyond that nobody means it."""


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

    async def find_received(self, recipient: str, since: datetime) -> list[Received]:
        """Texts to one of our numbers, all pages, oldest first.

        The provider's filter may round to its day; the instant is compared here as well.
        """
        try:
            rows = await self.client.messages.list_async(
                to=recipient, date_sent_after=since, page_size=LIST_PAGE
            )
            found = [
                _received(row)
                for row in rows
                # A picture still on its way in has no text yet.
                if row.direction == "inbound" and row.status != "receiving"
            ]
        except Exception as error:
            # As above.
            raise OSError("the provider could not list its texts") from error
        recent = (text for text in found if text.created_at >= since)
        return sorted(recent, key=lambda text: (text.created_at, text.provider_sid))

    async def close(self) -> None:
        await self.wire.close()


def classify(status: int, code: str) -> Answer:
    """What an HTTP answer other than success says. What a code means is not decided here.

    A refusal is only one if it says why, or turns the account away at the door. Everything
    else may come from anywhere between us and the provider, and the text may have left.
    """
    if 400 <= status < 500 and (code or status in (401, 403)):
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
            created_at=_instant(parameters.get(LISTED_AT, "")),
        )

    def read_receipt(self, parameters: Mapping[str, str]) -> ReceiptRead:
        return ReceiptRead(
            provider_sid=parameters["MessageSid"],
            status=parameters["MessageStatus"],
            error_code=parameters.get("ErrorCode", ""),
        )


TWILIO = Twilio()


def _form(data: dict[str, Any] | None) -> bytes | None:
    """The body of a POST, written by compiled code: one's own takes a tenth of a text's cost."""
    return URL.build(query=data).raw_query_string.encode() if data is not None else None


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


def _received(row: Any) -> Received:
    """Raises TypeError for a row without its instant."""
    told = {
        "MessageSid": row.sid,
        "AccountSid": row.account_sid,
        "From": row.from_,
        "To": row.to,
        "Body": row.body,
        "NumMedia": row.num_media,
        "NumSegments": row.num_segments,
        "SmsStatus": row.status,
        LISTED_AT: row.date_created.astimezone(UTC).isoformat(),
    }
    parameters = {name: _storable(str(value or "")) for name, value in told.items()}
    return Received(row.sid, row.date_created, parameters)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _storable(text: str) -> str:
    """What a database can hold: neither NUL nor bytes that were no UTF-8."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
