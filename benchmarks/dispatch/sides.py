"""The two kinds of worker that are measured, as processes that can be told to begin."""

import json
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

from benchmarks._benchmark import BenchmarkFailed
from benchmarks._ground import ROOT, VAR
from benchmarks.dispatch.rows import Rows


class Side(ABC):
    """One worker. It rests except between `wake` and `rest`."""

    def __init__(self, name: str, argv: Sequence[str], environment: dict[str, str]) -> None:
        self.name = name
        self.log = VAR / f"dispatch-{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                argv, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, text=True, start_new_session=True,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self.process.pid

    @abstractmethod
    def wake(self) -> None:
        """Be ready for texts."""

    @abstractmethod
    def prepare(self, ids: Sequence[str]) -> None:
        """Learn what is going to be sent; not measured."""

    @abstractmethod
    def go(self) -> None:
        """Begin; called as soon as the texts are committed."""

    @abstractmethod
    def rest(self, rows: Rows) -> None:
        """Do nothing that another side's measurement could feel."""

    def stop(self) -> None:
        """End it with its children, which share its process group."""
        if self.process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        self.process.communicate()

    def why(self) -> str:
        """The end of its log, for a message."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]


class Ours(Side):
    """The product's worker as the demo runs it: Celery, threads pool, the pump inside."""

    def __init__(self, environment: dict[str, str]) -> None:
        alone = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
        pool = ["--pool", "threads", "--concurrency", "4"]
        words = ["-m", "celery", "-A", "textengage", "worker", *pool, *alone]
        super().__init__("ours", [sys.executable, *words], environment)

    def wait_until_listening(self, rows: Rows) -> None:
        until = time.monotonic() + 60
        while not rows.is_listened_to():
            if self.process.poll() is not None or time.monotonic() > until:
                raise BenchmarkFailed(f"The worker did not start:\n{self.why()}")
            time.sleep(0.05)

    def wake(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def prepare(self, ids: Sequence[str]) -> None:
        """The pump finds them by itself."""

    def go(self) -> None:
        """It was told by NOTIFY."""

    def rest(self, rows: Rows) -> None:
        """Stopped where it holds no lock, so that the tables can be emptied."""
        while True:
            os.kill(self.pid, signal.SIGSTOP)
            time.sleep(0.005)
            if rows.is_quiet():
                return
            os.kill(self.pid, signal.SIGCONT)
            time.sleep(0.02)


class Baseline(Side):
    """One Celery task per text, in so many processes."""

    def __init__(
        self, name: str, environment: dict[str, str], *, processes: int, keeps_connection: bool
    ) -> None:
        words = [str(processes), *(["kept"] if keeps_connection else [])]
        module = ["-m", "benchmarks._start", "benchmarks.dispatch.baseline"]
        super().__init__(name, [sys.executable, *module, *words], environment)

    def wake(self) -> None:
        """It waits for its queue and touches nothing meanwhile."""

    def rest(self, rows: Rows) -> None:
        """As above."""

    def prepare(self, ids: Sequence[str]) -> None:
        self._tell(list(ids))
        assert self.process.stdout is not None
        if "staged" not in map(str.strip, self.process.stdout):  # Celery says hello before
            raise BenchmarkFailed(f"The baseline's worker did not start:\n{self.why()}")

    def go(self) -> None:
        self._tell("go")

    def _tell(self, given: object) -> None:
        assert self.process.stdin is not None
        print(json.dumps(given), file=self.process.stdin, flush=True)
