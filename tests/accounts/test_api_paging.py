from base64 import b64encode

import pytest

from tests.api import Connected, connected

CANDIDATES = "/api/v1/candidates/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Connected:
    acme = connected()
    for place in range(5):
        acme.add(f"Dana{place}", f"+1510555012{place}")
    return acme


def names(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["first_name"] for row in answer["results"]]


def test_pages_run_newest_first_and_back(acme: Connected) -> None:
    first = acme.client.get(CANDIDATES, {"limit": 2}).json()
    second = acme.client.get(first["next"]).json()
    third = acme.client.get(second["next"]).json()
    assert [names(page) for page in (first, second, third)] == [
        ["Dana4", "Dana3"],
        ["Dana2", "Dana1"],
        ["Dana0"],
    ]
    assert (first["previous"], third["next"]) == (None, None)
    assert names(acme.client.get(second["previous"]).json()) == ["Dana4", "Dana3"]


def test_answer_never_counts(acme: Connected) -> None:
    assert set(acme.client.get(CANDIDATES).json()) == {"next", "previous", "results"}


@pytest.mark.parametrize("limit", ["0", "-1", "201", "9" * 5000, "x", "", "\x00", "²"])
def test_limit_is_from_1_to_200(acme: Connected, limit: str) -> None:
    answer = acme.client.get(CANDIDATES, {"limit": limit})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "limit")


@pytest.mark.parametrize(
    "inside",
    ["p=x", "p=2026-13-45 00:00:00+00:00", "p=2026-01-01", "o=x", "r=x", "p=\x00", "p=" + "9" * 99],
)
def test_forged_cursor_is_400(acme: Connected, inside: str) -> None:
    for cursor in (inside, b64encode(inside.encode()).decode()):
        answer = acme.client.get(CANDIDATES, {"cursor": cursor})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "cursor")


def test_unknown_parameter_is_400(acme: Connected) -> None:
    answer = acme.client.get(CANDIDATES, {"stat": "queued"})
    assert answer.json()["errors"] == [
        {"parameter": "stat", "code": "unknown_parameter", "detail": "There is no such parameter."}
    ]


@pytest.mark.parametrize("value", ["x", "2026-13-01T00:00:00Z", "\x00"])
def test_filter_that_is_no_instant_is_400(acme: Connected, value: str) -> None:
    answer = acme.client.get(CANDIDATES, {"created_at__gte": value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "created_at__gte"


def test_created_at_filters_half_open(acme: Connected) -> None:
    rows = acme.client.get(CANDIDATES).json()["results"]
    span = {"created_at__gte": rows[3]["created_at"], "created_at__lt": rows[1]["created_at"]}
    assert names(acme.client.get(CANDIDATES, span).json()) == ["Dana2", "Dana1"]
