"""A web process without the web: draws pages of the inbox and says what they cost.

`main` reads ``place times seconds`` per line, the place of a page among SHOWN, and prints how
many times it drew it within that time, and the CPU seconds that took here and in PostgreSQL.
"""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from accounts.models import User
from accounts.viewer import Viewer
from accounts.web import paging
from benchmarks.growth.constants import SHOWN, Shown
from messaging.conversations import inbox
from textengage.lib.scoping import across_customers, within

PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@dataclass(frozen=True, slots=True)
class Visit:
    """Someone signed in, before a page."""

    client: Client
    address: str

    def draw(self) -> None:
        answer = self.client.get(self.address, headers={"host": "localhost"})
        if answer.status_code != 200 or b"Kim " not in answer.content:
            raise RuntimeError(f"{self.address} answered {answer.status_code}")


def main(words: list[str]) -> None:
    del words
    with override_settings(STORAGES=settings.STORAGES | PLAIN):
        visits = [visit(shown) for shown in SHOWN]
        for line in iter(sys.stdin.readline, ""):
            place, times, seconds = line.split()
            drawn, cpu = draw(visits[int(place)], int(times), float(seconds))
            print(drawn, cpu, flush=True)


def visit(shown: Shown) -> Visit:
    """Signed in, and on the way to the page, whose rows begin where those before it ended."""
    client = Client()
    with across_customers():  # whoever signs in has no customer in scope yet
        user = User.objects.select_related("customer").get(email=shown.email)
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    address = reverse("inbox", args=[shown.folder])
    if shown.number > 1:
        before = (shown.number - 1) * inbox.ROWS
        with within(user.customer):
            viewer = Viewer(user, user.customer)
            found = inbox.page(viewer, inbox.FOLDERS[shown.folder], limit=before)
        address += f"?after={paging.write(found.next_cursor)}"
    return Visit(client, address)


def draw(visit: Visit, times: int, seconds: float) -> tuple[int, float]:
    began, cpu, drawn = time.monotonic(), cpu_seconds(), 0
    while drawn < times and (not drawn or time.monotonic() - began < seconds):
        visit.draw()
        drawn += 1
    return drawn, cpu_seconds() - cpu


def cpu_seconds() -> float:
    """Of this process and of its connection's own process in PostgreSQL.

    A page takes few of the ticks that are counted elsewhere; these are nanoseconds.
    """
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    used = Path(f"/proc/{backend}/schedstat").read_text(encoding="ascii").split()[0]
    return time.process_time() + int(used) / 1e9
