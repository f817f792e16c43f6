from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, Customer
from messaging.candidates import optout
from messaging.candidates.models import Candidate
from messaging.conversations.models import Conversation, Message
from messaging.senders.models import Sender
from tests.api import Connected, connected, person, without_ids
from textengage.lib import clock
from textengage.lib.scoping import across_customers, within

MESSAGES = "/api/v1/messages/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Connected:
    return connected()


@pytest.fixture
def globex() -> Connected:
    return connected("Globex", number="+15105550102")


@pytest.fixture
def dana(acme: Connected) -> Candidate:
    return acme.add()


def send(client: APIClient, to: Candidate, body: str = "Hi $firstName", **more: Any) -> Any:
    return client.post(MESSAGES, {"candidate": str(to.id), "body": body, **more}, format="json")


def rows() -> tuple[int, int, int]:
    with across_customers():
        tried = AuditEntry.objects.filter(action="message.queued").count()
        return Message.objects.count(), Conversation.objects.count(), tried


NOTHING = (0, 0, 0)


def test_send_queues_the_filled_text(acme: Connected, dana: Candidate) -> None:
    answer = send(acme.client, dana)
    body = answer.json().copy()
    with within(acme.customer):
        message = Message.objects.get()
    assert answer.status_code == 201
    instants = [body.pop(name) for name in ("created_at", "due_at", "state_changed_at")]
    assert [text[-1] for text in instants] == ["Z", "Z", "Z"]
    assert body == {
        "id": str(message.id),
        "candidate": str(dana.id),
        "conversation": str(message.conversation_id),
        "direction": "out",
        "kind": "api",
        "channel": "sms",
        "number": "+15105550123",
        "sender": "+15105550101",
        "author": str(acme.service.id),
        "body": "Hi Dana",
        "segments": 1,
        "encoding": "GSM-7",
        "state": "queued",
        "verdict": {"effect": "pass", "code": "", "sentence": "", "until": None, "values": {}},
        "error": None,
        "can": {"cancel": True},
        "accepted_at": None,
        "delivered_at": None,
    }
    assert message.licensee == acme.service
    assert acme.client.get(f"{MESSAGES}{message.id}/").json() == answer.json()


def test_own_id_becomes_the_messages_and_makes_repetition_harmless(
    acme: Connected, dana: Candidate
) -> None:
    id = str(uuid4())
    first, again = send(acme.client, dana, id=id), send(acme.client, dana, id=id)
    assert (first.json()["id"], again.json()) == (id, first.json())
    assert rows() == (1, 1, 1)


def test_id_of_another_customers_text_is_absent(
    acme: Connected, globex: Connected, dana: Candidate
) -> None:
    theirs = send(globex.client, globex.add("Gil")).json()["id"]
    answer = send(acme.client, dana, id=theirs)
    absent = acme.client.get(f"{MESSAGES}{uuid4()}/")
    assert (answer.status_code, without_ids(answer)[2]) == (404, without_ids(absent)[2])
    assert rows()[0] == 1


def test_due_at_waits(acme: Connected, dana: Candidate) -> None:
    later = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    answer = send(acme.client, dana, due_at=later.isoformat())
    assert answer.json()["due_at"] == later.isoformat().replace("+00:00", "Z")


def test_due_at_of_the_past_is_now(acme: Connected, dana: Candidate) -> None:
    answer = send(acme.client, dana, due_at="2001-01-01T00:00:00Z").json()
    assert answer["due_at"] == answer["created_at"]


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"body": ""}, "/body", "blank"),
        ({"body": " \n "}, "/body", "blank"),
        ({"body": None}, "/body", "null"),
        ({"body": "a\x00b"}, "/body", "null_characters_not_allowed"),
        ({"body": "x" * 1601}, "/body", "max_length"),
        ({"body": ["x"]}, "/body", "invalid"),
        ({"id": "7"}, "/id", "invalid"),
        ({"id": -1}, "/id", "invalid"),
        ({"candidate": "dana"}, "/candidate", "invalid"),
        ({"candidate": None}, "/candidate", "null"),
        ({"due_at": "tomorrow"}, "/due_at", "invalid"),
        ({"due_at": "9999-12-31T23:59:59Z"}, "/due_at", "too_far"),
        ({"due_at": "9999-12-31T23:59:59-14:00"}, "/due_at", "overflow"),
    ],
)
def test_wrong_field_is_400(
    acme: Connected, dana: Candidate, wrong: dict[str, Any], pointer: str, code: str
) -> None:
    body = {"candidate": str(dana.id), "body": "Hi"} | wrong
    answer = acme.client.post(MESSAGES, body, format="json")
    errors = answer.json()["errors"]
    assert (answer.status_code, errors[0]["pointer"], errors[0]["code"]) == (400, pointer, code)
    assert rows() == NOTHING


