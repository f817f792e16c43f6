"""Do Not Text: what waits is withdrawn, and only the person lifts it."""

from uuid import uuid4

import pytest

from accounts.models import AuditEntry, Team, User
from messaging.candidates import optout, roster
from messaging.candidates.models import Candidate, OptOut, OptOutMember
from messaging.conversations import threads
from messaging.conversations.models import Conversation
from messaging.dispatch import stopping
from tests.messaging.steps import balance, claimed, press_send, states
from textengage.cast import Company
from textengage.lib import clock


def stopped(candidate: Candidate) -> OptOut:
    given = stopping.stop(candidate, source="inbound", word="stop")
    assert given is not None
    return given


def test_stop_withdraws_what_waits_and_says_why(thread: Conversation) -> None:
    messages = [press_send(thread) for _ in range(3)]
    claimed()
    given = stopped(thread.candidate)
    assert (states(*messages), balance()) == (["refused"] * 3, 500)
    messages[0].refresh_from_db()
    assert messages[0].verdict is not None
    assert messages[0].verdict["sentence"] == "Dana opted out before this text left."
    assert given.effective_at <= clock.now()


def test_stop_is_for_one_person(thread: Conversation, omar: Candidate, rita: User) -> None:
    other = press_send(threads.open_with(omar, by=rita))
    stopped(thread.candidate)
    assert states(other) == ["queued"]


def test_stop_again_changes_nothing(dana: Candidate) -> None:
    stopped(dana)
    assert stopping.stop(dana, source="manual") is None
    assert (OptOut.objects.count(), OptOutMember.objects.count()) == (1, 1)


def test_stop_is_audited_without_the_number(dana: Candidate, rita: User) -> None:
    stopping.stop(dana, source="manual", by=rita)
    entry = AuditEntry.objects.get(action="candidate.opted_out")
    assert (entry.actor_id, entry.object_id, entry.detail) == (
        rita.id,
        dana.id,
        {"source": "manual"},
    )


def test_stop_holds_for_every_address_of_the_person(dana: Candidate, acme: Company) -> None:
    second = dana.addresses.create(
        customer=acme.customer, channel="sms", address="+15105550177", address_key=b"second"
    )
    given = stopped(dana)
    keys = [(acme.customer.id, bytes(each.address_key)) for each in dana.addresses.all()]
    assert optout.in_force(keys) == {key: [optout.InForce(given.id, None)] for key in keys}
    stopping.resume(dana, from_address_id=second.id, message_id=uuid4())
    assert optout.in_force(keys) == {}


def test_resume_lifts_everything_once(dana: Candidate) -> None:
    stopped(dana)
    address = dana.addresses.get()
    lifted = [
        stopping.resume(dana, from_address_id=address.id, message_id=uuid4()) for _ in range(2)
    ]
    assert (lifted, optout.state_of(dana)) == ([1, 0], None)
    assert AuditEntry.objects.filter(action="candidate.opted_in").count() == 1


def test_stop_after_a_resume_is_a_new_one(dana: Candidate) -> None:
    first = stopped(dana)
    address = dana.addresses.get()
    stopping.resume(dana, from_address_id=address.id, message_id=uuid4())
    assert stopped(dana).id != first.id
    assert OptOut.objects.filter(revoked_at=None).count() == 1


def test_new_address_joins_what_holds(dana: Candidate, acme: Company) -> None:
    given = stopped(dana)
    second = dana.addresses.create(
        customer=acme.customer, channel="sms", address="+15105550177", address_key=b"second"
    )
    optout.join(dana, second)
    key = (acme.customer.id, b"second")
    assert optout.in_force([key]) == {key: [optout.InForce(given.id, None)]}


def test_opted_out_number_stays_so_with_another_candidate(dana: Candidate, acme: Company) -> None:
    given = stopped(dana)
    dana.addresses.all().delete()
    again = roster.add(
        acme.customer, first_name="Dan", last_name="K.", number="+15105550142", by=None
    )
    assert optout.state_of(again) == given


def test_in_force_asks_once_for_many(dana: Candidate, omar: Candidate) -> None:
    stopped(dana)
    keys = [
        (person.customer_id, bytes(person.addresses.get().address_key)) for person in (dana, omar)
    ]
    assert list(optout.in_force(keys)) == keys[:1]
    assert optout.in_force([]) == {}


@pytest.mark.parametrize("first_team", [True, False])
def test_stop_of_the_whole_customer_comes_on_top_of_a_teams(
    dana: Candidate, acme: Company, first_team: bool
) -> None:
    team = Team.objects.create(customer=acme.customer, name="Nurses")
    given = [
        stopping.stop(dana, source="manual", team_id=team_id)
        for team_id in ((team.id, None) if first_team else (None, team.id))
    ]
    assert [each is not None for each in given] == [True, first_team]
