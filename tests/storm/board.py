"""A page of memory that all processes of a storm share: the clock's shift, armed points.

It outlives a process that is killed, so a strike is noted before it happens.
"""

import mmap
import struct
from enum import IntEnum
from pathlib import Path

SIZE = 4096
SLOT_SIZE = 256
FIRST_SLOT = 256


class Point(IntEnum):
    """Where a worker can be killed, or can stop itself with SIGSTOP."""

    BEFORE_CLAIM_COMMIT = 1
    AFTER_CLAIM_COMMIT = 2
    AFTER_START_COMMIT = 3
    BEFORE_REQUEST = 4
    DURING_REQUEST = 5
    AFTER_ANSWER_BEFORE_COMMIT = 6
    BEFORE_SETTLE_COMMIT = 7
    AFTER_SETTLE_COMMIT = 8


class Board:
    """Written by the harness, read and crossed off by the workers."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(SIZE))
        with open(file, "r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), SIZE)

    @property
    def shift(self) -> float:
        """Seconds by which the storm's clock is ahead of this machine's."""
        return float(struct.unpack_from("d", self._memory, 0)[0])

    @shift.setter
    def shift(self, seconds: float) -> None:
        struct.pack_into("d", self._memory, 0, seconds)

    @property
    def idle_timeout(self) -> float:
        """Seconds after which the server ends a pump's transaction that does nothing; 0: never."""
        return float(struct.unpack_from("d", self._memory, 8)[0])

    @idle_timeout.setter
    def idle_timeout(self, seconds: float) -> None:
        struct.pack_into("d", self._memory, 8, seconds)

    def arm(self, slot: int, point: Point, *, nth: int, stops: bool = False) -> None:
        """The nth time the worker passes the point it kills or stops itself."""
        self._write(slot, 0, 0)
        self._write(slot, 1, nth)
        self._write(slot, 2, int(stops))
        self._write(slot, 0, int(point))

    def disarm(self, slot: int) -> None:
        self._write(slot, 0, 0)

    def is_armed(self, slot: int, point: Point) -> bool:
        return self._read(slot, 0) == point

    def strikes_now(self, slot: int, point: Point) -> bool:
        """Count one pass of a point; True, noted and disarmed, when it is the one."""
        if not self.is_armed(slot, point):
            return False
        left = self._read(slot, 1) - 1
        self._write(slot, 1, left)
        if left > 0:
            return False
        self._write(slot, 0, 0)
        self._write(slot, 8 + point, self.strikes(slot, point) + 1)
        return True

    def stops(self, slot: int) -> bool:
        """Whether the strike is a SIGSTOP instead of a SIGKILL."""
        return bool(self._read(slot, 2))

    def strikes(self, slot: int, point: Point) -> int:
        return self._read(slot, 8 + point)

    def _read(self, slot: int, field: int) -> int:
        offset = FIRST_SLOT + slot * SLOT_SIZE + 4 * field
        return int(struct.unpack_from("i", self._memory, offset)[0])

    def _write(self, slot: int, field: int, value: int) -> None:
        struct.pack_into("i", self._memory, FIRST_SLOT + slot * SLOT_SIZE + 4 * field, value)
