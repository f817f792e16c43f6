"""Nobody takes callbacks while candidates write; then everything appears, once."""

import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from tests.journeys.product import DANA_NUMBER, RITA_NUMBER, Product, until
from tests.journeys.test_broker import thread_with_dana

STRANGER = "+15105550177"
BODIES = "SELECT body, recovered_at IS NOT NULL FROM messaging_message WHERE direction = 'in'"
STORED = "SELECT event_key FROM messaging_inboundevent"
STOPPED = """
SELECT count(*) FROM messaging_optout o JOIN messaging_message m ON m.id = o.message_id
WHERE o.revoked_at IS NULL AND m.recovered_at IS NOT NULL
"""


@pytest.fixture
def alone() -> Iterator[Product]:
    """A product of its own: this journey stops the web process."""
    with tempfile.TemporaryDirectory() as var, Product(Path(var)) as running:
        yield running


def write(product: Product, number: str, body: str, ago: float = 0) -> None:
    given = {"to": RITA_NUMBER, "body": body, "ago": ago}
    product.play(f"/carrier/phones/{number}/send", given)


def web_again(product: Product) -> None:
    product.start_web()
    until(lambda: product._answers(product.base + "/healthz"), seconds=30)


def test_what_nobody_took_appears_once_and_a_stop_in_it_acts(alone: Product) -> None:
    until(lambda: alone.value("SELECT count(*) FROM messaging_listing"), seconds=30)
    alone.text_from(DANA_NUMBER, "Before")
    until(lambda: alone.rows(BODIES) == [("Before", False)])
    alone.stop("web", signal.SIGKILL)
    time.sleep(7)  # longer than the sign of life may be old
    for number in range(3):
        write(alone, DANA_NUMBER, f"Into the void {number}", ago=30 - number)
    write(alone, STRANGER, "STOP", ago=20)
    web_again(alone)
    until(lambda: len(alone.rows(BODIES)) == 5, seconds=40)
    assert Counter(alone.rows(BODIES)) == Counter(
        [("Before", False), ("STOP", True), *((f"Into the void {n}", True) for n in range(3))]
    )
    assert alone.value(STOPPED) == 1
    rita = alone.sign_in("rita@acme.example")
    page = rita.get(thread_with_dana(alone, rita)).text
    places = [page.index(f"<span data-body>Into the void {n}</span>") for n in range(3)]
    assert (places, page.count(">recovered</span>")) == (sorted(places), 3)
    alone.text_from(DANA_NUMBER, "After")
    until(lambda: ("After", False) in alone.rows(BODIES))
    assert len(alone.rows(BODIES)) == 6


def test_ending_web_process_loses_nothing_it_answered(alone: Product) -> None:
    until(lambda: alone.value("SELECT count(*) FROM messaging_listing"), seconds=30)
    for number in range(40):
        write(alone, f"+1510555{1000 + number}", f"text {uuid4()}")
    alone.stop("web")
    for number in range(40, 50):
        write(alone, f"+1510555{1000 + number}", f"text {uuid4()}")
    until(lambda: not [text for text in inbound(alone) if text["answer"] == ""], seconds=20)
    answered = {text["sid"] for text in inbound(alone) if text["answer"] == "204"}
    stored = {key for (key,) in alone.rows(STORED)}
    assert answered <= stored
    time.sleep(7)
    web_again(alone)
    everything = {text["sid"] for text in inbound(alone)}
    until(lambda: {key for (key,) in alone.rows(STORED)} == everything, seconds=60)
    until(lambda: len(alone.rows(BODIES)) == 50)


def inbound(product: Product) -> list[dict[str, str]]:
    address = f"{product.carrier}/carrier/truth?direction=inbound&limit=1000"
    texts: list[dict[str, str]] = requests.get(address, timeout=10).json()["messages"]
    return texts
