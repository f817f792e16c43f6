"""Callbacks in a crowd, with a database that hangs, and while the process ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import requests
from django.db import connection
from psycopg_pool import AsyncConnectionPool

from messaging.candidates.models import OptOut
from messaging.conversations.models import Conversation, Message
from messaging.hooks import Hooks, beating, receiving, storing
from messaging.hooks.beating import Beat
from messaging.hooks.storing import Store
from messaging.inbound import intake, recovery
from messaging.inbound.models import HooksBeat, InboundEvent, Listing
from tests.messaging.dispatch.web import hooks_server
from tests.messaging.posting import call, one, signed
from tests.racing import race
from textengage.cast import Company
from textengage.lib import clock, sql

pytestmark = pytest.mark.usefixtures("everyone")

STRANGER = "+15105550177"
HELLO = {"MessageSid": "SM1", "From": STRANGER, "To": "+15105550101", "Body": "Hello"}
LOST = 1.0
"""Seconds after which the tests give a database up."""


@pytest.fixture
def inbound(open_acme: Company) -> str:
    return f"/hooks/twilio/{open_acme.account.id}/inbound/"


@pytest.fixture
def server(open_acme: Company) -> Iterator[str]:
    with hooks_server() as address:
        yield address


def post(url: str, request: dict[str, Any]) -> int:
    """Over a connection of its own, as the provider does."""
    headers = {
        "Content-Type": request["content_type"],
        "X-Twilio-Signature": request["x_twilio_signature"],
    }
    return requests.post(url, data=request["body"], headers=headers, timeout=15).status_code


def test_fifty_deliveries_at_once_are_one_text(server: str, inbound: str) -> None:
    request = signed(inbound, **HELLO)
    assert race(50, lambda _: post(server + inbound, request)) == [204] * 50
    race(5, lambda _: intake.take_in())
    assert (InboundEvent.objects.count(), Message.objects.count()) == (1, 1)


def test_twenty_first_texts_at_once_are_one_conversation(server: str, inbound: str) -> None:
    def deliver(number: int) -> int:
        form = HELLO | {"MessageSid": f"SM{number}", "Body": f"text {number}"}
        status = post(server + inbound, signed(inbound, **form))
        intake.take_in()
        return status

    assert race(20, deliver) == [204] * 20
    intake.take_in()
    assert (Conversation.objects.count(), Message.objects.count()) == (1, 20)


def test_hundred_stops_of_one_person_are_one_opt_out(server: str, inbound: str) -> None:
    """One kept in the provider's queue and posted again is the same one."""
    forms = [HELLO | {"Body": "STOP", "MessageSid": f"SM{number % 5}"} for number in range(100)]
    assert race(20, lambda number: [
        post(server + inbound, signed(inbound, **form)) for form in forms[number::20]
    ]) == [[204] * 5] * 20  # fmt: skip
    intake.take_in()
    assert (OptOut.objects.count(), Message.objects.filter(direction="in").count()) == (1, 5)


@asynccontextmanager
async def hung_database(host: str, port: int, *, after: int) -> AsyncIterator[None]:
    """A database behind a line that goes dead after so many bytes of ours."""
    parameters = connection.settings_dict
    writers: list[asyncio.StreamWriter] = []

    async def forward(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int
    ) -> None:
        passed = 0
        while data := await reader.read(65_536):
            passed += len(data)
            if passed > most:
                await asyncio.sleep(3600)
            writer.write(data)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if host.startswith("/"):
            theirs = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            theirs = await asyncio.open_connection(host, port)
        writers.extend((writer, theirs[1]))
        await asyncio.gather(forward(reader, theirs[1], after), forward(theirs[0], writer, 10**9))

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    changed = {"HOST": "127.0.0.1", "PORT": str(proxy.sockets[0].getsockname()[1])}
    kept = {name: parameters[name] for name in changed}
    parameters.update(changed)
    try:
        yield
    finally:
        parameters.update(kept)
        for writer in writers:
            writer.close()
        proxy.close()


_open = AsyncConnectionPool.__init__


