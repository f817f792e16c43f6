"""The map of the provider's error codes: complete, readable, safe for what it does not know."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from messaging.dispatch import errors
from messaging.dispatch.errors import Meaning, meaning_of
from messaging.providers import Answer, Outcome
from messaging.senders.models import Sender

# By the actions that RULES 4.3 asks for.
RULES = {
    "later": "20429 63017 63018 63038",
    "uncertain": "20500 20503",
    "pause_account": "20003 20005 30002",
    "pause_sender": "21603 21606 21611 30001 30022 30023 30027 30032 30034 63013 63026 63039",
    "pause_country": "21408",
    "opt_out": "21610",
    "unusable": "21211 21614 30005 30006",
    "final": "21612 30003 30017 30004 30007 30008 30025 30026",
    "bug": "21617 21602 21620 21623 30019",
    "template": "63016 63027 63028 63041 21654 21655 21656",
    "other_channel": "63003 63024 63032 63033",
}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("code", errors.known())
def test_every_code_has_an_action_and_a_sentence(code: str) -> None:
    meaning = errors.known()[code]
    assert code.isdecimal()
    assert meaning.action in errors.ACTIONS
    assert re.fullmatch(r"[A-Z].*\S\.", meaning.sentence)
    assert len(meaning.sentence) <= 90
    assert "  " not in meaning.sentence
    assert len(meaning.sentence) <= (Sender._meta.get_field("pause_reason").max_length or 0)


@pytest.mark.parametrize(
    ("action", "code"),
    [(action, code) for action, codes in RULES.items() for code in codes.split()],
)
def test_codes_of_the_rules_have_their_actions(action: str, code: str) -> None:
    assert errors.known()[code].action == action


def test_map_names_its_source_and_date() -> None:
    head = json.loads(errors.FILE.read_text(encoding="utf-8"))
    assert datetime.fromisoformat(head["date"]).year >= 2026
    assert "Twilio" in head["source"]


@pytest.mark.parametrize("code", ["", "1", "45999", "none"])
def test_unknown_code_is_final_and_shown(code: str) -> None:
    sentence = f"The carrier refused it (code {code or '?'})."
    assert meaning_of(code) == Meaning("final", sentence)
    assert meaning_of(code).outcome is Outcome.FAILED


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_turned_away_has_a_problem_with_the_account(status: int) -> None:
    for code in ("", "45999"):
        assert meaning_of(code, status).action == "pause_account"
    assert meaning_of("21610", status).action == "opt_out"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("21211", Outcome.FAILED),
        ("20429", Outcome.NOT_SENT),
        ("20005", Outcome.NOT_SENT),
        ("21606", Outcome.NOT_SENT),
        ("21408", Outcome.NOT_SENT),
        ("20503", Outcome.UNCERTAIN),
        ("45999", Outcome.FAILED),
    ],
)
def test_map_alone_decides_what_becomes_of_a_refused_text(code: str, outcome: Outcome) -> None:
    assert errors.outcome_of(Answer(Outcome.FAILED, http_status=400, error_code=code)) is outcome
    for other in (Outcome.ACCEPTED, Outcome.NOT_SENT, Outcome.UNCERTAIN):
        assert errors.outcome_of(Answer(other, error_code=code)) is other


def test_pause_ends_after_seconds_at_midnight_or_by_a_person() -> None:
    assert meaning_of("21611").ends_at(NOON) == NOON + timedelta(minutes=30)
    assert meaning_of("30023").ends_at(NOON) == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert meaning_of("20003").ends_at(NOON) is None


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-03-02T07:59:59", "2026-03-02T08:00:00"),
        ("2026-03-02T08:00:00", "2026-03-03T08:00:00"),
        ("2026-03-08T12:00:00", "2026-03-09T07:00:00"),
        ("2026-11-01T12:00:00", "2026-11-02T08:00:00"),
    ],
)
def test_midnight_is_the_pacific_coasts_also_when_clocks_change(now: str, midnight: str) -> None:
    begun = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert errors.next_midnight(begun) == datetime.fromisoformat(midnight).replace(tzinfo=UTC)
