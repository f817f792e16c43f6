from datetime import timedelta

from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from messaging.conversations.models import Conversation
from tests import make
from textengage.cast import Company
from textengage.lib import clock
from textengage.lib.scoping import within


def test_the_dashboard_shows_who_waits_longest_and_the_account(
    acme: Company, as_rita: Client, thread: Conversation
) -> None:
    with within(acme.customer):
        make.inbound(thread, "Is there parking?", created_at=clock.now() - timedelta(hours=3))
    page = as_rita.get("/").content.decode()
    assert "Longest wait 3 h" in page
    assert "Is there parking?" in page
    assert "+1 510-555-0101" in page
    assert "Seat 1" in page
    assert "500 of 500 contacts left" in page


def test_a_finished_day_says_so(acme: Company, as_rita: Client, thread: Conversation) -> None:
    with within(acme.customer):
        make.outbound(thread)
    page = as_rita.get("/").content.decode()
    assert "Everyone has an answer. 1 person has not written back yet." in page


def test_the_first_day_says_how_to_begin(as_rita: Client) -> None:
    assert b"No texts yet. Add a candidate and say hello." in as_rita.get("/").content


def test_a_recruiter_without_license_reads_who_can_give_one(as_rex: Client) -> None:
    assert (
        "You can read and add notes, but not send: you have no license. Mona can give you one."
        in as_rex.get("/").content.decode()
    )


def test_a_manager_without_license_reads_how_many_are_free(as_mona: Client) -> None:
    page = as_mona.get("/").content.decode()
    assert "You have no license, so you cannot send. 4 of 5 licenses are free." in page
    assert '<form method="post" action="/settings/license/">' in page
    assert "Give me a license" in page


def test_a_manager_without_a_free_license_sees_who_has_them(acme: Company, as_mona: Client) -> None:
    acme.customer.number_of_seats = 1
    acme.customer.save()
    page = as_mona.get("/").content.decode()
    assert "The license is in use." in page
    assert '<a class="button" href="/admin/accounts/license/?held=now">See who has them</a>' in page


def test_the_handsets_are_linked_where_the_carrier_is_simulated(
    as_rita: Client, settings: LazySettings
) -> None:
    assert b"Handsets" not in as_rita.get("/").content
    settings.HANDSETS_URL = "http://127.0.0.1:8100"
    page = as_rita.get("/").content.decode()
    assert 'href="http://127.0.0.1:8100" target="_blank" rel="noopener"' in page


def test_a_license_without_number_names_who_can_help(acme: Company, as_rita: Client) -> None:
    with within(acme.customer):
        acme.sender.state = "released"
        acme.sender.save()
    page = as_rita.get("/").content.decode()
    assert "You have a license but no texting number yet." in page


def test_the_menu_holds_what_the_role_may_use(as_rita: Client, as_mona: Client) -> None:
    assert b"Team Inbox" not in as_rita.get("/").content
    page = as_mona.get("/").content
    assert b"Team Inbox" in page
    assert b'href="/admin/"' in page


def test_platform_staff_have_no_inbox(db: None) -> None:
    client = Client()
    staff = User.objects.create_superuser("staff@example.com", "a long word", first_name="S")
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/")["Location"] == "/admin/"


def test_a_signed_out_fragment_takes_the_whole_page_to_the_sign_in(db: None) -> None:
    answer = Client().get("/inbox/waiting/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/sign-in/"
