"""A slot of the timetable is done once, however many beats call."""

from datetime import timedelta

import pytest

from accounts import ticks
from accounts.models import Tick
from tests.racing import race
from textengage.lib import clock

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.mark.django_db
def test_slot_begins_at_a_whole_multiple() -> None:
    slot = ticks.claim("job", DAY)
    assert slot == clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.mark.django_db
def test_slot_is_claimed_once_and_each_job_has_its_own() -> None:
    assert [ticks.claim(job, DAY) is None for job in ("a", "a", "b")] == [False, True, False]
    assert Tick.objects.count() == 2


@pytest.mark.django_db
def test_next_slot_is_claimed_again() -> None:
    first = ticks.claim("job", MINUTE)
    clock.shift(MINUTE)
    second = ticks.claim("job", MINUTE)
    assert first is not None
    assert second is not None
    assert (second - first) % MINUTE == timedelta()
    assert second > first


@pytest.mark.django_db
def test_missed_slots_are_not_made_up_for() -> None:
    ticks.claim("job", MINUTE)
    clock.shift(timedelta(hours=3))
    assert [ticks.claim("job", MINUTE) is None for _ in range(3)] == [False, True, True]
    assert Tick.objects.count() == 2


@pytest.mark.usefixtures("committed")
def test_five_beats_at_once_claim_one_slot() -> None:
    claimed = race(5, lambda _: ticks.claim("job", DAY))
    assert len([slot for slot in claimed if slot is not None]) == 1
    assert Tick.objects.count() == 1
