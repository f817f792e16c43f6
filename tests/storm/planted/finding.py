"""Looking for one planted bug: first the machine, then the storm of processes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.storm.machine import databases

PATIENCE: Final = 900.0
"""Seconds for one look. A bug that makes it hang is not found by hanging."""


@dataclass(frozen=True, slots=True)
class Look:
    """Whether something broke, who said so, after how many, and what was said."""

    found: bool
    by: str = ""
    after: int = 0
    said: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look."""

    interleavings: int = 600
    schedules: int = 20
    seed: int = 1


def look(tree: Path, url: str, effort: Effort, *, first: str = "machine") -> Look:
    """What the machine, and if it sees nothing the storm, say about a tree.

    ``first`` skips the machine where a bug is in what only processes run.
    """
    began = time.monotonic()
    seen = _machine(tree, url, effort) if first == "machine" else Look(False)
    if not seen.found and effort.schedules:
        seen = _storm(tree, effort)
    return Look(seen.found, seen.by, seen.after, seen.said, round(time.monotonic() - began, 1))


def _machine(tree: Path, url: str, effort: Effort) -> Look:
    words = ["-m", "tests.storm.machine", "--work", "--count", str(effort.interleavings),
             "--seed", str(effort.seed)]  # fmt: skip
    environment = databases.environment(url) | {"MACHINE_SHRINKS": "no", "PYTHONPATH": str(tree)}
    status, text = _run(tree, environment, words)
    if status == 0:
        return Look(False, after=effort.interleavings)
    after = _after(text)
    if after is None:
        # It did not fall over what it looked at: nothing is shown.
        return Look(False, said=f"BROKEN {_first_line(text)}")
    return Look(True, "machine", after, _first_line(text))


def _storm(tree: Path, effort: Effort) -> Look:
    words = ["-m", "tests.storm", "--schedules", str(effort.schedules), "--seed",
             str(effort.seed), "--json"]  # fmt: skip
    kept = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    status, text = _run(tree, kept | {"PYTHONPATH": str(tree)}, words)
    if status == 0:
        return Look(False, after=effort.schedules)
    report = _report(text)
    counts = ("lost", "doubled", "double_charged", "uncharged", "uncertain", "violations")
    wrong = {name: report[name] for name in counts if report.get(name)}
    if not wrong:
        # Void or broken is no finding.
        return Look(False, after=effort.schedules, said=_first_line(text))
    return Look(True, "storm", int(report.get("schedules", 0)), json.dumps(wrong))


def _run(tree: Path, environment: dict[str, str], words: list[str]) -> tuple[int, str]:
    """The exit status and what was printed; status 0 for a look that took too long."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    running.add(process)
    try:
        text, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return 0, "took too long"
    finally:
        _end(process)
        running.discard(process)
    return process.returncode, text


running: Final[set["subprocess.Popen[str]"]] = set()
"""What `end_all` ends."""


def end_all() -> None:
    """End every look that is going on."""
    for process in list(running):
        _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _after(text: str) -> int | None:
    """How many schedules went well before."""
    for line in text.splitlines():
        if line.startswith("after "):
            return int(line.split()[1])
    return None


def _first_line(text: str) -> str:
    """What broke, without what Hypothesis says around it."""
    lines = text.strip().splitlines() or ["nothing was said"]
    return next((each for each in lines if each.startswith("FAILED")), lines[-1])[:300]


def _report(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return {}
    return found
