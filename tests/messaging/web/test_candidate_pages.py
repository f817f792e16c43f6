from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.candidates.models import Candidate, Consent
from messaging.conversations.models import Conversation
from messaging.dispatch import stopping
from tests import make
from textengage.cast import Company
from textengage.lib.scoping import within

NEW = {
    "first_name": "Ana",
    "last_name": "López",
    "number": "(510) 555-0150",
    "country": "US",
    "kind": "candidate",
    "consent": "verbal",
    "wording": "Yes, text me",
}


def test_adding_a_candidate_stores_number_and_consent(acme: Company, as_rita: Client) -> None:
    answer = as_rita.post("/candidates/new/", NEW)
    with within(acme.customer):
        added = Candidate.objects.get()
        consent = Consent.objects.get()
        assert answer["Location"] == f"/candidates/{added.id}/"
        assert added.name == "Ana López"
        assert added.addresses.get().address == "+15105550150"
        assert (consent.source, consent.wording) == ("verbal", "Yes, text me")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("number", "12", "This number does not exist. Check the digits and the country."),
        ("number", "hello", "This is not a phone number."),
        ("number", "+1 800 555 0199", "This is a toll-free number, which cannot receive texts."),
        ("number", "", "Enter a mobile number."),
        ("first_name", "   ", "Enter a first name."),
        ("last_name", "a\x00b", "Null characters are not allowed."),
        ("first_name", "a" * 81, "First name: 80 characters at most."),
        ("email", "not one", "Enter an e-mail address, such as name@company.com."),
        ("country", "XX", "Select a valid choice."),
        ("consent", "inbound", "Select a valid choice."),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_in_the_summary(
    acme: Company, as_rita: Client, field: str, value: str, sentence: str
) -> None:
    answer = as_rita.post("/candidates/new/", NEW | {field: value})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(sentence) == 2
    assert f'id="id_{field}_error"' in page
    with within(acme.customer):
        assert Candidate.objects.count() == 0


def test_a_number_in_use_links_to_who_has_it(as_rita: Client, dana: Candidate) -> None:
    page = as_rita.post("/candidates/new/", NEW | {"number": "+15105550142"}).content.decode()
    assert "Dana Kim already has this number." in page
    assert f'href="/candidates/{dana.id}/"' in page
    assert 'value="Ana"' in page


def test_another_customers_number_is_free(as_gus: Client, dana: Candidate) -> None:
    assert as_gus.post("/candidates/new/", NEW | {"number": "+15105550142"}).status_code == 302


def test_the_list_is_by_last_name_and_filtered_by_kind(acme: Company, as_rita: Client) -> None:
    with within(acme.customer):
        make.candidate(acme, 1, first_name="Zoe", last_name="Adams")
        make.candidate(acme, 2, first_name="Al", last_name="Young", kind="employee")
    page = as_rita.get("/candidates/").content.decode()
    assert page.index("Zoe Adams") < page.index("Al Young")
    employees = as_rita.get("/candidates/?kind=employee").content.decode()
    assert "Al Young" in employees
    assert "Zoe Adams" not in employees


def test_pages_of_the_list_carry_no_name_in_their_address(acme: Company, as_rita: Client) -> None:
    with within(acme.customer):
        for number in range(60):
            make.candidate(acme, number)
    first = as_rita.get("/candidates/")
    url = first.context["next_url"]
    second = as_rita.get(url)
    assert "Person" not in url
    assert len(first.context["people"]) == 50
    assert len(second.context["people"]) == 10
    assert not {p.id for p in first.context["people"]} & {p.id for p in second.context["people"]}


def test_the_list_costs_the_same_for_1_and_for_30(acme: Company, as_rita: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            as_rita.get("/candidates/")
        return len(captured)

    with within(acme.customer):
        make.inbound(make.thread(acme, make.candidate(acme)))
    one = queries()
    with within(acme.customer):
        for number in range(1, 30):
            make.inbound(make.thread(acme, make.candidate(acme, number)))
    assert queries() == one


def test_an_empty_list_offers_to_add_one(as_rita: Client) -> None:
    assert b"Candidates appear here" in as_rita.get("/candidates/").content


def test_the_profile_answers_can_i_text(as_rita: Client, dana: Candidate) -> None:
    page = as_rita.get(f"/candidates/{dana.id}/").content.decode()
    assert "Can I text Dana?" in page
    assert "Uses 1 contact, 500 left" in page
    assert "Text Dana" in page
    assert "Applied and agreed to texts" in page


def test_do_not_text_stands_over_everything(
    acme: Company, as_rita: Client, dana: Candidate, thread: Conversation
) -> None:
    with within(acme.customer):
        make.outbound(thread)
        stopping.stop(dana, source="inbound", word="stop")
    page = as_rita.get(f"/candidates/{dana.id}/").content.decode()
    assert "Do Not Text. Dana texted STOP on " in page
    assert (
        "Nobody at Acme can text Dana on any channel. Only Dana can change this,"
        " by texting START to +1 510-555-0101 from …0142." in page
    )
    assert "Do Not Text" in as_rita.get("/candidates/").content.decode()


def test_do_not_text_by_staff_says_who_and_how(
    acme: Company, as_rita: Client, dana: Candidate
) -> None:
    with within(acme.customer):
        stopping.stop(dana, source="staff", evidence="asked by phone", by=acme.people["Mona"])
    page = as_rita.get(f"/candidates/{dana.id}/").content.decode()
    assert "Do Not Text. Mona marked this on " in page
    assert ": asked by phone. Nobody at Acme" in page


def test_text_opens_the_one_thread(acme: Company, as_rita: Client, dana: Candidate) -> None:
    url = f"/candidates/{dana.id}/text/"
    assert as_rita.get(url).status_code == 405
    first, second = as_rita.post(url), as_rita.post(url)
    with within(acme.customer):
        opened = Conversation.objects.get()
    assert first["Location"] == second["Location"] == f"/inbox/all/{opened.id}/"


def test_reading_a_profile_opens_no_thread(acme: Company, as_rita: Client, dana: Candidate) -> None:
    as_rita.get(f"/candidates/{dana.id}/")
    with within(acme.customer):
        assert Conversation.objects.count() == 0


@pytest.mark.parametrize("path", ["", "text/"])
def test_a_strangers_candidate_is_absent(as_gus: Client, dana: Candidate, path: str) -> None:
    def answers(id: object) -> "list[tuple[int, bytes]]":
        ask: list[Callable[..., object]] = [as_gus.post] if path else [as_gus.get]
        found: list[object] = [each(f"/candidates/{id}/{path}") for each in ask]
        return [(each.status_code, each.content) for each in found]  # type: ignore[attr-defined]

    assert answers(dana.id) == answers(uuid4())
    assert answers(dana.id)[0][0] == 404
