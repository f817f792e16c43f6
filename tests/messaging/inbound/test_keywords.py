"""Which texts are orders, and which only contain the words."""

import pytest

from messaging.inbound import keywords
from tests.messaging.inbound.spellings import ORDINARY, STOPS


@pytest.mark.parametrize("text", STOPS)
def test_stop_is_obeyed_however_it_is_spelled(text: str) -> None:
    assert keywords.order_in(text) == "stop"


@pytest.mark.parametrize("text", ORDINARY)
def test_sentence_with_the_word_inside_is_conversation(text: str) -> None:
    assert keywords.order_in(text) is None


@pytest.mark.parametrize("text", ["START", "start", "Start.", "UNSTOP", "“unstop”", "\uff33tart"])
def test_start_and_unstop_lift(text: str) -> None:
    assert keywords.order_in(text) == "start"


@pytest.mark.parametrize("text", ["HELP", "help?", "Help!!", "info", "INFO.", "🆘 help"])
def test_help_and_info_ask(text: str) -> None:
    assert keywords.order_in(text) == "help"


@pytest.mark.parametrize("text", ["YES", "yes", "Y", "OK", "NO", "1", ""])
def test_yes_and_no_are_answers(text: str) -> None:
    assert keywords.order_in(text) is None


def test_every_word_of_the_list_is_found_by_itself() -> None:
    assert len(keywords.words()) == 23
    assert {keywords.order_in(word) for word in keywords.words()} == {"stop", "start", "help"}


def test_longer_than_a_text_can_be_is_no_order() -> None:
    assert keywords.order_in("stop" + "!" * 1_596) == "stop"
    assert keywords.order_in("stop" + "!" * 1_597) is None


def test_folding_is_settled_after_once() -> None:
    for text in (*STOPS, *ORDINARY):
        assert keywords.fold(keywords.fold(text)) == keywords.fold(text)
