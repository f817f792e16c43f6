import re

import pytest
from rest_framework.test import APIClient

from tests.api import Connected, connected, without_ids

CANDIDATES = "/api/v1/candidates/"
ABSENT = f"{CANDIDATES}0190d3a8-0f5c-7a44-9a6e-0f0c6f1f2a3b/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Connected:
    return connected()


def test_problem_says_what_happened_and_names_the_request(acme: Connected) -> None:
    answer = acme.client.get(ABSENT, headers={"X-Request-Id": "run-7"})
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["X-Request-Id"] == "run-7"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": "run-7",
        "code": "not_found",
    }


def test_request_id_that_could_forge_a_log_line_is_replaced(acme: Connected) -> None:
    answer = acme.client.get(ABSENT, headers={"X-Request-Id": "a b"})
    assert re.fullmatch(r"[0-9a-f-]{36}", answer["X-Request-Id"])


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing/", f"{CANDIDATES}7/"])
def test_unknown_address_is_the_same_404_as_an_absent_row(acme: Connected, path: str) -> None:
    absent = without_ids(acme.client.get(ABSENT))
    assert without_ids(acme.client.get(path))[2] == absent[2]
    assert without_ids(acme.client.post(path, {}, format="json"))[2] == absent[2]


def test_other_customers_row_is_absent(acme: Connected) -> None:
    theirs = connected("Globex", number="+15105550102").add("Gil")
    answers = {without_ids(acme.client.get(path)) for path in (ABSENT, f"{CANDIDATES}{theirs.id}/")}
    assert len(answers) == 1


@pytest.mark.parametrize("method", ["put", "delete", "options"])
def test_wrong_method_is_a_405_problem(acme: Connected, method: str) -> None:
    answer = getattr(acme.client, method)(ABSENT)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, PATCH, HEAD"


def test_form_encoded_body_is_415(acme: Connected) -> None:
    answer = acme.client.post(CANDIDATES, {"first_name": "Dana"}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"first_name": "\xff"}', b'{"\\ud800": 1}'],
)
def test_what_is_not_json_is_400(acme: Connected, body: bytes) -> None:
    answer = acme.client.post(CANDIDATES, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize("body", [b"[]", b"7", b'"x"', b"null", b""])
def test_what_is_no_object_is_400(acme: Connected, body: bytes) -> None:
    answer = acme.client.post(CANDIDATES, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_body_over_one_megabyte_is_413(acme: Connected) -> None:
    body = b'{"first_name": "' + b"x" * 1_000_000 + b'"}'
    answer = acme.client.post(CANDIDATES, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_errors_point_into_the_body(acme: Connected) -> None:
    body = {"last_name": "K\x00", "number": "", "consent": {"source": "?"}, "a/b": 1}
    answer = acme.client.post(CANDIDATES, body, format="json")
    assert answer.json()["errors"] == [
        {"pointer": "/a~1b", "code": "unknown_field", "detail": "There is no such field to set."}
    ]
    del body["a/b"]
    answer = acme.client.post(CANDIDATES, body, format="json")
    assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [
        ("/first_name", "required"),
        ("/last_name", "null_characters_not_allowed"),
        ("/number", "blank"),
        ("/consent/source", "invalid_choice"),
    ]


def test_answer_for_html_alone_is_a_problem_too(acme: Connected) -> None:
    answer = acme.client.get(ABSENT, headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


def test_answers_stay_out_of_caches(acme: Connected) -> None:
    assert acme.client.get(CANDIDATES)["Cache-Control"] == "no-store"
    assert APIClient().get(CANDIDATES).status_code == 401
