"""What is unusual but right: the audit finds nothing, with everything examined."""

from uuid import uuid4

import pytest

from accounts.models import License, Team, User
from messaging.candidates.models import Candidate
from tests.invariants.world import MICROSECOND, MINUTE, SECOND, WINDOW, Person, World
from textengage import invariants


@pytest.fixture
def dana(world: World) -> Person:
    return world.live_through_a_week()


def violations() -> dict[str, list[str]]:
    found = invariants.inspect().findings
    return {each.code: finding.ids for each, finding in found.items() if finding.count}


def test_ordinary_week_violates_nothing_and_shows_everything(dana: Person) -> None:
    report = invariants.inspect()
    assert (report.violations, report.not_shown) == (0, [])


def test_empty_world_violates_nothing(world: World) -> None:
    assert violations() == {}


def test_two_customers_with_the_same_numbers_and_keys_are_apart(world: World, dana: Person) -> None:
    globex = World("Globex", digit=2)
    gus = globex.person("Gus")
    # One person in two companies: what Globex knows of the number is not Acme's.
    gus.address.address, gus.address.address_key = dana.address.address, dana.address.address_key
    gus.address.save()
    globex.text(gus, world.ago(days=3), contact_key=dana.key, charged=True, idempotency_key="first")
    globex.opt_out(gus, world.ago(days=2))
    world.text(dana, world.ago(days=1))
    assert violations() == {}


def test_given_back_and_charged_again(world: World) -> None:
    omar, at = world.person("Omar"), world.ago(hours=3)
    text = world.text(omar, at + MINUTE)
    world.give_back(world.charge(text, at), at + SECOND)
    world.attempt(text, at, number=2, provider_sid="", outcome="not_sent")
    world.charge(text, at + MINUTE)
    assert violations() == {}


def test_next_text_after_a_give_back_is_charged(world: World) -> None:
    omar = world.person("Omar")
    world.failed(omar, world.ago(hours=3))
    world.text(omar, world.ago(hours=2), charged=True)
    assert violations() == {}


def test_free_at_exactly_45_days(world: World) -> None:
    omar, at = world.person("Omar"), world.ago(days=50)
    world.text(omar, at, charged=True)
    world.text(omar, at + WINDOW)
    assert violations() == {}


def test_charged_a_microsecond_after_45_days(world: World) -> None:
    omar, at = world.person("Omar"), world.ago(days=50)
    world.text(omar, at, charged=True)
    world.text(omar, at + WINDOW + MICROSECOND, charged=True)
    assert violations() == {}


def test_compliance_reply_starts_no_45_days(world: World) -> None:
    omar = world.person("Omar")
    world.text(omar, world.ago(hours=3), kind="compliance")
    world.text(omar, world.ago(hours=2), charged=True)
    assert violations() == {}


def test_merge_carries_the_other_persons_45_days(world: World, dana: Person) -> None:
    omar = world.person("Omar")
    world.text(omar, world.ago(days=2), charged=True)
    kept = world.person("Omar again")
    world.carry(omar, kept, world.ago(days=2), world.ago(days=1))
    world.text(kept, world.ago(hours=2))
    assert violations() == {}


def test_carry_of_an_older_text_changes_nothing(world: World, dana: Person) -> None:
    omar = world.person("Omar")
    world.text(omar, world.ago(days=60), charged=True)
    world.carry(omar, dana, world.ago(days=60), world.ago(days=1))
    world.text(dana, world.ago(hours=2))
    assert violations() == {}


def test_charge_before_a_merge_stays_though_the_carried_text_is_older(world: World) -> None:
    omar, kept = world.person("Omar"), world.person("Omar again")
    world.text(omar, world.ago(days=3), charged=True)
    world.text(kept, world.ago(days=2), charged=True)
    world.carry(omar, kept, world.ago(days=3), world.ago(days=1))
    world.text(kept, world.ago(hours=2))
    assert violations() == {}