def _impatient(pool: AsyncConnectionPool, **given: Any) -> None:
    _open(pool, **given | {"timeout": LOST})


@pytest.mark.parametrize("after", [0, 600])
def test_hung_database_is_a_503_in_time_and_the_list_is_asked(
    inbound: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, after: int
) -> None:
    monkeypatch.setattr(storing, "LONGEST", LOST)
    monkeypatch.setattr(AsyncConnectionPool, "__init__", _impatient)
    request = signed(inbound, **HELLO)
    connection.ensure_connection()
    there = connection.connection.info

    async def run() -> tuple[int, bool]:
        hooks = Hooks()
        async with hung_database(there.host, there.port, after=after):
            began = time.monotonic()
            status = await call(hooks, inbound, **request)
            assert time.monotonic() - began < 3 * LOST
        await hooks.close()
        return status, hooks._beat.missed

    assert asyncio.run(run()) == (503, True)
    monkeypatch.undo()
    assert (one(inbound, request), InboundEvent.objects.count()) == (204, 1)


def test_patience_fits_into_the_providers() -> None:
    assert storing.PATIENCE < storing.LONGEST < receiving.ANSWERED_WITHIN < 15


def test_caller_that_dawdles_is_sent_away(inbound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "READ_WITHIN", 0.05)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> bool:
        hooks = Hooks()
        scope = {"type": "http", "method": "POST", "path": inbound, "headers": []}
        await hooks(scope, receive, send)
        return hooks._beat.missed

    assert (asyncio.run(run()), sent[0]["status"]) == (False, 408)


def test_ending_process_stores_what_it_answers(inbound: str) -> None:
    requests = [signed(inbound, **HELLO | {"MessageSid": f"SM{number}"}) for number in range(200)]

    async def run() -> list[int]:
        hooks = Hooks()
        assert await call(hooks, inbound, **requests[0]) == 204
        under_way = [asyncio.create_task(call(hooks, inbound, **each)) for each in requests]
        await asyncio.sleep(0.01)
        await hooks.close()
        return list(await asyncio.gather(*under_way))

    statuses = asyncio.run(run())
    answered = {f"SM{number}" for number, status in enumerate(statuses) if status == 204}
    assert set(statuses) <= {204, 503}
    assert answered <= set(InboundEvent.objects.values_list("event_key", flat=True))


def beats(*missed: bool) -> list[bool]:
    """Beats one after the other; whether each asked for a look."""

    async def run() -> list[bool]:
        store = Store()
        beat = Beat(store)
        looked = []
        for each in missed:
            beat.missed = each
            looked.append(await beat.once())
        await store.close()
        return looked

    return asyncio.run(run())


def test_time_without_callbacks_asks_for_a_look(open_acme: Company) -> None:
    assert beats(False, False) == [True, False]
    sql.run(recovery.KNOW, recovery.BACK, recovery.EVERY)
    Listing.objects.update(next_at=clock.now() + recovery.EVERY)
    assert beats(False) == [False]
    assert Listing.objects.get().next_at > clock.now()
    sql.run("UPDATE messaging_hooksbeat SET at = app_now() - interval '7 seconds'")
    assert beats(False, False) == [True, False]
    assert Listing.objects.get().next_at <= clock.now()


def test_callback_that_was_not_stored_asks_for_a_look(open_acme: Company) -> None:
    assert beats(False, True, False) == [True, True, False]


def test_gap_is_found_by_one_of_many_processes(open_acme: Company) -> None:
    HooksBeat.objects.create(id=1, at=clock.now() - recovery.EVERY)
    looked = race(5, lambda _: beats(False))
    assert sorted(map(str, looked)) == ["[False]"] * 4 + ["[True]"]


def test_sign_of_life_is_given_from_start_to_end(
    open_acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beating, "EVERY", 0.01)

    async def run() -> None:
        hooks = Hooks()
        hooks.start()
        await asyncio.sleep(0.3)
        await hooks.close()

    began = clock.now()
    asyncio.run(run())
    assert HooksBeat.objects.get().at > began
