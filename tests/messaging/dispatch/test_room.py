"""As many requests as the carrier takes: additive up, halving down."""

import time

import pytest

from messaging.dispatch import room
from messaging.dispatch.lines import Lines
from messaging.dispatch.room import Room
from textengage.lib.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_room_begins_with_what_the_account_may(clock: list[float]) -> None:
    assert Room(100).size == 100


def test_refusals_of_one_moment_halve_once(clock: list[float]) -> None:
    crowded = Room(100)
    for _ in range(40):
        crowded.refused(None)
    assert crowded.size == 50
    clock[0] += room.ONE_REFUSAL
    crowded.refused(None)
    assert crowded.size == 25


def test_room_never_halves_to_nothing(clock: list[float]) -> None:
    crowded = Room(4)
    for _ in range(10):
        crowded.refused(None)
        clock[0] += room.ONE_REFUSAL
    assert crowded.size == 1


def test_a_whole_roomful_of_answers_adds_one(clock: list[float]) -> None:
    crowded = Room(100)
    crowded.refused(None)
    for _ in range(51):
        crowded.accepted()
    assert crowded.size == 51
    for _ in range(10_000):
        crowded.accepted()
    assert crowded.size == 100


def test_silence_lasts_as_long_as_the_carrier_asked(clock: list[float]) -> None:
    crowded = Room(100)
    crowded.refused(3.0)
    assert crowded.size == 0
    clock[0] += 3.0
    assert crowded.size == 50


def test_claimed_texts_do_not_sit_out_a_long_silence(clock: list[float]) -> None:
    crowded = Room(100)
    crowded.refused(3_600.0)
    clock[0] += room.LONGEST_SILENCE
    assert crowded.size == 50


def test_new_allowance_of_the_account_counts_at_once(clock: list[float]) -> None:
    crowded = Room(100)
    crowded.resize(30)
    assert crowded.size == 30
    crowded.resize(200)
    assert crowded.size == 200


def test_silent_and_crowded_accounts_take_no_more(clock: list[float]) -> None:
    lines, silent, crowded, quiet, unknown = Lines(), *(new_id() for _ in range(4))
    for id in (silent, crowded, quiet):
        lines.room(id).resize(2)
    lines.room(unknown)
    lines.room(silent).refused(5.0)
    assert set(lines.full({crowded: [1, 2, 3, 4], quiet: [1, 2, 3]})) == {silent, crowded}
