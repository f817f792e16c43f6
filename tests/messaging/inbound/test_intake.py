"""From a stored event to a text in somebody's thread."""

from accounts.models import AuditEntry, User
from messaging.candidates.models import Address, Candidate
from messaging.conversations.models import Conversation, Message
from messaging.inbound import intake
from messaging.inbound.models import InboundEvent
from messaging.senders.models import Sender
from tests.messaging.inbound.events import STRANGER, arrive, event
from tests.racing import race
from textengage.cast import Company


def bodies() -> list[str | None]:
    return list(Message.objects.order_by("created_at").values_list("body", flat=True))


def test_answer_lands_in_the_thread_of_its_owner(
    acme: Company, thread: Conversation, rita: User
) -> None:
    message = arrive(acme, "Yes, please")
    assert (message.conversation, message.conversation.owner) == (thread, rita)
    assert (message.direction, message.state, message.kind) == ("in", "received", "typed")
    assert (message.body, message.segments, message.sender) == ("Yes, please", 1, acme.sender)


def test_answer_waits_from_the_moment_it_was_received(acme: Company, thread: Conversation) -> None:
    message = arrive(acme, "Yes, please")
    thread.refresh_from_db()
    received = InboundEvent.objects.get().received_at
    assert (message.created_at, thread.waiting_since) == (received, received)
    assert (thread.last_direction, thread.last_preview) == ("in", "Yes, please")


def test_answer_opens_a_closed_thread(acme: Company, thread: Conversation) -> None:
    Conversation.objects.update(state=Conversation.CLOSED)
    arrive(acme)
    thread.refresh_from_db()
    assert thread.state == Conversation.OPEN


def test_stranger_becomes_a_candidate_of_the_numbers_holder(acme: Company, rita: User) -> None:
    message = arrive(acme, "Are you hiring?", sender=STRANGER)
    candidate = message.candidate
    assert (candidate.name, candidate.source) == ("+1 510-555-0177", "inbound")
    assert (message.conversation.owner, Address.objects.get().address) == (rita, STRANGER)


def test_stranger_at_a_shared_number_is_nobodys_yet(acme: Company) -> None:
    Sender.objects.update(seat=None)
    assert arrive(acme, sender=STRANGER).conversation.owner is None


def test_first_text_is_evidence_of_consent_once(acme: Company) -> None:
    messages = [arrive(acme, sender=STRANGER) for _ in range(3)]
    consent = messages[0].candidate.consents.get()
    assert (consent.source, consent.message_id) == ("inbound", messages[0].id)
    assert consent.wording == "+1 510-555-0101"


def test_one_phone_is_two_people_at_two_companies(acme: Company, globex: Company) -> None:
    ours, theirs = arrive(acme, sender=STRANGER), arrive(globex, sender=STRANGER)
    assert (ours.customer, theirs.customer) == (acme.customer, globex.customer)
    assert ours.candidate != theirs.candidate


def test_number_of_another_company_is_unknown(acme: Company, globex: Company) -> None:
    event(globex, To=acme.sender.address)
    intake.take_in()
    assert InboundEvent.objects.get().error.startswith("UnknownNumber")
    assert (Message.objects.count(), Candidate.objects.count()) == (0, 0)


def test_event_is_taken_in_once(acme: Company) -> None:
    event(acme)
    assert [intake.take_in(), intake.take_in()] == [1, 0]
    assert bodies() == ["Hello"]


def test_event_that_the_provider_repeats_is_stored_once(acme: Company) -> None:
    first = event(acme)
    again = InboundEvent(
        customer=acme.customer, account=acme.account, event_key=first.event_key, body=first.body
    )
    InboundEvent.objects.bulk_create([again], ignore_conflicts=True)
    intake.take_in()
    assert (InboundEvent.objects.count(), bodies()) == (1, ["Hello"])


