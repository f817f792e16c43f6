"""What goes out is what was written, with its variables filled once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.candidates.models import Candidate
from messaging.conversations.models import Conversation
from messaging.wording import variables
from tests.messaging.steps import press_send


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("Hi $firstName $lastName", "Hi Dana Kim"),
        ("It is $myFirstName $myLastName from $company", "It is Rita Ruiz from Acme"),
        ("About the $job role", "About the Staff nurse role"),
        ("$currentTitle(friend), hi", "friend, hi"),
        ("Hi$firstName.", "HiDana."),
        ("$firstName$lastName", "DanaKim"),
        ("$firstname $FIRSTNAME $nope", "$firstname $FIRSTNAME $nope"),
        ("It pays $18.50/hr, or $ 20", "It pays $18.50/hr, or $ 20"),
        ("{{7*7}} {% debug %} ${} #{1}", "{{7*7}} {% debug %} ${} #{1}"),
        ("{0.__class__} {firstName} %(firstName)s", "{0.__class__} {firstName} %(firstName)s"),
        ("$firstName($lastName)", "Dana(Kim)"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
    ],
)  # fmt: skip
def test_body_is_filled(thread: Conversation, written: str, sent: str) -> None:
    assert press_send(thread, written).body == sent


@pytest.mark.parametrize("name", ["$lastName", "{{phone}}", "$company($job)", "${7*7}", "\\1"])
def test_name_that_looks_like_a_variable_is_not_filled_again(
    thread: Conversation, name: str
) -> None:
    Candidate.objects.update(first_name=name)
    thread.candidate.first_name = name
    assert press_send(thread, "Hi $firstName!").body == f"Hi {name}!"


def test_line_break_of_a_browser_counts_once(thread: Conversation) -> None:
    message = press_send(thread, "x" * 79 + "\r\n" + "y" * 80)
    assert (message.segments, len(message.body or "")) == (1, 160)


def test_length_is_judged_after_filling(thread: Conversation) -> None:
    assert press_send(thread, "$firstName " + "x" * 1595).segments == 11


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60), st.text(max_size=20))
def test_values_are_never_scanned_again(written: str, name: str) -> None:
    facts = variables.Facts(first_name=name)
    once = variables.fill(written.replace("$", "") + "$firstName", facts).text
    assert once == written.replace("$", "") + name
