from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client

from accounts import licenses
from accounts.models import User
from credits.models import Grant
from messaging.candidates.models import Candidate
from messaging.conversations.models import Attempt, Conversation, Message
from messaging.dispatch import outbox, stopping
from messaging.dispatch.outbox import Draft
from tests import make
from textengage.cast import Company
from textengage.lib import clock
from textengage.lib.scoping import within

HTMX = {"HX-Request": "true", "HX-Target": "texts"}


@pytest.fixture
def url(thread: Conversation) -> str:
    return f"/inbox/waiting/{thread.id}/"


def send(
    client: Client, url: str, body: str, id: "UUID | str | None" = None, **more: str
) -> "tuple[int, str]":
    given = {"body": body, "client_id": str(id or uuid4())} | more
    answer = client.post(f"{url}send/", given, headers=HTMX)
    return answer.status_code, answer.content.decode()


def texts(company: Company) -> "list[tuple[str, str]]":
    with within(company.customer):
        return [(str(text.body), text.state) for text in Message.objects.order_by("created_at")]


def test_send_queues_one_text_that_can_be_undone(acme: Company, as_rita: Client, url: str) -> None:
    status, shown = send(as_rita, url, "Hi $firstName, $18 an hour, $unknown")
    assert status == 200
    assert texts(acme) == [("Hi Dana, $18 an hour, $unknown", "queued")]
    assert "<te-countdown>" in shown
    assert "Undo" in shown
    with within(acme.customer):
        wait = Message.objects.get().due_at - clock.now()  # type: ignore[operator]
    assert timedelta(seconds=3) < wait <= timedelta(seconds=5)


def test_without_scripts_send_leads_back_to_the_thread(
    acme: Company, as_rita: Client, url: str
) -> None:
    answer = as_rita.post(f"{url}send/", {"body": "Hi", "client_id": str(uuid4())})
    assert (answer.status_code, answer["Location"]) == (302, url)
    assert texts(acme) == [("Hi", "queued")]


def test_one_client_id_makes_one_text(acme: Company, as_rita: Client, url: str) -> None:
    id = uuid4()
    assert send(as_rita, url, "Hi", id)[0] == 200
    assert send(as_rita, url, "Hi", id)[0] == 200
    assert texts(acme) == [("Hi", "queued")]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "Write something first."),
        ("  \n ", "Write something first."),
        ("x" * 1_601, "1 character too long."),
        ("a\x00b", "This text has a character that cannot be sent."),
    ],
)
def test_what_cannot_be_sent_is_refused_in_words_and_kept(
    acme: Company, as_rita: Client, url: str, body: str, sentence: str
) -> None:
    status, shown = send(as_rita, url, body)
    plain = as_rita.post(f"{url}send/", {"body": body, "client_id": str(uuid4())})
    assert (status, plain.status_code) == (422, 422)
    assert sentence in shown
    assert sentence in plain.content.decode()
    assert body.replace("\x00", "") in shown
    assert texts(acme) == []