def test_given_back_before_a_merge_and_charged_to_the_kept_person(world: World) -> None:
    omar, kept, at = world.person("Omar"), world.person("Omar again"), world.ago(hours=3)
    text = world.text(kept, at)
    early = world.ago(hours=4)
    charge = world.entry("charge", -1, early, message_id=text.id, contact_key=omar.key)
    world.give_back(charge, early + SECOND)
    world.charge(text, at)
    assert violations() == {}


def test_purged_and_created_again_is_the_same_person(world: World) -> None:
    gone = world.person("Omar")
    world.text(gone, world.ago(days=9), charged=True)
    number = gone.address.address
    world.purge(gone, world.ago(days=8))
    # The address's hash found the key: the new row takes it, the purged one gives it up.
    Candidate.objects.filter(id=gone.candidate.id).update(contact_key=uuid4())
    back = world.person("Omar")
    Candidate.objects.filter(id=back.candidate.id).update(contact_key=gone.key)
    back.address.address = number
    back.address.save()
    back.key = gone.key
    world.text(back, world.ago(days=1))
    assert violations() == {}


def test_stop_start_stop(world: World, dana: Person) -> None:
    first = world.stop(dana, world.ago(hours=5))
    world.start(dana, world.ago(hours=4), lifting=first)
    assert first.revoked_at is not None
    text = world.text(dana, world.ago(hours=3))
    text.attempts.update(wire_at=first.revoked_at)
    world.stop(dana, world.ago(hours=2))
    assert violations() == {}


def test_second_stop_while_opted_out_needs_no_second_optout(world: World, dana: Person) -> None:
    world.stop(dana, world.ago(hours=5))
    world.answer(dana, "stop", world.ago(hours=4))
    assert violations() == {}


def test_stop_of_the_last_five_seconds_may_be_on_its_way(world: World, dana: Person) -> None:
    world.answer(dana, "STOP", world.now - 3 * SECOND)
    assert violations() == {}


def late(world: World, dana: Person, body: str, hours: int) -> None:
    """A text that was found in the provider's list an hour ago."""
    message = world.answer(dana, body, world.ago(hours=hours))
    message.recovered_at = world.ago(hours=1)
    message.save()


def test_stop_that_was_found_late_acts_when_it_is_found(world: World, dana: Person) -> None:
    late(world, dana, "STOP", 3)
    world.opt_out(dana, world.ago(hours=1) + SECOND)
    assert violations() == {}


def test_stop_that_was_found_after_start_need_not_act(world: World, dana: Person) -> None:
    late(world, dana, "STOP", 3)
    world.answer(dana, "Start!", world.ago(hours=2))
    assert violations() == {}


@pytest.mark.parametrize("body", ["Please stop", "stop 2", "ends", "I quit!", "", "STOP. Thanks"])
def test_ordinary_words_need_no_optout(body: str, world: World, dana: Person) -> None:
    world.answer(dana, body, world.ago(hours=2))
    assert violations() == {}


def test_claimed_before_the_stop_and_never_on_the_wire(world: World, dana: Person) -> None:
    text = world.text(dana, world.ago(hours=2), "canceled")
    text.attempts.update(wire_at=None)
    world.stop(dana, world.ago(hours=2) + SECOND)
    assert violations() == {}


def test_on_the_wire_just_before_the_stop(world: World, dana: Person) -> None:
    at = world.ago(hours=2)
    world.text(dana, at)
    world.opt_out(dana, at + SECOND / 2 + MICROSECOND)
    assert violations() == {}


def test_team_optout_leaves_other_teams_alone(world: World, dana: Person) -> None:
    north = Team.objects.create(customer=world.customer, name="North")
    world.opt_out(dana, world.ago(hours=2), team=north)
    world.text(dana, world.ago(hours=1))
    assert violations() == {}


