"""Planting every bug in a copy of the tree, one at a time, and looking for it."""

import importlib
import itertools
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.storm.machine import databases
from tests.storm.planted import claiming, harmless, money, pumping, settling, silence, waiting
from tests.storm.planted.finding import Effort, Look, end_all, look
from tests.storm.planted.plant import Plant, Planted

PLANTS: Final = (
    *claiming.PLANTS, *settling.PLANTS, *money.PLANTS, *silence.PLANTS, *waiting.PLANTS,
    *pumping.PLANTS, *harmless.PLANTS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """One plant and what was seen of it."""

    plant: Plant
    look: Look

    @property
    def is_right(self) -> bool:
        return self.look.found is not self.plant.is_harmless

    def as_json(self) -> dict[str, Any]:
        seen = self.look
        return {
            "name": self.plant.name,
            "title": self.plant.title,
            "harmless": self.plant.is_harmless,
            "found": seen.found,
            "by": seen.by,
            "after": seen.after,
            "seconds": seen.seconds,
            "said": seen.said,
        }


def plant_all(
    plants: Sequence[Plant], effort: Effort, say: Callable[[Result], None], gardeners: int = 2
) -> list[Result]:
    """Plant each and look for it; raises StalePlant before anything runs."""
    if not os.environ.get("DATABASE_URL"):
        importlib.import_module("tests.environment")
    for plant in plants:
        plant.words(databases.ROOT)
    numbers = itertools.count(1)
    saying, stopping = threading.Lock(), threading.Event()
    with (
        tempfile.TemporaryDirectory(prefix="planted-") as home,
        databases.clones(gardeners, f"planted_{os.getpid()}") as urls,
        ThreadPoolExecutor(gardeners) as pool,
    ):
        gardens: queue.SimpleQueue[tuple[Path, str]] = queue.SimpleQueue()
        for number, url in enumerate(urls):
            gardens.put((copy_tree(Path(home) / str(number)), url))

        def grow(plant: Plant) -> Result:
            if stopping.is_set():
                return Result(plant, Look(False, said="not looked for"))
            tree, url = gardens.get()
            try:
                with Planted(plant, tree, next(numbers)):
                    result = Result(plant, look(tree, url, effort, first=plant.by))
            finally:
                gardens.put((tree, url))
            with saying:
                say(result)
            return result

        try:
            return list(pool.map(grow, plants))
        except BaseException:
            stopping.set()
            end_all()
            raise


def copy_tree(target: Path) -> Path:
    """The files that git knows or would add, without their history."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=databases.ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = databases.ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target
