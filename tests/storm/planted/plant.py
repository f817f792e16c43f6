"""What a planted bug is, and putting it into a tree."""

import os
from dataclasses import dataclass
from pathlib import Path


class StalePlant(Exception):
    """The code has moved on: the old words are not there exactly once. The plant is the error."""


@dataclass(frozen=True, slots=True)
class Plant:
    """One change of one file. ``old`` occurs in it exactly once.

    ``by`` names who can see it: the machine (the default) or only the storm of processes.
    """

    name: str
    title: str
    file: str
    old: str
    new: str
    by: str = "machine"
    is_harmless: bool = False

    def words(self, tree: Path) -> str:
        """The file's text with the plant in it. Raises StalePlant."""
        text = (tree / self.file).read_text(encoding="utf-8")
        if (times := text.count(self.old)) != 1:
            raise StalePlant(f"{self.name}: {times} times in {self.file}: {self.old!r}")
        return text.replace(self.old, self.new)


class Planted:
    """Context: a tree with the plant in it, and without it afterwards."""

    def __init__(self, plant: Plant, tree: Path, number: int) -> None:
        self.plant, self.file, self.number = plant, tree / plant.file, number
        self.tree, self.before = tree, b""

    def __enter__(self) -> None:
        changed = self.plant.words(self.tree)
        self.before = self.file.read_bytes()
        self._write(changed.encode(), 2 * self.number)

    def __exit__(self, *_: object) -> None:
        self._write(self.before, 2 * self.number + 1)

    def _write(self, data: bytes, moment: int) -> None:
        self.file.write_bytes(data)
        # Python takes compiled code for current by whole seconds and size.
        at = 1_000_000_000 + moment
        os.utime(self.file, (at, at))
