"""The broker: Redis where there is one, else the product's folders. It is there to be lost."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from urllib.parse import urlsplit

from tests.storm.ground import REDIS

LAUNCH = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execvp(sys.argv[1], sys.argv[1:])"
)
"""Runs a program that dies with us (PR_SET_PDEATHSIG, SIGKILL)."""


class Broker(ABC):
    """What the workers' slow tasks wait in."""

    @abstractmethod
    def start(self) -> None:
        """Be there, whatever happened before."""

    @abstractmethod
    def empty(self) -> None: ...

    @abstractmethod
    def stop(self) -> None:
        """Be gone at once, with everything in it."""

    @abstractmethod
    def hang(self) -> bool:
        """Accept and never answer, until the next start. False: this kind cannot."""


class Redis(Broker):
    """Keeps nothing on disk."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.process is None:
            quiet = ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
            place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.home)]
            words = [sys.executable, "-S", "-c", LAUNCH, REDIS, *quiet, *place]
            with open(self.home / "redis.log", "ab") as log:
                self.process = subprocess.Popen(words, stdout=log, stderr=log)
        self.process.send_signal(signal.SIGCONT)
        until = time.monotonic() + 10
        while not self._tell(b"PING"):
            if time.monotonic() > until:
                raise RuntimeError("Redis does not answer")
            time.sleep(0.01)

    def empty(self) -> None:
        self._tell(b"FLUSHALL")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def hang(self) -> bool:
        if self.process:
            self.process.send_signal(signal.SIGSTOP)
        return True

    def _tell(self, word: bytes) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire:
                wire.sendall(word + b"\r\n")
                return wire.recv(64).startswith(b"+")
        except OSError:
            return False


class Folders(Broker):
    """The queue below VAR_DIR, as `embedded.broker_options` lays it out."""

    def __init__(self, home: Path) -> None:
        self.queue = home / "broker" / "queue"

    def start(self) -> None:
        self.queue.mkdir(parents=True, exist_ok=True)

    def empty(self) -> None:
        for file in self.queue.glob("*"):
            file.unlink(missing_ok=True)

    def stop(self) -> None:
        shutil.rmtree(self.queue, ignore_errors=True)

    def hang(self) -> bool:
        return False


def choose(home: Path) -> Broker:
    """The one that the environment names."""
    url = urlsplit(os.environ.get("REDIS_URL", ""))
    return Redis(home, url.port) if url.port else Folders(home)
