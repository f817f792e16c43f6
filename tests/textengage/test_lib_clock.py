from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Customer
from textengage.lib import clock

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_now_is_the_present_in_utc() -> None:
    apart = abs(clock.now() - datetime.now(UTC))
    assert (apart < SECOND, clock.now().utcoffset()) == (True, timedelta(0))


def test_now_moves_within_a_transaction() -> None:
    assert clock.now() < clock.now()


@pytest.mark.parametrize("by", [timedelta(days=45), timedelta(hours=-3)])
def test_shift_moves_python_and_database_alike(by: timedelta) -> None:
    before = clock.now()
    clock.shift(by)
    row = Customer.objects.create(name="Acme")
    row.refresh_from_db()
    assert before + by <= row.created_at <= clock.now() <= before + by + SECOND


def test_shift_replaces_the_one_before() -> None:
    clock.shift(timedelta(days=10))
    clock.shift(timedelta())
    assert abs(clock.now() - datetime.now(UTC)) < SECOND
