import pytest

from tests.api import connected


@pytest.mark.django_db
def test_balance_is_what_the_own_open_grants_have_left() -> None:
    connected("Globex", number="+15105550102", contacts=3)
    answer = connected(contacts=7).client.get("/api/v1/balance/")
    assert (answer.status_code, answer.json()) == (200, {"available": 7})


@pytest.mark.django_db
def test_balance_of_nothing_is_zero() -> None:
    assert connected(contacts=0).client.get("/api/v1/balance/").json() == {"available": 0}
