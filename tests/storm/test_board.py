"""The page of memory through which a worker is told where to end."""

from pathlib import Path

from tests.storm.board import Board, Point


def test_board_strikes_at_the_nth_pass_of_the_point_and_once(tmp_path: Path) -> None:
    board, other = Board(tmp_path / "board"), Board(tmp_path / "board")
    board.arm(1, Point.BEFORE_REQUEST, nth=2)
    passes = [
        other.strikes_now(1, Point.AFTER_CLAIM_COMMIT),
        other.strikes_now(0, Point.BEFORE_REQUEST),
        *(other.strikes_now(1, Point.BEFORE_REQUEST) for _ in range(3)),
    ]
    assert passes == [False, False, False, True, False]
    assert board.strikes(1, Point.BEFORE_REQUEST) == 1


def test_board_tells_everybody_how_far_ahead_the_clock_is(tmp_path: Path) -> None:
    board, other = Board(tmp_path / "board"), Board(tmp_path / "board")
    board.shift = 905.5
    assert other.shift == 905.5
