"""Each check refuses exactly what it says it refuses."""

from datetime import timedelta
from uuid import UUID

import pytest

from accounts import licenses, people
from accounts.models import Customer, License, Team, User
from credits.models import Country, Grant
from messaging.candidates import optout, roster
from messaging.candidates.models import Candidate
from messaging.dispatch import stopping
from messaging.gate import gate
from messaging.gate.verdict import Effect, Moment, Verdict
from messaging.senders.models import ProviderAccount, Sender
from tests import make
from tests.messaging.gate.items import ask, item
from textengage.cast import Company
from textengage.lib import clock

CHECKS = {check.code: check for check in gate.checks()}


def said(verdict: Verdict | None) -> tuple[str, str, str] | None:
    return (verdict.effect.value, verdict.code, verdict.sentence) if verdict else None


# --- product ----------------------------------------------------------------------------


def test_product_refuses_a_channel_that_is_not_in_the_plan(dana: Candidate, rita: User) -> None:
    Customer.objects.update(products=["api", "assistant"])
    (verdict,) = ask(CHECKS["product"], item(dana, rita))
    assert said(verdict) == ("refuse", "not_in_plan", "Acme does not have SMS in its plan.")


def test_product_refuses_an_inactive_customer_even_a_confirmation(dana: Candidate) -> None:
    Customer.objects.update(is_active=False)
    (verdict,) = ask(CHECKS["product"], item(dana, None, kind="compliance"))
    assert verdict is not None
    assert verdict.code == "not_in_plan"


def test_product_lets_a_confirmation_go_without_the_product(dana: Candidate) -> None:
    Customer.objects.update(products=[])
    assert ask(CHECKS["product"], item(dana, None, kind="compliance")) == [None]


# --- license ----------------------------------------------------------------------------


def test_license_is_needed_in_any_role(dana: Candidate, acme: Company) -> None:
    sentence = (
        "You can read and add notes, but not send: you have no license. Mona can give you one."
    )
    for name in ("Rex", "Mona", "Carla"):
        (verdict,) = ask(CHECKS["license"], item(dana, acme.people[name]))
        assert said(verdict) == ("refuse", "no_license", sentence)


def test_license_must_be_valid_now(dana: Candidate, rita: User) -> None:
    ends = clock.now() + timedelta(days=1)
    License.objects.filter(user=rita).update(valid_to=ends)
    assert ask(CHECKS["license"], item(dana, rita)) == [None]
    clock.shift(timedelta(days=1))
    assert ask(CHECKS["license"], item(dana, rita)) != [None]


def test_license_of_a_deactivated_person_does_not_count(
    dana: Candidate, rita: User, carla: User
) -> None:
    people.deactivate(rita, by=carla)
    assert ask(CHECKS["license"], item(dana, rita)) != [None]


def test_license_at_another_customer_does_not_count(dana: Candidate, gus: User) -> None:
    assert ask(CHECKS["license"], item(dana, gus)) != [None]


def test_license_lost_while_the_text_waited_holds_it(dana: Candidate, rita: User) -> None:
    licenses.end(rita, by=None)
    (verdict,) = ask(CHECKS["license"], item(dana, rita), moment=Moment.WIRE)
    assert said(verdict) == ("hold", "no_license", "Rita no longer has a license.")


# --- sender -----------------------------------------------------------------------------


def test_sender_must_exist(dana: Candidate, rita: User) -> None:
    (verdict,) = ask(CHECKS["sender"], item(dana, rita, sender_id=None))
    sentence = "You have a license but no texting number yet. Mona can assign one."
    assert said(verdict) == ("refuse", "no_sender", sentence)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("active", None),
        ("released", ("refuse", "no_sender")),
        ("pending", ("refuse", "sender_pending")),
        ("paused", ("hold", "sender_paused")),
    ],
)
def test_sender_must_be_active(
    dana: Candidate, rita: User, state: str, expected: tuple[str, str] | None
) -> None:
    Sender.objects.update(state=state)
    (verdict,) = ask(CHECKS["sender"], item(dana, rita))
    assert (said(verdict) or (None,))[:2] == (expected or (None,))


def test_sender_waits_while_its_account_is_paused(dana: Candidate, rita: User) -> None:
    ProviderAccount.objects.update(paused_reason="The provider account is suspended")
    (verdict,) = ask(CHECKS["sender"], item(dana, rita))
    assert said(verdict) == ("hold", "sender_paused", "Waits: The provider account is suspended.")


# --- do_not_text ------------------------------------------------------------------------


def test_do_not_text_says_who_asked_and_how_it_ends(dana: Candidate, rita: User) -> None:
    given = stopping.stop(dana, source="inbound", word="stop")
    assert given is not None
    (verdict,) = ask(CHECKS["do_not_text"], item(dana, rita))
    day = f"{given.effective_at:%b} {given.effective_at.day}"
    assert said(verdict) == (
        "refuse",
        "opted_out",
        f"Do Not Text. Dana texted STOP on {day}. Nobody at Acme can text Dana on any channel."
        " Only Dana can change this, by texting START from the number ending in 0142.",
    )


