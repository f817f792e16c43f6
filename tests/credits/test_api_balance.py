import pytest

from tests.api import company


@pytest.mark.django_db
def test_balance_is_what_the_own_open_grants_have_left() -> None:
    company("Globex", number="+15105550102", contacts=3)
    answer = company(contacts=7).client.get("/api/v1/balance/")
    assert (answer.status_code, answer.json()) == (200, {"available": 7})


@pytest.mark.django_db
def test_balance_of_nothing_is_zero() -> None:
    assert company(contacts=0).client.get("/api/v1/balance/").json() == {"available": 0}