def test_other_customers_candidate_is_400_as_if_absent(acme: Connected, globex: Connected) -> None:
    theirs = globex.add("Gil")
    absent = Candidate(id=uuid4(), customer=acme.customer)
    other, none = send(acme.client, theirs), send(acme.client, absent)
    assert without_ids(other) == without_ids(none)
    assert other.json()["errors"] == [
        {"pointer": "/candidate", "code": "does_not_exist", "detail": "There is no such candidate."}
    ]
    assert rows() == NOTHING


WRITABLE = {"id", "candidate", "body", "due_at"}
FORBIDDEN = {field.name for field in Message._meta.get_fields()} - WRITABLE


@pytest.mark.parametrize("name", [*sorted(FORBIDDEN), "customer_id", "__proto__", "balance"])
def test_no_other_field_can_be_set(acme: Connected, dana: Candidate, name: str) -> None:
    answer = send(acme.client, dana, **{name: "x"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{name}")
    assert rows() == NOTHING


def opted_out(acme: Connected, dana: Candidate) -> None:
    with within(acme.customer):
        optout.record(dana, source="inbound", word="stop")


def without_product(acme: Connected, dana: Candidate) -> None:
    Customer.objects.update(products=["api"])


def without_number(acme: Connected, dana: Candidate) -> None:
    with within(acme.customer):
        Sender.objects.update(state=Sender.RELEASED)


@pytest.mark.parametrize(
    ("happens", "code"),
    [(opted_out, "opted_out"), (without_product, "not_in_plan"), (without_number, "no_sender")],
)
def test_refused_text_is_409_and_leaves_nothing(
    acme: Connected, dana: Candidate, happens: Any, code: str
) -> None:
    happens(acme, dana)
    answer = send(acme.client, dana)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert answer.json()["detail"].endswith(".")
    assert rows() == NOTHING


def test_no_contacts_is_409() -> None:
    poor = connected(contacts=0)
    answer = send(poor.client, poor.add())
    assert (answer.status_code, answer.json()["code"]) == (409, "no_contacts")
    assert answer.json()["values"] == {"reason": "first message"}
    assert rows() == NOTHING


def test_person_without_a_license_reads_but_does_not_send(acme: Connected, dana: Candidate) -> None:
    send(acme.client, dana)
    browser = APIClient()
    browser.force_login(person(acme.customer, "Rita", licensed=False))
    assert len(browser.get(MESSAGES).json()["results"]) == 1
    answer = send(browser, dana)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_license")


def test_long_in_utf16_is_refused_by_the_gate(acme: Connected, dana: Candidate) -> None:
    answer = send(acme.client, dana, "\N{WAVING HAND SIGN}" * 801)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_long")
    assert answer.json()["values"] == {"over": 2, "limit": 1600}


def test_filters_narrow_and_other_customers_ids_find_nothing(
    acme: Connected, globex: Connected, dana: Candidate
) -> None:
    omar, gil = acme.add("Omar", "+15105550124"), globex.add("Gil")
    mine, other = send(acme.client, dana).json(), send(acme.client, omar).json()
    send(globex.client, gil)

    def found(**query: str) -> list[str]:
        return [row["id"] for row in acme.client.get(MESSAGES, query).json()["results"]]

    assert found() == [other["id"], mine["id"]]
    assert found(candidate=str(dana.id)) == [mine["id"]]
    assert found(conversation=other["conversation"]) == [other["id"]]
    assert found(state="queued", direction="out") == [other["id"], mine["id"]]
    assert found(state="sent") == found(direction="in") == found(candidate=str(gil.id)) == []


@pytest.mark.parametrize("query", [{"state": "gone"}, {"candidate": "7"}, {"direction": "\x00"}])
def test_filter_with_a_wrong_value_is_400(acme: Connected, query: dict[str, str]) -> None:
    answer = acme.client.get(MESSAGES, query)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, *query)


def test_other_customers_text_is_absent(acme: Connected, globex: Connected) -> None:
    theirs = send(globex.client, globex.add("Gil")).json()["id"]
    answers = {without_ids(acme.client.get(f"{MESSAGES}{id}/")) for id in (theirs, uuid4())}
    assert [answer[0] for answer in answers] == [404]
    assert acme.client.get(MESSAGES).json()["results"] == []
