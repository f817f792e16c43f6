"""Which number a text goes from."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from accounts import licenses
from accounts.models import Team, User
from messaging.senders.choice import senders_of
from messaging.senders.models import ProviderAccount, Sender
from textengage.cast import Company
from textengage.lib import clock

pytestmark = pytest.mark.usefixtures("in_acme")
Rent = Callable[..., Sender]


@pytest.fixture
def rent(acme: Company) -> Rent:
    def rent(ending: int, **fields: Any) -> Sender:
        return Sender.objects.create(
            customer=acme.customer,
            account=acme.account,
            address=f"+151055502{ending}",
            **fields,
        )

    return rent


def test_nobody_without_a_license_has_a_number(rex: User, rent: Rent) -> None:
    rent(10)
    assert (senders_of(rex, "sms").seat, senders_of(rex, "sms").usable) == (None, ())


def test_own_number_comes_before_shared_ones(acme: Company, rita: User, rent: Rent) -> None:
    shared = rent(10)
    assert senders_of(rita, "sms").usable == (acme.sender, shared)
    assert senders_of(rita, "sms").for_thread(None, "") == acme.sender


def test_number_that_the_person_knows_comes_first(rita: User, rent: Rent) -> None:
    shared = rent(10)
    assert senders_of(rita, "sms").for_thread(shared.id, "US") == shared


def test_number_of_the_persons_country_comes_before_the_own(rita: User, rent: Rent) -> None:
    polish = rent(10, country="PL")
    assert senders_of(rita, "sms").for_thread(uuid4(), "PL") == polish


def test_number_of_another_seat_team_or_channel_is_not_offered(
    acme: Company, rita: User, rex: User, rent: Rent
) -> None:
    rent(10, seat=licenses.give(rex, by=None).seat)
    rent(11, team=Team.objects.create(customer=acme.customer, name="Nurses"))
    rent(12, channel="whatsapp")
    assert senders_of(rita, "sms").usable == (acme.sender,)


def test_number_of_the_own_team_is_offered(acme: Company, rita: User, rent: Rent) -> None:
    rita.team = Team.objects.create(customer=acme.customer, name="Nurses")
    shared = rent(10, team=rita.team)
    assert senders_of(rita, "sms").usable == (acme.sender, shared)


def test_number_that_cannot_send_gives_way(acme: Company, rita: User, rent: Rent) -> None:
    shared = rent(10)
    Sender.objects.filter(id=acme.sender.id).update(state="paused")
    chosen = senders_of(rita, "sms")
    assert (chosen.usable, chosen.waiting) == ((shared,), (acme.sender,))
    assert chosen.for_thread(acme.sender.id, "US") == shared


@pytest.mark.parametrize("state", ["pending", "paused"])
def test_number_that_waits_is_named_when_there_is_no_other(
    acme: Company, rita: User, state: str
) -> None:
    Sender.objects.update(state=state)
    assert senders_of(rita, "sms").for_thread(None, "US") == acme.sender


def test_released_number_is_nobodys(rita: User) -> None:
    Sender.objects.update(state="released")
    assert senders_of(rita, "sms").for_thread(None, "US") is None


@pytest.mark.parametrize("state", ["active", "paused", "pending"])
@pytest.mark.parametrize("reason", ["", "suspended"])
def test_one_number_is_judged_as_many_are(acme: Company, state: str, reason: str) -> None:
    ProviderAccount.objects.update(paused_reason=reason)
    Sender.objects.update(state=state)
    one = Sender.objects.select_related("account").get()
    assert one.is_usable(clock.now()) is Sender.objects.usable().exists()