def test_poisonous_event_is_parked_after_five_tries_and_blocks_nobody(acme: Company) -> None:
    event(acme, "before")
    poison = event(acme, "poison", To="+15105550999")
    event(acme, "after")
    assert [intake.take_in() for _ in range(6)] == [3, 1, 1, 1, 1, 0]
    poison.refresh_from_db()
    assert (poison.attempts, poison.parked, bodies()) == (5, True, ["before", "after"])
    assert poison.error == "UnknownNumber: this number is not one of the account's"


def parked(company: Company, body: str = "late", to: str = "+15105550199") -> InboundEvent:
    poison = event(company, body, To=to)
    for _ in range(5):
        intake.take_in()
    return poison


def test_parked_event_is_taken_in_when_retried(acme: Company, mona: User) -> None:
    poison = parked(acme)
    Sender.objects.update(address="+15105550199")
    assert intake.retry([poison.id], by=mona) == 1
    intake.take_in()
    poison.refresh_from_db()
    assert (poison.attempts, poison.parked, poison.error) == (0, False, "")
    message = Message.objects.get(body="late")
    assert (message.created_at, message.recovered_at is None) == (poison.received_at, False)


def test_event_that_two_people_retry_at_once_is_retried_and_audited_once(
    open_acme: Company,
) -> None:
    poison, mona = parked(open_acme), open_acme.people["Mona"]
    assert sorted(map(str, race(5, lambda _: intake.retry([poison.id], by=mona)))) == [
        *"0000",
        "1",
    ]
    assert AuditEntry.objects.filter(action="event.retried").count() == 1


def test_retried_poison_is_parked_again(acme: Company, mona: User) -> None:
    poison = parked(acme)
    intake.retry([poison.id], by=mona)
    assert [intake.take_in() for _ in range(6)] == [1, 1, 1, 1, 1, 0]
    poison.refresh_from_db()
    assert (poison.attempts, poison.parked) == (5, True)


def test_poison_leaves_its_neighbors_as_quick_as_ever(acme: Company) -> None:
    for number in range(20):
        event(acme, f"text {number}", sender=f"+1510555{1000 + number}")
        event(acme, "poison", To="+15105550999")
    assert (intake.take_in(), Message.objects.count()) == (40, 20)


def test_what_a_database_says_of_a_row_is_kept_without_its_values(acme: Company) -> None:
    broken = event(acme, sender="+1" + "5" * 200)
    intake.take_in()
    broken.refresh_from_db()
    assert (broken.attempts, "5555" in broken.error, "\n" in broken.error) == (1, False, False)


ODD = [
    "",
    " ",
    "\u202etfel ot thgir",
    "\ufffd",
    "😀" * 400,
    "x" * 60_000,
    "'; --",
    "{{7*7}}",
    "\x7f",
]


def test_odd_texts_are_texts(acme: Company) -> None:
    for body in ODD:
        event(acme, body)
    intake.take_in()
    assert sorted(map(str, bodies())) == sorted(ODD)


def test_picture_without_words_is_an_empty_text(acme: Company) -> None:
    assert arrive(acme, "", NumMedia="1").body == ""


def test_event_without_its_fields_writes_nothing(acme: Company) -> None:
    broken = event(acme)
    InboundEvent.objects.update(body={"MessageSid": "SM1"})
    intake.take_in()
    broken.refresh_from_db()
    assert (broken.attempts, broken.parked, broken.error) == (1, False, "KeyError: 'From'")
    assert (Message.objects.count(), Candidate.objects.count()) == (0, 0)


def test_twenty_first_texts_at_once_make_one_person_with_one_thread(open_acme: Company) -> None:
    for number in range(20):
        event(open_acme, f"text {number}", sender=STRANGER)
    race(20, lambda _: intake.take_in())
    assert (Candidate.objects.count(), Conversation.objects.count()) == (1, 1)
    assert sorted(map(str, bodies())) == sorted(f"text {number}" for number in range(20))
    assert set(InboundEvent.objects.values_list("attempts", "parked")) == {(0, False)}


def test_event_taken_by_five_at_once_is_one_text(open_acme: Company) -> None:
    event(open_acme, "only one", sender=STRANGER)
    race(5, lambda _: intake.take_in())
    assert bodies() == ["only one"]
