from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts import idempotency
from accounts.idempotency import Answer
from accounts.models import IdempotentAnswer
from accounts.viewer import Viewer
from credits import countries
from credits.models import Country, Tier
from messaging.candidates import optout
from messaging.candidates.models import Candidate, OptOut
from messaging.conversations.models import Message
from tests.api import Connected, connected, person
from textengage.lib import clock
from textengage.lib.scoping import across_customers, within

MESSAGES = "/api/v1/messages/"


@pytest.fixture
def acme() -> Connected:
    return connected()


@pytest.fixture
def dana(acme: Connected) -> Candidate:
    return acme.add()


def send(client: APIClient, to: Candidate, key: str, body: str = "Hi", **more: Any) -> Any:
    asked = {"candidate": str(to.id), "body": body, **more}
    return client.post(MESSAGES, asked, format="json", headers={"Idempotency-Key": key})


def texts() -> int:
    with across_customers():
        return Message.objects.count()


@pytest.mark.django_db
def test_repetition_replays_the_answer_byte_for_byte(acme: Connected, dana: Candidate) -> None:
    first, again = send(acme.client, dana, "k"), send(acme.client, dana, "k")
    assert (first.status_code, first.get("Idempotency-Replayed")) == (201, None)
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert (again.content, texts()) == (first.content, 1)


@pytest.mark.django_db
def test_order_of_fields_is_no_other_body(acme: Connected, dana: Candidate) -> None:
    send(acme.client, dana, "k")
    turned = {"body": "Hi", "candidate": str(dana.id)}
    headers = {"Idempotency-Key": "k"}
    answer = acme.client.post(MESSAGES, turned, format="json", headers=headers)
    assert (answer.status_code, texts()) == (201, 1)


@pytest.mark.django_db
def test_other_body_is_422(acme: Connected, dana: Candidate) -> None:
    send(acme.client, dana, "k")
    answer = send(acme.client, dana, "k", "Another")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert texts() == 1


@pytest.mark.django_db
def test_same_key_at_another_address_is_422(acme: Connected, dana: Candidate) -> None:
    send(acme.client, dana, "k")
    answer = acme.client.post(
        "/api/v1/candidates/",
        {"first_name": "Omar", "last_name": "Kim", "number": "+15105550124"},
        format="json",
        headers={"Idempotency-Key": "k"},
    )
    assert answer.status_code == 422


@pytest.mark.django_db
def test_keys_of_other_users_and_customers_do_not_meet(acme: Connected, dana: Candidate) -> None:
    globex = connected("Globex", number="+15105550102")
    browser = APIClient()
    browser.force_login(person(acme.customer, "Rita"))
    answers = [
        send(acme.client, dana, "k", id=str(uuid4())),
        send(browser, dana, "k", id=str(uuid4())),
        send(globex.client, globex.add("Gil"), "k"),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert texts() == 3


@pytest.mark.django_db
def test_refusal_is_not_kept(acme: Connected, dana: Candidate) -> None:
    with within(acme.customer):
        optout.record(dana, source="inbound", word="stop")
    assert send(acme.client, dana, "k").status_code == 409
    with within(acme.customer):
        OptOut.objects.update(revoked_at=clock.now())
    answer = send(acme.client, dana, "k")
    assert (answer.status_code, answer.get("Idempotency-Replayed")) == (201, None)


@pytest.mark.django_db
def test_key_is_forgotten_after_24_hours(acme: Connected, dana: Candidate) -> None:
    send(acme.client, dana, "k")
    clock.shift(timedelta(hours=23, minutes=59))
    assert send(acme.client, dana, "k")["Idempotency-Replayed"] == "true"
    clock.shift(timedelta(hours=24, minutes=1))
    with across_customers():
        assert (idempotency.forget(), IdempotentAnswer.objects.count()) == (1, 0)
    assert send(acme.client, dana, "k").get("Idempotency-Replayed") is None
    assert texts() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é"])
def test_key_that_is_none_is_400(acme: Connected, dana: Candidate, key: str) -> None:
    answer = send(acme.client, dana, key)
    assert (answer.status_code, texts()) == (400, 0)
    assert answer.json()["errors"][0]["code"] == "invalid"


@pytest.fixture
def threads(transactional_db: None) -> Iterator[ThreadPoolExecutor]:
    # Emptying the tables after another test took what the migrations had loaded.
    countries.load(Country, Tier)
    with ThreadPoolExecutor(10) as pool:
        yield pool


def sent_at_once(barrier: Barrier, acme: Connected, dana: Candidate, more: dict[str, Any]) -> Any:
    client = APIClient()
    client.defaults = acme.client.defaults
    barrier.wait()
    try:
        return client.post(
            MESSAGES,
            {"candidate": str(dana.id), "body": "Hi", **more.get("body", {})},
            format="json",
            headers=more.get("headers", {}),
        )
    finally:
        connection.close()


@pytest.mark.parametrize(
    "more", [{"headers": {"Idempotency-Key": "k"}}, {"body": {"id": str(uuid4())}}]
)
def test_ten_at_once_make_one_text(threads: ThreadPoolExecutor, more: dict[str, Any]) -> None:
    acme = connected()
    dana = acme.add()
    barrier = Barrier(10)
    runs = [threads.submit(sent_at_once, barrier, acme, dana, more) for _ in range(10)]
    answers = [run.result() for run in runs]
    statuses = Counter(answer.status_code for answer in answers)
    assert texts() == 1
    assert set(statuses) <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    codes = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert codes <= {"still_running"}


def test_key_of_a_running_request_is_409_at_once(threads: ThreadPoolExecutor) -> None:
    acme = connected()
    viewer = Viewer(acme.service, acme.customer)
    begun, may_end = Event(), Event()

    def slow() -> Answer:
        begun.set()
        may_end.wait(10)
        return Answer(201, "{}")

    def first() -> Answer:
        with within(acme.customer):
            try:
                return idempotency.once(viewer, "k", "hash", slow)
            finally:
                connection.close()

    running = threads.submit(first)
    begun.wait(10)
    answer = send(acme.client, acme.add(), "k")
    may_end.set()
    assert (answer.status_code, answer.json()["code"]) == (409, "still_running")
    assert running.result() == Answer(201, "{}")
