"""The stream of what changed, over a real server and two real connections."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from messaging.web.live import is_welcome
from textengage.cast import Company
from textengage.lib import live

ROOT = Path(__file__).resolve().parents[3]
SignedIn = Callable[[User], Client]


def session_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_signed_out_people_get_no_stream(db: None) -> None:
    assert Client().get("/live/")["Location"] == "/sign-in/?next=/live/"


def test_the_stream_is_never_stored_nor_buffered(rita: User, signed_in: SignedIn) -> None:
    answer = signed_in(rita).get("/live/")
    assert answer["Content-Type"] == "text/event-stream"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Accel-Buffering"] == "no"


@pytest.mark.django_db(transaction=True)
def test_a_stream_is_welcome_until_the_session_or_the_person_ends(
    acme: Company, rita: User, signed_in: SignedIn
) -> None:
    client = signed_in(rita)
    key = session_of(client)
    assert is_welcome(key, acme.customer.id)
    assert not is_welcome(key, uuid4())
    assert not is_welcome("nonsense", acme.customer.id)
    User.objects.filter(id=rita.id).update(is_active=False)
    assert not is_welcome(key, acme.customer.id)
    User.objects.filter(id=rita.id).update(is_active=True)
    client.post("/sign-out/")
    assert not is_welcome(key, acme.customer.id)


class Server:
    """The product's web process on the test database."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        url = urlsplit(os.environ["DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        environment = os.environ | {
            "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}")),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            # A pool of two: open streams must leave both to the pages.
            "DATABASE_POOL": "2",
        }
        command = [sys.executable, "-m", "uvicorn", "textengage.asgi:application"]
        options = ["--port", str(self.port), "--log-level", "warning"]
        self.process = subprocess.Popen([*command, *options], cwd=ROOT, env=environment)
        self._open: list[HTTPConnection | HTTPResponse] = []

    def ask(self, path: str, session: str, timeout: float = 20) -> HTTPResponse:
        deadline = time.monotonic() + 30
        while True:
            client = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            try:
                client.request(
                    "GET", path, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
                )
                self._open += [client, answer := client.getresponse()]
                return answer
            except ConnectionRefusedError:
                client.close()
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def stop(self) -> float:
        """Ask it to stop; returns how many seconds it took."""
        asked_at = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        return time.monotonic() - asked_at

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for each in self._open:
            each.close()


class Reader:
    """Reads the lines of one stream in the background."""

    def __init__(self, response: HTTPResponse) -> None:
        self.lines: list[str] = []
        self._response = response
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self._response:
            self.lines.append(line.decode().strip())

    def events(self) -> list[str]:
        found = (re.fullmatch(r"data: (.*)", line) for line in self.lines)
        return [match.group(1) for match in found if match and "catch-up" not in match.group(1)]

    def wait_for(self, said: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not said():
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.02)

    def wait_for_listening(self) -> None:
        """A fresh listener tells everybody to catch up."""
        self.wait_for(lambda: any("catch-up" in line for line in self.lines))

    def ended(self) -> bool:
        self._thread.join(10)
        return not self._thread.is_alive()


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def test_an_event_reaches_the_own_customers_streams_and_no_other(
    server: Server, acme: Company, globex: Company, signed_in: SignedIn
) -> None:
    ours_key = session_of(signed_in(acme.people["Rita"]))
    theirs_key = session_of(signed_in(globex.people["Gus"]))
    ours = Reader(server.ask("/live/", ours_key))
    ours.wait_for_listening()
    # More streams than the pool has connections.
    more = [Reader(server.ask("/live/", ours_key)) for _ in range(3)]
    theirs = Reader(server.ask("/live/", theirs_key))
    thread = uuid4()
    live.changed(acme.customer.id, "thread", thread)
    live.changed(acme.customer.id, "thread", thread)
    live.changed(globex.customer.id, "inbox", globex.customer.id, 3)
    told = f'{{"topic":"thread","id":"{thread}"}}'
    for reader in (ours, *more):
        reader.wait_for(lambda reader=reader: len(reader.events()) == 2)  # type: ignore[misc]
        assert reader.events() == [told, told]
    theirs.wait_for(lambda: bool(theirs.events()))
    assert theirs.events() == [f'{{"topic":"inbox","id":"{globex.customer.id}","version":3}}']
    # While five streams are open, a page still gets a connection of the pool of two.
    assert server.ask("/", ours_key).status == 200
    assert server.stop() < 8
    assert ours.ended()
