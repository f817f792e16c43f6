"""The processes a benchmark starts: each in a group of its own, each ended with it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from benchmarks._benchmark import BenchmarkFailed
from benchmarks._ground import ROOT, VAR

Connection = psycopg.Connection[tuple[Any, ...]]
PATIENCE = 60.0
"""Seconds for a program to start."""

LISTENING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'
"""
BUSY = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
  AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'
"""


class Program:
    """A program of Python's, its standard streams ours, its errors in a log below var/bench."""

    def __init__(self, name: str, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = VAR / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *words], env=dict(environment), cwd=ROOT, text=True, stderr=log,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self.process.pid

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        print(line, file=self.process.stdin, flush=True)

    def hear(self) -> str:
        """Its next line. Raises BenchmarkFailed if it ended instead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise BenchmarkFailed(f"{self.name} ended:\n{self.why()}")
        return line.rstrip("\n")

    def stop(self) -> None:
        """End it with its children, which share its process group."""
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        self.process.communicate()

    def check(self, until: float) -> None:
        """Raises BenchmarkFailed if it has ended, or if the time is over (monotonic)."""
        if self.process.poll() is not None or time.monotonic() > until:
            raise BenchmarkFailed(f"{self.name} did not start:\n{self.why()}")

    def why(self) -> str:
        """The end of its log, for a message."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]


class Worker(Program):
    """The product's worker as the demo runs it: Celery, threads pool, the pump inside."""

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        pool = ["--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING"]
        words = ["-m", "celery", "-A", "textengage", "worker", *pool]
        super().__init__(name, [*words, "--hostname", f"{name}@bench"], environment)

    def wake(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def rest(self, database: Connection) -> None:
        """Stopped where it holds no lock, so that the tables can be emptied."""
        while True:
            os.kill(self.pid, signal.SIGSTOP)
            time.sleep(0.005)
            if count(database, BUSY) == 0:
                return
            os.kill(self.pid, signal.SIGCONT)
            time.sleep(0.02)


def wait_until_listening(workers: Sequence[Worker], database: Connection) -> None:
    """Until the pump of each worker listens. Raises BenchmarkFailed."""
    until = time.monotonic() + PATIENCE
    while count(database, LISTENING) < len(workers):
        for worker in workers:
            worker.check(until)
        time.sleep(0.05)


class Web(Program):
    """One uvicorn process on a port of its own."""

    def __init__(
        self, name: str, app: Sequence[str], environment: Mapping[str, str], port: int
    ) -> None:
        where = ["--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
        quiet = ["--log-level", "warning"]
        super().__init__(name, ["-m", "uvicorn", *app, *where, *quiet], environment)
        self.port = port

    def wait_until_answering(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                self.check(until)
                time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def count(database: Connection, question: str, *parameters: Any) -> int:
    """The one number a statement answers with."""
    row = database.execute(question, parameters or None).fetchone()
    return int(row[0]) if row else 0
