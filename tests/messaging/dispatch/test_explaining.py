"""What the composer says before a word is typed."""

from datetime import timedelta

import pytest

from accounts.models import User
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import explaining
from tests.messaging import ledger_state
from tests.messaging.steps import sent
from textengage.cast import Company
from textengage.lib import clock

DAY = timedelta(days=1)


def test_first_text_uses_a_contact(acme: Company, thread: Conversation, rita: User) -> None:
    explained = explaining.explain(thread, by=rita)
    assert (explained.may_send, explained.needs_contact, explained.contacts_left) == (
        True,
        True,
        500,
    )
    assert (explained.cost, explained.sender) == ("Uses 1 contact, 500 left", acme.sender)


@pytest.mark.parametrize(
    ("left", "cost"), [(1, "Uses the last contact"), (2, "Uses 1 contact, 2 left")]
)
def test_cost_line_counts_down(thread: Conversation, rita: User, left: int, cost: str) -> None:
    ledger_state.leave(left)
    assert explaining.explain(thread, by=rita).cost == cost


def test_text_within_45_days_is_free_until_a_day(thread: Conversation, rita: User) -> None:
    message = sent(thread)
    explained = explaining.explain(thread, by=rita)
    assert message.decided_at is not None
    until = message.decided_at + 45 * DAY
    assert (explained.needs_contact, explained.free_until) == (False, until)
    assert explained.cost == f"Free until {until:%b} {until.day}"


def test_text_after_45_days_costs_again(thread: Conversation, rita: User) -> None:
    sent(thread)
    clock.shift(45 * DAY + timedelta(seconds=1))
    assert explaining.explain(thread, by=rita).cost == "Uses 1 contact, 499 left"


def test_no_contacts_left_is_explained(thread: Conversation, rita: User) -> None:
    ledger_state.leave(0)
    explained = explaining.explain(thread, by=rita)
    assert (explained.may_send, explained.verdict.code) == (False, "no_contacts")
    assert explained.verdict.sentence == (
        "No contacts left. Dana has not been texted before, so this needs 1."
    )


def test_explaining_counts_the_filled_text_and_writes_nothing(
    thread: Conversation, rita: User
) -> None:
    explained = explaining.explain(thread, by=rita, body="Hi $firstName " + "x" * 155)
    assert (explained.size.segments, Message.objects.count()) == (2, 0)
