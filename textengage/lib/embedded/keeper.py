"""The process that holds the database server and stops it when its last user is gone.

Every user holds a shared lock on the lease file; the kernel gives locks back however a
process ends, so a killed demo leaves no server behind. Standard library only: it is started
by path, as `python -I keeper.py '{"guard": ..., "lease": ..., "data": ..., ...}'`.
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LOOK_SECONDS = 0.2
FAST_SHUTDOWN_SECONDS = 15
PR_SET_PDEATHSIG = 1


def main(spec: dict[str, Any]) -> None:
    guard = open(spec["guard"], "a")  # noqa: SIM115 - held until the process ends
    fcntl.flock(guard, fcntl.LOCK_EX)
    if os.fork():
        os._exit(0)
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    server = Orphan(Path(spec["data"])) if spec["adopt"] else start(spec)
    with open(spec["lease"], "a") as lease:
        while server.poll() is None:
            if told or unused(lease.fileno()):
                stop(server)
                return
            time.sleep(LOOK_SECONDS)


class Orphan:
    """A server whose keeper was killed: known by its process id only."""

    def __init__(self, data: Path) -> None:
        self.pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0])

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def start(spec: dict[str, Any]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - the words come from server.py
        spec["argv"], cwd="/", stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, **spec["drop"]
    )


def die_with_parent() -> None:
    """On Linux: a fast shutdown of the server, even if the keeper is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def unused(lease: int) -> bool:
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop(server: "subprocess.Popen[bytes] | Orphan") -> None:
    """SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        server.send_signal(number)
        until = time.monotonic() + FAST_SHUTDOWN_SECONDS
        while time.monotonic() < until:
            if server.poll() is not None:
                return
            time.sleep(0.02)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
