"""Whether shares of an allowance are computed to the segment."""

import pytest

from benchmarks._carrier import Accepted
from benchmarks.pace.figures import measure
from benchmarks.pace.numbers import number_of
from benchmarks.pace.windows import Sent, shares


def every(seconds: float, segments: int, until: float) -> list[tuple[float, int]]:
    """Texts from instant 0, so far apart."""
    return [(place * seconds, segments) for place in range(int(until / seconds) + 1)]


def test_a_number_at_its_allowance_uses_all_of_every_window() -> None:
    found = shares(every(0.25, 1, 30), 4, 0, 1, 30)
    assert (found.lowest, found.highest) == (1, 1)
    assert set(found.usual) == {1}


def test_long_texts_count_as_long_as_they_take() -> None:
    found = shares(every(3, 3, 30), 1, 0, 1, 30)
    assert (found.lowest, found.highest) == (1, 1)


def test_half_the_allowance_is_half_of_every_window() -> None:
    found = shares(every(2, 1, 40), 1, 0, 1, 40)
    assert (found.lowest, found.highest) == (0.5, 0.5)


def test_texts_at_once_count_each() -> None:
    burst = [(place * 10.0, 1) for place in (0, 1, 2, 3) for _ in range(10)]
    found = shares(burst, 1, 0, 1, 40)
    assert found.usual[0] == pytest.approx(1)
    assert found.highest == pytest.approx(1)
    assert shares([(0.0, 1)] * 3 + every(1, 1, 30), 1, 0, 1, 30).highest == pytest.approx(1.3)


def test_a_gap_shows_in_the_windows_around_it_and_only_there() -> None:
    gap = [text for text in every(1, 1, 40) if not 20 <= text[0] < 25]
    found = shares(gap, 1, 0, 1, 40)
    assert (found.lowest, found.highest) == (0.5, 1)


def test_the_start_excuses_too_little_but_not_too_much() -> None:
    late = [text for text in every(1, 1, 30) if text[0] >= 1]
    assert shares(late, 1, 0, 1, 30).lowest == 1
    early = [(0.1, 1), (0.2, 1), *every(1, 1, 30)]
    assert shares(early, 1, 0, 1, 30).highest == pytest.approx(1.2)


def test_a_silent_number_used_nothing() -> None:
    found = shares([], 1, 0, 1, 30)
    assert (found.lowest, found.highest) == (0, 0)


def test_what_is_sent_grows_while_texts_are_on_their_way() -> None:
    sent = Sent([(10, 2), (11, 2)], 2)
    assert [sent.by(at) for at in (9, 10, 10.5, 11, 11.5, 12, 99)] == [0, 0, 1, 2, 3, 4, 4]


def test_a_time_shorter_than_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        shares([], 1, 0, 1, 10.5)


def test_a_number_that_sends_nothing_is_not_forgotten() -> None:
    texts = [Accepted(number_of(0), "+15105550142", f"p{at}", 1, at) for at, _ in every(1, 1, 20)]
    assert measure(texts, 1, 20).lowest == 1
    assert measure(texts, 2, 20).lowest == 0