def test_receipts_late_reversed_and_unknown_words(world: World, dana: Person) -> None:
    text = world.text(dana, world.ago(hours=3))
    for word in ("undelivered", "failed", "queued", "accepted", "partially_delivered"):
        world.receipt(text, word, world.ago(minutes=1))
    assert violations() == {}


def test_receipt_before_the_answer(world: World, dana: Person) -> None:
    text = world.text(dana, world.now - 20 * SECOND, "sending")
    world.receipt(
        text, "delivered", world.now - 10 * SECOND, provider_sid="SM-early", applied_at=None
    )
    assert violations() == {}


def test_receipt_with_a_word_that_proves_nothing(world: World, dana: Person) -> None:
    text = world.text(dana, world.ago(minutes=30), "uncertain")
    world.receipt(text, "canceled", world.ago(minutes=20), provider_sid="SM-x", applied_at=None)
    assert violations() == {}


def test_receipt_of_an_unknown_text_is_parked(world: World, dana: Person) -> None:
    text = world.text(dana, world.ago(hours=3))
    world.receipt(
        text,
        "sent",
        world.ago(hours=2),
        provider_sid="SM-none",
        attempt_id=None,
        applied_at=None,
        parked=True,
    )
    assert violations() == {}


@pytest.mark.parametrize("state", ["queued", "held", "refused", "canceled", "expired"])
def test_text_that_never_left_costs_nothing(state: str, world: World, dana: Person) -> None:
    world.unsent(dana, state)
    world.unsent(world.person("Omar"), state)
    assert violations() == {}


def test_canceled_after_the_claim_gave_its_contact_back(world: World) -> None:
    text = world.text(world.person("Omar"), world.ago(hours=2), "canceled")
    text.attempts.update(wire_at=None)
    world.give_back(world.charge(text, world.ago(hours=2)), world.ago(hours=2) + SECOND)
    assert violations() == {}


def test_unconfirmed_keeps_its_charge_and_its_instant(world: World) -> None:
    omar = world.person("Omar")
    world.text(omar, world.ago(hours=3), "unconfirmed", charged=True)
    world.text(omar, world.ago(hours=2))
    assert violations() == {}


def test_in_flight_within_its_lease(world: World, dana: Person) -> None:
    world.text(dana, world.now - 80 * SECOND, "claimed")
    world.text(world.person("Omar"), world.now - 80 * SECOND, "sending", charged=True)
    world.text(world.person("Ana"), world.ago(hours=23), "uncertain", charged=True)
    assert violations() == {}


def test_queued_again_after_the_provider_was_busy(world: World, dana: Person) -> None:
    text = world.text(dana, world.ago(hours=2), "queued")
    text.attempts.update(outcome="not_sent", provider_sid="")
    assert violations() == {}


def test_platform_staff_belong_to_no_customer(world: World) -> None:
    User.objects.create_superuser("staff@example.com", "secret", role="user")
    assert violations() == {}


def test_seat_handed_over_between_two_texts(world: World, dana: Person) -> None:
    handed = world.ago(hours=2)
    license = world.license
    world.text(dana, world.ago(hours=3))
    License.objects.update(valid_to=handed)
    License.objects.create(
        customer=world.customer, seat=license.seat, user=world.rex, valid_from=handed
    )
    text = world.text(dana, world.ago(hours=1), author=world.rex, licensee=world.rex)
    text.attempts.update(wire_at=handed)
    assert violations() == {}


def test_inbound_event_parked_with_its_error(world: World, dana: Person) -> None:
    world.event(None, world.ago(hours=2), processed_at=None, parked=True, error="ValueError")
    world.event(None, world.now - 4 * MINUTE, processed_at=None)
    assert violations() == {}


def test_expired_grant_leaves_ledger_and_balance_equal(world: World, dana: Person) -> None:
    world.grant.refresh_from_db()
    world.entry("expiry", -world.grant.remaining, world.now)
    assert violations() == {}
