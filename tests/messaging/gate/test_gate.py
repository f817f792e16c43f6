"""The line of checks as a whole."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.models import Customer, License, User
from messaging.candidates.models import Candidate
from messaging.conversations.models import Conversation
from messaging.dispatch import explaining, outbox, stopping
from messaging.dispatch.drafting import Draft
from messaging.gate import gate
from messaging.gate.verdict import PASS, Batch, Check, Effect, Moment, Verdicts, refuse
from tests import make
from tests.messaging.gate.items import counting, item, judge
from textengage.cast import Company
from textengage.lib import clock, sql

LINE = gate.checks()


def codes(*verdicts: object) -> list[str]:
    return [str(getattr(verdict, "code", "")) for verdict in verdicts]


def test_ordinary_text_passes(dana: Candidate, rita: User) -> None:
    for moment in Moment:
        assert judge(item(dana, rita), moment=moment) == [PASS]


def test_first_check_that_objects_decides(dana: Candidate, rex: User) -> None:
    assert codes(*judge(item(dana, rex, body=" ", region="XX"))) == ["no_license"]
    Customer.objects.update(products=[])
    assert codes(*judge(item(dana, rex, body=" "))) == ["not_in_plan"]


def test_each_text_is_judged_by_itself(dana: Candidate, rita: User) -> None:
    verdicts = judge(item(dana, rita), item(dana, rita, body=""), item(dana, rita, region="FR"))
    assert codes(*verdicts) == ["", "empty", "country_not_served"]


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("fate", ["passes", "refused"])
def test_gate_asks_as_much_for_thirty_as_for_one(
    acme: Company, rita: User, rex: User, moment: Moment, fate: str
) -> None:
    people = [make.candidate(acme, number) for number in range(30)]
    by = rita if fate == "passes" else rex
    items = [item(person, by) for person in people]
    with counting() as for_one:
        judge(items[0], moment=moment)
    with counting() as for_thirty:
        judge(*items, moment=moment)
    assert len(for_thirty) == len(for_one) <= 12


def test_gate_asks_as_much_for_thirty_who_opted_out(acme: Company, rita: User) -> None:
    people = [make.candidate(acme, number) for number in range(30)]
    for person in people:
        stopping.stop(person, source="manual", by=rita)
    items = [item(person, rita) for person in people]
    with counting() as for_one:
        judge(items[0])
    with counting() as for_thirty:
        assert set(codes(*judge(*items))) == {"opted_out"}
    assert len(for_thirty) == len(for_one)


class Broken(Check):
    """Breaks."""

    code, rank = "broken", 0

    def apply(self, batch: Batch) -> Verdicts:
        return {batch.items[0].id: refuse(str(1 / 0), "")}


class BrokenInTheDatabase(Broken):
    """Breaks so that the transaction could not go on."""

    def apply(self, batch: Batch) -> Verdicts:
        sql.rows("SELECT 1 / 0")
        return {}


@pytest.mark.parametrize("broken", [Broken(), BrokenInTheDatabase()])
def test_broken_check_holds_and_lets_nothing_through(
    dana: Candidate,
    rita: User,
    broken: Check,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(gate, "checks", lambda: (*LINE, broken))
    now = clock.now()
    batch = Batch([item(dana, rita), item(dana, rita)], Moment.QUEUE, now)
    verdicts = list(gate.run(batch).values())
    assert codes(*verdicts) == ["check_failed"] * 2
    assert {verdict.effect for verdict in verdicts} == {Effect.HOLD}
    assert {verdict.until for verdict in verdicts} == {now + timedelta(minutes=1)}
    assert Candidate.objects.count() == 1
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_text_refused_before_a_broken_check_stays_refused(
    dana: Candidate, rita: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "checks", lambda: (*LINE, Broken()))
    assert codes(*judge(item(dana, rita, body=""), item(dana, rita))) == ["empty", "check_failed"]


def test_confirmation_passes_what_holds_other_texts(dana: Candidate, rita: User) -> None:
    """No license, opted out, another country, no contacts: a confirmation goes all the same."""
    stopping.stop(dana, source="inbound", word="STOP")
    sql.run("UPDATE credits_grant SET remaining = 0")
    License.objects.update(valid_to=clock.now())
    confirmation = item(dana, None, kind="compliance", region="FR")
    assert judge(confirmation, moment=Moment.WIRE) == [PASS]
    assert codes(*judge(replace(confirmation, kind="automatic"))) == ["no_license"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sender_id": None}, "no_sender"),
        ({"address_id": None}, "no_address"),
        ({"unusable_reason": "This is a landline."}, "unusable_address"),
        ({"body": ""}, "empty"),
        ({"body": "x" * 1601}, "too_long"),
    ],
)
def test_confirmation_that_cannot_go_does_not(
    dana: Candidate, changes: dict[str, object], code: str
) -> None:
    assert codes(*judge(item(dana, None, kind="compliance", **changes))) == [code]


def test_explain_agrees_with_queue(thread: Conversation, rita: User, rex: User) -> None:
    for by, body in ((rita, "Hi"), (rex, "Hi"), (rita, "x" * 1601)):
        explained = explaining.explain(thread, by=by, body=body)
        (message,) = outbox.queue([Draft(thread, body)], by=by)
        assert message.verdict == explained.verdict.as_json()
        assert explained.may_send is (message.state == "queued")


def test_explain_agrees_with_queue_after_a_stop(thread: Conversation, rita: User) -> None:
    stopping.stop(thread.candidate, source="inbound", word="stop")
    explained = explaining.explain(thread, by=rita)
    (message,) = outbox.queue([Draft(thread, "Hi")], by=rita)
    assert explained.verdict.code == "opted_out"
    assert message.verdict == explained.verdict.as_json()
