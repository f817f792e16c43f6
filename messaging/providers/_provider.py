"""What every provider can do, and how it answers. Pure wire code: no rows, no money."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID


class Outcome(Enum):
    """What one handing over came to. Only ACCEPTED and FAILED are certain and final."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    """Refused at create: it will never go as it is."""
    NOT_SENT = "not_sent"
    """Surely not processed: may go later as it is."""
    UNCERTAIN = "uncertain"
    """Bytes may have left and no answer can be trusted."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One text, ready for the wire. ``callback`` carries the attempt's id."""

    message_id: UUID
    attempt_id: UUID
    sender: str
    recipient: str
    body: str
    callback: str
    validity_seconds: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said about one parcel; ``retry_after`` in seconds if it asked."""

    outcome: Outcome
    provider_sid: str = ""
    http_status: int | None = None
    error_code: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to speak for one provider account; ``concurrency`` is requests in flight."""

    account_sid: str
    tokens: tuple[str, ...]
    concurrency: int


@dataclass(frozen=True, slots=True)
class InboundText:
    """A text somebody sent us. ``optout_type``: the provider already answered it.

    ``created_at`` is the provider's own instant where it tells one.
    """

    provider_sid: str
    sender: str
    recipient: str
    body: str
    optout_type: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReceiptRead:
    """One status callback, in the provider's words."""

    provider_sid: str
    status: str
    error_code: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One text that the provider's own list shows as accepted."""

    provider_sid: str
    sender: str
    body: str
    status: str
    error_code: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """One text to us in the provider's own list, with what its callback would have said."""

    provider_sid: str
    created_at: datetime
    parameters: dict[str, str]


class Line(ABC):
    """An open connection for one account, used from one event loop that always runs."""

    @abstractmethod
    async def send(self, parcel: Parcel) -> Answer:
        """Hand one parcel over. Never raises: what is not known is UNCERTAIN."""

    @abstractmethod
    async def find_sent(self, recipient: str, since: datetime) -> list[Sent]:
        """Texts the provider accepted for a recipient. Raises OSError when it cannot say."""

    @abstractmethod
    async def find_received(self, recipient: str, since: datetime) -> list[Received]:
        """Every text to one of our addresses since an instant, oldest first.

        Raises OSError when the provider cannot say, also when it cannot say all of it.
        """

    @abstractmethod
    async def close(self) -> None: ...


class Provider(ABC):
    """A new provider is one new file in this folder with one instance of this."""

    code: str

    @abstractmethod
    def connect(self, credentials: Credentials) -> Line:
        """Open a line. Call it on the loop that will use it."""

    @abstractmethod
    def verify(
        self, url: str, body: bytes, headers: Mapping[str, str], credentials: Credentials
    ) -> dict[str, str] | None:
        """The request's parameters if this account's provider signed it, otherwise None."""

    @abstractmethod
    def read_inbound(self, parameters: Mapping[str, str]) -> InboundText:
        """Raises KeyError for parameters that are no inbound text."""

    @abstractmethod
    def read_receipt(self, parameters: Mapping[str, str]) -> ReceiptRead:
        """Raises KeyError for parameters that are no receipt."""
