"""The first command of the README: up with sign-ins, down without a trace."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from textengage.demo.options import CARRIER_OFFSET, ROOT
from textengage.lib.embedded import Server

OURS = ("DATABASE_URL", "DEBUG", "DJANGO_SETTINGS_MODULE", "PUBLIC_URL", "TWILIO_BASE_URL")
SECRETS = ("SECRET_KEY", "SECRETS_KEYS", "PEPPER")


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    Server(tmp_path / "postgres").remove()


class Demo:
    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_pair()
        env = {name: value for name, value in os.environ.items() if name not in OURS + SECRETS}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "textengage.demo", "--port", str(self.port)],
            cwd=ROOT,
            env=env | {"VAR_DIR": str(var)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def greeting(self) -> str:
        """Everything said until the demo is up, or the end if it never comes up."""
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if "Ctrl-C stops everything" in line:
                break
        return said

    def pages_answer(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)

    def end(self, number: signal.Signals) -> tuple[int, float]:
        """The exit code and the seconds until every process had closed our pipe."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode, time.monotonic() - began

    def leaves_nothing(self) -> bool:
        ports_free = all(is_free(self.port + more) for more in (0, CARRIER_OFFSET))
        return Server(self.var / "postgres").wait_until_stopped(seconds=10) and ports_free


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_pair() -> int:
    """A port that is free, like the carrier's above it."""
    while True:
        with ExitStack() as stack:
            try:
                first = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
                port: int = first.getsockname()[1]
                stack.enter_context(socket.create_server(("127.0.0.1", port + CARRIER_OFFSET)))
            except (OSError, OverflowError):
                continue
            return port


def reset(var: Path) -> int:
    argv = [sys.executable, "-m", "textengage.demo", "--reset"]
    return subprocess.run(
        argv, cwd=ROOT, env=os.environ | {"VAR_DIR": str(var)}, timeout=30
    ).returncode


def test_demo_greets_keeps_its_data_ends_without_a_trace_and_forgets_on_reset(var: Path) -> None:
    demo = Demo(var)
    said = demo.greeting()
    assert f"TextEngage: http://127.0.0.1:{demo.port}\n" in said
    assert "rita@" in said
    assert demo.pages_answer()
    code, seconds = demo.end(signal.SIGINT)
    assert code == 0
    assert seconds < 10
    assert demo.leaves_nothing()

    password = (var / "postgres" / "password").read_text()
    again = Demo(var)
    assert "rita@" in again.greeting()
    again.end(signal.SIGKILL)
    assert again.leaves_nothing()
    assert (var / "postgres" / "password").read_text() == password

    assert reset(var) == 0
    assert [path.name for path in var.iterdir()] == ["demo.lock"]
