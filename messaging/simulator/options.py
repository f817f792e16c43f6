"""What the command line and SIMULATOR_ACCOUNTS say."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from messaging.simulator.moods import MOODS


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: created to sent, sent to final, arrival to the answer of a scripted phone."""

    sent_after: float = 0.3
    final_after: float = 0.7
    answer_after: float = 1.5


@dataclass(frozen=True, slots=True)
class SeedNumber:
    account: str
    number: str
    sms_url: str = ""


@dataclass(frozen=True, slots=True)
class SeedPhone:
    number: str
    name: str = ""
    mood: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    host: str = "127.0.0.1"
    port: int = 8100
    accounts: dict[str, str] = field(default_factory=dict)
    numbers: tuple[SeedNumber, ...] = ()
    phones: tuple[SeedPhone, ...] = ()
    mood: str = "silent"
    timing: Timing = Timing()
    callbacks: bool = True
    block_list: bool = True
    forget: int = 0

    def with_accounts(self, accounts: dict[str, str]) -> "Options":
        return replace(self, accounts={**self.accounts, **accounts})


def parse(arguments: Sequence[str] | None = None) -> Options:
    given = _parser().parse_args(arguments)
    accounts = _accounts(os.environ.get("SIMULATOR_ACCOUNTS", "").split(","))
    if given.accounts:
        accounts |= _accounts(Path(given.accounts).read_text().splitlines())
    return Options(
        host=given.host,
        port=given.port,
        accounts=accounts | _accounts(given.account),
        numbers=tuple(_number(text) for text in given.number),
        phones=tuple(_phone(text) for text in given.phone),
        mood=given.mood,
        timing=Timing(given.sent_after, given.final_after, given.answer_after),
        callbacks=not given.no_callbacks,
        block_list=not given.no_block_list,
        forget=given.forget,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m messaging.simulator",
        description="A simulated carrier with Twilio's REST API. Nothing reaches a real phone.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--no-block-list", action="store_true", help="leave STOP to the customer's software")
    add("--port", type=int, default=8100, help="0 takes a free port and prints it")
    add("--account", action="append", default=[], metavar="SID:TOKEN")
    add("--accounts", metavar="FILE", help="lines of SID:TOKEN")
    add("--number", action="append", default=[], metavar="SID:NUMBER[=SMS_URL]")
    add("--phone", action="append", default=[], metavar="NUMBER[=NAME[:MOOD]]")
    add("--mood", default="silent", choices=MOODS, help="of every other phone")
    add("--sent-after", type=float, default=0.3, metavar="SECONDS")
    add("--final-after", type=float, default=0.7, metavar="SECONDS")
    add("--answer-after", type=float, default=1.5, metavar="SECONDS")
    add("--no-callbacks", action="store_true", help="post no receipts")
    add("--forget", type=int, default=0, metavar="N", help="keep only the last N texts")
    return parser


def _accounts(lines: Sequence[str]) -> dict[str, str]:
    pairs = (line.strip().partition(":") for line in lines)
    return {sid: token for sid, _, token in pairs if sid and token}


def _number(text: str) -> SeedNumber:
    account, _, rest = text.partition(":")
    number, _, sms_url = rest.partition("=")
    return SeedNumber(account, number, sms_url)


def _phone(text: str) -> SeedPhone:
    number, _, rest = text.partition("=")
    name, _, mood = rest.partition(":")
    return SeedPhone(number, name, mood)
