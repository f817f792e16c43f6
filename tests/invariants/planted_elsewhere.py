"""Violations around people, inbound texts and records. Each returns the ids to be named."""

import json

from django.contrib.auth.models import Permission
from django.db import connection

from accounts import audit, people, roles
from accounts.models import (
    AuditEntry,
    CustomerGroupPermission,
    CustomerUserPermission,
    License,
    Tick,
    User,
)
from messaging.candidates.models import Candidate
from messaging.conversations.models import Conversation
from messaging.inbound.models import InboundEvent
from tests.invariants import database
from tests.invariants.world import MINUTE, SECOND, Person, World


def g1_role_written_without_its_rows(world: World, dana: Person) -> list[object]:
    User.objects.filter(id=world.rex.id).update(role=roles.MANAGER)
    return [f"user {world.rex.id}"]


def g1_deactivated_and_still_in_the_group(world: World, dana: Person) -> list[object]:
    User.objects.filter(id=world.rex.id).update(is_active=False)
    return [f"user {world.rex.id}"]


def g1_group_lost_a_power(world: World, dana: Person) -> list[object]:
    name = people.group_name(world.customer.id, roles.REPORTER)
    CustomerGroupPermission.objects.filter(
        group__name=name, permission__codename="read_reports"
    ).delete()
    return [f"group {name}"]


def g1_group_reaches_into_another_customer(world: World, dana: Person) -> list[object]:
    globex = World("Globex", digit=2)
    name = people.group_name(world.customer.id, roles.REPORTER)
    row = CustomerGroupPermission.objects.filter(group__name=name).first()
    assert row is not None
    CustomerGroupPermission.objects.create(
        group=row.group, permission=row.permission, content_object=globex.customer
    )
    return [f"group {name}"]


def g1_power_given_to_one_person(world: World, dana: Person) -> list[object]:
    CustomerUserPermission.objects.create(
        user=world.rex,
        permission=Permission.objects.get(codename="purge_candidates"),
        content_object=world.customer,
    )
    return [f"power of user {world.rex.id}"]


def t1_thread_with_another_customers_candidate(world: World, dana: Person) -> list[object]:
    database.drop("messaging_conversation_candidate_id_same_customer")
    stranger = World("Globex", digit=2).person("Gus")
    thread = Conversation.objects.create(customer=world.customer, candidate=stranger.candidate)
    return [f"messaging_conversation.candidate_id {thread.id}"]


def t1_license_on_another_customers_seat(world: World, dana: Person) -> list[object]:
    database.drop("accounts_license_seat_id_same_customer")
    globex = World("Globex", digit=2)
    globex.license.delete()
    wrong = License.objects.create(
        customer=world.customer, seat=globex.license.seat, user=world.rex
    )
    return [f"accounts_license.seat_id {wrong.id}"]


def t3_active_person_of_no_customer(world: World, dana: Person) -> list[object]:
    database.drop("accounts_user_has_customer")
    return [User.objects.create_user("nobody@example.com").id]


def t3_role_nobody_knows(world: World, dana: Person) -> list[object]:
    database.drop("accounts_user_known_role")
    world.rex.groups.clear()
    User.objects.filter(id=world.rex.id).update(role="wizard")
    return [world.rex.id]


def t4_sent_for_somebody_without_a_license(world: World, dana: Person) -> list[object]:
    return [world.text(dana, world.ago(hours=2), licensee=world.rex).id]


def t4_sent_for_nobody(world: World, dana: Person) -> list[object]:
    return [world.text(dana, world.ago(hours=2), licensee=None).id]


def t4_license_ended_in_that_instant(world: World, dana: Person) -> list[object]:
    at = world.ago(hours=2)
    License.objects.update(valid_to=at + SECOND / 2)
    return [world.text(dana, at).id]


def r1_event_stored_twice(world: World, dana: Person) -> list[object]:
    database.drop("messaging_inboundevent_once")
    texts = [world.answer(dana, "Hello", world.ago(hours=2)) for _ in range(2)]
    events = InboundEvent.objects.filter(message__in=texts)
    events.update(event_key="SM-once")
    return list(events.values_list("id", flat=True))


def r2_event_left_lying(world: World, dana: Person) -> list[object]:
    at = world.now - 5 * MINUTE - SECOND
    return [world.event(None, at, processed_at=None).id]


def r3_text_that_nobody_sent(world: World, dana: Person) -> list[object]:
    text = world.answer(dana, "Hello", world.ago(hours=2))
    InboundEvent.objects.filter(message=text).delete()
    return [text.id]


def r3_one_text_of_two_events(world: World, dana: Person) -> list[object]:
    text = world.answer(dana, "Hello", world.ago(hours=2))
    world.event(text, world.ago(hours=2))
    return [text.id]


def r3_handled_event_without_a_text(world: World, dana: Person) -> list[object]:
    return [f"event {world.event(None, world.ago(hours=2)).id}"]


def p1_purged_name_left(world: World, dana: Person) -> list[object]:
    Candidate.objects.filter(purged_at__isnull=False).update(first_name="Li")
    return list(Candidate.objects.filter(purged_at__isnull=False).values_list("id", flat=True))


def p1_purged_address_left(world: World, dana: Person) -> list[object]:
    purged = Candidate.objects.get(purged_at__isnull=False)
    world.address(purged, "+14155550199")
    return [purged.id]


def p1_purged_text_left(world: World, dana: Person) -> list[object]:
    purged = Candidate.objects.get(purged_at__isnull=False)
    purged.messages.update(body="Hi Li")
    return [purged.id]


def p1_purged_preview_left(world: World, dana: Person) -> list[object]:
    purged = Candidate.objects.get(purged_at__isnull=False)
    purged.threads.update(last_preview="Hi Li")
    return [purged.id]


def p2_audit_holds_a_number(world: World, dana: Person) -> list[object]:
    entry = AuditEntry.objects.create(action="user.added", detail={"role": "of +15105550101"})
    return [entry.id]


def p2_audit_holds_an_email_address(world: World, dana: Person) -> list[object]:
    entry = AuditEntry.objects.create(action="user.added", detail={"role": "dana@example.com"})
    return [entry.id]


def a1_entry_changed(world: World, dana: Person) -> list[object]:
    return [_tamper("UPDATE accounts_auditentry SET action = 'user.added' WHERE id = %s")]


def a1_entry_changed_and_hashed_again(world: World, dana: Person) -> list[object]:
    _, middle, last = AuditEntry.objects.filter(link__isnull=False).order_by("link")
    row = AuditEntry.objects.filter(id=middle.id).values(*audit.FIELDS, "detail").get()
    value = audit.digest(middle.previous_hash, audit.facts_of({**row, "detail": {"n": 1}}))
    _tamper(
        "UPDATE accounts_auditentry SET detail = %s, hash = %s WHERE id = %s",
        json.dumps({"n": 1}),
        value,
    )
    return [last.id]


def a1_entry_removed(world: World, dana: Person) -> list[object]:
    last = AuditEntry.objects.get(link=3)
    _tamper("DELETE FROM accounts_auditentry WHERE id = %s")
    return [last.id]


def _tamper(statement: str, *values: str) -> int:
    """Do something to the middle entry that the database refuses; returns its id."""
    database.allow_change("accounts_auditentry")
    middle = AuditEntry.objects.get(link=2)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, middle.id])
    return middle.id


def b1_slot_done_twice(world: World, dana: Person) -> list[object]:
    database.drop("accounts_tick_once")
    slot = world.ago(minutes=7)
    return [Tick.objects.create(job="seal", slot=slot).id for _ in range(2)]
