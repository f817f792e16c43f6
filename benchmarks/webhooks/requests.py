"""The callbacks of a round: signed as the carrier signs, each distinct, made before the clock.

Even ones are texts that people wrote, odd ones are receipts for texts they were sent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from benchmarks import _numbers
from benchmarks._carrier import TOKEN
from messaging.simulator.signing import signature
from textengage.cast import ACME_SID

PEOPLE: Final = 10_000
STATUSES: Final = ("sent", "delivered")
MOST: Final = 2 * len(STATUSES) * PEOPLE
"""Distinct callbacks of one label."""
OURS: Final = "+15105550101"


def sent_sid(n: int) -> str:
    """The carrier's id of the text that person ``n`` was sent."""
    return f"SM{n:032x}"


def attempt_id(n: int) -> UUID:
    return UUID(int=n)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Those of one label to one address; ``label`` is at most 20 hexadecimal digits."""

    public_url: str
    account_id: str
    label: str

    def key(self, i: int) -> tuple[str, ...]:
        """What the database must hold once callback ``i`` was answered with success."""
        pair, n = i // 2, 1 + i // 2 % PEOPLE
        if i % 2:
            return sent_sid(n), STATUSES[pair // PEOPLE]
        return (f"SM{self.label:f>20}{i:012x}",)

    def bytes_of(self, count: int) -> Iterator[bytes]:
        """The requests as they go over the wire."""
        if count > MOST:
            raise ValueError(f"there are only {MOST} distinct callbacks")
        for i in range(count):
            yield self._receipt(i) if i % 2 else self._inbound(i)

    def _inbound(self, i: int) -> bytes:
        (sid,) = self.key(i)
        form = {
            "ToCountry": "US", "ToState": "CA", "SmsMessageSid": sid, "NumMedia": "0",
            "ToCity": "OAKLAND", "FromZip": "94612", "SmsSid": sid, "FromState": "CA",
            "SmsStatus": "received", "FromCity": "OAKLAND", "FromCountry": "US",
            "Body": f"Yes, Monday at {i % 12 + 1} is fine. See you there!", "To": OURS,
            "ToZip": "94612", "NumSegments": "1", "MessageSid": sid, "AccountSid": ACME_SID,
            "From": _numbers.person(1 + i // 2 % PEOPLE), "ApiVersion": "2010-04-01",
        }  # fmt: skip
        return self._request("inbound/", form)

    def _receipt(self, i: int) -> bytes:
        sid, status = self.key(i)
        n = 1 + i // 2 % PEOPLE
        form = {
            "SmsSid": sid, "SmsStatus": status, "MessageStatus": status, "To": _numbers.person(n),
            "MessageSid": sid, "AccountSid": ACME_SID, "From": OURS, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        return self._request(f"receipts/{attempt_id(n)}/", form)

    def _request(self, rest: str, form: dict[str, str]) -> bytes:
        path = f"/hooks/twilio/{self.account_id}/{rest}"
        body = urlencode(form).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.public_url.partition('//')[2]}\r\n"
            "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
            f"X-Twilio-Signature: {signature(self.public_url + path, form, TOKEN)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body
