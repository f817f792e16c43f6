"""Everything the carrier knows, in memory: accounts, numbers, phones, messages."""

import hashlib
import time
from base64 import b64encode
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from secrets import token_hex

from messaging.simulator.options import Options

STOP_WORDS = frozenset(
    ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT")
)
START_WORDS = frozenset(("START", "YES", "UNSTOP"))


@dataclass(slots=True)
class Number:
    """A number that an account rents; texts to it are posted to `sms_url`."""

    sid: str
    account: str
    number: str
    created_at: float
    updated_at: float
    settings: dict[str, str]

    @property
    def service(self) -> str:
        return self.settings.get("service", "")


@dataclass(slots=True)
class Message:
    """One text; times are seconds since the epoch, UTC."""

    sid: str
    seq: int
    account: str
    direction: str
    sender: str
    to: str
    body: str
    status: str
    created_at: float
    segments: int = 1
    media: int = 0
    service: str = ""
    callback: str = ""
    sent_at: float | None = None
    updated_at: float = 0.0
    error_code: int | None = None
    answer: str = ""
    deleted_at: float | None = None
    history: list[tuple[str, float]] = field(default_factory=list)

    @property
    def person(self) -> str:
        return self.sender if self.direction == "inbound" else self.to


@dataclass(slots=True)
class Phone:
    """A handset; `id` stands for the number in addresses."""

    number: str
    id: str
    name: str
    mood: str
    unread: int = 0
    last_seq: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    messages: list[Message] = field(default_factory=list)


def phone_id(number: str) -> str:
    """The same after a restart, so that an open page stays valid."""
    return hashlib.blake2s(number.encode(), digest_size=6, key=b"handset").hexdigest()


def basic_header(account: str, token: str) -> str:
    return "Basic " + b64encode(f"{account}:{token}".encode()).decode()


class State:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.mood = options.mood
        self.timing = options.timing
        self.callbacks = options.callbacks
        self.block_list = options.block_list
        self.regions: tuple[str, ...] = ()
        self.tokens: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.numbers: dict[str, Number] = {}
        for account, token in options.accounts.items():
            self.add_account(account, token)
        for seed in options.numbers:
            self.add_number(seed.account, seed.number, {"sms_url": seed.sms_url})
        self.forget_traffic()

    def forget_traffic(self) -> None:
        """Accounts, numbers and settings stay; texts, phones and blocks go."""
        self.seq = 0
        self.messages: list[Message] = []
        self.by_sid: dict[str, Message] = {}
        self.by_to: defaultdict[str, list[Message]] = defaultdict(list)
        self.blocked: set[tuple[str, str]] = set()
        self.counts: Counter[str] = Counter()
        self.phones: dict[str, Phone] = {}
        self.phone_numbers: dict[str, str] = {}
        for seed in self.options.phones:
            self.phone(seed.number, name=seed.name, mood=seed.mood)

    def add_account(self, account: str, token: str) -> None:
        self.headers = {h: a for h, a in self.headers.items() if a != account}
        self.tokens[account] = token
        self.headers[basic_header(account, token)] = account

    def add_number(self, account: str, number: str, settings: dict[str, str]) -> Number:
        now = time.time()
        added = Number("PN" + token_hex(16), account, number, now, now, settings)
        self.numbers[number] = added
        return added

    def numbers_of(self, account: str) -> list[Number]:
        return [number for number in self.numbers.values() if number.account == account]

    def phone(self, number: str, *, name: str = "", mood: str = "") -> Phone:
        """The phone with this number, made on first contact."""
        phone = self.phones.get(number)
        if phone is None:
            phone = Phone(number, phone_id(number), name, mood or self.mood)
            self.phones[number] = phone
            self.phone_numbers[phone.id] = number
        return phone

    def mood_of(self, number: str) -> str:
        phone = self.phones.get(number)
        return phone.mood if phone else self.mood

    def add(self, message: Message) -> Message:
        """Accept a text: from here on it is part of the truth."""
        self.seq += 1
        message.seq = self.seq
        self.messages.append(message)
        self.by_sid[message.sid] = message
        phone = self.phone(message.person)
        phone.messages.append(message)
        phone.last_seq = message.seq
        self.by_to[message.to].append(message)
        self.counts["inbound" if message.direction == "inbound" else "accepted"] += 1
        self.set_status(message, message.status)
        limit = self.options.forget
        if limit and len(self.messages) > 2 * limit:
            self._drop_oldest(len(self.messages) - limit)
        return message

    def set_status(self, message: Message, status: str) -> None:
        now = time.time()
        message.status = status
        message.updated_at = now
        message.history.append((status, now))
        self.counts["status_" + status] += 1

    def since(self, seq: int) -> list[Message]:
        return self.messages[bisect_right(self.messages, seq, key=lambda m: m.seq) :]

    def newest_first(
        self, *, to: str | None, sender: str | None, before: int | None
    ) -> Iterator[Message]:
        """Texts that may match, from the shortest list that holds them all."""
        if to is not None:
            found = self.by_to.get(to, [])
        elif sender in self.phones:
            found = self.phones[sender].messages
        else:
            found = self.messages
        end = len(found)
        if before is not None:
            end = bisect_right(found, before - 1, key=lambda m: m.seq)
        for position in range(end - 1, -1, -1):
            message = found[position]
            if (to is None or message.to == to) and (sender is None or message.sender == sender):
                yield message

    def _drop_oldest(self, count: int) -> None:
        dropped, self.messages = self.messages[:count], self.messages[count:]
        oldest_kept = self.messages[0].seq
        for message in dropped:
            self.by_sid.pop(message.sid, None)
        for person in {message.person for message in dropped}:
            phone = self.phones[person]
            phone.messages = [m for m in phone.messages if m.seq >= oldest_kept]
        for to in {message.to for message in dropped}:
            self.by_to[to] = [m for m in self.by_to[to] if m.seq >= oldest_kept]