@pytest.mark.parametrize(
    ("source", "how"),
    [("manual", "Rita marked this on"), ("provider", "The carrier reports that they opted out on")],
)
def test_do_not_text_names_its_source(dana: Candidate, rita: User, source: str, how: str) -> None:
    stopping.stop(dana, source=source, by=rita)
    (verdict,) = ask(CHECKS["do_not_text"], item(dana, rita))
    assert verdict is not None
    assert verdict.sentence.startswith(f"Do Not Text. {how} ")


def test_do_not_text_ends_when_it_is_lifted(dana: Candidate, rita: User) -> None:
    stopping.stop(dana, source="inbound", word="stop")
    optout.lift(dana.addresses.get(), message_id=dana.id)
    assert ask(CHECKS["do_not_text"], item(dana, rita)) == [None]


def test_do_not_text_of_a_team_holds_for_it_and_the_teams_below(
    acme: Company, dana: Candidate, rita: User
) -> None:
    nurses, other = (Team.objects.create(customer=acme.customer, name=n) for n in ("N", "O"))
    stopping.stop(dana, source="manual", by=rita, team_id=nurses.id)
    paths: list[list[UUID]] = [[nurses.id], [other.id, nurses.id], [other.id], []]
    verdicts = ask(
        CHECKS["do_not_text"], *(item(dana, rita, sender_team_path=path) for path in paths)
    )
    assert [verdict is None for verdict in verdicts] == [False, False, True, True]


def test_do_not_text_at_one_customer_is_not_another_ones(
    dana: Candidate, globex: Company, gus: User
) -> None:
    stopping.stop(dana, source="inbound", word="stop")
    same_number = roster.add(
        globex.customer, first_name="Dana", last_name="Kim", number="+15105550142", by=gus
    )
    assert ask(CHECKS["do_not_text"], item(same_number, gus)) == [None]


# --- address, country, length -----------------------------------------------------------


def test_address_must_exist_and_be_usable(dana: Candidate, rita: User) -> None:
    absent, unusable = ask(
        CHECKS["address"],
        item(dana, rita, address_id=None),
        item(dana, rita, unusable_reason="This is a landline, which cannot receive texts."),
    )
    assert said(absent) == ("refuse", "no_address", "Dana has no number for this channel.")
    assert said(unusable) == (
        "refuse",
        "unusable_address",
        "This is a landline, which cannot receive texts. Correct the number.",
    )


def test_country_must_be_served(dana: Candidate, rita: User) -> None:
    places = (("US", "+15105550142"), ("FR", "+33612345678"), ("", ""))
    items = [item(dana, rita, region=region, address=address) for region, address in places]
    verdicts = ask(CHECKS["country"], *items)
    assert [said(verdict) for verdict in verdicts] == [
        None,
        ("refuse", "country_not_served", "No SMS to France from your numbers."),
        ("refuse", "country_not_served", "No SMS to this country from your numbers."),
    ]


def test_country_no_longer_served_is_called_by_its_name(dana: Candidate, rita: User) -> None:
    Country.objects.filter(code="PL").update(has_local_numbers=False)
    (verdict,) = ask(CHECKS["country"], item(dana, rita, region="PL", address="+48512345678"))
    assert verdict is not None
    assert verdict.sentence == "No SMS to Poland from your numbers."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", ("refuse", "empty", "Write something first.")),
        (" \n\t", ("refuse", "empty", "Write something first.")),
        ("x" * 1600, None),
        ("x" * 1601, ("refuse", "too_long", "1 character too long.")),
        ("x" * 1700, ("refuse", "too_long", "100 characters too long.")),
        ("\N{GRINNING FACE}" * 800, None),
        ("\N{GRINNING FACE}" * 801, ("refuse", "too_long", "2 characters too long.")),
    ],
)
def test_length_is_what_the_carrier_takes(
    dana: Candidate, rita: User, body: str, expected: tuple[str, str, str] | None
) -> None:
    (verdict,) = ask(CHECKS["length"], item(dana, rita, body=body))
    assert said(verdict) == expected


def test_length_does_not_blame_an_empty_composer(dana: Candidate, rita: User) -> None:
    assert ask(CHECKS["length"], item(dana, rita, body=""), moment=Moment.EXPLAIN) == [None]


# --- contacts ---------------------------------------------------------------------------


def test_contacts_hold_those_for_whom_none_is_left(acme: Company, rita: User) -> None:
    people = [make.candidate(acme, number) for number in range(3)]
    Grant.objects.update(remaining=2)
    verdicts = ask(CHECKS["contacts"], *(item(person, rita) for person in people))
    assert [said(verdict) for verdict in verdicts] == [
        None,
        None,
        (
            "hold",
            "no_contacts",
            "No contacts left. Number2 has not been texted before, so this needs 1.",
        ),
    ]


def test_contacts_count_a_person_once(dana: Candidate, rita: User) -> None:
    Grant.objects.update(remaining=1)
    assert ask(CHECKS["contacts"], item(dana, rita), item(dana, rita)) == [None, None]


def test_contacts_are_decided_by_the_ledger_before_the_wire(dana: Candidate, rita: User) -> None:
    Grant.objects.update(remaining=0)
    assert ask(CHECKS["contacts"], item(dana, rita), moment=Moment.WIRE) == [None]
    (verdict,) = ask(CHECKS["contacts"], item(dana, rita), moment=Moment.EXPLAIN)
    assert verdict is not None
    assert verdict.effect is Effect.HOLD
