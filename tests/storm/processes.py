"""The product as processes, kept from schedule to schedule, started again when killed."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from tests.storm import broker, ground
from tests.storm.board import Board
from tests.storm.handset import Carrier, wait_until_up
from textengage.cast import ACME_SID, GLOBEX_SID

WORKERS = 2
TOKEN = "the simulated carrier's token"
QUICK = ("--sent-after", "0.01", "--final-after", "0.02", "--no-block-list")
"""Without a second fence at the carrier, what leaks through ours can be seen."""


class ProcessFailed(Exception):
    """A process that nobody killed has ended, or one did not start."""


class Worker:
    """One forked worker, watched through a handle that no other process can inherit."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        self.is_suspended = False

    def is_alive(self) -> bool:
        return not select.select([self._handle], [], [], 0)[0]

    def signal(self, number: signal.Signals) -> None:
        if self.is_alive():
            signal.pidfd_send_signal(self._handle, number)

    def suspend(self) -> None:
        self.signal(signal.SIGSTOP)
        self.is_suspended = True

    def go_on(self) -> None:
        self.signal(signal.SIGCONT)
        self.is_suspended = False

    def stands_still(self) -> bool:
        """Whether the kernel has stopped it."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        return state.rpartition(")")[2].split()[0] == "T"

    def close(self) -> None:
        self.signal(signal.SIGKILL)
        os.close(self._handle)


class Processes:
    """Carrier, web, broker, and the workers' parent with its workers."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "board").unlink(missing_ok=True)
        self.board = Board(home / "board")
        self.web_port = _port_of(settings.PUBLIC_URL)
        self.carrier = Carrier(_port_of(settings.TWILIO_BASE_URL))
        self.broker = broker.choose(home)
        self.notes = home / "web.5xx"
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.workers: dict[int, Worker] = {}
        self.born = 0

    def start(self) -> None:
        """Raises ProcessFailed."""
        self.notes.write_text("")
        for log in self.home.glob("*.log"):
            log.unlink()
        self.broker.start()
        accounts = [f"--account={sid}:{TOKEN}" for sid in (ACME_SID, GLOBEX_SID)]
        place = ["--port", str(self.carrier.port), *accounts, *QUICK]
        self._start("carrier", "tests.storm.carrier", str(self.home), *place)
        self._start(
            "web", "tests.storm.web", str(self.notes), str(self.web_port), DATABASE_POOL="4"
        )
        self._start("workers", "tests.storm.worker", str(self.home))
        if not wait_until_up(self.carrier, seconds=30):
            raise ProcessFailed(f"The carrier did not start.\n{self.log('carrier')}")
        self._hear("workers")
        for slot in range(WORKERS):
            self._spawn(slot)
        self._wait_for_web()

    def keep_alive(self) -> None:
        """Start killed workers again. Raises ProcessFailed for anything else that ended."""
        for name, process in self.running.items():
            if process.poll() is not None:
                raise ProcessFailed(f"{name} has ended.\n{self.log(name)}")
        for slot, worker in list(self.workers.items()):
            if not worker.is_alive():
                worker.close()
                self._spawn(slot)

    def stop(self) -> None:
        for worker in self.workers.values():
            worker.close()
        self.workers.clear()
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.communicate()
        self.running.clear()
        self.broker.stop()

    def faults_of_web(self) -> list[str]:
        """Answers of 500 and above since the last call."""
        noted = self.notes.read_text(encoding="utf-8").splitlines()
        if noted:
            self.notes.write_text("")
        return noted

    def log(self, name: str) -> str:
        """Its end."""
        file = self.home / f"{name}.log"
        return file.read_text(encoding="utf-8", errors="replace")[-3000:] if file.exists() else ""

    def _spawn(self, slot: int) -> None:
        parent = self.running["workers"]
        assert parent.stdin is not None
        parent.stdin.write(f"{slot}\n")
        parent.stdin.flush()
        self.workers[slot] = Worker(int(self._hear("workers")))
        self.born += 1

    def _hear(self, name: str) -> str:
        output = self.running[name].stdout
        assert output is not None
        line = output.readline()
        if not line:
            raise ProcessFailed(f"{name} did not start.\n{self.log(name)}")
        return line.strip()

    def _start(self, name: str, module: str, *words: str, **environment: str) -> None:
        with open(self.home / f"{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.storm.child", module, *words],
                env=os.environ | {"LOG_LEVEL": "WARNING"} | environment,
                cwd=ground.ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if name == "workers" else log,
                stderr=log,
                text=True,
            )

    def _wait_for_web(self) -> None:
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.web_port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > until or self.running["web"].poll() is not None:
                    raise ProcessFailed(f"The web did not start.\n{self.log('web')}") from None
                time.sleep(0.02)


def _port_of(address: str) -> int:
    port = urlsplit(address).port
    assert port is not None
    return port
