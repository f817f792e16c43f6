"""Lines stay open while their credentials stay the same."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from messaging.dispatch import lines
from messaging.dispatch.lines import Lines, read_credentials
from messaging.providers import Line
from messaging.providers.twilio import TwilioLine
from messaging.senders.models import ProviderAccount
from tests.conftest import TOKEN
from textengage.cast import ACME_SID, Company


def test_credentials_are_read_unsealed(acme: Company) -> None:
    ((provider, credentials),) = read_credentials({acme.account.id, uuid4()}).values()
    assert (provider, credentials.account_sid, credentials.tokens) == ("twilio", ACME_SID, (TOKEN,))


def test_account_with_an_unreadable_token_is_left_out(
    acme: Company, globex: Company, caplog: pytest.LogCaptureFixture
) -> None:
    ProviderAccount.objects.filter(id=acme.account.id).update(sealed_token="broken")
    known = read_credentials({acme.account.id, globex.account.id})
    assert (set(known), len(caplog.records)) == ({globex.account.id}, 1)


class Reads:
    """Reads credentials as the pump's database thread does, and counts."""

    def __init__(self) -> None:
        self.asked: list[set[UUID]] = []
        self.known: lines.Known = {}

    async def __call__(self, work: Callable[..., Any], ids: set[UUID]) -> Any:
        self.asked.append(ids)
        return {id: found for id, found in self.known.items() if id in ids}


def test_line_is_kept_until_its_credentials_change(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, reads = acme.account.id, Reads()
    reads.known = read_credentials({id})

    async def run() -> list[Line]:
        kept, used = Lines(), []
        for changed in (False, False, True):
            if changed:
                acme.account.set_token("a new one")
                provider, old = reads.known[id]
                reads.known[id] = (provider, type(old)(old.account_sid, ("a new one",), 7))
            await kept.know({id}, reads)
            used.append(kept.of(id))
        assert kept.room(id).size == 7
        await kept.close()
        return used

    monkeypatch.setattr(lines, "FRESH", 0.0)
    first, second, third = asyncio.run(run())
    assert (first is second, second is third, len(reads.asked)) == (True, False, 3)


def test_fresh_credentials_are_not_read_again(acme: Company) -> None:
    reads = Reads()
    reads.known = read_credentials({acme.account.id})

    async def run() -> None:
        kept = Lines()
        for _ in range(5):
            await kept.know({acme.account.id}, reads)
        await kept.close()

    asyncio.run(run())
    assert reads.asked == [{acme.account.id}]


def test_account_without_credentials_sends_nothing() -> None:
    assert Lines().room(uuid4()).size == 0


def test_retired_line_may_still_be_answered(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "FRESH", 0.0)
    id, reads = acme.account.id, Reads()
    reads.known = read_credentials({id})

    async def run() -> list[bool]:
        kept = Lines()
        await kept.know({id}, reads)
        old = kept.of(id)
        provider, known = reads.known[id]
        reads.known[id] = (provider, type(known)(known.account_sid, ("a new one",), 7))
        await kept.know({id}, reads)
        assert isinstance(old, TwilioLine)
        seen = [old is kept.of(id), old.wire.session.closed]
        await kept.close()
        return [*seen, old.wire.session.closed]

    assert asyncio.run(run()) == [False, False, True]
