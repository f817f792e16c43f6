"""The simulated carrier as a process whose clock goes ahead with the storm's."""

import sys
import time
from pathlib import Path

from messaging.simulator.__main__ import main as simulate
from tests.storm.board import Board


def main(words: list[str]) -> None:
    """``words``: the folder of the board, then the simulator's own."""
    board = Board(Path(words[0]) / "board")
    real = time.time
    time.time = lambda: real() + board.shift
    sys.argv[1:] = words[1:]
    sys.exit(simulate())