def test_half_a_surrogate_pair_breaks_nothing(acme: Company, as_rita: Client, url: str) -> None:
    answer = as_rita.post(
        f"{url}send/",
        f"client_id={uuid4()}&body=%ED%A0%BD",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 302
    assert [state for _, state in texts(acme)] == ["queued"]


@pytest.mark.parametrize("id", ["", "nonsense", "1"])
def test_a_broken_client_id_keeps_the_draft(
    acme: Company, as_rita: Client, url: str, id: str
) -> None:
    answer = as_rita.post(f"{url}send/", {"body": "Keep me", "client_id": id}, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#composer")
    assert b"Keep me" in answer.content
    assert texts(acme) == []


def test_without_license_the_box_is_a_sentence_and_the_draft_stays(
    acme: Company, as_rex: Client, url: str
) -> None:
    status, shown = send(as_rex, url, "My draft")
    assert status == 422
    assert "you have no license. Mona can give you one." in shown
    assert "My draft" in shown
    assert texts(acme) == []


def test_a_manager_without_license_can_take_one_where_they_would_write(
    acme: Company, as_mona: Client, url: str
) -> None:
    shown = as_mona.get(url).content.decode()
    assert "You have no license, so you cannot send. 4 of 5 licenses are free." in shown
    assert f'<form method="post" action="/settings/license/?next={url}">' in shown
    assert "Give me a license" in shown


def test_all_licenses_in_use_says_so(acme: Company, as_mona: Client, url: str) -> None:
    acme.customer.number_of_seats = 2
    acme.customer.save()
    with within(acme.customer):
        licenses.give(acme.people["Rex"], by=None)
    assert "All 2 licenses are in use." in as_mona.get(url).content.decode()


def test_a_license_taken_away_meanwhile_refuses(
    acme: Company, as_rita: Client, rita: User, url: str
) -> None:
    with within(acme.customer):
        licenses.end(rita, by=None)
    assert send(as_rita, url, "Hi")[0] == 422
    assert texts(acme) == []


def test_do_not_text_refuses_with_the_exact_words(
    acme: Company, as_rita: Client, dana: Candidate, url: str
) -> None:
    with within(acme.customer):
        stopping.stop(dana, source="inbound", word="STOP")
    status, shown = send(as_rita, url, "Hi")
    assert status == 422
    assert "Do Not Text. Dana texted STOP on " in shown
    assert "Nobody at Acme can text Dana on any channel." in shown


def use_up(company: Company) -> None:
    with within(company.customer):
        Grant.objects.update(remaining=0)


def test_no_contacts_refuses_and_offers_to_wait(acme: Company, as_rita: Client, url: str) -> None:
    use_up(acme)
    status, shown = send(as_rita, url, "Hi")
    assert status == 422
    assert "No contacts left. Dana has not been texted before, so this needs 1." in shown
    assert "Cannot send" in shown
    assert "Send when added" in shown
    assert texts(acme) == []


def test_send_when_added_holds_the_text(acme: Company, as_rita: Client, url: str) -> None:
    use_up(acme)
    status, shown = send(as_rita, url, "Hi", wait="1")
    assert status == 200
    assert texts(acme) == [("Hi", "held")]
    assert "Held" in shown


def test_who_wrote_first_is_told_apart_at_zero(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    use_up(acme)
    with within(acme.customer):
        make.inbound(thread)
    assert (
        "Dana wrote first, but your answer needs 1 contact and none is left. It is saved and"
        " can go when contacts are added." in as_rita.get(url).content.decode()
    )


def test_undo_takes_the_text_back(acme: Company, as_rita: Client, url: str) -> None:
    id = uuid4()
    send(as_rita, url, "Oops", id)
    answer = as_rita.post(f"{url}{id}/cancel/", headers=HTMX)
    assert answer["HX-Trigger"] == f'{{"composer:restore": "{id}"}}'
    assert texts(acme) == [("Oops", "canceled")]


def test_without_scripts_undo_puts_the_text_into_the_box(
    acme: Company, as_rita: Client, url: str
) -> None:
    id = uuid4()
    send(as_rita, url, "Oops", id)
    shown = as_rita.post(f"{url}{id}/cancel/").content.decode()
    assert ">Oops</textarea>" in shown


def test_undo_too_late_says_so(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        gone = make.outbound(thread, state="sent")
    answer = as_rita.post(f"{url}{gone.id}/cancel/", headers=HTMX)
    assert answer["HX-Trigger"] == '{"composer:notice": "It has already left."}'


def test_a_colleagues_text_cannot_be_taken_back(
    acme: Company, as_mona: Client, rita: User, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        text = outbox.send(Draft(thread, "Mine"), by=rita)
    assert as_mona.post(f"{url}{text.id}/cancel/").status_code == 404
    assert texts(acme) == [("Mine", "queued")]


def test_send_again_asks_first_and_then_sends(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        doubtful = make.outbound(thread, "Hello?", state="unconfirmed")
    again = f"{url}{doubtful.id}/again/"
    assert again in as_rita.get(url).content.decode()
    assert b"Dana may get this text twice." in as_rita.get(again).content
    assert len(texts(acme)) == 1
    assert as_rita.post(again)["Location"] == url
    assert texts(acme) == [("Hello?", "unconfirmed"), ("Hello?", "queued")]


def test_send_again_is_for_unconfirmed_texts_only(
    acme: Company, as_rita: Client, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        sure = make.outbound(thread, state="delivered")
    assert as_rita.get(f"{url}{sure.id}/again/")["Location"] == url
    assert as_rita.post(f"{url}{sure.id}/again/").status_code == 422
    assert len(texts(acme)) == 1


def test_text_behind_one_in_doubt_says_so_and_may_go_anyway(
    acme: Company, as_rita: Client, thread: Conversation, rita: User, url: str
) -> None:
    with within(acme.customer):
        doubtful = make.outbound(thread, "Hello?", state="uncertain")
        Attempt.objects.create(
            customer=acme.customer,
            message=doubtful,
            number=1,
            claimed_at=clock.now(),
            wire_at=clock.now(),
            outcome="uncertain",
        )
        later = outbox.send(Draft(thread, "Later"), by=rita)
    anyway = f"{url}{later.id}/anyway/"
    shown = as_rita.get(url).content.decode()
    assert "Waits for the previous text to be confirmed, until " in shown
    assert anyway in shown
    assert as_rita.post(anyway)["Location"] == url
    assert texts(acme) == [("Hello?", "unconfirmed"), ("Later", "queued")]
    again = as_rita.post(anyway)
    assert (again.status_code, b"This text waits for no other one" in again.content) == (422, True)
    assert anyway not in as_rita.get(url).content.decode()


@pytest.mark.parametrize("path", ["send/", "{text}/cancel/", "{text}/again/", "{text}/anyway/"])
def test_a_stranger_finds_nothing_to_press(
    acme: Company, as_gus: Client, rita: User, thread: Conversation, path: str
) -> None:
    with within(acme.customer):
        text = outbox.send(Draft(thread, "Ours"), by=rita)
    given = {"body": "Hi", "client_id": str(uuid4())}
    theirs = as_gus.post(f"/inbox/waiting/{thread.id}/{path.format(text=text.id)}", given)
    nowhere = as_gus.post(f"/inbox/waiting/{uuid4()}/{path.format(text=uuid4())}", given)
    assert (theirs.status_code, theirs.content) == (404, nowhere.content)
    assert texts(acme) == [("Ours", "queued")]


def test_a_strangers_text_id_as_client_id_is_absent(
    acme: Company, globex: Company, as_gus: Client, rita: User, thread: Conversation
) -> None:
    with within(acme.customer):
        text = outbox.send(Draft(thread, "Ours"), by=rita)
    with within(globex.customer):
        theirs = make.thread(globex, make.candidate(globex))
    status, shown = send(as_gus, f"/inbox/waiting/{theirs.id}/", "Hi", text.id)
    assert status == 404
    assert "Ours" not in shown
    assert texts(acme) == [("Ours", "queued")]
    assert connection.is_usable()


def test_a_colleagues_text_shortly_before_is_named(
    acme: Company, as_rita: Client, rex: User, thread: Conversation, url: str
) -> None:
    with within(acme.customer):
        make.outbound(
            thread,
            author=rex,
            licensee=rex,
            created_at=clock.now() - timedelta(minutes=20),
        )
    assert "Rex texted Dana 20 min ago." in as_rita.get(url).content.decode()
