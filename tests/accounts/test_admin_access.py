"""Who gets into the admin, and which rows exist for them (threats 1 to 3)."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin

from accounts.models import AuditEntry, Customer, License, Seat, Team, User
from credits.models import Balance, Country, Grant, LedgerEntry, Tier
from messaging.models import InboundEvent, ProviderAccount, Sender
from tests.accounts import admin_cast
from tests.accounts.admin_cast import Company, address, signed_in

acme = admin_cast.acme
globex = admin_cast.globex
staff = admin_cast.staff


OWNED = (
    Customer,
    User,
    License,
    Seat,
    Team,
    AuditEntry,
    Grant,
    Balance,
    LedgerEntry,
    ProviderAccount,
    Sender,
    InboundEvent,
)
PLATFORM = (Country, Tier)
ABSENT = UUID("00000000-0000-7000-8000-000000000000")


def absent_id(row: Any) -> Any:
    return ABSENT if isinstance(row.pk, UUID) else 999_999_999


def test_admin_registers_nothing_but_the_tables_listed_here() -> None:
    assert set(admin.site._registry) == {*OWNED, *PLATFORM}


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/nothing/here/"])
def test_admin_sends_signed_out_people_to_the_sign_in(db: None, client: Any, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.url) == (302, f"/sign-in/?next={path}")


def test_admin_login_is_the_products_sign_in(db: None, client: Any) -> None:
    assert client.get("/admin/login/").url == "/sign-in/?next=/admin/"


@pytest.mark.parametrize("role", ["user", "reporter"])
def test_admin_answers_403_everywhere_without_the_power(acme: Company, role: str) -> None:
    client = signed_in(getattr(acme, role))
    paths = ["/admin/", "/admin/nothing/here/", "/admin/autocomplete/", "/admin/jsi18n/"]
    for model in (*OWNED, *PLATFORM):
        paths += [address(model), address(model, "add")]
    for model in OWNED:
        row = acme.row(model)
        paths += [address(model, row=row), address(model, row=absent_id(row))]
    assert {client.get(path).status_code for path in paths} == {403}


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_lists_show_own_rows_only(acme: Company, globex: Company, role: str) -> None:
    client = signed_in(getattr(acme, role))
    for model in OWNED:
        page = client.get(address(model))
        text = page.content.decode()
        assert page.status_code == 200
        assert acme.canary(model) in text
        assert globex.canary(model) not in text
        assert "Globex" not in text


@pytest.mark.parametrize("page", ["change", "history"])
def test_pages_of_own_rows_open(acme: Company, globex: Company, page: str) -> None:
    client = signed_in(acme.admin)
    for model in OWNED:
        answer = client.get(address(model, page, acme.row(model)))
        assert answer.status_code == 200
        assert "Globex" not in answer.content.decode()


@pytest.mark.parametrize("page", ["change", "history", "delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_rows_of_another_customer_are_like_absent_ones(
    acme: Company, globex: Company, page: str, method: str
) -> None:
    client = signed_in(acme.admin)
    for model in OWNED:
        row = globex.row(model)
        answers = []
        for each in (row.pk, absent_id(row)):
            path = address(model, page, each)
            answer = getattr(client, method)(path)
            answers.append((answer.status_code, answer.content.decode().replace(path, "PATH")))
        assert answers[0] == answers[1]
        assert answers[0][0] in (403, 404)
        assert "Globex" not in answers[0][1]


@pytest.mark.parametrize("model", PLATFORM)
def test_platform_tables_are_closed_to_customers(acme: Company, model: Any) -> None:
    client = signed_in(acme.admin)
    assert client.get(address(model)).status_code == 403
    assert client.get(address(model, "add")).status_code == 403


def test_staff_see_every_customer(acme: Company, globex: Company, staff: User) -> None:
    client = signed_in(staff)
    for model in OWNED:
        text = client.get(address(model)).content.decode()
        for each in (acme, globex):
            assert each.canary(model) in text
            for page in ("change", "history"):
                assert client.get(address(model, page, each.row(model))).status_code == 200


@pytest.mark.parametrize("model", PLATFORM)
def test_staff_see_the_platforms_tables(staff: User, model: Any) -> None:
    client = signed_in(staff)
    row = model.objects.first()
    for path in (address(model), address(model, "add"), address(model, row=row)):
        assert client.get(path).status_code == 200
    assert client.get(address(model, "history", row)).status_code == 200


def test_nothing_is_deleted_in_the_admin(acme: Company, staff: User) -> None:
    client = signed_in(staff)
    models: tuple[Any, ...] = (*OWNED, *PLATFORM)
    for model in models:
        row = acme.row(model) if model in OWNED else model.objects.first()
        posted = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
        client.post(address(model), posted)
        assert client.post(address(model, "delete", row), {"post": "yes"}).status_code == 403
        assert model._base_manager.filter(pk=row.pk).exists()


HIDDEN = ("password__startswith=md5", "customer__name__startswith=A", "team__customer__name=Acme")


@pytest.mark.parametrize("asked", HIDDEN)
def test_list_refuses_questions_about_hidden_columns(acme: Company, asked: str) -> None:
    assert signed_in(acme.manager).get(f"{address(User)}?{asked}").status_code == 400


def test_sealed_token_cannot_be_guessed_by_filters(acme: Company) -> None:
    path = f"{address(ProviderAccount)}?sealed_token__startswith=a"
    assert signed_in(acme.manager).get(path).status_code == 400


def test_filter_offers_own_teams_numbers_and_roles_only(acme: Company, globex: Company) -> None:
    text = signed_in(acme.manager).get(f"{address(Sender)}?state__exact=active").content.decode()
    assert acme.canary(Sender) in text
    assert globex.canary(Sender) not in text


def test_autocomplete_answers_own_people_only(acme: Company, globex: Company) -> None:
    asked = {"app_label": "accounts", "model_name": "license", "field_name": "user", "term": "@"}
    found = signed_in(acme.manager).get("/admin/autocomplete/", asked).json()["results"]
    own = (acme.user, acme.reporter, acme.manager, acme.admin)
    assert {each["id"] for each in found} == {str(person.pk) for person in own}


def test_search_finds_own_people_only(acme: Company, globex: Company) -> None:
    text = signed_in(acme.manager).get(f"{address(User)}?q=example").content.decode()
    assert text.count('class="field-name"') == 4
    assert "Globex" not in text


OF_A_MANAGER = {
    "Contacts": ["Balance", "Grants", "Ledger"],
    "People": ["Users", "Licenses", "Seats", "Teams"],
    "Records": ["Audit", "Parked events"],
    "Sending": ["Numbers", "Provider accounts", "Hours and opt-out texts"],
}


def menu_of(page: Any) -> dict[str, list[str]]:
    return {
        task["name"]: [entry["name"] for entry in task["models"]]
        for task in page.context["app_list"]
    }


def test_home_lists_a_managers_tasks_with_figures(acme: Company, globex: Company) -> None:
    page = signed_in(acme.manager).get("/admin/")
    assert menu_of(page) == OF_A_MANAGER
    text = page.content.decode()
    assert "1 of 2 in use" in text
    assert "1,001 left" in text


def test_home_lists_the_platform_for_staff(staff: User) -> None:
    menu = menu_of(signed_in(staff).get("/admin/"))
    assert list(menu) == ["People", "Sending", "Contacts", "Records", "Platform"]
    assert menu["Platform"] == ["Customers", "Countries", "Tiers"]


def test_pages_hold_no_inline_script_or_style(acme: Company) -> None:
    client = signed_in(acme.admin)
    for model in OWNED:
        for path in (address(model), address(model, row=acme.row(model))):
            text = client.get(path).content.decode()
            assert "<style" not in text
            assert " style=" not in text
            assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_history_is_what_the_audit_says(acme: Company) -> None:
    client = signed_in(acme.admin)
    client.post(address(Team, "add"), {"name": "South"})
    page = client.get(address(Team, "history", Team._base_manager.get(name="South")))
    assert page.context["entries"][0][1:] == (acme.admin.name, "added a team")


def test_history_calls_staff_staff(acme: Company, staff: User) -> None:
    signed_in(staff).post(address(Team, row=acme.row(Team)), {"name": "Acme East"})
    page = signed_in(acme.manager).get(address(Team, "history", acme.row(Team)))
    assert [entry[1:] for entry in page.context["entries"]] == [
        ("TextEngage staff", "changed a team")
    ]
    assert "Sam" not in page.content.decode()
