"""Violations of the ledger and of the 45 days. Each returns the ids the audit must name."""

from uuid import uuid4

from credits.models import Balance, Grant, LedgerEntry
from messaging.conversations.models import Message
from tests.invariants import database
from tests.invariants.world import MICROSECOND, SECOND, WINDOW, Person, World


def c1_balance_of_no_ledger(world: World, dana: Person) -> list[object]:
    Balance.objects.update(balance=1)
    return [world.customer.id]


def c1_ledger_without_a_balance(world: World, dana: Person) -> list[object]:
    Balance.objects.all().delete()
    return [world.customer.id]


def c1_grant_gives_more_than_it_has(world: World, dana: Person) -> list[object]:
    Grant.objects.update(remaining=100)
    return [world.grant.id]


def c2_spent_before_it_was_given(world: World, dana: Person) -> list[object]:
    omar = world.person()
    text = world.text(omar, world.ago(days=850))
    return [world.charge(text, world.ago(days=850)).id]


def c3_first_text_without_a_charge(world: World, dana: Person) -> list[object]:
    return [world.text(world.person(), world.ago(hours=2)).id]


def c3_free_a_microsecond_after_45_days(world: World, dana: Person) -> list[object]:
    omar, at = world.person(), world.ago(days=50)
    world.text(omar, at, charged=True)
    return [world.text(omar, at + WINDOW + MICROSECOND).id]


def c3_charged_twice(world: World, dana: Person) -> list[object]:
    text = world.text(world.person(), world.ago(hours=2), charged=True)
    world.charge(text, world.ago(hours=1))
    return [text.id]


def c3_given_back_though_it_left(world: World, dana: Person) -> list[object]:
    text = world.text(world.person(), world.ago(hours=2), "undelivered")
    world.give_back(world.charge(text, world.ago(hours=2)), world.ago(hours=1))
    return [text.id]


def c3_unconfirmed_lost_its_charge(world: World, dana: Person) -> list[object]:
    text = world.text(world.person(), world.ago(hours=2), "unconfirmed")
    world.give_back(world.charge(text, world.ago(hours=2)), world.ago(hours=1))
    return [text.id]


def c4_second_text_charged(world: World, dana: Person) -> list[object]:
    return [world.text(dana, world.ago(hours=2), charged=True).id]


def c4_charged_at_exactly_45_days(world: World, dana: Person) -> list[object]:
    omar, at = world.person(), world.ago(days=50)
    world.text(omar, at, charged=True)
    return [world.text(omar, at + WINDOW, charged=True).id]


def c4_charged_though_a_merge_carried_the_text(world: World, dana: Person) -> list[object]:
    omar = world.person()
    world.text(omar, world.ago(days=100), charged=True)
    world.carry(omar, dana, world.ago(days=1), world.ago(hours=3))
    Message.objects.filter(contact_key=dana.key).update(decided_at=world.ago(days=100))
    return [world.text(dana, world.ago(hours=2), charged=True).id]


def c5_reversed_twice(world: World, dana: Person) -> list[object]:
    database.drop("credits_ledgerentry_reverses_id_key")
    text = world.failed(dana, world.ago(hours=2))
    charge = LedgerEntry.objects.get(kind="charge", message_id=text.id)
    world.give_back(charge, world.ago(hours=1))
    return [charge.id]


def c5_more_given_back_than_taken(world: World, dana: Person) -> list[object]:
    database.drop("credits_ledger_sign")
    text = world.text(dana, world.ago(hours=2), "failed")
    charge = world.charge(text, world.ago(hours=2))
    world.entry("refund", 2, world.ago(hours=1), reverses=charge)
    return [charge.id]


def c5_reversed_again_by_a_row_of_nothing(world: World, dana: Person) -> list[object]:
    database.drop("credits_ledgerentry_reverses_id_key")
    database.drop("credits_ledger_sign")
    text = world.failed(dana, world.ago(hours=2))
    charge = LedgerEntry.objects.get(kind="charge", message_id=text.id)
    world.entry("refund", 0, world.ago(hours=1), reverses=charge)
    return [charge.id]


def c5_an_expiry_reversed(world: World, dana: Person) -> list[object]:
    lost = world.entry("expiry", -1, world.ago(hours=2))
    world.entry("refund", 1, world.ago(hours=1), reverses=lost)
    return [lost.id]


def c5_a_grant_reversed(world: World, dana: Person) -> list[object]:
    database.drop("credits_ledger_sign")
    given = LedgerEntry.objects.get(kind="grant")
    world.entry("refund", -1, world.ago(hours=1), reverses=given)
    return [given.id]


def c6_failed_and_still_charged(world: World, dana: Person) -> list[object]:
    return [world.text(dana, world.ago(hours=2), "failed", charged=True).id]


def c6_canceled_and_still_charged(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2), "canceled", charged=True)
    return [text.id]


def c7_charged_to_another_person(world: World, dana: Person) -> list[object]:
    text = world.text(world.person(), world.ago(hours=2))
    wrong = world.entry("charge", -1, world.ago(hours=2), message_id=text.id, contact_key=dana.key)
    return [wrong.id]


def c7_charged_to_another_customer(world: World, dana: Person) -> list[object]:
    text = world.text(world.person(), world.ago(hours=2))
    globex = World("Globex", digit=2)
    wrong = globex.charge(text, world.ago(hours=2) + SECOND)
    return [wrong.id]


def c7_confirmation_charged(world: World, dana: Person) -> list[object]:
    confirmation = Message.objects.get(kind="compliance")
    return [world.charge(confirmation, world.ago(days=4)).id]


def c7_charge_for_no_text_given_back(world: World, dana: Person) -> list[object]:
    lost = world.entry("charge", -1, world.ago(hours=2), message_id=uuid4(), contact_key=dana.key)
    world.give_back(lost, world.ago(hours=1))
    return [lost.id]


def c7_charge_for_no_text(world: World, dana: Person) -> list[object]:
    lost = world.entry("charge", -1, world.ago(hours=2), message_id=uuid4(), contact_key=dana.key)
    return [lost.id]
