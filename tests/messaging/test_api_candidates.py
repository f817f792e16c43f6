from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import AuditEntry
from messaging.candidates import optout
from messaging.candidates.models import Candidate, Consent
from tests.api import Connected, connected, person, without_ids
from textengage.lib.scoping import across_customers, within

CANDIDATES = "/api/v1/candidates/"
DANA: dict[str, Any] = {"first_name": "Dana", "last_name": "Kim", "number": "(510) 555-0123"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Connected:
    return connected()


@pytest.fixture
def globex() -> Connected:
    return connected("Globex", number="+15105550102")


def rows() -> int:
    with across_customers():
        return Candidate.objects.count()


def test_add_answers_with_the_candidate(acme: Connected) -> None:
    answer = acme.client.post(CANDIDATES, DANA | {"job": "Picker"}, format="json")
    body = answer.json()
    assert answer.status_code == 201
    assert (body.pop("id"), body.pop("created_at")[-1]) == (str(only(acme).id), "Z")
    assert body == {
        "kind": "candidate",
        "first_name": "Dana",
        "last_name": "Kim",
        "number": "+15105550123",
        "country": "US",
        "current_title": "",
        "job": "Picker",
        "email": "",
        "do_not_text": False,
        "can": {"change": True},
    }


def test_add_records_the_service_user_and_the_consent(acme: Connected) -> None:
    consent = {"source": "application", "wording": "Yes, text me."}
    acme.client.post(CANDIDATES, DANA | {"consent": consent}, format="json")
    candidate = only(acme)
    assert (candidate.created_by, candidate.source) == (acme.service, "api")
    with within(acme.customer):
        found = Consent.objects.get(candidate=candidate)
        assert (found.source, found.wording, found.actor) == (*consent.values(), acme.service)


def test_add_is_done_once_per_key(acme: Connected) -> None:
    key = {"Idempotency-Key": "import-1"}
    first = acme.client.post(CANDIDATES, DANA, format="json", headers=key)
    again = acme.client.post(CANDIDATES, DANA, format="json", headers=key)
    assert again.content == first.content
    assert (first.status_code, again.status_code, rows()) == (201, 201, 1)
    assert (first.get("Idempotency-Replayed"), again["Idempotency-Replayed"]) == (None, "true")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": "12"}, "invalid_number"),
        ({"number": "+44 20 7946 0123"}, "invalid_number"),
        ({"number": "+15105550109"}, "duplicate_number"),
    ],
)
def test_add_refused_is_409_with_code_and_sentence(
    acme: Connected, change: dict[str, str], code: str
) -> None:
    omar = acme.add("Omar", "+15105550109")
    answer = acme.client.post(CANDIDATES, DANA | change, format="json")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["title"]) == (409, code, "Conflict")
    assert problem["detail"].endswith(".")
    if code == "duplicate_number":
        assert problem["values"] == {"candidate_id": str(omar.id)}
    assert rows() == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"first_name": ""}, "/first_name"),
        ({"last_name": " "}, "/last_name"),
        ({"number": None}, "/number"),
        ({"number": "1" * 61}, "/number"),
        ({"job": "a\x00b"}, "/job"),
        ({"country": "us"}, "/country"),
        ({"kind": "robot"}, "/kind"),
        ({"email": "dana"}, "/email"),
        ({"consent": {"source": "application", "actor": "x"}}, "/consent/actor"),
    ],
)
def test_add_with_a_wrong_field_is_400(
    acme: Connected, change: dict[str, Any], pointer: str
) -> None:
    answer = acme.client.post(CANDIDATES, DANA | change, format="json")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert rows() == 0


FORBIDDEN = {field.name for field in Candidate._meta.get_fields()} - {
    "first_name", "last_name", "current_title", "job", "email", "kind",
}  # fmt: skip


@pytest.mark.parametrize("name", [*sorted(FORBIDDEN), "customer_id", "__proto__", "is_staff"])
def test_no_other_field_can_be_set(acme: Connected, name: str) -> None:
    candidate = acme.add()
    with within(acme.customer):
        before = Candidate.objects.values().get()
    for answer in (
        acme.client.post(CANDIDATES, DANA | {name: str(uuid4())}, format="json"),
        acme.client.patch(at(candidate), {name: str(uuid4())}, format="json"),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{name}")
    with within(acme.customer):
        assert Candidate.objects.values().get() == before


def test_change_writes_what_is_sent_and_is_audited_without_values(acme: Connected) -> None:
    candidate = acme.add()
    answer = acme.client.patch(at(candidate), {"job": "Picker"}, format="json")
    assert (answer.status_code, answer.json()["job"]) == (200, "Picker")
    assert only(acme).job == "Picker"
    with within(acme.customer):
        entry = AuditEntry.objects.get(action="candidate.changed")
    assert (entry.actor_id, entry.detail) == (acme.service.id, {"fields": ["job"]})


def test_change_of_nothing_is_not_audited(acme: Connected) -> None:
    candidate = acme.add()
    assert acme.client.patch(at(candidate), {"job": ""}, format="json").status_code == 200
    with within(acme.customer):
        assert not AuditEntry.objects.filter(action="candidate.changed").exists()


def test_read_shows_do_not_text(acme: Connected) -> None:
    candidate = acme.add()
    with within(acme.customer):
        optout.record(candidate, source="inbound", word="stop")
    assert acme.client.get(at(candidate)).json()["do_not_text"] is True
    assert acme.client.get(CANDIDATES).json()["results"][0]["do_not_text"] is True


def test_list_asks_as_often_for_many_as_for_one(acme: Connected) -> None:
    counts = []
    for place in range(3):
        acme.add(f"Omar{place}", f"+1510555013{place}")
        with CaptureQueriesContext(connection) as queries:
            acme.client.get(CANDIDATES)
        counts.append(len(queries))
    assert len(set(counts)) == 1


@pytest.mark.parametrize("method", ["get", "patch"])
def test_other_customers_candidate_is_absent(
    acme: Connected, globex: Connected, method: str
) -> None:
    theirs = globex.add("Gil")
    answers = {
        without_ids(getattr(acme.client, method)(f"{CANDIDATES}{id}/", {}, format="json"))
        for id in (theirs.id, uuid4())
    }
    assert [answer[0] for answer in answers] == [404]


def test_list_shows_the_own_candidates_alone(acme: Connected, globex: Connected) -> None:
    globex.add("Gil")
    acme.add("Dana")
    answer = acme.client.get(CANDIDATES)
    assert [row["first_name"] for row in answer.json()["results"]] == ["Dana"]
    assert b"Gil" not in answer.content


def test_purged_candidate_is_absent(acme: Connected) -> None:
    candidate = acme.add()
    with within(acme.customer):
        Candidate.objects.update(purged_at=candidate.created_at)
    assert acme.client.get(at(candidate)).status_code == 404


def test_person_without_a_license_reads_and_adds(acme: Connected) -> None:
    browser = APIClient()
    browser.force_login(person(acme.customer, "Rita", licensed=False))
    assert browser.post(CANDIDATES, DANA, format="json").status_code == 201
    assert len(browser.get(CANDIDATES).json()["results"]) == 1


def at(candidate: Candidate) -> str:
    return f"{CANDIDATES}{candidate.id}/"


def only(of: Connected) -> Candidate:
    with within(of.customer):
        found: Candidate = Candidate.objects.select_related("created_by").get()
    return found
