"""With the broker dead or hung, texts go out, answers come in, and pages stay quick."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.product import DANA_NUMBER, Product, Visitor, free_port, until
from tests.journeys.test_main import send, send_now

SLOWEST_PAGE = 2.0
DANA = "SELECT '/candidates/' || id || '/' FROM messaging_candidate WHERE first_name = 'Dana'"


@pytest.fixture
def redis() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    program = shutil.which("redis-server")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("CI must prove this with a real Redis: install redis-server.")
    if program is None:
        pytest.skip("NOT PROVEN: no redis-server here, so no broker was killed.")
    port = str(free_port())
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [program, "--port", port, "--save", "", "--dir", folder], stdout=subprocess.DEVNULL
        )
        yield f"redis://127.0.0.1:{port}/0", process
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


@pytest.fixture
def on_redis(redis: tuple[str, "subprocess.Popen[bytes]"]) -> Iterator[Product]:
    with tempfile.TemporaryDirectory() as var, Product(Path(var), REDIS_URL=redis[0]) as running:
        until(lambda: "ready." in running.log("worker"), seconds=30)
        yield running


def thread_with_dana(product: Product, rita: Visitor) -> str:
    candidate = product.value(DANA)
    return rita.post(f"{candidate}text/", {}, at=candidate).url.removeprefix(rita.base)


def exchange(product: Product, rita: Visitor, thread: str, body: str) -> None:
    """A text out and an answer in; no page may take longer than a person's patience."""
    began = time.monotonic()
    send(rita, thread, body)
    assert time.monotonic() - began < 2 * SLOWEST_PAGE, "two pages took too long"
    until(lambda: body in [text["body"] for text in product.truth()])
    product.text_from(DANA_NUMBER, f"Answer to {body}")
    until(lambda: f"Answer to {body}" in rita.get(thread).text)


def test_sending_and_receiving_go_on_without_the_broker(
    on_redis: Product, redis: tuple[str, "subprocess.Popen[bytes]"]
) -> None:
    send_now(on_redis)
    rita = on_redis.sign_in("rita@acme.example")
    thread = thread_with_dana(on_redis, rita)
    exchange(on_redis, rita, thread, "with a broker")
    redis[1].send_signal(signal.SIGSTOP)
    exchange(on_redis, rita, thread, "with a hung broker")
    redis[1].kill()
    exchange(on_redis, rita, thread, "with a dead broker")
    time.sleep(4)
    exchange(on_redis, rita, thread, "still without a broker")
    assert [text["body"] for text in on_redis.truth()] == [
        "with a broker",
        "with a hung broker",
        "with a dead broker",
        "still without a broker",
    ]
    began = time.monotonic()
    on_redis.stop("worker")
    assert time.monotonic() - began < 15, "a dead broker must not keep a worker from stopping"
