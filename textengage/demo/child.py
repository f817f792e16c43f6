"""One program of the demo: started, watched, started again when it ends by itself."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before starting again, doubling
SETTLED_SECONDS = 60  # having run this long, a program starts over with the first pause
SHOWN_LINES = 8


@dataclass
class Child:
    name: str
    argv: list[str]
    env: dict[str, str]
    log: Path
    reaper: IO[str]  # told about every process group, so that it dies with the demo
    pause: float = FIRST_PAUSE
    due: float | None = None  # monotonic instant of the next start
    started: float = field(default=0, init=False)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self.due = None
        self.started = time.monotonic()
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own words only
                self.argv,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor only
            )
        print(f"+{self.process.pid}", file=self.reaper, flush=True)

    def ended(self) -> int | None:
        """The exit code, once, when the program has ended since the last look."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        print(f"-{self.process.pid}", file=self.reaper, flush=True)
        self.process = None
        return code

    def start_later(self) -> float:
        """Plans the next start; returns the seconds until then."""
        if time.monotonic() - self.started > SETTLED_SECONDS:
            self.pause = FIRST_PAUSE
        wait, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        self.due = time.monotonic() + wait
        return wait

    def signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-SHOWN_LINES:])
