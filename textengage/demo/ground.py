"""What the demo stands on: a free port, a database, and an end even if it is killed."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from textengage.demo import reaper
from textengage.demo.lock import Stopped
from textengage.demo.options import Plan
from textengage.lib.embedded import Server, ServerFailed


@contextmanager
def database(plan: Plan) -> Iterator[str]:
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    server = Server(plan.var / "postgres")
    try:
        server.hold()
    except ServerFailed as failed:
        raise Stopped(str(failed)) from failed
    try:
        yield server.url
    finally:
        if not server.release():
            print("The database stays up while another command uses it.")


@contextmanager
def reaping() -> Iterator[IO[str]]:
    process = subprocess.Popen(  # noqa: S603 - our own words only
        [sys.executable, "-I", reaper.__file__],
        stdin=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    with process:  # closes the pipe, then waits
        assert process.stdin is not None
        yield process.stdin


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError:
            raise Stopped(f"There is no port {port}.") from None
        except OSError as error:
            raise Stopped(
                f"Cannot listen on {host}:{port} ({error.strerror}). "
                "Choose another port: make demo PORT=8010"
            ) from error


def answers(plan: Plan) -> bool:
    url = f"http://{plan.reachable_host}:{plan.port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
