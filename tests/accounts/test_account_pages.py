"""Signing in and out, the password link, and a person's own settings."""

from collections.abc import Callable

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import License, User
from accounts.web.zones import spoken
from textengage.cast import Company
from textengage.lib.scoping import across_customers

SignedIn = Callable[[User], Client]
PASSWORD = "a long word for tests"
ANSWER = "This e-mail address and password do not belong together."


@pytest.fixture
def known(rita: User) -> User:
    rita.set_password(PASSWORD)
    rita.save()
    return rita


def sign_in(email: str, password: str, **more: str) -> "tuple[int, str, str]":
    answer = Client().post("/sign-in/", {"username": email, "password": password, **more})
    return answer.status_code, answer.get("Location", ""), answer.content.decode()


def test_sign_in_by_email_in_any_case_leads_to_the_dashboard(known: User) -> None:
    assert sign_in("RITA@acme.example", PASSWORD)[:2] == (302, "/")


def test_sign_in_goes_back_to_where_one_was_going(known: User) -> None:
    assert sign_in(known.email, PASSWORD, next="/candidates/")[:2] == (302, "/candidates/")


def test_sign_in_never_leads_to_another_site(known: User) -> None:
    assert sign_in(known.email, PASSWORD, next="https://evil.example/")[:2] == (302, "/")


def test_platform_staff_are_led_to_the_admin(db: None) -> None:
    staff = User.objects.create_superuser("staff@example.com", PASSWORD, first_name="S")
    assert sign_in(staff.email, PASSWORD)[:2] == (302, "/admin/")


def test_unknown_wrong_and_shut_out_get_the_same_answer(known: User) -> None:
    wrong = sign_in(known.email, "not it")
    unknown = sign_in("nobody@acme.example", "not it")
    assert known.customer
    known.customer.is_active = False
    known.customer.save()
    shut_out = sign_in(known.email, PASSWORD)
    assert {wrong[0], unknown[0], shut_out[0]} == {200}
    assert all(ANSWER in page for _, _, page in (wrong, unknown, shut_out))


def test_a_service_user_cannot_sign_in(known: User) -> None:
    known.is_service = True
    known.save()
    assert ANSWER in sign_in(known.email, PASSWORD)[2]


def test_eight_wrong_passwords_lock_the_ninth_right_one_out(known: User) -> None:
    for _ in range(8):
        sign_in(known.email, "not it")
    status, _, page = sign_in(known.email, PASSWORD)
    assert status == 429
    assert "Too many tries" in page


def test_signing_out_is_a_post_and_ends_the_session(rita: User, signed_in: SignedIn) -> None:
    client = signed_in(rita)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/")["Location"] == "/sign-in/?next=/"


def test_the_password_link_works_once(rita: User) -> None:
    key = urlsafe_base64_encode(force_bytes(rita.pk))
    link = reverse("set-password", args=[key, default_token_generator.make_token(rita)])
    client = Client()
    form = client.get(link, follow=True)
    words = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(form.redirect_chain[-1][0], words)["Location"] == "/sign-in/"
    assert sign_in(rita.email, PASSWORD)[:2] == (302, "/")
    assert b"This link no longer works" in Client().get(link, follow=True).content


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_appearance_is_kept_and_leads_back(rita: User, signed_in: SignedIn, theme: str) -> None:
    answer = signed_in(rita).post("/settings/appearance/", {"theme": theme, "next": "/candidates/"})
    rita.refresh_from_db()
    assert (rita.theme, answer["Location"]) == (theme, "/candidates/")


def test_appearance_ignores_nonsense_and_other_sites(rita: User, signed_in: SignedIn) -> None:
    answer = signed_in(rita).post(
        "/settings/appearance/", {"theme": "pink", "next": "//evil.example/"}
    )
    rita.refresh_from_db()
    assert (rita.theme, answer["Location"]) == ("system", "/")


def test_profile_changes_own_name_and_undo_time(rita: User, signed_in: SignedIn) -> None:
    given = {"first_name": "Rita", "last_name": "Ray", "theme": "dark", "undo_seconds": "10"}
    assert signed_in(rita).post("/settings/profile/", given).status_code == 302
    rita.refresh_from_db()
    assert (rita.name, rita.theme, rita.undo_seconds) == ("Rita Ray", "dark", 10)


def test_profile_says_what_is_wrong(rita: User, signed_in: SignedIn) -> None:
    given = {"first_name": "", "last_name": "Ray", "theme": "dark", "undo_seconds": "10"}
    answer = signed_in(rita).post("/settings/profile/", given)
    assert answer.status_code == 422
    assert b"Enter a first name." in answer.content
    assert b"This field is required." not in answer.content


def test_profile_says_seconds_and_whose_time(rita: User, signed_in: SignedIn) -> None:
    page = signed_in(rita).get("/settings/profile/").content.decode()
    assert '<option value="5" selected>5 seconds</option>' in page
    assert "Times are Eastern Time (Acme's)." in page


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/New_York", "Eastern Time"),
        ("America/Phoenix", "Mountain Time"),
        ("US/Pacific", "Pacific Time"),
        ("Pacific/Honolulu", "Hawaii Time"),
        ("America/Sao_Paulo", "Sao Paulo time"),
        ("Asia/Shanghai", "Shanghai time"),
        ("Europe/London", "London time"),
        ("UTC", "UTC"),
        ("Etc/GMT+5", "UTC-05"),
    ],
)
def test_a_time_zone_is_said_as_people_say_it(zone: str, words: str) -> None:
    assert spoken(zone) == words


def test_an_empty_sign_in_asks_for_both() -> None:
    page = sign_in("", "")[2]
    assert "Enter your e-mail address." in page
    assert "Enter your password." in page


def test_a_manager_takes_a_free_license(mona: User, signed_in: SignedIn) -> None:
    answer = signed_in(mona).post("/settings/license/?next=/candidates/")
    assert answer["Location"] == "/candidates/"
    with across_customers():
        assert License.objects.filter(user=mona).valid().count() == 1


def test_no_free_license_is_said_and_none_is_made(
    acme: Company, mona: User, signed_in: SignedIn
) -> None:
    acme.customer.number_of_seats = 1
    acme.customer.save()
    client = signed_in(mona)
    answer = client.post("/settings/license/?next=//evil.example/", follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert b"All 1 licenses are in use." in answer.content
    with across_customers():
        assert License.objects.filter(user=mona).count() == 0


def test_nobody_below_a_manager_takes_a_license(rex: User, signed_in: SignedIn) -> None:
    assert signed_in(rex).post("/settings/license/").status_code == 404
    with across_customers():
        assert License.objects.filter(user=rex).count() == 0
