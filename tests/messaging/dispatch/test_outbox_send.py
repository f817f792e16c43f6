"""One text: a row, or a refusal that leaves nothing behind."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import AuditEntry, Customer, User
from credits.models import ContactWindow, LedgerEntry
from messaging.candidates.models import Candidate
from messaging.conversations import threads
from messaging.conversations.models import Attempt, Conversation, Message
from messaging.dispatch import outbox, stopping
from messaging.dispatch.drafting import Draft
from messaging.senders.models import ProviderAccount, Sender
from tests.messaging import ledger_state
from tests.messaging.steps import balance, press_send, state
from textengage.cast import Company
from textengage.lib import clock, sql
from textengage.lib.refusal import Refused
from textengage.lib.scoping import within

HOUR = timedelta(hours=1)


def test_send_queues_one_row_with_all_it_stands_for(
    acme: Company, thread: Conversation, rita: User
) -> None:
    before = clock.now()
    message = press_send(thread, "Hi $firstName")
    message.refresh_from_db()
    assert (message.state, message.direction, message.kind) == ("queued", "out", "typed")
    assert (message.body, message.segments, message.encoding) == ("Hi Dana", 1, "GSM-7")
    assert (message.author, message.licensee, message.sender) == (rita, rita, acme.sender)
    assert message.verdict is not None
    assert message.verdict["effect"] == "pass"
    assert message.due_at is not None
    assert message.expires_at == message.due_at + 24 * HOUR
    assert before <= message.due_at <= clock.now()


def test_send_is_audited_without_what_was_written(thread: Conversation, rita: User) -> None:
    message = press_send(thread)
    entry = AuditEntry.objects.get(action="message.queued")
    assert (entry.actor_id, entry.object_id) == (rita.id, message.id)
    assert entry.detail == {"count": 1}


def test_send_charges_nothing_yet(thread: Conversation) -> None:
    press_send(thread)
    assert (balance(), Attempt.objects.count()) == (500, 0)


def test_send_summarizes_the_thread(thread: Conversation) -> None:
    message = press_send(thread)
    thread.refresh_from_db()
    assert (thread.last_preview, thread.last_direction) == ("Hi Dana", "out")
    assert (thread.last_message_at, thread.last_sender) == (message.created_at, message.sender)


def _nothing_moved(work: object) -> tuple[Refused, bool]:
    counts = [model.objects.count() for model in (Message, AuditEntry, LedgerEntry, Attempt)]
    moments = list(ContactWindow.objects.values_list("last_at"))
    assert callable(work)
    with pytest.raises(Refused) as refusal:
        work()
    same = counts == [m.objects.count() for m in (Message, AuditEntry, LedgerEntry, Attempt)]
    return refusal.value, same and moments == list(ContactWindow.objects.values_list("last_at"))


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "empty"), (" \n ", "empty"), ("$currentTitle", "empty"), ("x" * 1601, "too_long")],
)
def test_refused_body_writes_nothing(thread: Conversation, body: str, code: str) -> None:
    refusal, nothing_moved = _nothing_moved(lambda: press_send(thread, body))
    assert (refusal.code, nothing_moved) == (code, True)


@pytest.mark.parametrize("name", ["Rex", "Mona", "Carla"])
def test_text_without_a_license_writes_nothing(
    acme: Company, thread: Conversation, name: str
) -> None:
    draft = Draft(thread, "Hi")
    refusal, nothing_moved = _nothing_moved(lambda: outbox.send(draft, by=acme.people[name]))
    assert (refusal.code, nothing_moved) == ("no_license", True)


def test_text_after_a_stop_writes_nothing(thread: Conversation) -> None:
    stopping.stop(thread.candidate, source="inbound", word="stop")
    refusal, nothing_moved = _nothing_moved(lambda: press_send(thread))
    assert (refusal.code, nothing_moved) == ("opted_out", True)


def test_text_without_a_contact_writes_nothing(thread: Conversation) -> None:
    ledger_state.leave(0)
    refusal, nothing_moved = _nothing_moved(lambda: press_send(thread))
    sentence = "No contacts left. Dana has not been texted before, so this needs 1."
    assert (refusal.code, refusal.sentence, nothing_moved) == ("no_contacts", sentence, True)


def test_text_without_product_number_or_country_writes_nothing(thread: Conversation) -> None:
    codes = []
    sql.run("UPDATE messaging_address SET region = 'FR'")
    codes.append(_nothing_moved(lambda: press_send(thread))[0].code)
    Sender.objects.update(state="released")
    codes.append(_nothing_moved(lambda: press_send(thread))[0].code)
    Customer.objects.update(products=["api"])
    codes.append(_nothing_moved(lambda: press_send(thread))[0].code)
    assert codes == ["country_not_served", "no_sender", "not_in_plan"]


def test_text_from_a_paused_account_waits(thread: Conversation) -> None:
    ProviderAccount.objects.update(paused_reason="The provider account is suspended")
    message = press_send(thread)
    assert (message.state, (message.verdict or {})["sentence"]) == (
        "held",
        "Waits: The provider account is suspended.",
    )


def test_same_draft_again_is_the_same_text(thread: Conversation) -> None:
    id = uuid4()
    first, second = press_send(thread, "Hi", id=id), press_send(thread, "Hi", id=id)
    assert (first.id, second.id, Message.objects.count()) == (id, id, 1)
    assert AuditEntry.objects.filter(action="message.queued").count() == 1


def test_id_of_a_colleagues_text_is_absent(thread: Conversation, rita: User, rex: User) -> None:
    message = press_send(thread)
    draft = Draft(thread, "Hi", id=message.id)
    assert _nothing_moved(lambda: outbox.send(draft, by=rex))[0].code == "absent"


def test_id_of_a_text_in_another_thread_is_absent(
    thread: Conversation, omar: Candidate, rita: User
) -> None:
    message = press_send(thread)
    draft = Draft(threads.open_with(omar, by=rita), "Hi", id=message.id)
    assert _nothing_moved(lambda: outbox.send(draft, by=rita))[0].code == "absent"


def test_id_of_another_customers_text_is_absent(
    acme: Company, globex: Company, thread: Conversation, gus: User
) -> None:
    message = press_send(thread)
    with within(globex.customer):
        stranger = Candidate.objects.create(customer=globex.customer, first_name="Zoe")
        here = threads.open_with(stranger, by=gus)
        _give_number(stranger)
        with pytest.raises(Refused) as refusal:
            outbox.send(Draft(here, "Hi", id=message.id), by=gus)
    assert (refusal.value.code, Message.objects.count()) == ("absent", 1)


def _give_number(candidate: Candidate) -> None:
    candidate.addresses.create(
        customer=candidate.customer,
        channel="sms",
        address="+15105550999",
        address_key=b"key",
        region="US",
    )


def test_used_idempotency_key_is_no_absent_text(thread: Conversation) -> None:
    press_send(thread, "Hi", idempotency_key="one")
    with pytest.raises(Exception, match="messaging_message_idempotent"):
        press_send(thread, "Hi", idempotency_key="one")


def test_scheduled_text_waits_for_its_time(thread: Conversation) -> None:
    due = clock.now() + 30 * HOUR
    message = press_send(thread, due_at=due)
    assert (message.due_at, message.expires_at) == (due, due + 24 * HOUR)


def test_cancel_takes_back_what_waits(thread: Conversation, rita: User) -> None:
    message = press_send(thread)
    outbox.cancel(message, by=rita)
    thread.refresh_from_db()
    assert (state(message), thread.last_preview, thread.last_direction) == ("canceled", "", "")
    assert AuditEntry.objects.filter(action="message.canceled", object_id=message.id).count() == 1


@pytest.mark.parametrize("gone", ["canceled", "received"])
def test_cancel_of_what_has_left_is_too_late(thread: Conversation, rita: User, gone: str) -> None:
    message = press_send(thread)
    outbox.cancel(message, by=rita)
    refusal, nothing_moved = _nothing_moved(lambda: outbox.cancel(message, by=rita))
    assert (refusal.code, nothing_moved) == ("too_late", True)
