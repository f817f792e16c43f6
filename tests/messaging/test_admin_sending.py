"""Numbers, provider accounts and parked events in the admin."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Seat, Team, User
from messaging.models import CountryPause, InboundEvent, ProviderAccount, Sender
from messaging.senders import pauses
from tests.accounts import admin_cast
from tests.accounts.admin_cast import Company, actions_about, address, signed_in, values
from textengage.lib import clock

acme = admin_cast.acme
everywhere = admin_cast.everywhere
globex = admin_cast.globex
staff = admin_cast.staff


pytestmark = pytest.mark.usefixtures("everywhere")


def errors(page: Any) -> dict[str, list[str]]:
    return dict(page.context["adminform"].form.errors)


def test_manager_assigns_a_number_to_a_seat_and_nothing_else(
    acme: Company, globex: Company
) -> None:
    sender = acme.row(Sender)
    posted = {
        "seat": acme.row(Seat).pk,
        "team": "",
        "address": "+15105550109",
        "account": globex.row(ProviderAccount).pk,
        "customer": globex.customer.pk,
        "state": "paused",
        "segments_per_second": "99",
    }
    signed_in(acme.manager).post(address(Sender, row=sender), posted)
    stored = Sender.objects.get(pk=sender.pk)
    assert (stored.seat, stored.team) == (acme.row(Seat), None)
    for name in ("address", "account", "customer", "state", "segments_per_second"):
        assert getattr(stored, name) == getattr(sender, name)
    assert actions_about(sender) == ["sender.assigned"]


def test_seat_or_team_of_another_customer_is_no_choice(acme: Company, globex: Company) -> None:
    client = signed_in(acme.manager)
    path = address(Sender, row=acme.row(Sender))
    for name, model in (("seat", Seat), ("team", Team)):
        page = client.post(path, {name: globex.row(model).pk})
        assert list(errors(page)) == [name]
    assert "Globex" not in client.get(path).content.decode()
    assert actions_about(acme.row(Sender)) == []


def test_number_is_a_seats_or_a_teams(acme: Company) -> None:
    posted = {"seat": acme.row(Seat).pk, "team": acme.row(Team).pk}
    page = signed_in(acme.manager).post(address(Sender, row=acme.row(Sender)), posted)
    assert list(errors(page)) == ["team"]


def test_manager_adds_no_number(acme: Company) -> None:
    assert signed_in(acme.manager).get(address(Sender, "add")).status_code == 403


def number(acme: Company, **changes: Any) -> dict[str, Any]:
    return {
        "customer": acme.customer.pk,
        "account": acme.row(ProviderAccount).pk,
        "address": "+15105550105",
        "country": "US",
        "number_type": "local",
        "state": "active",
        "segments_per_second": "1",
        **changes,
    }


def test_staff_add_a_number(acme: Company, staff: User) -> None:
    signed_in(staff).post(address(Sender, "add"), number(acme))
    made = Sender.objects.get(address="+15105550105")
    assert (made.customer, made.account) == (acme.customer, acme.row(ProviderAccount))
    assert actions_about(made) == ["sender.added"]


@pytest.mark.parametrize("typed", ["5105550105", "+1 510 555 0105", "+05105550105", "+1", "x"])
def test_number_not_in_e164_is_refused(acme: Company, staff: User, typed: str) -> None:
    page = signed_in(staff).post(address(Sender, "add"), number(acme, address=typed))
    assert list(errors(page)) == ["address"]


def test_number_has_one_owner(acme: Company, globex: Company, staff: User) -> None:
    taken = number(acme, address=globex.row(Sender).address)
    page = signed_in(staff).post(address(Sender, "add"), taken)
    assert errors(page) == {"address": ["This number cannot be used."]}


def test_staff_cannot_hang_a_number_on_another_customers_account(
    acme: Company, globex: Company, staff: User
) -> None:
    mixed = number(acme, account=globex.row(ProviderAccount).pk)
    assert list(errors(signed_in(staff).post(address(Sender, "add"), mixed))) == ["account"]


def account(**changes: Any) -> dict[str, Any]:
    return {"name": "Second", "account_sid": "AC9", "token": "fresh", "concurrency": 9, **changes}


def test_manager_adds_an_account_whose_token_is_sealed(acme: Company) -> None:
    client = signed_in(acme.manager)
    client.post(address(ProviderAccount, "add"), account(sealed_token="mine", provider="x"))
    made = ProviderAccount.objects.get(name="Second")
    assert (made.customer, made.tokens, made.provider) == (acme.customer, ("fresh",), "twilio")
    assert actions_about(made) == ["provider_account.added"]
    page = client.get(address(ProviderAccount, row=made)).content.decode()
    assert "fresh" not in page
    assert made.sealed_token not in page


def test_token_is_asked_for_once_and_kept_when_left_empty(acme: Company) -> None:
    client = signed_in(acme.manager)
    page = client.post(address(ProviderAccount, "add"), account(token=""))
    assert list(errors(page)) == ["token"]
    path = address(ProviderAccount, row=acme.row(ProviderAccount))
    client.post(path, values(client.get(path), name="Renamed", token=""))
    stored = ProviderAccount.objects.get(name="Renamed")
    assert stored.tokens == ("token of Acme",)
    client.post(path, values(client.get(path), token="turned", account_sid="AC7"))
    stored = ProviderAccount.objects.get(name="Renamed")
    assert (stored.tokens, stored.account_sid) == (("turned",), f"AC{1:032d}")
    assert actions_about(stored) == ["provider_account.changed"] * 2


@pytest.mark.parametrize("whose", ["acme", "globex"])
def test_account_in_use_is_refused_without_saying_whose(
    acme: Company, globex: Company, whose: str
) -> None:
    sid = {"acme": acme, "globex": globex}[whose].row(ProviderAccount).account_sid
    page = signed_in(acme.manager).post(address(ProviderAccount, "add"), account(account_sid=sid))
    assert errors(page) == {"account_sid": ["This account cannot be used."]}


def test_parked_events_show_no_text_and_change_nothing(acme: Company) -> None:
    event = acme.row(InboundEvent)
    event.body = {"Body": "a private answer"}
    event.save()
    client = signed_in(acme.manager)
    path = address(InboundEvent, row=event)
    assert "a private answer" not in client.get(path).content.decode()
    assert client.post(path, {"parked": ""}).status_code == 403
    InboundEvent.objects.filter(pk=event.pk).update(parked=False)
    assert client.get(path).status_code == 404


def test_manager_reads_numbers_as_people_write_them(acme: Company) -> None:
    client = signed_in(acme.manager)
    sender = acme.row(Sender)
    listed = client.get(address(Sender)).content.decode()
    opened = client.get(address(Sender, "change", sender)).content.decode()
    for page in (listed, opened):
        assert "+1 510-555-0101" in page
        assert "+15105550101" not in page
        assert "Number" in page
        assert "Address" not in page


def test_paused_number_says_why_and_is_resumed(acme: Company) -> None:
    sender, client = acme.row(Sender), signed_in(acme.manager)
    until = clock.now() + timedelta(hours=1)
    pauses.pause_senders([sender.pk], "The queue is full", until)
    for path in (address(Sender), address(Sender, row=sender)):
        shown = client.get(path).content.decode()
        assert "Paused until" in shown
        assert ": The queue is full" in shown
    resume(client, Sender, sender)
    assert Sender.objects.get(pk=sender.pk).pause_reason == ""
    assert actions_about(sender) == ["sender.resumed"]
    assert "Active" in client.get(address(Sender)).content.decode()


def test_paused_account_says_why_and_is_resumed(acme: Company) -> None:
    account, client = acme.row(ProviderAccount), signed_in(acme.manager)
    pauses.pause_countries([(account.pk, "sms", "CA")], "Not open", None)
    assert "Active, but no texts to CA" in client.get(address(ProviderAccount)).content.decode()
    pauses.pause_accounts([account.pk], "The account rests", None)
    assert "Paused: The account rests" in client.get(address(ProviderAccount)).content.decode()
    resume(client, ProviderAccount, account)
    assert (ProviderAccount.objects.get(pk=account.pk).paused_reason, closed()) == ("", 0)
    assert actions_about(account) == ["provider_account.resumed"]


def test_pause_by_hand_does_not_end_with_an_older_one(acme: Company) -> None:
    account, client = acme.row(ProviderAccount), signed_in(acme.manager)
    ended = clock.now() - timedelta(hours=1)
    ProviderAccount.objects.filter(pk=account.pk).update(paused_reason="x", paused_until=ended)
    path = address(ProviderAccount, row=account)
    client.post(path, values(client.get(path)) | {"paused_reason": "By hand"})
    stored = ProviderAccount.objects.get(pk=account.pk)
    assert (stored.paused_reason, stored.paused_until) == ("By hand", None)


def resume(client: Any, model: Any, row: Any) -> None:
    form = {"action": "resume", "_selected_action": str(row.pk), "index": 0}
    client.post(address(model), form)


def closed() -> int:
    return CountryPause.objects.count()
