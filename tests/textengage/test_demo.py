"""The demo's supervisor: what it refuses, and what happens to programs that end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from textengage.demo.child import Child
from textengage.demo.ground import reaping, refuse_taken_port
from textengage.demo.lock import Stopped, only_one
from textengage.demo.options import Plan, parse
from textengage.demo.programs import environment, programs

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def pipe() -> Iterator[IO[str]]:
    with reaping() as pipe:
        yield pipe


def child(argv: list[str], tmp_path: Path, pipe: IO[str]) -> Child:
    return Child("sleeper", argv, dict(os.environ), tmp_path / "log", pipe)


def wait_for_end(child: Child) -> int:
    while (code := child.ended()) is None:
        time.sleep(0.02)
    return code


def test_taken_port_is_refused_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Stopped, match=rf"Cannot listen on 127.0.0.1:{port}.*PORT=8010"):
            refuse_taken_port("127.0.0.1", port)


def test_second_demo_of_one_folder_is_told_where_the_first_is(tmp_path: Path) -> None:
    first, second = Plan("127.0.0.1", 8001, tmp_path), Plan("127.0.0.1", 8002, tmp_path)
    with only_one(first), pytest.raises(Stopped, match=r"already runs: http://127.0.0.1:8001"):
        only_one(second).__enter__()


def test_options_come_from_the_command_line_then_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "8123")
    assert (parse([]).port, parse([]).carrier_port) == (8123, 8223)
    assert parse(["--port", "9000"]).address == "http://127.0.0.1:9000"


def test_environment_of_programs_keeps_what_the_caller_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_BASE_URL", "https://carrier.example")
    monkeypatch.setenv("DEBUG", "true")
    plan = Plan("127.0.0.1", 8001, tmp_path)
    env = environment(plan, "postgres:///x")
    assert env["TWILIO_BASE_URL"] == "https://carrier.example"
    assert (env["DATABASE_URL"], env["PUBLIC_URL"]) == ("postgres:///x", "http://127.0.0.1:8001")
    assert "DEBUG" not in env
    assert list(programs(plan)) == ["web", "worker", "beat"]


def test_child_that_ends_is_started_again_after_doubling_pauses(
    tmp_path: Path, pipe: IO[str]
) -> None:
    failing = child([sys.executable, "-c", "print('no luck'); raise SystemExit(3)"], tmp_path, pipe)
    failing.start()
    assert wait_for_end(failing) == 3
    assert failing.ended() is None
    assert failing.last_words() == "    no luck"
    assert [failing.start_later() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_child_told_to_end_ends(tmp_path: Path, pipe: IO[str]) -> None:
    sleeper = child(SLEEP, tmp_path, pipe)
    sleeper.start()
    sleeper.signal(signal.SIGTERM)
    assert wait_for_end(sleeper) == -signal.SIGTERM


def test_reaper_ends_the_programs_of_a_killed_supervisor() -> None:
    code = (
        "import subprocess, sys, time\n"
        "from textengage.demo.ground import reaping\n"
        "with reaping() as pipe:\n"
        "    sleeper = subprocess.Popen(sys.argv[1:], start_new_session=True)\n"
        "    print(f'+{sleeper.pid}', file=pipe, flush=True)\n"
        "    print(sleeper.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    # The sleeper inherits standard output, so the pipe's end is the sleeper's end.
    with subprocess.Popen([sys.executable, "-c", code, *SLEEP], stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        killed.kill()
        began = time.monotonic()
        assert killed.stdout.read() == b""
    assert time.monotonic() - began < 5
