from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from accounts import licenses, people, tokens
from accounts.models import Customer
from accounts.roles import MANAGER
from tests.api import Connected, connected, person
from textengage.lib import clock
from textengage.lib.scoping import within

pytestmark = pytest.mark.django_db
BALANCE = "/api/v1/balance/"


@pytest.fixture
def acme() -> Connected:
    return connected()


def asked(client: APIClient) -> tuple[int, str | None]:
    answer = client.get(BALANCE)
    return answer.status_code, answer.json().get("code")


def test_token_of_a_licensed_service_user_is_let_in(acme: Connected) -> None:
    assert asked(acme.client) == (200, None)


@pytest.mark.parametrize(
    "header", ["Token", "Token a b", "Token te_unknown", "Token \x00", "Token \xff", "Bearer x"]
)
def test_bad_token_is_401_with_the_way_to_authenticate(acme: Connected, header: str) -> None:
    answer = APIClient().get(BALANCE, HTTP_AUTHORIZATION=header)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert answer["Content-Type"] == "application/problem+json"


def test_nobody_is_401(acme: Connected) -> None:
    assert asked(APIClient()) == (401, "not_authenticated")


def test_token_dies_with_its_user(acme: Connected) -> None:
    boss = person(acme.customer, "Mona", MANAGER)
    with within(acme.customer):
        people.deactivate(acme.service, by=boss)
    assert asked(acme.client) == (401, "invalid_token")


def test_token_of_a_user_switched_off_by_hand_is_401(acme: Connected) -> None:
    acme.service.is_active = False
    acme.service.save()
    assert asked(acme.client) == (401, "deactivated")


def test_token_dies_with_the_customer(acme: Connected) -> None:
    Customer.objects.update(is_active=False)
    assert asked(acme.client) == (401, "deactivated")


def test_token_dies_with_the_license(acme: Connected) -> None:
    with within(acme.customer):
        licenses.end(acme.service, by=None)
    assert asked(acme.client) == (401, "unlicensed")


def test_token_expires_by_the_databases_clock(acme: Connected) -> None:
    clock.shift(timedelta(days=365, minutes=1))
    assert asked(acme.client) == (401, "invalid_token")


def test_token_without_the_product_is_not_in_plan(acme: Connected) -> None:
    Customer.objects.update(products=["sms"])
    assert asked(acme.client) == (403, "not_in_plan")


def test_session_needs_no_product_but_csrf_for_writing(acme: Connected) -> None:
    Customer.objects.update(products=["sms"])
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(person(acme.customer, "Rita"))
    assert asked(browser) == (200, None)
    answer = browser.post("/api/v1/candidates/", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_token_wins_over_a_session_of_another_customer(acme: Connected) -> None:
    globex = connected("Globex", number="+15105550102", contacts=3)
    acme.client.force_login(person(globex.customer, "Gus"))
    assert acme.client.get(BALANCE).json() == {"available": 10}


def test_tokens_belong_to_service_users_alone(acme: Connected) -> None:
    with pytest.raises(ValueError, match="service users"):
        tokens.issue(person(acme.customer, "Rita"))


def test_command_prints_a_token_that_works(acme: Connected) -> None:
    out = StringIO()
    call_command("api_token", "Acme", "Warehouse", stdout=out)
    client = APIClient(headers={"Authorization": f"Token {out.getvalue().strip()}"})
    assert asked(client) == (200, None)


def test_command_refuses_in_words(acme: Connected) -> None:
    with pytest.raises(CommandError, match="There is no customer named Initech"):
        call_command("api_token", "Initech", "x")
    Customer.objects.update(number_of_seats=1)
    with pytest.raises(CommandError, match="All 1 licenses are in use"):
        call_command("api_token", "Acme", "x")
    Customer.objects.update(products=[])
    with pytest.raises(CommandError, match="does not have the product API"):
        call_command("api_token", "Acme", "x")
