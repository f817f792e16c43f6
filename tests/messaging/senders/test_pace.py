"""What a sender may send, by its allowance in segments per second."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.senders import pace
from messaging.senders.models import Pace, Sender
from messaging.senders.pace import Allowance
from textengage.cast import Company
from textengage.lib import clock
from textengage.lib.ids import new_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ID = new_id()


def test_ten_seconds_never_hold_more_than_allowed() -> None:
    """However late the claims are, and whatever lengths follow one another."""
    for rate in (1.0, 3.0, 3.75, 12.0, 120.0, 225.0):
        sent: list[tuple[datetime, int]] = []
        free_at = NOW - SECOND
        for step in range(3_000):
            now = NOW + step * timedelta(milliseconds=20 + 13 * (step % 3))
            allowance = Allowance(max(free_at, now - pace.CATCH_UP), now, rate)
            segments = 1 + step % 2
            while allowance.is_free:
                sent.append((now, segments))
                allowance = allowance.after(segments)
            free_at = allowance.free_at
        for first, (began, _) in enumerate(sent[::7]):
            window = [n for at, n in sent[7 * first :] if at < began + 10 * SECOND]
            assert sum(window) <= max(10 * rate, 2) + 1, f"at {rate} a second"
        total = sum(n for _, n in sent) / (sent[-1][0] - NOW).total_seconds()
        assert total >= 0.95 * rate


def test_long_text_uses_the_time_of_its_segments() -> None:
    after = Allowance(NOW, NOW, rate=2.0).after(3)
    assert after.free_at == NOW + timedelta(seconds=1.5 / pace.SHARE)


def test_texts_of_one_sender_share_its_allowance() -> None:
    allowances = {ID: Allowance(NOW, NOW, rate=1.0)}
    assert pace.affordable(allowances, [(ID, 1), (ID, 1)]) == [True, False]
    assert allowances[ID].free_at == NOW, "only looking spends nothing"


def test_sender_somebody_else_claims_for_sends_nothing() -> None:
    assert pace.affordable({}, [(ID, 1)]) == [False]


def test_spending_is_seen_by_the_next_claim(in_acme: Company) -> None:
    Sender.objects.update(segments_per_second=1)
    id = in_acme.sender.id
    pace.spend(pace.lock([id]), [(id, 1), (id, 2)])
    again = pace.lock([id])[id]
    assert not again.is_free
    assert again.free_at == Pace.objects.get(sender_id=id).free_at
    assert 2.5 < (again.free_at - clock.now()).total_seconds() <= 3 / pace.SHARE
    assert pace.rest() == pace.LONGEST_REST


def test_idle_sender_saves_up_no_more_than_a_moment(in_acme: Company) -> None:
    id = in_acme.sender.id
    pace.spend(pace.lock([id]), [(id, 1)])
    clock.shift(timedelta(hours=5))
    rested = pace.lock([id])[id]
    assert rested.now - rested.free_at == pytest.approx(pace.CATCH_UP, abs=timedelta(seconds=0.05))


def test_who_waits_for_a_sender_looks_again_when_it_is_free(in_acme: Company) -> None:
    assert pace.rest() == pace.LONGEST_REST
    Sender.objects.update(segments_per_second=4)
    id = in_acme.sender.id
    pace.spend(pace.lock([id]), [(id, 2)])
    assert 0.1 < pace.rest() < 0.5
    clock.shift(timedelta(seconds=0.6))
    assert pace.rest() == pace.SHORTEST_REST
