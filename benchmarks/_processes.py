"""CPU and memory of a process with its descendants, read from Linux's /proc."""

import os
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def cpu_seconds(root: int, *, without: Collection[int] = ()) -> float:
    """CPU that a process and its descendants used, including those that have ended.

    A descendant that ends moves its share to its parent when it is waited for, so two
    readings differ by exactly what was used between them.
    """
    ticks = 0
    for pid, (_, used) in _tree(root).items():
        if pid not in without:
            ticks += used
    return ticks / TICKS


def memory_bytes(root: int) -> int:
    """Memory of a process and its descendants, shared pages divided among their users."""
    return sum(_proportional(pid) for pid in _tree(root))


def _tree(root: int) -> dict[int, tuple[int, int]]:
    """The root and its descendants by id, with (parent, CPU ticks)."""
    known: dict[int, tuple[int, int]] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and (read := _stat(entry)):
            known[int(entry.name)] = read
            children[read[0]].append(int(entry.name))
    found: dict[int, tuple[int, int]] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if pid in known:
            found[pid] = known[pid]
            waiting += children[pid]
    return found


def _stat(entry: Path) -> tuple[int, int] | None:
    try:
        text = (entry / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it ended while we looked
        return None
    # After the name in parentheses: state, parent, ...; the 12th to 15th are ticks of the
    # process in user and system mode, and the same of its children that were waited for.
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), sum(int(field) for field in fields[11:15])


def _proportional(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
